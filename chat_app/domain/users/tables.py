"""People and their sessions, as stored."""

from datetime import date, datetime

from sqlalchemy import Column, ForeignKey, Index, String, text
from sqlmodel import Field, SQLModel

from chat_app.domain.common.tables import NUMBERED_ONCE, Key, Moment, RowNumber
from chat_app.domain.users.rules import Audience, Role

# compared by code point on both engines, so that a prefix is a range of the index
Sorted = String().with_variant(String(collation="C"), "postgresql")


class User(SQLModel, table=True):
    """A person. Pending until email, and phone if given, are confirmed; only then do they bind others."""

    __tablename__ = "users"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = (
        Index(
            "uq_users_email_key_confirmed",
            "email_key",
            unique=True,
            sqlite_where=text("email_confirmed_at IS NOT NULL"),
            postgresql_where=text("email_confirmed_at IS NOT NULL"),
        ),
        Index(
            "uq_users_phone_confirmed",
            "phone",
            unique=True,
            sqlite_where=text("phone_confirmed_at IS NOT NULL"),
            postgresql_where=text("phone_confirmed_at IS NOT NULL"),
        ),
        NUMBERED_ONCE,
    )

    id: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    user_id: str = Field(unique=True, sa_type=Key)
    public_id: str = Field(unique=True)
    """A label of 8 letters, shown to its owner; nothing is looked up by it."""
    username: str
    username_key: str = Field(unique=True)
    """Its skeleton: the same for names that look the same."""
    username_folded: str = Field(sa_column=Column(Sorted, nullable=False, index=True))
    name: str
    name_key: str = Field(sa_column=Column(Sorted, nullable=False, index=True))
    """The folded name, for searching."""
    email: str | None = None
    """As typed, for sending."""
    email_key: str | None = Field(default=None, index=True)
    email_confirmed_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    phone: str | None = Field(default=None, index=True)
    """E.164; None when none was asked for."""
    phone_confirmed_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    password_hash: str
    password_changed_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    """None while it is the one of the sign-up."""
    language: str = "ru"
    about: str = Field(default="", sa_column_kwargs={"server_default": ""})
    birth_date: date | None = None
    avatar: str | None = Field(default=None, index=True, sa_type=Key)
    """The name of the picture's file; None for the letters of the name."""
    role: str = Field(default=Role.USER.value, sa_column_kwargs={"server_default": Role.USER.value})
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    last_seen_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    """When their last tab was closed."""
    deleted_at: datetime | None = Field(default=None, sa_column=Column(Moment))

    @property
    def confirmed(self) -> bool:
        """Every contact value given has been proven."""
        return self.email_confirmed_at is not None and (self.phone is None or self.phone_confirmed_at is not None)


class NameWord(SQLModel, table=True):
    """A word of somebody's name or username, folded."""

    __tablename__ = "name_words"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = {"sqlite_with_rowid": False}  # SQLAlchemy's own way to be told

    word: str = Field(sa_column=Column(Sorted, primary_key=True))
    person: int = Field(
        sa_column=Column(RowNumber, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    )


class SignIn(SQLModel, table=True):
    """A session: one browser that somebody signed in with."""

    __tablename__ = "sessions"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = NUMBERED_ONCE

    id: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    token_hash: str = Field(unique=True)
    """SHA-256 of the cookie, in hexadecimal: reading the table opens no session."""
    user: int = Field(
        sa_column=Column(RowNumber, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    last_used_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    device: str = ""
    """What the browser called itself."""
    address: str = ""


BY_DEFAULT_EVERYONE = {"server_default": Audience.EVERYONE.value}


class Preferences(SQLModel, table=True):
    """What somebody allows others, and wants to be told. Who never changed anything has no row."""

    __tablename__ = "preferences"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    user: int = Field(sa_column=Column(RowNumber, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True))
    may_write: Audience = Field(default=Audience.EVERYONE, sa_type=String)
    may_add: Audience = Field(default=Audience.EVERYONE, sa_type=String)
    sees_phone: Audience = Field(default=Audience.NOBODY, sa_type=String)
    sees_birth_date: Audience = Field(default=Audience.NOBODY, sa_type=String)
    sees_about: Audience = Field(default=Audience.EVERYONE, sa_type=String, sa_column_kwargs=BY_DEFAULT_EVERYONE)
    sees_avatar: Audience = Field(default=Audience.EVERYONE, sa_type=String, sa_column_kwargs=BY_DEFAULT_EVERYONE)
    sees_last_seen: Audience = Field(default=Audience.EVERYONE, sa_type=String)
    receipts: bool = True
    """Who does not tell how far they have read is not told either."""
    notify_direct: bool = True
    notify_groups: bool = True
    notify_found: bool = True
    """That an anonymous chat was found."""
    sound: bool = False


class Block(SQLModel, table=True):
    """Somebody who is not let write to somebody."""

    __tablename__ = "blocks"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    blocker: int = Field(sa_column=Column(RowNumber, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True))
    blocked: int = Field(
        sa_column=Column(RowNumber, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    )
    blocked_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class ContactChange(SQLModel, table=True):
    """A new email or phone of somebody confirmed, until its code is typed."""

    __tablename__ = "contact_changes"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    user: int = Field(sa_column=Column(RowNumber, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True))
    purpose: str = Field(primary_key=True)
    destination: str
    destination_key: str
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class PasswordReset(SQLModel, table=True):
    """A link that was asked for, derived from `token` under the server's key: the row alone opens nothing."""

    __tablename__ = "password_resets"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = NUMBERED_ONCE

    id: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    token: str = Field(unique=True)
    user: int | None = Field(
        default=None, sa_column=Column(RowNumber, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    )
    """None where nobody has the address: the same is written, so that the time says nothing."""
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False, index=True))
    expires_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    closed_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    """Used, or voided by a newer one."""


class SecondFactor(SQLModel, table=True):
    """An authenticator app. Its key and the recovery codes are derived from `token` under the server's key."""

    __tablename__ = "second_factors"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    user: int = Field(sa_column=Column(RowNumber, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True))
    token: str
    confirmed_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    """None until a code of it was typed once; only then it is asked for."""
    started_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    """An enrolment that nobody ends is over after a while."""
    last_step: int = 0
    """The half minute of the last code that was accepted: neither it nor an older one is again."""
    used: str = ""
    """Numbers of the recovery codes that were used, with commas between them."""


class SignInTicket(SQLModel, table=True):
    """The password was right, the code of the authenticator is still to come."""

    __tablename__ = "sign_in_tickets"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    token_hash: str = Field(primary_key=True)
    user: int = Field(sa_column=Column(RowNumber, ForeignKey("users.id", ondelete="CASCADE"), nullable=False))
    account: str
    """Under which key the sign-in is counted as failed until the code is there."""
    expires_at: datetime = Field(sa_column=Column(Moment, nullable=False, index=True))
    tries: int = 0


class Throttle(SQLModel, table=True):
    """How often something was tried lately, so that a restart does not forget."""

    __tablename__ = "throttles"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    key: str = Field(primary_key=True)
    """A hash of what is counted."""
    count: int
    last_at: datetime = Field(sa_column=Column(Moment, nullable=False, index=True))
