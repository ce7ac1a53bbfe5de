"""Who a session is, and which sessions somebody has."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlalchemy import select as columns
from sqlmodel import col, select

from chat_app.domain.common.ids import Row, UserId
from chat_app.domain.common.work import Person, Reader, Who, door
from chat_app.domain.users.queries.people import confirmed_by
from chat_app.domain.users.rules import session_alive, session_handle
from chat_app.domain.users.tables import SignIn, User


@dataclass(frozen=True)
class Found:
    """The person behind a session, and when it was last noted to be in use."""

    person: Person
    last_used_at: datetime


@door(Who.SYSTEM, quick=True)
def person_of(reader: Reader, token_hash: str) -> Person | None:
    """The person whose living session this is. One indexed read: it runs for every event of every browser."""
    found = session_of(reader, token_hash)
    return found.person if found else None


@door(Who.SYSTEM, quick=True)
def session_of(reader: Reader, token_hash: str) -> Found | None:
    """The living session of this cookie."""
    row = reader.connection.execute(LIVING_SESSION, {"token_hash": token_hash}).first()
    if row is None:
        return None
    user, user_id, sign_in, email_at, phone, phone_at, language, address, created_at, last_used_at = row
    if not session_alive(created_at=created_at, last_used_at=last_used_at, now=reader.now):
        return None
    confirmed = confirmed_by(email_at, phone, phone_at)
    person = Person(Row(user or 0), UserId(user_id), Row(sign_in or 0), confirmed, language, address)
    return Found(person, last_used_at)


@dataclass(frozen=True)
class SessionView:
    """A browser of mine. `device` is what it called itself; `unused_s` how many seconds ago it was last used."""

    handle: str
    device: str
    address: str
    unused_s: int
    current: bool


@door(Who.SIGNED_IN)
def my_sessions(reader: Reader) -> list[SessionView]:
    """My living sessions: this one first, then the latest used."""
    mine = reader.session.exec(select(SignIn).where(SignIn.user == reader.me.row, col(SignIn.ended_at).is_(None)))
    living = [
        session
        for session in mine
        if session_alive(created_at=session.created_at, last_used_at=session.last_used_at, now=reader.now)
    ]
    living.sort(key=lambda session: (session.id == reader.me.session, session.last_used_at), reverse=True)
    return [
        SessionView(
            session_handle(session.token_hash),
            session.device,
            session.address,
            seconds_since(session.last_used_at, reader),
            session.id == reader.me.session,
        )
        for session in living
    ]


def seconds_since(moment: datetime, reader: Reader) -> int:
    """Whole seconds, at least 0."""
    return max(0, (reader.now - moment) // timedelta(seconds=1))


# Built once: it runs for every event of every browser, and building it took longer than reading it. Columns only:
# making objects of the rows would cost as much again.
LIVING_SESSION = (
    columns(
        col(User.id),
        col(User.user_id),
        col(SignIn.id),
        col(User.email_confirmed_at),
        col(User.phone),
        col(User.phone_confirmed_at),
        col(User.language),
        col(SignIn.address),
        col(SignIn.created_at),
        col(SignIn.last_used_at),
    )
    .join(SignIn, col(SignIn.user) == col(User.id))
    .where(
        col(SignIn.token_hash) == bindparam("token_hash"),
        col(SignIn.ended_at).is_(None),
        col(User.deleted_at).is_(None),
    )
)
