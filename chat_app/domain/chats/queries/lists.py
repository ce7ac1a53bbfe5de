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
from chat_app.domain.chats.tables import DIRECT, Chat, Group, Member
from chat_app.domain.common.errors import NotFound
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.work import Rate, Reader, Who, door
from chat_app.domain.messages.queries.bubbles import Named
from chat_app.domain.messages.rules import Extra
from chat_app.domain.messages.tables import Message
from chat_app.domain.users.queries import (
    SEES_AVATAR,
    SHARES_A_CHAT,
    PersonView,
    choices_of,
    is_confirmed,
    tells_reading,
)
from chat_app.domain.users.rules import Audience, open_to
from chat_app.domain.users.tables import Preferences, User

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
    event: str = ""
    """Of a system line: what the author did, to `about`."""
    about: Named | None = None
    files: bool = False
    """There are attachments."""


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


@door(quick=True)
def my_chat_ids(reader: Reader) -> list[ChatId]:
    """The reader's most recent chats, empty ones included, at most `LISTED`."""
    return [ChatId(row.chat_id) for row in _read(reader, MY_CHAT_IDS)]


@door(Who.SYSTEM)
def person_shown(reader: Reader, row: Row) -> tuple[PersonView, list[ChatId]] | None:
    """A person as others see them, and the most recent chats in which they do. None of nobody."""
    user = reader.session.get(User, row)
    if user is None:
        return None
    chats = reader.connection.execute(MY_CHAT_IDS, {"me": row})
    # to all at once: whoever is let see it by sharing a chat shares one of these
    picture = "" if choices_of(reader, row).sees_avatar is Audience.NOBODY else user.avatar or ""
    person = PersonView(UserId(user.user_id), user.username, user.name, picture)
    return person, [ChatId(chat.chat_id) for chat in chats]


@door(quick=True)
def my_chats(reader: Reader) -> list[ChatRow]:
    """The reader's chats in which something was said, latest first, at most `LISTED`."""
    shown = tells_reading(reader, reader.me.row)
    return [
        ChatRow(
            ChatId(chat_id),
            kind,
            title,
            person,
            last_seq,
            last_rev,
            mine,
            others if shown else 0,
            _last(*last),
            picture,
        )
        for chat_id, kind, title, _, person, mine, last_seq, picture, last_rev, others, *last in _read(reader, MY_CHATS)
    ]


@door(quick=True)
def my_chat(reader: Reader, chat_id: ChatId) -> OpenChat:
    """One chat of the reader's. Refused: `ChatNotFound`."""
    found = _read(reader, MY_CHAT, chat_id=chat_id)
    if not found:
        raise ChatNotFound
    return OpenChat(*found[0])


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
    together = mine or share_a_chat(reader, row)

    def shown(value: str | None, audience: Audience) -> str:
        return (value or "") if mine or open_to(audience, shares_a_chat=together) else ""

    return PersonCard(
        UserId(user.user_id),
        user.name,
        user.username,
        shown(user.about, choices.sees_about),
        shown(user.phone, choices.sees_phone),
        shown(user.birth_date and user.birth_date.isoformat(), choices.sees_birth_date),
        shown(user.avatar, choices.sees_avatar),
    )


@door(quick=True)
def check_avatar(reader: Reader, picture: str) -> None:
    """Nothing, where the reader may see the picture whose file has this name. Refused: `NotFound`, whyever not."""
    for wearer, audience, together in _read(reader, WEARERS, picture=picture):
        if wearer == reader.me.row or open_to(audience, shares_a_chat=together):
            return
    if not _read(reader, MY_GROUP_OF, picture=picture):
        raise NotFound


def share_a_chat(reader: Reader, other: Row) -> bool:
    """Whether somebody sits in a chat with the reader."""
    mine, theirs = aliased(Member), aliased(Member)
    both = select(col(mine.id)).join(theirs, col(theirs.chat) == col(mine.chat))
    found = both.where(col(mine.person) == reader.me.row, col(theirs.person) == other).limit(1)
    return reader.connection.execute(found).first() is not None


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
    extras: int,
) -> LastMessage | None:
    if author is None:
        return None
    named = None if about is None else Named(about, about_name)
    return LastMessage(author, name, body, milliseconds(sent_at), event or "", named, bool(extras & Extra.ATTACHMENTS))


# Built once: SQLAlchemy takes longer to build a statement than SQLite to answer it, and these run for every tab.
PEER, OTHER, AUTHOR, WHOM = aliased(Member), aliased(User), aliased(User), aliased(User)
ABOUT = (
    col(Chat.chat_id),
    col(Chat.kind),
    func.coalesce(col(Group.title), col(OTHER.name), ""),
    func.coalesce(col(OTHER.username), ""),
    col(OTHER.user_id),
    col(Member.last_read_seq),
    col(Chat.last_seq),
    # whoever has a direct chat with the reader shares one
    case({Audience.NOBODY.value: ""}, value=SEES_AVATAR, else_=func.coalesce(col(OTHER.avatar), col(Group.avatar), "")),
)
LAST = (
    col(Chat.last_rev),
    case((func.coalesce(col(Preferences.receipts), True), func.coalesce(col(PEER.last_read_seq), 0)), else_=0),
    col(AUTHOR.user_id),
    col(AUTHOR.name),
    func.substr(col(Message.body), literal(1), literal(PREVIEW_LENGTH)),
    col(Message.sent_at),
    col(Message.event),
    col(WHOM.user_id),
    col(WHOM.name),
    col(Message.extras),
)
SEATS = join(Member, Chat, col(Chat.id) == col(Member.chat))
THE_OTHER = and_(col(PEER.chat) == col(Chat.id), col(PEER.person) != col(Member.person), col(Chat.kind) == DIRECT)
TITLED = (
    SEATS.outerjoin(Group, and_(col(Group.chat) == col(Chat.id), col(Chat.kind) != DIRECT))
    .outerjoin(PEER, THE_OTHER)
    .outerjoin(OTHER, col(OTHER.id) == col(PEER.person))
    .outerjoin(Preferences, col(Preferences.user) == col(PEER.person))
)
WITH_LAST = (
    TITLED.outerjoin(Message, and_(col(Message.chat) == col(Chat.id), col(Message.seq) == col(Chat.last_seq)))
    .outerjoin(AUTHOR, col(AUTHOR.id) == col(Message.author))
    .outerjoin(WHOM, col(WHOM.id) == col(Message.about))
)
MINE = col(Member.person) == bindparam("me")
LATEST = col(Chat.last_at).desc()
MY_CHAT_IDS = select(col(Chat.chat_id)).select_from(SEATS).where(MINE).order_by(LATEST).limit(LISTED)
MY_CHATS = (
    select(*ABOUT, *LAST).select_from(WITH_LAST).where(MINE, col(Chat.last_seq) > 0).order_by(LATEST).limit(LISTED)
)
SEATED = aliased(Member)
HOW_MANY = select(func.count()).where(col(SEATED.chat) == col(Chat.id)).correlate(Chat).scalar_subquery()
MEMBERS = case((col(Chat.kind) == DIRECT, 0), else_=HOW_MANY)
MY_CHAT = select(*ABOUT, MEMBERS).select_from(TITLED).where(MINE, col(Chat.chat_id) == bindparam("chat_id"))
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
