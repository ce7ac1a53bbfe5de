"""What others see of people, and how they are found."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select

from chat_app.domain.common.ids import UserId
from chat_app.domain.common.values import fold
from chat_app.domain.common.work import Rate, Reader, door
from chat_app.domain.users.tables import User


@dataclass(frozen=True)
class PersonView:
    """A person as others see them."""

    user_id: UserId
    username: str
    name: str


MOST_FOUND = 50
LONGEST_SEARCH = 64


@door(rate=Rate("find_people", per_second=5, burst=20))
def find_people(reader: Reader, text: str, limit: int = 20) -> list[PersonView]:
    """People whose username, or a word of whose name, begins with each word of `text`; never oneself."""
    words = fold(text[:LONGEST_SEARCH]).split()
    if not words:
        return []
    people = (
        select(User)
        .where(*map(_begins, words), is_confirmed(), col(User.deleted_at).is_(None), User.id != reader.me.row)
        .order_by(col(User.username_folded))
        .limit(max(1, min(limit, MOST_FOUND)))
    )
    return [PersonView(UserId(user.user_id), user.username, user.name) for user in reader.session.exec(people)]


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
