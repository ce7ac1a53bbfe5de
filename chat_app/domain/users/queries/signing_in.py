"""Whose password to try, and what has to be shown besides."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select
from sqlalchemy import select as columns
from sqlmodel import col, select

from chat_app.domain.common.errors import Invalid
from chat_app.domain.common.ids import Row
from chat_app.domain.common.values import Email, Username
from chat_app.domain.common.work import Rate, Reader, Who, door
from chat_app.domain.users.queries.profile import my_row
from chat_app.domain.users.rules import PENDING_CANDIDATES, reserved
from chat_app.domain.users.tables import SecondFactor, User


@dataclass(frozen=True)
class Candidate:
    """An account whose password may be the one that was typed."""

    user: Row
    password_hash: str
    confirmed: bool = False
    """It owns the email by which it was found."""


@door(Who.SYSTEM)
def sign_in_candidates(reader: Reader, login: str) -> list[Candidate]:
    """Accounts that `login`, an email or a username, may mean: the confirmed one first, then newest pending ones."""
    known = columns(col(User.id), col(User.password_hash), col(User.email_confirmed_at))
    accounts = known.where(col(User.deleted_at).is_(None))
    try:
        if "@" not in login:
            name = Username(login)
            # the key is shared by names that only look alike: theirs is not this account
            named = accounts.where(col(User.username_key) == name.key, col(User.username_folded) == name.folded)
            return _candidates(reader, named)
        key = Email(login).key
    except Invalid:
        return []
    mine = accounts.where(col(User.email_key) == key)
    owner = mine.where(col(User.email_confirmed_at).is_not(None))
    pending = mine.where(col(User.email_confirmed_at).is_(None)).order_by(col(User.id).desc())
    return _candidates(reader, owner) + _candidates(reader, pending.limit(PENDING_CANDIDATES))


def _candidates(reader: Reader, accounts: Select[int | None, str, datetime | None]) -> list[Candidate]:
    return [
        Candidate(Row(row or 0), password_hash, confirmed_at is not None)
        for row, password_hash, confirmed_at in reader.connection.execute(accounts)
    ]


@door(Who.ANYONE, rate=Rate("username_free", per_second=0.5, burst=20))
def username_free(reader: Reader, username: Username) -> bool:
    """Nobody bears this name, or one that looks like it, and it is not reserved."""
    if reserved(username):
        return False
    return reader.session.exec(select(User.id).where(User.username_key == username.key)).first() is None


@dataclass(frozen=True)
class Proof:
    """What the owner of a session must show before something that matters: their password."""

    password_hash: str
    username: str
    email: str


@door(Who.SIGNED_IN, rate=Rate("proof", per_second=0.1, burst=10))
def my_proof(reader: Reader) -> Proof:
    """My password's hash, and what a new one must not hold. Never leaves the server. Refused: `NotSignedIn`."""
    user = my_row(reader)
    return Proof(user.password_hash, user.username, user.email or "")


@door(Who.SYSTEM)
def has_second_factor(reader: Reader, user: Row) -> bool:
    """Whether signing in takes a code of an app as well."""
    factor = reader.session.get(SecondFactor, user)
    return factor is not None and factor.confirmed_at is not None
