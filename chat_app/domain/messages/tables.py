"""How messages are stored."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from chat_app.domain.common.ids import Row
from chat_app.domain.common.tables import Moment, RowNumber


class Message(SQLModel, table=True):
    """What somebody said. `seq` is its place in the chat, `rev` the chat's revision at its last change."""

    __tablename__ = "messages"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = (
        UniqueConstraint("chat", "seq"),
        # a repeated send finds the first one, for ever
        UniqueConstraint("author", "client_id"),
        Index(None, "chat", "rev"),
    )

    id: Row | None = Field(default=None, sa_type=RowNumber, primary_key=True)
    chat: Row = Field(foreign_key="chats.id", sa_type=RowNumber, ondelete="CASCADE")
    seq: int
    rev: int
    author: Row = Field(foreign_key="users.id", sa_type=RowNumber)
    client_id: str
    body: str
    """Empty once it was erased."""
    erased_at: datetime | None = Field(default=None, sa_type=Moment)
    sent_at: datetime = Field(sa_type=Moment)
