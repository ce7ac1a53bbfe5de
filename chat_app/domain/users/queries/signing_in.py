"""Whose password to try, and what has to be shown besides."""

from dataclasses import dataclass

from sqlmodel import col, select

from chat_app.domain.common.errors import Invalid
from chat_app.domain.common.ids import Row
from chat_app.domain.common.values import Email, Username, fold
from chat_app.domain.common.work import Rate, Reader, Who, door
from chat_app.domain.users.queries.profile import my_row
from chat_app.domain.users.rules import PENDING_CANDIDATES
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
    accounts = select(User).where(col(User.deleted_at).is_(None))
    try:
        if "@" not in login:
            found = reader.session.exec(accounts.where(User.username_key == Username(login).key)).all()
            # the key is shared by names that only look alike: theirs is not this account
            return [_candidate(user) for user in found if user.username_folded == fold(login)]
        key = Email(login).key
    except Invalid:
        return []
    mine = accounts.where(User.email_key == key)
    owner = reader.session.exec(mine.where(col(User.email_confirmed_at).is_not(None))).all()
    pending = mine.where(col(User.email_confirmed_at).is_(None)).order_by(col(User.id).desc())
    return [_candidate(user) for user in (*owner, *reader.session.exec(pending.limit(PENDING_CANDIDATES)))]


def _candidate(user: User) -> Candidate:
    return Candidate(Row(user.id or 0), user.password_hash, user.email_confirmed_at is not None)


@door(Who.ANYONE, rate=Rate("username_free", per_second=0.5, burst=20))
def username_free(reader: Reader, username: Username) -> bool:
    """Nobody bears this name, or one that looks like it."""
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
