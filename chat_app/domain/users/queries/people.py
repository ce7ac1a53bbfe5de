"""What others see of people, and how they are found."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import col

from chat_app.domain.chats.tables import Member
from chat_app.domain.common.ids import UserId
from chat_app.domain.common.values import fold
from chat_app.domain.common.work import Rate, Reader, door
from chat_app.domain.users.rules import Audience, open_to
from chat_app.domain.users.tables import Preferences, User


@dataclass(frozen=True)
class PersonView:
    """A person as others see them."""

    user_id: UserId
    username: str
    name: str
    picture: str = ""
    """The name of its file; empty for none, or none that I may see."""


MINE, THEIRS = aliased(Member), aliased(Member)
SHARES_A_CHAT = (
    columns(col(MINE.id))
    .where(col(MINE.chat) == col(THEIRS.chat), col(MINE.person) == bindparam("me"))
    .where(col(THEIRS.person) == col(User.id))
    .correlate(User)
    .exists()
)
"""Whether a person sits in a chat with the reader `me`."""

SEES_AVATAR = func.coalesce(col(Preferences.sees_avatar), Audience.EVERYONE.value)
"""For whom a person's picture is open; their `Preferences` are joined from outside."""

PICTURE = case({Audience.NOBODY.value: ""}, value=SEES_AVATAR, else_=func.coalesce(col(User.avatar), ""))
"""What whoever shares a chat with a person sees of their picture; their `Preferences` are joined from outside."""

MOST_FOUND = 50
LONGEST_SEARCH = 64


@door(rate=Rate("find_people", per_second=5, burst=20))
def find_people(reader: Reader, text: str, limit: int = 20) -> list[PersonView]:
    """People whose username, or a word of whose name, begins with each word of `text`; never oneself."""
    words = fold(text[:LONGEST_SEARCH]).split()
    if not words:
        return []
    people = (
        columns(col(User.user_id), col(User.username), col(User.name), col(User.avatar), SEES_AVATAR, SHARES_A_CHAT)
        .outerjoin(Preferences, col(Preferences.user) == col(User.id))
        .where(*map(_begins, words), is_confirmed(), col(User.deleted_at).is_(None), col(User.id) != reader.me.row)
        .order_by(col(User.username_folded))
        .limit(max(1, min(limit, MOST_FOUND)))
    )
    return [
        PersonView(UserId(user_id), username, name, shown_picture(picture, audience, shares_a_chat=shared))
        for user_id, username, name, picture, audience, shared in reader.connection.execute(
            people, {"me": reader.me.row}
        )
    ]


def shown_picture(picture: str | None, audience: str, *, shares_a_chat: bool) -> str:
    """The name of somebody's picture for a reader who `shares_a_chat` with them, or does not; empty if it is hidden."""
    return (picture or "") if open_to(audience, shares_a_chat=shares_a_chat) else ""


def _begins(word: str) -> ColumnElement[bool]:
    name = col(User.name_key)
    return or_(
        # as ranges of the index; only a word inside a name has to be looked for
        and_(col(User.username_folded) >= word, col(User.username_folded) < word + "\U0010ffff"),
        and_(name >= word, name < word + "\U0010ffff"),
        name.contains(f" {word}", autoescape=True),
    )


def is_confirmed() -> ColumnElement[bool]:
    """Every contact value given has been proven; the same as `User.confirmed`, in SQL."""
    return and_(
        col(User.email_confirmed_at).is_not(None),
        or_(col(User.phone).is_(None), col(User.phone_confirmed_at).is_not(None)),
    )


def confirmed_by(email_at: datetime | None, phone: str | None, phone_at: datetime | None) -> bool:
    """The same as `User.confirmed`, of columns."""
    return email_at is not None and (phone is None or phone_at is not None)
