"""Signing up, in and out, and the sessions that come of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, update
from sqlmodel import col, delete, select

from chat_app.domain.common.errors import NotSignedIn, TooMany
from chat_app.domain.common.ids import CROCKFORD, ID_BYTES, PUBLIC_ID_LENGTH, Row, UserId
from chat_app.domain.common.tables import unique_or
from chat_app.domain.common.values import Email, Phone, Username
from chat_app.domain.common.work import Rate, Who, Work, door
from chat_app.domain.users.actions.confirming import destination_of, send_code
from chat_app.domain.users.actions.throttling import count_within, forget
from chat_app.domain.users.errors import SessionNotFound, TicketExpired, UsernameTaken, WrongPassword
from chat_app.domain.users.events import SessionsEnded, TellSignIn
from chat_app.domain.users.naming import keep_name_words
from chat_app.domain.users.rules import (
    LANGUAGES,
    REFRESH_AFTER,
    SECOND_TRIES_PER_DAY,
    SESSION_IDLE,
    SESSION_KEPT,
    SESSION_LIFETIME,
    TICKET_LIFETIME,
    TICKET_TRIES,
    app_key,
    app_step,
    recovery_number,
    reserved,
    session_handle,
)
from chat_app.domain.users.tables import SecondFactor, SignIn, SignInTicket, User
from chat_app.domain.verification.errors import WrongCode
from chat_app.domain.verification.rules import DAY, Purpose

LONGEST_DEVICE = 200
LONGEST_ADDRESS = 64


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
def sign_up(work: Work, person: NewPerson, session: NewSession, *, replaces: str | None = None) -> UserId:
    """A pending account, signed in, with a code under way to its email. Refused: `UsernameTaken`.

    An email or phone that another account has confirmed changes nothing one could see: only that no code goes out and
    the owner is written to. `replaces` is as in `sign_in`.
    """
    opened = select(User.user_id).join(SignIn, col(SignIn.user) == User.id)
    if done := work.session.exec(opened.where(SignIn.token_hash == session.token_hash)).first():
        # the same sign-up, run again after its connection broke: it had been committed
        return UserId(done)
    bearer = select(User.id).where(User.username_key == person.username.key)
    if reserved(person.username) or work.session.exec(bearer).first():
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
    keep_name_words(work, user)
    _end_former(work, replaces)
    _open_session(work, Row(user.id or 0), session)
    send_code(work, user, destination_of(user, Purpose.EMAIL))
    return UserId(user.user_id)


def _free_public_id(work: Work) -> str:
    while True:
        public_id = work.dice.letters(CROCKFORD, PUBLIC_ID_LENGTH)
        if work.session.exec(select(User.id).where(User.public_id == public_id)).first() is None:
            return public_id


def _end_former(work: Work, replaces: str | None) -> None:
    # whoever's it is: its cookie is overwritten, so nobody could sign out of it any more
    if replaces:
        end_sessions(work, work.session.exec(select(SignIn).where(SignIn.token_hash == replaces)).all())


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
    work: Work,
    user: Row,
    session: NewSession,
    *,
    proven: str | None = None,
    replaces: str | None = None,
    rehashed: str | None = None,
) -> UserId:
    """A session for `user`, whose password was just proven against the hash `proven`.

    Refused: `NotSignedIn` when the account is gone; `WrongPassword` when password or second factor changed meanwhile.
    `replaces` is the hash of the cookie the browser had before: that session ends. `rehashed` is the password's hash
    at today's cost, when the stored one was cheaper.
    """
    person = work.session.exec(select(User).where(User.id == user).with_for_update()).first()
    if person is None or person.deleted_at is not None:
        raise NotSignedIn
    factor = work.session.get(SecondFactor, user)
    if proven is not None and (proven != person.password_hash or (factor and factor.confirmed_at)):
        raise WrongPassword("password")
    if rehashed:
        person.password_hash = rehashed
        work.session.add(person)
    return _enter(work, person, session, replaces)


def _enter(work: Work, person: User, session: NewSession, replaces: str | None) -> UserId:
    _end_former(work, replaces)
    user = Row(person.id or 0)
    before = work.session.exec(select(SignIn.token_hash, SignIn.device).where(SignIn.user == user)).all()
    if session.token_hash not in {token for token, _ in before}:
        _open_session(work, user, session)
        device = session.device[:LONGEST_DEVICE]
        if before and person.confirmed and device not in {known for _, known in before}:
            work.later(TellSignIn(user, device, session.address[:LONGEST_ADDRESS], int(work.now.timestamp())))
    return UserId(person.user_id)


@door(Who.SYSTEM)
def open_ticket(work: Work, user: Row, token_hash: str, *, proven: str, account: str) -> None:
    """`user`'s password was just proven against `proven`; the code of their app is still to come, from whoever holds
    this ticket. `account` is what the try is counted by. Refused: `WrongPassword` when it changed meanwhile."""
    work.session.exec(delete(SignInTicket).where(col(SignInTicket.expires_at) <= work.now))
    person = work.session.exec(select(User).where(User.id == user).with_for_update()).first()
    if person is None or person.password_hash != proven:
        raise WrongPassword("password")
    expires_at = work.now + TICKET_LIFETIME
    work.session.add(SignInTicket(token_hash=token_hash, user=user, account=account, expires_at=expires_at))


@door(Who.SYSTEM)
def prove_second(work: Work, token_hash: str, code: str, session: NewSession, *, replaces: str | None = None) -> str:
    """A session for the ticket's owner, by a code of their app or a recovery code; what their try is counted by.

    Refused, and the try remembered: `WrongCode`, `TicketExpired`; `TooMany` when the account was guessed at too often.
    """
    mine = select(SignInTicket).where(SignInTicket.token_hash == token_hash).with_for_update()
    ticket = work.session.exec(mine).first()
    open_ = ticket is not None and ticket.expires_at > work.now and ticket.tries < TICKET_TRIES
    if ticket is None or not open_:
        raise TicketExpired("code")
    user = Row(ticket.user)
    person = work.session.exec(select(User).where(User.id == user).with_for_update()).first()
    # locked before it is read: else one code could be taken twice at the same moment
    factor = work.session.exec(select(SecondFactor).where(SecondFactor.user == user).with_for_update()).first()
    if person is None or person.deleted_at is not None or factor is None or factor.confirmed_at is None:
        raise TicketExpired("code")
    if count_within(work, "second factor", str(user), window=DAY) > SECOND_TRIES_PER_DAY:
        raise TooMany("code", wait_s=int(DAY.total_seconds()) // 24)
    ticket.tries += 1
    work.session.add(ticket)
    if not _accepts(work, factor, code):
        work.refuse(WrongCode("code", tries_left=TICKET_TRIES - ticket.tries))
    forget(work, "second factor", str(user))
    account = ticket.account
    work.session.delete(ticket)
    _enter(work, person, session, replaces)
    return account


def _accepts(work: Work, factor: SecondFactor, code: str) -> bool:
    """Whether the code is right, and was not accepted before."""
    user = Row(factor.user)
    step = app_step(app_key(work.seal, user, factor.token), code, after=factor.last_step, now=work.now)
    used = factor.used.split(",") if factor.used else []
    number = recovery_number(work.seal, user, factor.token, code)
    if step is not None:
        factor.last_step = step
    elif number is not None and str(number) not in used:
        factor.used = ",".join([*used, str(number)])
    else:
        return False
    work.session.add(factor)
    return True


@door(Who.SIGNED_IN)
def sign_out(work: Work) -> None:
    """End the session that asks."""
    end_sessions(work, work.session.exec(select(SignIn).where(SignIn.id == work.me.session)).all())


@door(Who.SIGNED_IN)
def end_session(work: Work, handle: str) -> None:
    """End one of my sessions, by the handle the list of them told. Refused: `SessionNotFound`."""
    mine = work.session.exec(select(SignIn).where(SignIn.user == work.me.row, col(SignIn.ended_at).is_(None))).all()
    wanted = [session for session in mine if session_handle(session.token_hash) == handle]
    if not wanted:
        raise SessionNotFound
    end_sessions(work, wanted)


@door(Who.SIGNED_IN)
def end_other_sessions(work: Work) -> None:
    """End all my sessions but the one that asks."""
    others = select(SignIn).where(SignIn.user == work.me.row, SignIn.id != work.me.session)
    end_sessions(work, work.session.exec(others).all())


def end_sessions(work: Work, sessions: Sequence[SignIn]) -> None:
    """These are over; their sockets are closed once this is committed."""
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
