"""What somebody sees of their own account: the profile, the settings, what is still to be confirmed."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import bindparam, func
from sqlalchemy import select as columns
from sqlmodel import col, select

from chat_app.domain.common.errors import NotSignedIn
from chat_app.domain.common.ids import Row, UserId
from chat_app.domain.common.values import masked_email, masked_phone
from chat_app.domain.common.work import Rate, Reader, Who, door
from chat_app.domain.users.actions import destination_of, next_to_confirm
from chat_app.domain.users.queries.people import confirmed_by
from chat_app.domain.users.queries.sessions import seconds_since
from chat_app.domain.users.rules import RECOVERY_CODES
from chat_app.domain.users.tables import ContactChange, Preferences, SecondFactor, User
from chat_app.domain.verification.actions import Destination, may_issue, tries_today
from chat_app.domain.verification.queries import tries_left
from chat_app.domain.verification.rules import Purpose, Wait, seconds_until


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
    notify_direct: bool = True
    notify_groups: bool = True
    sound: bool = False


@door(Who.SIGNED_IN, quick=True)
def my_profile(reader: Reader) -> ProfileView:
    """What I may know of myself. Refused: `NotSignedIn`."""
    row = reader.connection.execute(PROFILE, {"me": reader.me.row}).first()
    if row is None:
        raise NotSignedIn
    user_id, public_id, username, name, email, phone, language, email_at, phone_at, receipts, *notices = row
    notify_direct, notify_groups, sound = map(bool, notices)
    return ProfileView(
        user_id=UserId(user_id),
        public_id=public_id,
        username=username,
        name=name,
        email=email or "",
        phone=phone or "",
        language=language,
        confirmed=confirmed_by(email_at, phone, phone_at),
        receipts=bool(receipts),
        notify_direct=notify_direct,
        notify_groups=notify_groups,
        sound=sound,
    )


@dataclass(frozen=True)
class ConfirmationView:
    """What the dialog shows. `destination` is masked; `resend_wait_s` is 0 when another code may be asked for."""

    step: Literal["email", "phone", "done"]
    destination: str = ""
    resend_wait_s: int = 0
    tries_left: int = 0
    """For the current code; 0 when there is none that could be tried."""


@door(Who.SIGNED_IN)
def my_confirmation(reader: Reader) -> ConfirmationView:
    """What I have to confirm next, and how. Refused: `NotSignedIn`."""
    user = my_row(reader)
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
    user = my_row(reader)
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
        password_age_s=seconds_since(user.password_changed_at or user.created_at, reader),
        second_factor=on,
        recovery_left=RECOVERY_CODES - used if on else 0,
    )


@door(rate=Rate("upload", per_second=0.1, burst=5), quick=True)
def may_upload(reader: Reader) -> None:
    """Asked before a picture is taken in: to decode it costs more than to store its name. Refused: `TooMany`."""


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


def my_row(reader: Reader) -> User:
    """The account that asks. Refused: `NotSignedIn`."""
    user = reader.session.get(User, reader.me.row)
    if user is None or user.deleted_at is not None:
        raise NotSignedIn
    return user


# Built once: it runs for every tab, and building it took longer than reading it. Columns only: making an object of
# the row would cost as much again.
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
        func.coalesce(col(Preferences.notify_direct), True),
        func.coalesce(col(Preferences.notify_groups), True),
        func.coalesce(col(Preferences.sound), False),
    )
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .where(col(User.id) == bindparam("me"), col(User.deleted_at).is_(None))
)
