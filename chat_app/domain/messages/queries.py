"""History and catching up. What is read here is the same for every reader of a chat; only the way in differs."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ChatId, ClientId, Row, UserId
from chat_app.domain.common.work import Reader, System, Who, door
from chat_app.domain.messages.tables import Message
from chat_app.domain.users.tables import User

PAGE = 50
"""Messages in a page of history."""

CAUGHT_UP = 200
"""Changes a tab may catch up with at once; one that missed more starts from the newest page."""

TAIL = 64
"""Changes that are sent live together, at most."""

READERS_SHOWN = 100
"""Members of a chat whose reading positions are sent along, at most."""


@dataclass(frozen=True)
class Bubble:
    """A message as everybody sees it; `at` in milliseconds since 1970."""

    seq: int
    rev: int
    author: UserId
    name: str
    client_id: ClientId
    at: int
    text: str


@dataclass(frozen=True)
class Page:
    """Consecutive messages, oldest first, as the chat stood at revision `rev`."""

    messages: list[Bubble]
    rev: int
    has_older: bool
    newest: bool
    """The last message of the page is the last of the chat: the page may stand for the whole."""
    read: dict[UserId, int]
    """How far people have read; only with the newest page."""


@dataclass(frozen=True)
class Changes:
    """Everything that changed after revision `after`, up to and including `rev`."""

    after: int
    rev: int
    messages: list[Bubble]


def page_of(reader: Reader, chat_id: ChatId, before: int | None = None) -> Page:
    """The `PAGE` messages before `seq`, or the newest. Refused: `ChatNotFound`."""
    chat, rev = _my_chat(reader, chat_id)
    messages = _bubbles().where(Message.chat == chat).order_by(col(Message.seq).desc()).limit(PAGE + 1)
    if before is not None:
        messages = messages.where(Message.seq < before)
    found = _read(reader, messages)
    read = {} if before is not None else _read_positions(reader, chat)
    return Page(found[:PAGE][::-1], rev, has_older=len(found) > PAGE, newest=before is None, read=read)


def changes_after(reader: Reader, chat_id: ChatId, rev: int) -> Changes | Page:
    """What a tab missed that knows all up to revision `rev`; the newest page if that is more than `CAUGHT_UP`.

    Refused: `ChatNotFound`.
    """
    chat, last_rev = _my_chat(reader, chat_id)
    # a revision ahead of the chat's comes from another database: start anew
    if not 0 <= last_rev - rev <= CAUGHT_UP:
        return page_of(reader, chat_id)
    return Changes(rev, last_rev, _changed(reader, chat, rev, CAUGHT_UP))


@door(Who.SYSTEM)
def tail_of(reader: Reader, chat_id: ChatId, after: int) -> Changes:
    """What changed in a chat after revision `after`, for everybody in its room: the last `TAIL` changes at most, and
    nothing from before the last change of membership, which a newcomer in the room must not see."""
    assert isinstance(reader.actor, System)
    chat, last_rev, members_rev = reader.session.exec(
        select(Chat.id, Chat.last_rev, Chat.members_rev).where(Chat.chat_id == chat_id)
    ).one()
    after = max(after, members_rev, last_rev - TAIL)
    return Changes(after, last_rev, _changed(reader, chat, after, TAIL))


def _my_chat(reader: Reader, chat_id: ChatId) -> tuple[Row, int]:
    seat = reader.session.exec(
        select(Chat.id, Chat.last_rev)
        .join(Member, col(Member.chat) == Chat.id)
        .where(Chat.chat_id == chat_id, Member.person == reader.me.row)
    ).first()
    if seat is None or seat[0] is None:
        raise ChatNotFound
    return seat[0], seat[1]


def _changed(reader: Reader, chat: Row | None, after: int, limit: int) -> list[Bubble]:
    changed = _bubbles().where(Message.chat == chat, Message.rev > after).order_by(col(Message.rev)).limit(limit)
    return _read(reader, changed)


def _read_positions(reader: Reader, chat: Row) -> dict[UserId, int]:
    rows = reader.session.exec(
        select(User.user_id, Member.last_read_seq)
        .join(Member, col(Member.person) == User.id)
        .where(Member.chat == chat)
        .limit(READERS_SHOWN + 1)
    ).all()
    return {} if len(rows) > READERS_SHOWN else dict(rows)


def _bubbles() -> SelectOfScalar[Any]:
    return select(  # pyright: ignore[reportCallIssue, reportReturnType]  # more columns than the typed overloads know
        Message.seq, Message.rev, User.user_id, User.name, Message.client_id, Message.sent_at, Message.body
    ).join(User, col(User.id) == Message.author)


def _read(reader: Reader, bubbles: SelectOfScalar[Any]) -> list[Bubble]:
    return [
        Bubble(seq, rev, author, name, client_id, int(sent_at.timestamp() * 1000), body)
        for seq, rev, author, name, client_id, sent_at, body in reader.session.execute(bubbles)
    ]
