"""Which of the reader's chats are called so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlmodel import col

from chat_app.domain.chats.queries.lists import ABOUT, LATEST, MEMBERS, MINE, OTHER, TITLED
from chat_app.domain.chats.tables import Chat, Group
from chat_app.domain.common.finding import ANYWHERE, Part, parts_of, words_of
from chat_app.domain.common.ids import ChatId, UserId
from chat_app.domain.common.work import Rate, Reader, door

MOST_CHATS = 50


@dataclass(frozen=True)
class FoundChat:
    """A chat by its title, or by the other one's name or username."""

    chat_id: ChatId
    kind: str
    title: str
    parts: tuple[Part, ...]
    """Of the title."""
    username: str
    person: UserId | None
    """The other one, in a direct chat."""
    picture: str
    members: int
    """Of a group."""


@door(rate=Rate("find_chats", per_second=5, burst=20))
def find_chats(reader: Reader, text: str, limit: int = 20) -> list[FoundChat]:
    """The reader's chats in whose title, or the other one's name or username, each word of `text` stands: first those
    that begin with it, then the latest."""
    words = words_of(text)
    if not words:
        return []
    chats = (
        select(*ABOUT, MEMBERS)
        .select_from(TITLED)
        .where(MINE, col(Chat.last_seq) > 0, *(or_(*_holds(word)) for word in words))
        .order_by(case((or_(*(name.startswith(words[0], autoescape=True) for name in NAMES)), 0), else_=1), *LATEST)
        .limit(max(1, min(limit, MOST_CHATS)))
    )
    rows: Sequence[Any] = reader.connection.execute(chats, {"me": reader.me.row}).all()
    return [
        FoundChat(ChatId(chat_id), kind, title, parts_of(title, words), username, person, picture, members)
        for chat_id, kind, title, username, person, _, _, picture, members in rows
    ]


def _holds(word: str) -> Sequence[ColumnElement[bool]]:
    if len(word) >= ANYWHERE:
        return [name.contains(word, autoescape=True) for name in NAMES]
    return [
        is_so
        for name in NAMES
        for is_so in (name.startswith(word, autoescape=True), and_(name.contains(f" {word}", autoescape=True)))
    ]


NAMES = (col(Group.title_key), col(OTHER.name_key), col(OTHER.username_folded))
