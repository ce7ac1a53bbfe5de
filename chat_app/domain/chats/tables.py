"""How chats and their members are stored."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from chat_app.domain.common.ids import Row
from chat_app.domain.common.tables import Moment, RowNumber

DIRECT = "direct"
GROUP = "group"


class Chat(SQLModel, table=True):
    """Something people talk in. `last_seq` numbers its messages, `last_rev` its changes; both without gaps.

    Order, unread counts, gaps and catching up all derive from these two, never from clocks.
    """

    __tablename__ = "chats"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    id: Row | None = Field(default=None, sa_type=RowNumber, primary_key=True)
    chat_id: str = Field(unique=True)
    kind: str = Field(max_length=10)
    pair_key: str | None = Field(default=None, unique=True, max_length=41)
    """`smaller:larger` of the two people's rows: one direct chat per pair, whatever races. Empty for groups."""
    last_seq: int = 0
    last_rev: int = 0
    members_rev: int = 0
    """The revision at which membership last changed; what is sent live never reaches back past it."""
    last_at: datetime = Field(sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)


class Group(SQLModel, table=True):
    """What only a group has."""

    __tablename__ = "groups"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    chat: Row = Field(foreign_key="chats.id", primary_key=True, sa_type=RowNumber, ondelete="CASCADE")
    title: str = Field(max_length=128)
    description: str = Field(default="", max_length=500)
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Member(SQLModel, table=True):
    """A person's seat in a chat."""

    __tablename__ = "members"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = (UniqueConstraint("chat", "person"), Index(None, "person", "chat"))

    id: Row | None = Field(default=None, sa_type=RowNumber, primary_key=True)
    chat: Row = Field(foreign_key="chats.id", sa_type=RowNumber, ondelete="CASCADE")
    person: Row = Field(foreign_key="users.id", sa_type=RowNumber, ondelete="CASCADE")
    role: str = Field(default="member", max_length=10)
    joined_at: datetime = Field(sa_type=Moment)
    last_read_seq: int = 0
