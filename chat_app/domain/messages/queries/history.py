"""History and catching up. What is read here is the same for every reader of a chat; only the way in differs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Executable, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.rules import SHOWN_PRESENT
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.work import Reader, Who, door
from chat_app.domain.messages.markup import plain_of
from chat_app.domain.messages.queries.bubbles import BUBBLES, QUOTED, Bubble, kind_of_files, read_bubbles
from chat_app.domain.messages.rules import MOST_PINNED
from chat_app.domain.messages.tables import Message
from chat_app.domain.users.queries import tells_reading
from chat_app.domain.users.tables import Block, Preferences, User

PAGE = 50
"""Messages in a page of history."""

CAUGHT_UP = 200
"""Changes a tab may catch up with at once; one that missed more starts from the newest page."""

TAIL = 64
"""Changes that are sent live together, at most."""

PINNED_READ = 1000
"""Characters of a pinned message, marks included, that those on top are taken from."""

HIGHEST = 2**31 - 1
"""The highest number a message can have: that of the column."""


@dataclass(frozen=True)
class Page:
    """Consecutive messages, oldest first, as the chat stood at revision `rev`."""

    messages: list[Bubble]
    rev: int
    has_older: bool
    newest: bool
    """The last message of the page is the last of the chat: the page may stand for the whole."""
    read: dict[UserId, int]
    """How far people have read; only with the newest page, and nobody where there are more than `SHOWN_PRESENT`."""


@dataclass(frozen=True)
class Changes:
    """Everything that changed after revision `after`, up to and including `rev`."""

    after: int
    rev: int
    messages: list[Bubble]


@dataclass(frozen=True)
class Seat:
    """Where the reader sits: in which chat, and from where on they see it."""

    chat: Row
    rev: int
    since: int


@door(quick=True)
def page_of(
    reader: Reader, chat_id: ChatId, before: int | None = None, *, after: int | None = None, around: int | None = None
) -> Page:
    """`PAGE` messages: those before a number, after one, around one; else the newest. Refused: `ChatNotFound`."""
    seat = _my_seat(reader, chat_id)
    if around is not None:
        return _around(reader, seat, _number(around))
    if after is not None:
        found = _read(reader, AFTER, seat, after=max(_number(after), seat.since), most=PAGE + 1)
        newest = len(found) <= PAGE
        return Page(found[:PAGE], seat.rev, _any_older(reader, seat, found), newest, _positions(reader, seat, newest))
    last = HIGHEST if before is None else _number(before)
    found = _read(reader, BEFORE, seat, before=last, most=PAGE + 1)
    newest = before is None
    return Page(found[:PAGE][::-1], seat.rev, len(found) > PAGE, newest, _positions(reader, seat, newest))


def _around(reader: Reader, seat: Seat, seq: int) -> Page:
    half = PAGE // 2
    above = _read(reader, BEFORE, seat, before=seq, most=half + 1)
    below = _read(reader, AFTER, seat, after=max(seq - 1, seat.since), most=half + 1)
    newest = len(below) <= half
    messages = [*above[:half][::-1], *below[:half]]
    return Page(messages, seat.rev, len(above) > half, newest, _positions(reader, seat, newest))


@dataclass(frozen=True)
class Pinned:
    """A message that is kept on top of its chat, as short as the bar shows it."""

    seq: int
    author: UserId
    name: str
    text: str
    files: str
    """As in `Quote`."""
    at: int
    """When it was pinned, in milliseconds since 1970."""


@door(quick=True)
def pinned_in(reader: Reader, chat_id: ChatId) -> list[Pinned]:
    """What is pinned in a chat of the reader's, the latest first. Refused: `ChatNotFound`."""
    seat = _my_seat(reader, chat_id)
    found = reader.connection.execute(PINNED, {"chat": seat.chat, "since": seat.since})
    return [
        Pinned(seq, UserId(author), name, plain_of(body)[:QUOTED], files, milliseconds(at))
        for seq, author, name, body, files, at in found
        if at
    ]


def _any_older(reader: Reader, seat: Seat, found: list[Bubble]) -> bool:
    return bool(found) and bool(_read(reader, BEFORE, seat, before=found[0].seq, most=1))


def _number(seq: int) -> int:
    return max(0, min(seq, HIGHEST))


@door(quick=True)
def changes_after(reader: Reader, chat_id: ChatId, rev: int) -> Changes | Page:
    """What a tab missed that knows all up to revision `rev`; the newest page if that is more than `CAUGHT_UP`.

    Refused: `ChatNotFound`.
    """
    seat = _my_seat(reader, chat_id)
    # a revision ahead of the chat's comes from another database: start anew
    if not 0 <= seat.rev - rev <= CAUGHT_UP:
        return page_of(reader, chat_id)
    return Changes(rev, seat.rev, _read(reader, CHANGED, seat, after=rev, most=CAUGHT_UP))


@door(Who.SYSTEM, quick=True)
def tails_of(reader: Reader, wanted: Sequence[tuple[ChatId, int]]) -> dict[ChatId, Changes]:
    """What changed in each chat after a revision, for everybody in its room: the last `TAIL` changes at most, and
    nothing that a newcomer in the room must not see."""
    return {chat_id: tail for chat_id, after in wanted if (tail := _tail(reader, chat_id, after)) is not None}


def _tail(reader: Reader, chat_id: ChatId, after: int) -> Changes | None:
    chat = reader.connection.execute(CHAT, {"chat_id": chat_id}).first()
    if chat is None:
        return None
    after = max(after, chat.members_rev, chat.last_rev - TAIL)
    seat = Seat(chat.id, chat.last_rev, 0)
    changed = _read(reader, CHANGED, seat, after=after, most=TAIL)
    seen = [bubble for bubble in changed if not _shows(bubble, chat.hidden_seq)]
    if len(seen) < len(changed):
        # somebody in the room may not see it: each tab finds that it misses something, and asks by itself
        return Changes(chat.last_rev, chat.last_rev, seen)
    return Changes(after, chat.last_rev, changed)


def _shows(bubble: Bubble, up_to: int) -> bool:
    """Whether this is, or quotes, something said up to there."""
    return bubble.seq <= up_to or (bubble.reply is not None and bubble.reply.seq <= up_to)


def _my_seat(reader: Reader, chat_id: ChatId) -> Seat:
    seat = reader.connection.execute(MY_SEAT, {"chat_id": chat_id, "me": reader.me.row}).first()
    if seat is None:
        raise ChatNotFound
    return Seat(seat.id, seat.last_rev, seat.since_seq)


def _read(reader: Reader, bubbles: Executable, seat: Seat, **values: int) -> list[Bubble]:
    found = read_bubbles(reader, bubbles, chat=seat.chat, since=seat.since, **values)
    return [_without_hidden_quote(bubble, seat.since) for bubble in found] if seat.since else found


def _without_hidden_quote(bubble: Bubble, since: int) -> Bubble:
    """An answer shows what it answers: not to whom that is not for."""
    hidden = bubble.reply is not None and bubble.reply.seq <= since
    return replace(bubble, reply=None) if hidden else bubble


def _positions(reader: Reader, seat: Seat, newest: bool) -> dict[UserId, int]:
    """How far people have read."""
    if not newest:
        return {}
    rows = reader.connection.execute(READ_POSITIONS, {"chat": seat.chat, "me": reader.me.row}).all()
    # who does not tell is not told either
    shown = rows if tells_reading(reader, reader.me.row) else [row for row in rows if row.user_id == reader.me.user_id]
    return {UserId(row.user_id): row.last_read_seq for row in shown}


# Built once: SQLAlchemy takes longer to build a statement than SQLite to answer it, and these run for every message.
IN_CHAT = BUBBLES.where(col(Message.chat) == bindparam("chat"), col(Message.seq) > bindparam("since"))
BEFORE = (
    IN_CHAT.where(col(Message.seq) < bindparam("before")).order_by(col(Message.seq).desc()).limit(bindparam("most"))
)
# with one lower bound, not two: SQLite would seek by either, and count through what lies between
AFTER = (
    BUBBLES.where(col(Message.chat) == bindparam("chat"), col(Message.seq) > bindparam("after"))
    .order_by(col(Message.seq))
    .limit(bindparam("most"))
)
CHANGED = IN_CHAT.where(col(Message.rev) > bindparam("after")).order_by(col(Message.rev)).limit(bindparam("most"))
PINNED = (
    select(
        col(Message.seq),
        col(User.user_id),
        col(User.name),
        func.substr(col(Message.body), 1, PINNED_READ),
        kind_of_files(Message),
        col(Message.pinned_at),
    )
    .join(User, col(User.id) == col(Message.author))
    .where(
        col(Message.chat) == bindparam("chat"),
        col(Message.pinned_at).is_not(None),
        col(Message.seq) > bindparam("since"),
    )
    .order_by(col(Message.pinned_at).desc(), col(Message.seq).desc())
    .limit(MOST_PINNED)
)
ANY = aliased(Member)
# whether they tell how far they have read or not; counted no further than it matters
MANY = select(col(ANY.id)).where(col(ANY.chat) == bindparam("chat")).offset(SHOWN_PRESENT).limit(1).exists()
READ_POSITIONS = (
    select(col(User.user_id), col(Member.last_read_seq))
    .join(Member, col(Member.person) == col(User.id))
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .where(
        col(Member.chat) == bindparam("chat"),
        ~MANY,
        or_(
            col(User.id) == bindparam("me"),
            and_(
                func.coalesce(col(Preferences.receipts), True),
                or_(col(Member.joined_seq) == 0, col(Member.last_read_seq) > col(Member.joined_seq)),
            ),
        ),
        ~exists().where(col(Block.blocker) == bindparam("me"), col(Block.blocked) == col(Member.person)),
        ~exists().where(col(Block.blocked) == bindparam("me"), col(Block.blocker) == col(Member.person)),
    )
)
CHAT = select(col(Chat.id), col(Chat.last_rev), col(Chat.members_rev), col(Chat.hidden_seq)).where(
    col(Chat.chat_id) == bindparam("chat_id")
)
MY_SEAT = (
    select(col(Chat.id), col(Chat.last_rev), col(Member.since_seq))
    .join(Member, col(Member.chat) == col(Chat.id))
    .where(col(Chat.chat_id) == bindparam("chat_id"), col(Member.person) == bindparam("me"))
)
