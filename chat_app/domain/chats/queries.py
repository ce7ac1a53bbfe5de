"""What a person may see of their chats. Permission is part of each lookup: no seat, no chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, literal
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.tables import DIRECT, Chat, Group, Member
from chat_app.domain.common.ids import ChatId, UserId
from chat_app.domain.common.work import Reader
from chat_app.domain.messages.tables import Message
from chat_app.domain.users.tables import User

LISTED = 200
"""Chats in the list, and rooms a tab listens to: the most recent ones."""

PREVIEW_LENGTH = 120
"""Characters of the last message that the list shows."""


@dataclass(frozen=True)
class LastMessage:
    """What the list shows of a chat's last message; `at` in milliseconds since 1970."""

    author: UserId
    name: str
    body: str
    at: int


@dataclass(frozen=True)
class ChatRow:
    """A chat as it stands in somebody's list."""

    chat_id: ChatId
    kind: str
    title: str
    person: UserId | None
    """The other one, in a direct chat."""
    last_seq: int
    last_rev: int
    last_read_seq: int
    """How far the reader has read."""
    read_by_others: int
    """How far the other one has, in a direct chat."""
    last: LastMessage | None


@dataclass(frozen=True)
class OpenChat:
    """A chat that is open on somebody's screen."""

    chat_id: ChatId
    kind: str
    title: str
    username: str
    """The other one's, in a direct chat."""
    person: UserId | None
    last_read_seq: int
    last_seq: int


def my_chat_ids(reader: Reader) -> Sequence[ChatId]:
    """The reader's most recent chats, empty ones included, at most `LISTED`."""
    return reader.session.exec(
        select(Chat.chat_id)
        .join(Member, col(Member.chat) == Chat.id)
        .where(Member.person == reader.me.row)
        .order_by(col(Chat.last_at).desc())
        .limit(LISTED)
    ).all()


def my_chats(reader: Reader) -> list[ChatRow]:
    """The reader's chats in which something was said, latest first, at most `LISTED`."""
    peer, other, author = aliased(Member), aliased(User), aliased(User)
    rows = reader.session.execute(
        select(  # pyright: ignore[reportCallIssue]  # more columns than the typed overloads know
            Chat.chat_id,
            Chat.kind,
            func.coalesce(Group.title, other.name, ""),
            other.user_id,
            Chat.last_seq,
            Chat.last_rev,
            Member.last_read_seq,
            func.coalesce(peer.last_read_seq, 0),
            author.user_id,
            author.name,
            func.substr(Message.body, literal(1), literal(PREVIEW_LENGTH)),
            Message.sent_at,
        )
        .select_from(Member)
        .join(Chat, col(Chat.id) == Member.chat)
        .outerjoin(Group, and_(col(Group.chat) == Chat.id, Chat.kind != DIRECT))
        .outerjoin(peer, and_(peer.chat == Chat.id, peer.person != Member.person, Chat.kind == DIRECT))
        .outerjoin(other, other.id == peer.person)
        .outerjoin(Message, and_(Message.chat == Chat.id, Message.seq == Chat.last_seq))
        .outerjoin(author, author.id == Message.author)
        .where(Member.person == reader.me.row, Chat.last_seq > 0)
        .order_by(col(Chat.last_at).desc())
        .limit(LISTED)
    )
    return [ChatRow(*row[:8], last=_last(*row[8:])) for row in rows]


def my_chat(reader: Reader, chat_id: ChatId) -> OpenChat:
    """One chat of the reader's. Refused: `ChatNotFound`."""
    peer, other = aliased(Member), aliased(User)
    row = reader.session.execute(
        select(  # pyright: ignore[reportCallIssue]  # more columns than the typed overloads know
            Chat.chat_id,
            Chat.kind,
            func.coalesce(Group.title, other.name, ""),
            func.coalesce(other.username, ""),
            other.user_id,
            Member.last_read_seq,
            Chat.last_seq,
        )
        .select_from(Member)
        .join(Chat, col(Chat.id) == Member.chat)
        .outerjoin(Group, and_(col(Group.chat) == Chat.id, Chat.kind != DIRECT))
        .outerjoin(peer, and_(peer.chat == Chat.id, peer.person != Member.person, Chat.kind == DIRECT))
        .outerjoin(other, other.id == peer.person)
        .where(Member.person == reader.me.row, Chat.chat_id == chat_id)
    ).first()
    if row is None:
        raise ChatNotFound
    return OpenChat(*row)


def _last(author: UserId | None, name: str | None, body: str | None, sent_at: Any) -> LastMessage | None:
    if author is None or name is None or body is None:
        return None
    return LastMessage(author, name, body, at=int(sent_at.timestamp() * 1000))
