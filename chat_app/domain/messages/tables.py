"""How messages are stored."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from chat_app.domain.common.ids import Row
from chat_app.domain.common.tables import NUMBERED_ONCE, Key, Moment, RowNumber


class Message(SQLModel, table=True):
    """What somebody said. `seq` is its place in the chat, `rev` the chat's revision at its last change."""

    __tablename__ = "messages"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = (
        UniqueConstraint("chat", "seq"),
        # a repeated send finds the first one, for ever
        UniqueConstraint("author", "client_id"),
        Index(None, "chat", "rev"),
        Index(
            "ix_messages_about",
            "about",
            sqlite_where=text("about IS NOT NULL"),
            postgresql_where=text("about IS NOT NULL"),
        ),
        Index(
            "ix_messages_answers",
            "chat",
            "reply_to",
            sqlite_where=text("reply_to IS NOT NULL"),
            postgresql_where=text("reply_to IS NOT NULL"),
        ),
        Index(
            "ix_messages_pinned",
            "chat",
            "pinned_at",
            sqlite_where=text("pinned_at IS NOT NULL"),
            postgresql_where=text("pinned_at IS NOT NULL"),
        ),
    )

    id: Row | None = Field(default=None, sa_type=RowNumber, primary_key=True)
    chat: Row = Field(foreign_key="chats.id", sa_type=RowNumber, ondelete="CASCADE")
    seq: int
    rev: int
    author: Row = Field(foreign_key="users.id", sa_type=RowNumber)
    client_id: str = Field(sa_type=Key)
    body: str
    """Empty once it was erased."""
    event: str | None = Field(default=None, max_length=20)
    """Of a system line: what happened. Its author did it, `body` holds a title that was given."""
    about: Row | None = Field(default=None, foreign_key="users.id", sa_type=RowNumber)
    """To whom it happened; in what somebody said, whose words were forwarded."""
    reply_to: int | None = None
    """The seq of the message it answers; of a system line, the one that was pinned."""
    extras: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """What it has besides its words (`Extra`): the tables below are read only then."""
    pinned_at: datetime | None = Field(default=None, sa_type=Moment)
    edited_at: datetime | None = Field(default=None, sa_type=Moment)
    erased_at: datetime | None = Field(default=None, sa_type=Moment)
    sent_at: datetime = Field(sa_type=Moment)


class Reaction(SQLModel, table=True):
    """One person's emoji under a message."""

    __tablename__ = "reactions"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = (UniqueConstraint("message", "person", "emoji"),)

    id: Row | None = Field(default=None, sa_type=RowNumber, primary_key=True)
    message: Row = Field(foreign_key="messages.id", sa_type=RowNumber, ondelete="CASCADE")
    person: Row = Field(foreign_key="users.id", sa_type=RowNumber, ondelete="CASCADE", index=True)
    emoji: str = Field(sa_type=Key(32))


class Mention(SQLModel, table=True):
    """Somebody whom a message names."""

    __tablename__ = "mentions"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    message: Row = Field(foreign_key="messages.id", primary_key=True, sa_type=RowNumber, ondelete="CASCADE")
    person: Row = Field(foreign_key="users.id", primary_key=True, sa_type=RowNumber, ondelete="CASCADE", index=True)


class Attachment(SQLModel, table=True):
    """A file somebody sent, or is about to send: `message` is empty until then."""

    __tablename__ = "attachments"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = (Index(None, "message", "place"), NUMBERED_ONCE)

    id: Row | None = Field(default=None, sa_type=RowNumber, primary_key=True)
    attachment_id: str = Field(unique=True, sa_type=Key)
    chat: Row = Field(foreign_key="chats.id", sa_type=RowNumber, ondelete="CASCADE", index=True)
    message: Row | None = Field(default=None, foreign_key="messages.id", sa_type=RowNumber, ondelete="CASCADE")
    person: Row = Field(foreign_key="users.id", sa_type=RowNumber, index=True)
    """Who sent it."""
    place: int = 0
    """Its place in the message."""
    name: str = Field(max_length=255)
    type: str = Field(max_length=100)
    """What the bytes are, whatever the sender called them."""
    size: int
    width: int | None = None
    height: int | None = None
    file: str = Field(index=True)
    """The name of its bytes in the store; a forwarded copy has the same."""
    thumbnail: str | None = None
    created_at: datetime = Field(sa_type=Moment, index=True)
