"""What is known of people: who a session is, whose password to try, what a person and others may see."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, bindparam, func, or_
from sqlalchemy import select as columns
from sqlmodel import col, select

from chat_app.domain.common.errors import Invalid, NotSignedIn
from chat_app.domain.common.ids import Row, UserId
from chat_app.domain.common.values import Email, Username, fold, masked_email, masked_phone
from chat_app.domain.common.work import Person, Rate, Reader, Who, door
from chat_app.domain.users.actions import destination_of, next_to_confirm
from chat_app.domain.users.rules import (
    PENDING_CANDIDATES,
    RECOVERY_CODES,
    Audience,
    Choices,
    session_alive,
    session_handle,
)
from chat_app.domain.users.tables import ContactChange, PasswordReset, Preferences, SecondFactor, SignIn, User
from chat_app.domain.verification.actions import Destination, may_issue, tries_today
from chat_app.domain.verification.queries import tries_left
from chat_app.domain.verification.rules import Purpose, Wait, seconds_until


@dataclass(frozen=True)
class PersonView:
    """A person as others see them."""

    user_id: UserId
    username: str
    name: str


@dataclass(frozen=True)
class ProfileView:
    """A person as they see themselves."""

    user_id: UserId
    public_id: str
    username: str
    name: str
    email: str
    phone: str
    language: str
    confirmed: bool
    receipts: bool = True
    """Others see how far I have read, and I see it of them."""


@dataclass(frozen=True)
class ConfirmationView:
    """What the dialog shows. `destination` is masked; `resend_wait_s` is 0 when another code may be asked for."""

    step: Literal["email", "phone", "done"]
    destination: str = ""
    resend_wait_s: int = 0
    tries_left: int = 0
    """For the current code; 0 when there is none that could be tried."""


@dataclass(frozen=True)
class Candidate:
    """An account whose password may be the one that was typed."""

    user: Row
    password_hash: str
    confirmed: bool = False
    """It owns the email by which it was found."""


@dataclass(frozen=True)
class Owner:
    """Whom to write to, and in which language."""

    email: str
    language: str
    username: str = ""


@dataclass(frozen=True)
class Found:
    """The person behind a session, and when it was last noted to be in use."""

    person: Person
    last_used_at: datetime


@door(Who.SYSTEM)
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
    confirmed = _confirmed(email_at, phone, phone_at)
    person = Person(Row(user or 0), UserId(user_id), Row(sign_in or 0), confirmed, language, address)
    return Found(person, last_used_at)


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


@door(Who.SIGNED_IN, quick=True)
def my_profile(reader: Reader) -> ProfileView:
    """What I may know of myself. Refused: `NotSignedIn`."""
    row = reader.connection.execute(PROFILE, {"me": reader.me.row}).first()
    if row is None:
        raise NotSignedIn
    user_id, public_id, username, name, email, phone, language, email_at, phone_at, receipts = row
    return ProfileView(
        user_id=UserId(user_id),
        public_id=public_id,
        username=username,
        name=name,
        email=email or "",
        phone=phone or "",
        language=language,
        confirmed=_confirmed(email_at, phone, phone_at),
        receipts=bool(receipts),
    )


def _confirmed(email_at: datetime | None, phone: str | None, phone_at: datetime | None) -> bool:
    """The same as `User.confirmed`, of columns."""
    return email_at is not None and (phone is None or phone_at is not None)


@door(Who.SIGNED_IN)
def my_confirmation(reader: Reader) -> ConfirmationView:
    """What I have to confirm next, and how. Refused: `NotSignedIn`."""
    user = _me(reader)
    purpose = next_to_confirm(user)
    if purpose is None:
        return ConfirmationView("done")
    row = Row(user.id or 0)
    destination = destination_of(user, purpose)
    allowed = may_issue(reader, row, destination)
    return ConfirmationView(
        step="email" if purpose is Purpose.EMAIL else "phone",
        destination=masked_email(destination.text) if purpose is Purpose.EMAIL else masked_phone(destination.text),
        resend_wait_s=seconds_until(allowed.until, reader.now) if isinstance(allowed, Wait) else 0,
        tries_left=tries_left(reader, row, purpose, tries_today=tries_today(reader, row)),
    )


def _me(reader: Reader) -> User:
    user = reader.session.get(User, reader.me.row)
    if user is None or user.deleted_at is not None:
        raise NotSignedIn
    return user


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
            _seconds_since(session.last_used_at, reader),
            session.id == reader.me.session,
        )
        for session in living
    ]


@dataclass(frozen=True)
class SettingsView:
    """My profile and what guards it. Contact values are masked."""

    name: str
    username: str
    about: str
    birth_date: str
    """ISO, or empty."""
    avatar: str
    email: str
    phone: str
    new_email: str
    """Masked, while its code is still to come."""
    new_phone: str
    password_age_s: int
    """Seconds since it was last changed, or chosen at sign-up."""
    second_factor: bool
    recovery_left: int


@door()
def my_settings(reader: Reader) -> SettingsView:
    """What the settings show of me. Refused: `NotSignedIn`."""
    user = _me(reader)
    changes = reader.session.exec(select(ContactChange).where(ContactChange.user == user.id)).all()
    new = {change.purpose: change.destination for change in changes}
    factor = reader.session.get(SecondFactor, user.id)
    on = factor is not None and factor.confirmed_at is not None
    used = len(factor.used.split(",")) if factor is not None and factor.used else 0
    return SettingsView(
        name=user.name,
        username=user.username,
        about=user.about,
        birth_date=user.birth_date.isoformat() if user.birth_date else "",
        avatar=user.avatar or "",
        email=masked_email(user.email or ""),
        phone=masked_phone(user.phone) if user.phone else "",
        new_email=masked_email(new["email"]) if "email" in new else "",
        new_phone=masked_phone(new["phone"]) if "phone" in new else "",
        password_age_s=_seconds_since(user.password_changed_at or user.created_at, reader),
        second_factor=on,
        recovery_left=RECOVERY_CODES - used if on else 0,
    )


def _seconds_since(moment: datetime, reader: Reader) -> int:
    return max(0, (reader.now - moment) // timedelta(seconds=1))


@dataclass(frozen=True)
class ChangeView:
    """How a change of email or phone stands: where the code went, and when another may be asked for."""

    destination: str
    resend_wait_s: int


@door()
def my_change(reader: Reader, purpose: Purpose) -> ChangeView | None:
    """The change that waits for its code; None when there is none."""
    change = reader.session.get(ContactChange, (reader.me.row, purpose.value))
    if change is None:
        return None
    destination = Destination(purpose, change.destination, change.destination_key)
    allowed = may_issue(reader, reader.me.row, destination)
    masked = masked_email if purpose is Purpose.EMAIL else masked_phone
    wait = seconds_until(allowed.until, reader.now) if isinstance(allowed, Wait) else 0
    return ChangeView(masked(change.destination), wait)


@door()
def my_choices(reader: Reader) -> Choices:
    """What I allow others, and want to be told."""
    return choices_of(reader, reader.me.row)


def choices_of(reader: Reader, user: Row) -> Choices:
    """What somebody allows others, and wants to be told."""
    kept = reader.session.get(Preferences, user)
    if kept is None:
        return Choices()
    values: dict[str, Any] = {field.name: getattr(kept, field.name) for field in fields(Choices)}
    values |= {name: Audience(text) for name, text in values.items() if isinstance(text, str)}
    return replace(Choices(), **values)


def tells_reading(reader: Reader, user: Row) -> bool:
    """Whether somebody lets others see how far they have read, and is let see it of others."""
    told = reader.connection.execute(TELLS_READING, {"user": user}).scalar()
    return True if told is None else bool(told)


@dataclass(frozen=True)
class Proof:
    """What the owner of a session must show before something that matters: their password."""

    password_hash: str
    username: str
    email: str


@door(Who.SIGNED_IN, rate=Rate("proof", per_second=0.1, burst=10))
def my_proof(reader: Reader) -> Proof:
    """My password's hash, and what a new one must not hold. Never leaves the server. Refused: `NotSignedIn`."""
    user = _me(reader)
    return Proof(user.password_hash, user.username, user.email or "")


@door(Who.SYSTEM)
def has_second_factor(reader: Reader, user: Row) -> bool:
    """Whether signing in takes a code of an app as well."""
    factor = reader.session.get(SecondFactor, user)
    return factor is not None and factor.confirmed_at is not None


@door(Who.SYSTEM)
def reset_to_send(reader: Reader, row: Row) -> tuple[Owner, str] | None:
    """To whom a link goes, and its row's token; None when it is nobody's, used or too old."""
    reset = reader.session.get(PasswordReset, row)
    if reset is None or reset.user is None or reset.closed_at is not None or reset.expires_at <= reader.now:
        return None
    owner = owner_to_tell(reader, Row(reset.user))
    return (owner, reset.token) if owner else None


@door(Who.SYSTEM)
def owner_to_tell(reader: Reader, user: Row) -> Owner | None:
    """Where to write to this account, if it still is there."""
    owner = reader.session.get(User, user)
    if owner is None or owner.deleted_at is not None or not owner.email:
        return None
    return Owner(owner.email, owner.language, owner.username)


@door(Who.SYSTEM)
def language_for(reader: Reader, user: Row) -> str:
    """The language this account reads."""
    return reader.session.exec(select(User.language).where(User.id == user)).first() or "ru"


# Built once: these run for every event or tab, and building them took longer than reading them. Columns only: making
# objects of the rows would cost as much again.
TELLS_READING = columns(col(Preferences.receipts)).where(col(Preferences.user) == bindparam("user"))
PROFILE = (
    columns(
        col(User.user_id),
        col(User.public_id),
        col(User.username),
        col(User.name),
        col(User.email),
        col(User.phone),
        col(User.language),
        col(User.email_confirmed_at),
        col(User.phone_confirmed_at),
        func.coalesce(col(Preferences.receipts), True),
    )
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .where(col(User.id) == bindparam("me"), col(User.deleted_at).is_(None))
)
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
