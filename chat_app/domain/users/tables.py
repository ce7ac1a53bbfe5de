"""People and their sessions, as stored."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, String, text
from sqlmodel import Field, SQLModel

from chat_app.domain.common.tables import Moment, RowNumber

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
    )

    id: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    user_id: str = Field(unique=True)
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
    language: str = "ru"
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    deleted_at: datetime | None = Field(default=None, sa_column=Column(Moment))

    @property
    def confirmed(self) -> bool:
        """Every contact value given has been proven."""
        return self.email_confirmed_at is not None and (self.phone is None or self.phone_confirmed_at is not None)


class SignIn(SQLModel, table=True):
    """A session: one browser that somebody signed in with."""

    __tablename__ = "sessions"  # pyright: ignore[reportAssignmentType]  # a plain name will do

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
