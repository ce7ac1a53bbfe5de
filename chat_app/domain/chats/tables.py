"""How chats and their members are stored."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint, text, true
from sqlmodel import Field, SQLModel

from chat_app.domain.chats.rules import GroupRole, Level
from chat_app.domain.common.ids import Row
from chat_app.domain.common.tables import NUMBERED_ONCE, Key, Moment, RowNumber

DIRECT = "direct"
GROUP = "group"


class Chat(SQLModel, table=True):
    """Something people talk in. `last_seq` numbers its messages, `last_rev` its changes; both without gaps.

    Order, unread counts, gaps and catching up all derive from these two, never from clocks.
    """

    __tablename__ = "chats"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    id: Row | None = Field(default=None, sa_type=RowNumber, primary_key=True)
    chat_id: str = Field(unique=True, sa_type=Key)
    kind: str = Field(max_length=10)
    pair_key: str | None = Field(default=None, unique=True, max_length=41)
    """`smaller:larger` of the two people's rows: one direct chat per pair, whatever races. Empty for groups."""
    last_seq: int = 0
    last_rev: int = 0
    members_rev: int = 0
    """What is sent live never reaches back past this revision: for chats whose newcomers see nothing of before. In
    groups it stays 0, since there `hidden_seq` says what somebody may not see."""
    hidden_seq: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Some member may not see up to this message: changes of such ones are not sent to all."""
    last_at: datetime = Field(sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)


class Group(SQLModel, table=True):
    """What only a group has."""

    __tablename__ = "groups"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    chat: Row = Field(foreign_key="chats.id", primary_key=True, sa_type=RowNumber, ondelete="CASCADE")
    title: str = Field(max_length=128)
    title_key: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The folded title, for searching."""
    description: str = Field(default="", max_length=500)
    avatar: str | None = Field(default=None, index=True, sa_type=Key)
    """The name of the picture's file."""
    history_open: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Newcomers see what was said before them."""
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Member(SQLModel, table=True):
    """A person's seat in a chat."""

    __tablename__ = "members"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = (
        UniqueConstraint("chat", "person"),
        Index(None, "person", "chat"),
        # the last judge: a group never has two
        Index(
            "uq_members_owner",
            "chat",
            unique=True,
            sqlite_where=text("role = 'owner'"),
            postgresql_where=text("role = 'owner'"),
        ),
    )

    id: Row | None = Field(default=None, sa_type=RowNumber, primary_key=True)
    chat: Row = Field(foreign_key="chats.id", sa_type=RowNumber, ondelete="CASCADE")
    person: Row = Field(foreign_key="users.id", sa_type=RowNumber, ondelete="CASCADE")
    role: GroupRole = Field(default=GroupRole.MEMBER, sa_type=String(10))
    joined_at: datetime = Field(sa_type=Moment)
    last_read_seq: int = 0
    since_seq: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """What was said up to here is not for them."""
    joined_seq: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Where they came in: what stands before it counts as read for them, and is not said to have been read by them."""
    mentioned_seq: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The last message that named them."""
    muted_until: datetime | None = Field(default=None, sa_type=Moment)
    level: Level | None = Field(default=None, sa_type=String(10))
    """None for what their settings say of all chats."""
    pinned_at: datetime | None = Field(default=None, sa_type=Moment)
    """On top of their list since then."""
    archived_at: datetime | None = Field(default=None, sa_type=Moment)


class GroupBan(SQLModel, table=True):
    """Somebody who may not come back into a group until an admin says so."""

    __tablename__ = "group_bans"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    chat: Row = Field(foreign_key="chats.id", primary_key=True, sa_type=RowNumber, ondelete="CASCADE")
    person: Row = Field(foreign_key="users.id", primary_key=True, sa_type=RowNumber, ondelete="CASCADE", index=True)
    banned_at: datetime = Field(sa_type=Moment)


class Invitation(SQLModel, table=True):
    """A link by which anybody who has it may join a group."""

    __tablename__ = "invitations"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = NUMBERED_ONCE

    id: Row | None = Field(default=None, sa_type=RowNumber, primary_key=True)
    chat: Row = Field(foreign_key="chats.id", sa_type=RowNumber, ondelete="CASCADE", index=True)
    token: str = Field(unique=True, sa_type=Key)
    made_by: Row | None = Field(
        default=None, foreign_key="users.id", sa_type=RowNumber, ondelete="SET NULL", index=True
    )
    made_at: datetime = Field(sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    most_uses: int | None = None
    uses: int = 0
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
