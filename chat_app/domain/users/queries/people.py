"""What others see of people, and how they are found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Executable, and_, bindparam, case, func, or_
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased, join
from sqlmodel import col

from chat_app.domain.chats.tables import Member
from chat_app.domain.common.errors import Invalid
from chat_app.domain.common.finding import words_of
from chat_app.domain.common.ids import Row, UserId
from chat_app.domain.common.values import Email, Phone, region_of
from chat_app.domain.common.work import Rate, Reader, door
from chat_app.domain.users.rules import Audience, open_to
from chat_app.domain.users.tables import Block, NameWord, Preferences, User


@dataclass(frozen=True)
class PersonView:
    """A person as others see them."""

    user_id: UserId
    username: str
    name: str
    picture: str = ""
    """The name of its file; empty for none, or none that I may see."""
    together: bool = False
    """They share a chat with the reader; known only of people who were looked for."""


def took_part(seat: Any) -> ColumnElement[bool]:
    """Whether somebody has read or said anything in a chat since they came into it; `seat` is theirs.

    Only then do they share it with others: to be added to a group, or written to, asks nobody.
    """
    return col(seat.last_read_seq) > col(seat.joined_seq)


MINE, THEIRS = aliased(Member), aliased(Member)
SHARED = (
    columns(col(MINE.id))
    .join(THEIRS, col(THEIRS.chat) == col(MINE.chat))
    .where(col(MINE.person) == bindparam("me"), took_part(THEIRS))
)
SHARED_WITH = SHARED.where(col(THEIRS.person) == bindparam("other")).limit(1)
SHARES_A_CHAT = SHARED.where(col(THEIRS.person) == col(User.id)).correlate(User).exists()
"""Whether a person shares a chat with the reader `me`."""

SEES_AVATAR = func.coalesce(col(Preferences.sees_avatar), Audience.EVERYONE.value)
"""For whom a person's picture is open; their `Preferences` are joined from outside."""

AVATAR = func.coalesce(col(User.avatar), "")
PICTURE = case({Audience.NOBODY.value: ""}, value=SEES_AVATAR, else_=AVATAR)
"""What whoever shares a chat with a person sees of their picture; their `Preferences` are joined from outside."""

AVATAR_OF_A_PART = case((took_part(Member), AVATAR), else_="")
PICTURE_IN_CHAT = case(
    {Audience.NOBODY.value: "", Audience.SHARED.value: AVATAR_OF_A_PART}, value=SEES_AVATAR, else_=AVATAR
)
"""The same for whoever sits in a chat with them, where their `Member` is."""

MOST_FOUND = 50

FEWEST_DIGITS = 7
"""Of what may be a whole phone number."""


@door(rate=Rate("find_people", per_second=5, burst=20))
def find_people(reader: Reader, text: str, limit: int = 20) -> list[PersonView]:
    """People with a word of whose name or username each word of `text` begins; or whose email or phone it is, where
    the reader may find them by it. Never oneself, nor whoever is blocked, either way.

    By a phone are found those who let the reader see it; by an email those who share a chat with the reader, since it
    is shown to nobody.
    """
    most = max(1, min(limit, MOST_FOUND))
    found = [*_by_contact(reader, text.strip()), *_by_name(reader, words_of(text), most)]
    return list({each.user_id: each for each in found}.values())[:most]


def _by_name(reader: Reader, words: Sequence[str], most: int) -> list[PersonView]:
    if not words:
        return []
    # the longest has the fewest people, and is walked; the others are asked of each
    first, *others = sorted(words, key=len, reverse=True)
    # a person may have several words that begin so: username and name are often one
    query = PEOPLE.where(_begins(NameWord, first), *map(_also, others)).order_by(*BY_WORD).limit(most * 3)
    return _found(reader, query)


def _begins(words: Any, word: str) -> ColumnElement[bool]:
    # a range of the index
    return and_(col(words.word) >= word, col(words.word) < word + "\U0010ffff")


def _also(word: str) -> ColumnElement[bool]:
    other = aliased(NameWord)
    return columns(col(other.word)).where(col(other.person) == col(User.id), _begins(other, word)).exists()


def _by_contact(reader: Reader, text: str) -> list[PersonView]:
    if "@" in text.strip("@"):
        try:
            key = Email(text).key
        except Invalid:
            return []
        return [each for each in _found(reader, BY_EMAIL, key=key) if each.together]
    if sum(char.isdigit() for char in text) < FEWEST_DIGITS:
        return []
    mine = reader.connection.execute(MY_PHONE, {"me": reader.me.row}).scalar()
    try:
        # as one dials it where one's own number is from
        number = Phone(text, region_of(mine) if mine else "").text
    except Invalid:
        return []
    rows = reader.connection.execute(BY_PHONE, {"me": reader.me.row, "phone": number})
    return [_person(row[:-1]) for row in rows if open_to(row.sees_phone, shares_a_chat=row[5])]


def _found(reader: Reader, query: Executable, **values: str) -> list[PersonView]:
    rows = reader.connection.execute(query, {"me": reader.me.row, **values})
    return [_person(row) for row in rows]


def _person(row: Sequence[Any]) -> PersonView:
    user_id, username, name, picture, audience, together = row
    shown = shown_picture(picture, audience, shares_a_chat=together)
    return PersonView(UserId(user_id), username, name, shown, bool(together))


def shown_picture(picture: str | None, audience: str, *, shares_a_chat: bool) -> str:
    """The name of somebody's picture for a reader who `shares_a_chat` with them, or does not; empty if it is hidden."""
    return (picture or "") if open_to(audience, shares_a_chat=shares_a_chat) else ""


def share_a_chat(reader: Reader, other: Row) -> bool:
    """Whether somebody sits in a chat with the reader and took part in it. It may be so only one way round: whoever
    makes a group has, and whoever was added to it has not yet."""
    return reader.connection.execute(SHARED_WITH, {"me": reader.me.row, "other": other}).first() is not None


def is_confirmed() -> ColumnElement[bool]:
    """Every contact value given has been proven; the same as `User.confirmed`, in SQL."""
    return and_(
        col(User.email_confirmed_at).is_not(None),
        or_(col(User.phone).is_(None), col(User.phone_confirmed_at).is_not(None)),
    )


def confirmed_by(email_at: datetime | None, phone: str | None, phone_at: datetime | None) -> bool:
    """The same as `User.confirmed`, of columns."""
    return email_at is not None and (phone is None or phone_at is not None)


# Built once: building it takes longer than reading it.
WHO = (col(User.user_id), col(User.username), col(User.name), col(User.avatar), SEES_AVATAR, SHARES_A_CHAT)
APART = (
    columns(col(Block.blocker))
    .where(
        or_(
            and_(col(Block.blocker) == bindparam("me"), col(Block.blocked) == col(User.id)),
            and_(col(Block.blocked) == bindparam("me"), col(Block.blocker) == col(User.id)),
        )
    )
    .correlate(User)
    .exists()
)
OTHERS = and_(is_confirmed(), col(User.deleted_at).is_(None), col(User.id) != bindparam("me"), ~APART)
PEOPLE = (
    columns(*WHO)
    .select_from(join(NameWord, User, col(User.id) == col(NameWord.person)))
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .where(OTHERS)
)
BY_WORD = (col(NameWord.word), col(NameWord.person))
BY_EMAIL = (
    columns(*WHO)
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .where(OTHERS, col(User.email_key) == bindparam("key"))
)
BY_PHONE = (
    columns(*WHO, func.coalesce(col(Preferences.sees_phone), Audience.NOBODY.value).label("sees_phone"))
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .where(OTHERS, col(User.phone) == bindparam("phone"))
)
MY_PHONE = columns(col(User.phone)).where(col(User.id) == bindparam("me"))
