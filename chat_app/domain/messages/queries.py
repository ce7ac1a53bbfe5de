"""History and catching up. What is read here is the same for every reader of a chat; only the way in differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, bindparam, func, or_, select
from sqlmodel import col

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ChatId, ClientId, Row, UserId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.work import Reader, Who, door
from chat_app.domain.messages.tables import Message
from chat_app.domain.users.queries import tells_reading
from chat_app.domain.users.tables import Preferences, User

PAGE = 50
"""Messages in a page of history."""

CAUGHT_UP = 200
"""Changes a tab may catch up with at once; one that missed more starts from the newest page."""

TAIL = 64
"""Changes that are sent live together, at most."""

HIGHEST = 2**31 - 1
"""The highest number a message can have: that of the column."""

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
    erased: bool = False


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


@door(quick=True)
def page_of(reader: Reader, chat_id: ChatId, before: int | None = None) -> Page:
    """The `PAGE` messages before number `before`, or the newest. Refused: `ChatNotFound`."""
    chat, rev = _my_chat(reader, chat_id)
    if before is None:
        found = _read(reader, NEWEST, chat=chat, most=PAGE + 1)
    else:
        found = _read(reader, BEFORE, chat=chat, before=max(0, min(before, HIGHEST)), most=PAGE + 1)
    read = {} if before is not None else _read_positions(reader, chat)
    return Page(found[:PAGE][::-1], rev, has_older=len(found) > PAGE, newest=before is None, read=read)


@door(quick=True)
def changes_after(reader: Reader, chat_id: ChatId, rev: int) -> Changes | Page:
    """What a tab missed that knows all up to revision `rev`; the newest page if that is more than `CAUGHT_UP`.

    Refused: `ChatNotFound`.
    """
    chat, last_rev = _my_chat(reader, chat_id)
    # a revision ahead of the chat's comes from another database: start anew
    if not 0 <= last_rev - rev <= CAUGHT_UP:
        return page_of(reader, chat_id)
    return Changes(rev, last_rev, _changed(reader, chat, rev, CAUGHT_UP))


@door(Who.SYSTEM, quick=True)
def tails_of(reader: Reader, wanted: Sequence[tuple[ChatId, int]]) -> dict[ChatId, Changes]:
    """What changed in each chat after a revision, for everybody in its room: the last `TAIL` changes at most, and
    nothing from before the last change of membership, which a newcomer in the room must not see."""
    return {chat_id: tail for chat_id, after in wanted if (tail := _tail(reader, chat_id, after)) is not None}


def _tail(reader: Reader, chat_id: ChatId, after: int) -> Changes | None:
    chat = reader.connection.execute(CHAT, {"chat_id": chat_id}).first()
    if chat is None:
        return None
    after = max(after, chat.members_rev, chat.last_rev - TAIL)
    return Changes(after, chat.last_rev, _changed(reader, chat.id, after, TAIL))


def _my_chat(reader: Reader, chat_id: ChatId) -> tuple[Row, int]:
    chat = reader.connection.execute(MY_CHAT, {"chat_id": chat_id, "me": reader.me.row}).first()
    if chat is None:
        raise ChatNotFound
    return chat.id, chat.last_rev


def _changed(reader: Reader, chat: Row, after: int, limit: int) -> list[Bubble]:
    return _read(reader, CHANGED, chat=chat, after=after, most=limit)


def _read(reader: Reader, bubbles: Executable, **values: int) -> list[Bubble]:
    # straight over the connection: no row of it becomes an object of the session
    rows: Sequence[Any] = reader.connection.execute(bubbles, values).all()
    return [
        Bubble(seq, rev, author, name, client_id, milliseconds(sent_at), body, erased_at is not None)
        for seq, rev, author, name, client_id, sent_at, body, erased_at in rows
    ]


def _read_positions(reader: Reader, chat: Row) -> dict[UserId, int]:
    rows = reader.connection.execute(READ_POSITIONS, {"chat": chat, "me": reader.me.row}).all()
    if len(rows) > READERS_SHOWN:
        return {}
    # who does not tell is not told either
    shown = rows if tells_reading(reader, reader.me.row) else [row for row in rows if row.user_id == reader.me.user_id]
    return {UserId(row.user_id): row.last_read_seq for row in shown}


# Built once: SQLAlchemy takes longer to build a statement than SQLite to answer it, and these run for every message.
BUBBLES = select(
    col(Message.seq),
    col(Message.rev),
    col(User.user_id),
    col(User.name),
    col(Message.client_id),
    col(Message.sent_at),
    col(Message.body),
    col(Message.erased_at),
).join(User, col(User.id) == col(Message.author))
IN_CHAT = BUBBLES.where(col(Message.chat) == bindparam("chat"))
NEWEST = IN_CHAT.order_by(col(Message.seq).desc()).limit(bindparam("most"))
BEFORE = NEWEST.where(col(Message.seq) < bindparam("before"))
CHANGED = IN_CHAT.where(col(Message.rev) > bindparam("after")).order_by(col(Message.rev)).limit(bindparam("most"))
READ_POSITIONS = (
    select(col(User.user_id), col(Member.last_read_seq))
    .join(Member, col(Member.person) == col(User.id))
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .where(
        col(Member.chat) == bindparam("chat"),
        or_(col(User.id) == bindparam("me"), func.coalesce(col(Preferences.receipts), True)),
    )
    .limit(READERS_SHOWN + 1)
)
CHAT = select(col(Chat.id), col(Chat.last_rev), col(Chat.members_rev)).where(col(Chat.chat_id) == bindparam("chat_id"))
MY_CHAT = CHAT.join(Member, col(Member.chat) == col(Chat.id)).where(col(Member.person) == bindparam("me"))
