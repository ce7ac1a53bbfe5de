"""Signing up, in and out, and confirming who one is. Passwords are hashed and checked before these are called:
bcrypt takes a quarter of a second, and nobody else could write meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, update
from sqlmodel import col, delete, select

from chat_app.domain.common.errors import Invalid, NotSignedIn
from chat_app.domain.common.ids import CROCKFORD, ID_BYTES, PUBLIC_ID_LENGTH, Row, UserId
from chat_app.domain.common.tables import unique_or
from chat_app.domain.common.values import Email, Phone, Username
from chat_app.domain.common.work import Rate, Reader, Who, Work, door
from chat_app.domain.users.errors import AddressTaken, AlreadyConfirmed, UsernameTaken
from chat_app.domain.users.events import PersonChanged, SessionsEnded, TellOwner
from chat_app.domain.users.rules import (
    MOST_OWNER_LETTERS,
    PENDING_LIFETIME,
    REFRESH_AFTER,
    SESSION_IDLE,
    SESSION_KEPT,
    SESSION_LIFETIME,
)
from chat_app.domain.users.tables import SignIn, User
from chat_app.domain.verification.actions import Destination, issue, prove
from chat_app.domain.verification.errors import TooManyCodes, TooSoon
from chat_app.domain.verification.queries import pretended_today
from chat_app.domain.verification.rules import Purpose

LANGUAGES = ("ru", "en")
LONGEST_DEVICE = 200
LONGEST_ADDRESS = 64
ERASED_AT_ONCE = 500


@dataclass(frozen=True)
class NewPerson:
    """What somebody says of themselves when signing up. `password_hash` was made by `infrastructure/passwords.py`."""

    email: Email
    username: Username
    phone: Phone | None
    password_hash: str
    language: str = "ru"


@dataclass(frozen=True)
class NewSession:
    """The session to be opened: the cookie's hash, what the browser calls itself, and its IP."""

    token_hash: str
    device: str = ""
    address: str = ""


@door(Who.ANYONE, rate=Rate("sign_up", per_second=5 / 3600, burst=5))
def sign_up(work: Work, person: NewPerson, session: NewSession) -> UserId:
    """A pending account, signed in, with a code under way to its email. Refused: `UsernameTaken`.

    An email or phone that another account has confirmed changes nothing one could see: only that no code goes out and
    the owner is written to.
    """
    opened = select(User.user_id).join(SignIn, col(SignIn.user) == User.id)
    if done := work.session.exec(opened.where(SignIn.token_hash == session.token_hash)).first():
        # the same sign-up, run again after its connection broke: it had been committed
        return UserId(done)
    if work.session.exec(select(User.id).where(User.username_key == person.username.key)).first():
        raise UsernameTaken("username")

    user = User(
        user_id=work.dice.token(ID_BYTES),
        public_id=_free_public_id(work),
        username=person.username.text,
        username_key=person.username.key,
        username_folded=person.username.folded,
        name=person.username.text,
        name_key=person.username.folded,
        email=person.email.text,
        email_key=person.email.key,
        phone=person.phone.text if person.phone else None,
        password_hash=person.password_hash,
        language=person.language if person.language in LANGUAGES else LANGUAGES[0],
        created_at=work.now,
    )
    with unique_or(work, UsernameTaken("username")):
        work.session.add(user)
    _open_session(work, Row(user.id or 0), session)
    _send(work, user, Purpose.EMAIL)
    return UserId(user.user_id)


def _free_public_id(work: Work) -> str:
    while True:
        public_id = work.dice.letters(CROCKFORD, PUBLIC_ID_LENGTH)
        if work.session.exec(select(User.id).where(User.public_id == public_id)).first() is None:
            return public_id


def _open_session(work: Work, user: Row, session: NewSession) -> None:
    work.session.add(
        SignIn(
            token_hash=session.token_hash,
            user=user,
            created_at=work.now,
            last_used_at=work.now,
            device=session.device[:LONGEST_DEVICE],
            address=session.address[:LONGEST_ADDRESS],
        )
    )


@door(Who.SYSTEM)
def sign_in(
    work: Work, user: Row, session: NewSession, *, replaces: str | None = None, rehashed: str | None = None
) -> UserId:
    """A session for `user`, whose password was just proven. Refused: `NotSignedIn` when the account is gone.

    `replaces` is the hash of the cookie the browser had before: that session ends. `rehashed` is the password's hash
    at today's cost, when the stored one was cheaper.
    """
    person = work.session.get(User, user)
    if person is None or person.deleted_at is not None:
        raise NotSignedIn
    if replaces:
        _end_sessions(work, work.session.exec(select(SignIn).where(SignIn.token_hash == replaces)).all())
    if rehashed:
        person.password_hash = rehashed
        work.session.add(person)
    if not work.session.exec(select(SignIn.id).where(SignIn.token_hash == session.token_hash)).first():
        _open_session(work, user, session)
    return UserId(person.user_id)


@door(Who.SIGNED_IN)
def sign_out(work: Work) -> None:
    """End the session that asks."""
    _end_sessions(work, work.session.exec(select(SignIn).where(SignIn.id == work.me.session)).all())


def _end_sessions(work: Work, sessions: Sequence[SignIn]) -> None:
    ended: dict[int, list[Row]] = {}
    for session in sessions:
        if session.ended_at is None:
            session.ended_at = work.now
            work.session.add(session)
            ended.setdefault(session.user, []).append(Row(session.id or 0))
    for user, rows in ended.items():
        owner = work.session.get(User, user)
        if owner is not None:
            work.tell(SessionsEnded(owner.user_id, tuple(rows)))


@door(Who.SYSTEM)
def refresh_session(work: Work, session: Row) -> None:
    """Note that the session is in use; written at most once an hour."""
    work.session.exec(
        update(SignIn)
        .where(col(SignIn.id) == session, col(SignIn.last_used_at) < work.now - REFRESH_AFTER)
        .values(last_used_at=work.now)
    )


@door(Who.SIGNED_IN, rate=Rate("confirm", per_second=0.5, burst=10))
def confirm(work: Work, code: str) -> None:
    """Prove, with the code that was sent, first the email and then the phone.

    Refused: `WrongCode`, `CodeExpired`, `TooManyTries`, `AlreadyConfirmed`; `AddressTaken` when another account proved
    it meanwhile.
    """
    user = my_locked_row(work)
    purpose = next_to_confirm(user)
    if purpose is None:
        raise AlreadyConfirmed
    prove(work, Row(user.id or 0), destination_of(user, purpose), code)

    taken = AddressTaken(purpose.value)
    if owner_of(work, user, purpose) is not None:
        # the code was right, so they may be told; and it is used up
        work.refuse(taken)
    with unique_or(work, taken):
        if purpose is Purpose.EMAIL:
            user.email_confirmed_at = work.now
        else:
            user.phone_confirmed_at = work.now
        work.session.add(user)
    if user.confirmed:
        work.tell(PersonChanged(user.user_id, Row(user.id or 0)))
    elif following := next_to_confirm(user):
        _send(work, user, following)


@door(Who.SIGNED_IN, rate=Rate("resend_code", per_second=0.2, burst=5))
def resend_code(work: Work) -> None:
    """Send a new code for what is confirmed next; the older one is void.

    Refused: `TooSoon`, `TooManyCodes`, `AlreadyConfirmed`.
    """
    user = my_locked_row(work)
    purpose = next_to_confirm(user)
    if purpose is None:
        raise AlreadyConfirmed
    _issue(work, user, purpose)


def my_locked_row(work: Work) -> User:
    """My row, and nobody else's to change until the commit: guesses made at once are counted one after another."""
    user = work.session.exec(select(User).where(User.id == work.me.row).with_for_update()).first()
    if user is None or user.deleted_at is not None:
        raise NotSignedIn
    return user


def next_to_confirm(user: User) -> Purpose | None:
    """What has to be proven next: the email, then the phone if one was given."""
    if user.email_confirmed_at is None:
        return Purpose.EMAIL
    return Purpose.PHONE if user.phone is not None and user.phone_confirmed_at is None else None


def destination_of(user: User, purpose: Purpose) -> Destination:
    """Where this account's codes for `purpose` go."""
    if purpose is Purpose.EMAIL:
        return Destination(purpose, user.email or "", user.email_key or "")
    return Destination(purpose, user.phone or "", user.phone or "")


def owner_of(reader: Reader, user: User, purpose: Purpose) -> Row | None:
    """The other account that has confirmed what `user` says is theirs."""
    holder = select(User.id).where(User.id != user.id)
    if purpose is Purpose.EMAIL:
        holder = holder.where(User.email_key == user.email_key, col(User.email_confirmed_at).is_not(None))
    else:
        holder = holder.where(User.phone == user.phone, col(User.phone_confirmed_at).is_not(None))
    row = reader.session.exec(holder).first()
    return None if row is None else Row(row)


def _send(work: Work, user: User, purpose: Purpose) -> None:
    try:
        _issue(work, user, purpose)
    except (TooSoon, TooManyCodes):
        # too many were sent there already: the account stands, and its dialog says when the next may be asked for
        return


def _issue(work: Work, user: User, purpose: Purpose) -> None:
    owner = owner_of(work, user, purpose)
    destination = destination_of(user, purpose)
    issue(work, Row(user.id or 0), destination, silent=owner is not None)
    # counted where there is no owner too: the time must not tell; the one just pretended is among them
    pretended = pretended_today(work, destination.key)
    if owner is not None and pretended <= MOST_OWNER_LETTERS:
        work.later(TellOwner(owner, purpose.value))


@door(Who.SIGNED_IN)
def set_language(work: Work, language: str) -> None:
    """Speak `ru` or `en` to me, here and in letters. Refused: `Invalid`."""
    if language not in LANGUAGES:
        raise Invalid("language")
    user = my_locked_row(work)
    user.language = language
    work.session.add(user)
    work.tell(PersonChanged(user.user_id, Row(user.id or 0)))


@door(Who.SYSTEM)
def erase_pending(work: Work) -> int:
    """Erase accounts that nobody confirmed within a day; how many there were."""
    unproven = or_(
        col(User.email_confirmed_at).is_(None), col(User.phone).is_not(None) & col(User.phone_confirmed_at).is_(None)
    )
    overdue = select(User).where(
        unproven, col(User.deleted_at).is_(None), col(User.created_at) < work.now - PENDING_LIFETIME
    )
    erased = 0
    for user in work.session.exec(overdue.limit(ERASED_AT_ONCE)):
        sessions = work.session.exec(select(SignIn).where(SignIn.user == user.id)).all()
        _end_sessions(work, sessions)
        work.session.flush()
        work.session.exec(delete(User).where(col(User.id) == user.id))
        erased += 1
    return erased


@door(Who.SYSTEM)
def erase_old_sessions(work: Work) -> None:
    """Erase sessions that ended, or could no longer be used, a month ago."""
    past = work.now - SESSION_KEPT
    work.session.exec(
        delete(SignIn).where(
            or_(
                col(SignIn.ended_at) < past,
                col(SignIn.last_used_at) < past - SESSION_IDLE,
                col(SignIn.created_at) < past - SESSION_LIFETIME,
            )
        )
    )
