"""What a person may see of their chats. Permission is part of each lookup: no seat, no chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, and_, bindparam, case, func, literal, select
from sqlalchemy.orm import aliased, join
from sqlmodel import col
from sqlmodel import select as models

from chat_app.domain.chats.errors import ChatNotFound, PersonNotFound
from chat_app.domain.chats.rules import SHOWN_PRESENT
from chat_app.domain.chats.tables import DIRECT, Chat, Group, Member
from chat_app.domain.common.errors import NotFound
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.work import Rate, Reader, Who, door
from chat_app.domain.messages.markup import plain_of
from chat_app.domain.messages.queries.bubbles import Named, kind_of_files
from chat_app.domain.messages.tables import Message
from chat_app.domain.users.queries import (
    SEES_AVATAR,
    SHARES_A_CHAT,
    PersonView,
    blocked_by,
    blocked_either_way,
    choices_of,
    is_confirmed,
    share_a_chat,
    tells_reading,
    took_part,
)
from chat_app.domain.users.rules import Audience, open_to, tells
from chat_app.domain.users.tables import Block, Preferences, User

LISTED = 500
"""Chats in the list: the most recent ones."""

HEARD = 5000
"""Chats of which a tab hears. One that is not in the list comes into it with the next message."""

PREVIEW_LENGTH = 120
"""Characters of the last message that the list shows."""

PREVIEW_READ = 1000
"""Characters of it, marks included, that these are taken from."""


@dataclass(frozen=True)
class LastMessage:
    """What the list shows of a chat's last message; `at` in milliseconds since 1970."""

    author: UserId
    name: str
    body: str
    at: int
    event: str = ""
    """Of a system line: what the author did, to `about`."""
    about: Named | None = None
    files: str = ""
    """What is attached: `photo` when it is pictures alone, `file` otherwise; empty for nothing."""


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
    picture: str = ""
    """The name of the file with the other one's; empty for none, or none that the reader may see."""
    blocked: bool = False
    """I blocked the other one."""
    muted_until: int = 0
    """In milliseconds since 1970, as the next two; 0 for never."""
    pinned_at: int = 0
    archived_at: int = 0
    level: str = ""
    """Of what it tells me; empty for what my settings say."""
    mentioned_seq: int = 0
    """The last message that names me."""
    tells: bool = False
    """As in `OpenChat`; for the server alone."""


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
    picture: str = ""
    """As in `ChatRow`."""
    members: int = 0
    """Of a group; 0 of a direct chat."""
    blocked: bool = False
    """I blocked the other one."""
    muted_until: int = 0
    """In milliseconds since 1970, as the next two; 0 for never."""
    pinned_at: int = 0
    archived_at: int = 0
    level: str = ""
    tells: bool = False
    """The other one lets me see whether they are here."""
    seen_at: int = 0
    """When they were last; 0 says nothing."""


@door(quick=True)
def my_chat_ids(reader: Reader) -> list[ChatId]:
    """The reader's most recent chats, empty ones included, at most `HEARD`."""
    return [ChatId(row.chat_id) for row in _read(reader, MY_CHAT_IDS)]


@door(Who.SYSTEM)
def person_shown(reader: Reader, row: Row) -> tuple[PersonView, dict[ChatId, str]] | None:
    """A person as others see them, and the picture of theirs that is seen in each of their most recent chats. None of
    nobody."""
    user = reader.session.get(User, row)
    if user is None:
        return None
    audience = choices_of(reader, row).sees_avatar
    picture = "" if audience is Audience.NOBODY else user.avatar or ""
    person = PersonView(UserId(user.user_id), user.username, user.name, picture)
    chats = {
        ChatId(chat_id): picture if open_to(audience, shares_a_chat=together) else ""
        for chat_id, together in reader.connection.execute(SHOWN_IN, {"me": row})
    }
    return person, chats


@door(quick=True)
def my_chats(reader: Reader) -> list[ChatRow]:
    """The reader's chats in which something was said, pinned ones on top, latest first, at most `LISTED`."""
    shown = tells_reading(reader, reader.me.row)
    rows: list[ChatRow] = []
    for row in _read(reader, MY_CHATS):
        chat_id, kind, title, _, person, mine, last_seq, picture, last_rev, others, *rest = row
        last, (blocked, shunned, muted_until, pinned_at, archived_at, level, mentioned, theirs, part) = (
            rest[:8],
            rest[8:],
        )
        apart = blocked is not None or shunned is not None
        rows.append(
            ChatRow(
                ChatId(chat_id),
                kind,
                title,
                person,
                last_seq,
                last_rev,
                mine,
                others if shown and not apart else 0,
                _last(*last),
                picture,
                blocked is not None,
                _ms(muted_until),
                _ms(pinned_at),
                _ms(archived_at),
                level or "",
                mentioned,
                tells(theirs, took_part=bool(part), apart=apart),
            )
        )
    return rows


@door(quick=True)
def my_chat(reader: Reader, chat_id: ChatId) -> OpenChat:
    """One chat of the reader's. Refused: `ChatNotFound`."""
    found = _read(reader, MY_CHAT, chat_id=chat_id)
    if not found:
        raise ChatNotFound
    *about, blocked, shunned, muted_until, pinned_at, archived_at, level, _, theirs, part, mine, seen_at = found[0]
    apart = blocked is not None or shunned is not None
    told = tells(theirs, took_part=bool(part), mine=mine, apart=apart)
    return OpenChat(
        *about,
        blocked=blocked is not None,
        muted_until=_ms(muted_until),
        pinned_at=_ms(pinned_at),
        archived_at=_ms(archived_at),
        level=level or "",
        tells=told,
        seen_at=_ms(seen_at) if told else 0,
    )


@door(quick=True)
def member_ids(reader: Reader, chat_id: ChatId) -> list[UserId] | None:
    """Who sits in a chat of the reader's besides them and lets it be seen whether they are here; None when more than
    `SHOWN_PRESENT` sit there. Refused: `ChatNotFound`."""
    found = _read(reader, MEMBER_IDS, chat_id=chat_id)
    if not found:
        raise ChatNotFound
    others = [
        UserId(user_id)
        for user_id, theirs, part in found
        if user_id != reader.me.user_id and tells(theirs, took_part=part)
    ]
    return others if len(found) <= SHOWN_PRESENT else None


@dataclass(frozen=True)
class PersonCard:
    """What somebody lets the reader know of them; empty where they do not, or have said nothing."""

    person: UserId
    name: str
    username: str
    about: str
    phone: str
    birth_date: str
    """ISO."""
    picture: str = ""
    """The name of its file."""
    blocked: bool = False
    """By the reader."""


@door(rate=Rate("card", per_second=2, burst=20))
def card_of(reader: Reader, person: UserId) -> PersonCard:
    """A person as the reader may know them. Refused: `PersonNotFound`."""
    user = reader.session.exec(
        models(User).where(User.user_id == person, col(User.deleted_at).is_(None), is_confirmed())
    ).first()
    if user is None:
        raise PersonNotFound
    row = Row(user.id or 0)
    choices, mine = choices_of(reader, row), row == reader.me.row
    # whoever is blocked is a stranger, whatever chats there are
    apart = not mine and blocked_either_way(reader, reader.me.row, row)
    together = mine or (not apart and share_a_chat(reader, row))

    def shown(value: str | None, audience: Audience) -> str:
        return (value or "") if mine or (not apart and open_to(audience, shares_a_chat=together)) else ""

    return PersonCard(
        UserId(user.user_id),
        user.name,
        user.username,
        shown(user.about, choices.sees_about),
        shown(user.phone, choices.sees_phone),
        shown(user.birth_date and user.birth_date.isoformat(), choices.sees_birth_date),
        shown(user.avatar, choices.sees_avatar),
        blocked_by(reader, reader.me.row, row),
    )


@door(quick=True)
def check_avatar(reader: Reader, picture: str) -> None:
    """Nothing, where the reader may see the picture whose file has this name. Refused: `NotFound`, whyever not."""
    for wearer, audience, together in _read(reader, WEARERS, picture=picture):
        if wearer == reader.me.row or open_to(audience, shares_a_chat=together):
            return
    if not _read(reader, MY_GROUP_OF, picture=picture):
        raise NotFound


def _read(reader: Reader, query: Executable, **values: str) -> Sequence[Any]:
    # straight over the connection: no row of it becomes an object of the session
    return reader.connection.execute(query, {"me": reader.me.row, **values}).all()


def _last(
    author: UserId | None,
    name: str,
    body: str,
    sent_at: datetime,
    event: str | None,
    about: UserId | None,
    about_name: str,
    files: str,
) -> LastMessage | None:
    if author is None:
        return None
    preview = (body if event else plain_of(body))[:PREVIEW_LENGTH]
    named = None if about is None else Named(about, about_name)
    return LastMessage(author, name, preview, milliseconds(sent_at), event or "", named, files)


def _ms(moment: datetime | None) -> int:
    return 0 if moment is None else milliseconds(moment)


# Built once: SQLAlchemy takes longer to build a statement than SQLite to answer it, and these run for every tab.
PEER, OTHER, AUTHOR, WHOM = aliased(Member), aliased(User), aliased(User), aliased(User)
MY_BLOCK, THEIR_BLOCK, MY_CHOICES = aliased(Block), aliased(Block), aliased(Preferences)
FACE = func.coalesce(col(OTHER.avatar), col(Group.avatar), "")
# whoever has a direct chat with the reader shares one, from when they took part in it; a group has no other one
SHARED_FACE = case((~took_part(PEER), ""), else_=FACE)
ABOUT = (
    col(Chat.chat_id),
    col(Chat.kind),
    func.coalesce(col(Group.title), col(OTHER.name), ""),
    func.coalesce(col(OTHER.username), ""),
    col(OTHER.user_id),
    col(Member.last_read_seq),
    col(Chat.last_seq),
    case({Audience.NOBODY.value: "", Audience.SHARED.value: SHARED_FACE}, value=SEES_AVATAR, else_=FACE),
)
LAST = (
    col(Chat.last_rev),
    case((func.coalesce(col(Preferences.receipts), True), func.coalesce(col(PEER.last_read_seq), 0)), else_=0),
    col(AUTHOR.user_id),
    col(AUTHOR.name),
    func.substr(col(Message.body), literal(1), literal(PREVIEW_READ)),
    col(Message.sent_at),
    col(Message.event),
    col(WHOM.user_id),
    col(WHOM.name),
    kind_of_files(Message),
)
STANDS = (
    col(MY_BLOCK.blocked_at),
    col(THEIR_BLOCK.blocked_at),
    col(Member.muted_until),
    col(Member.pinned_at),
    col(Member.archived_at),
    col(Member.level),
    col(Member.mentioned_seq),
)
TOLD = (col(Preferences.sees_last_seen), took_part(PEER))
"""What decides whether the other one lets it be seen that they are here."""
SEEN = (*TOLD, col(MY_CHOICES.sees_last_seen), col(OTHER.last_seen_at))
SEATS = join(Member, Chat, col(Chat.id) == col(Member.chat))
THE_OTHER = and_(col(PEER.chat) == col(Chat.id), col(PEER.person) != col(Member.person), col(Chat.kind) == DIRECT)
TITLED = (
    SEATS.outerjoin(Group, and_(col(Group.chat) == col(Chat.id), col(Chat.kind) != DIRECT))
    .outerjoin(PEER, THE_OTHER)
    .outerjoin(OTHER, col(OTHER.id) == col(PEER.person))
    .outerjoin(Preferences, col(Preferences.user) == col(PEER.person))
    .outerjoin(MY_BLOCK, and_(col(MY_BLOCK.blocker) == col(Member.person), col(MY_BLOCK.blocked) == col(PEER.person)))
    .outerjoin(
        THEIR_BLOCK, and_(col(THEIR_BLOCK.blocked) == col(Member.person), col(THEIR_BLOCK.blocker) == col(PEER.person))
    )
)
WITH_LAST = (
    TITLED.outerjoin(Message, and_(col(Message.chat) == col(Chat.id), col(Message.seq) == col(Chat.last_seq)))
    .outerjoin(AUTHOR, col(AUTHOR.id) == col(Message.author))
    .outerjoin(WHOM, col(WHOM.id) == col(Message.about))
)
MINE = col(Member.person) == bindparam("me")
LATEST = (case((col(Member.pinned_at).is_(None), 1), else_=0), col(Chat.last_at).desc())
MY_CHAT_IDS = select(col(Chat.chat_id)).select_from(SEATS).where(MINE).order_by(*LATEST).limit(HEARD)
SHOWN_IN = MY_CHAT_IDS.add_columns(took_part(Member))
MY_CHATS = (
    select(*ABOUT, *LAST, *STANDS, *TOLD)
    .select_from(WITH_LAST)
    .where(MINE, col(Chat.last_seq) > 0)
    .order_by(*LATEST)
    .limit(LISTED)
)
COUNTED = aliased(Member)
HOW_MANY = select(func.count()).where(col(COUNTED.chat) == col(Chat.id)).correlate(Chat).scalar_subquery()
MEMBERS = case((col(Chat.kind) == DIRECT, 0), else_=HOW_MANY)
MY_CHAT = (
    select(*ABOUT, MEMBERS, *STANDS, *SEEN)
    .select_from(TITLED.outerjoin(MY_CHOICES, col(MY_CHOICES.user) == col(Member.person)))
    .where(MINE, col(Chat.chat_id) == bindparam("chat_id"))
)
SEATED = aliased(Member)
MEMBER_IDS = (
    select(col(User.user_id), col(Preferences.sees_last_seen), took_part(SEATED))
    .select_from(SEATS)
    .join(SEATED, col(SEATED.chat) == col(Chat.id))
    .join(User, col(User.id) == col(SEATED.person))
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .where(MINE, col(Chat.chat_id) == bindparam("chat_id"))
    .limit(SHOWN_PRESENT + 1)
)
MY_GROUP_OF = (
    select(col(Member.id))
    .join(Group, col(Group.chat) == col(Member.chat))
    .where(MINE, col(Group.avatar) == bindparam("picture"))
)
WEARERS = (
    select(col(User.id), SEES_AVATAR, SHARES_A_CHAT)
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .where(col(User.avatar) == bindparam("picture"))
)
