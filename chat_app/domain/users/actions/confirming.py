"""Proving that an email or a phone is one's own: at first, after a typing error, and for a new one later."""

from sqlmodel import col, delete, select, update

from chat_app.domain.common.errors import NotSignedIn
from chat_app.domain.common.ids import Row
from chat_app.domain.common.tables import unique_or
from chat_app.domain.common.values import Email, Phone
from chat_app.domain.common.work import Rate, Reader, Who, Work, door
from chat_app.domain.users.errors import AddressTaken, AlreadyConfirmed, NotYourPassword, SameAddress
from chat_app.domain.users.events import PersonChanged, TellChanged, TellOwner
from chat_app.domain.users.rules import MOST_OWNER_LETTERS
from chat_app.domain.users.tables import ContactChange, PasswordReset, SignIn, User
from chat_app.domain.verification.actions import Destination, issue, prove, void_codes
from chat_app.domain.verification.errors import CodeExpired, TooManyCodes, TooSoon
from chat_app.domain.verification.queries import pretended_today
from chat_app.domain.verification.rules import Purpose


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
    destination = destination_of(user, purpose)
    prove(work, Row(user.id or 0), destination, code)

    _take(work, user, destination)
    if user.confirmed:
        work.tell(PersonChanged(user.user_id, Row(user.id or 0)))
    elif following := next_to_confirm(user):
        send_code(work, user, destination_of(user, following))


def _take(work: Work, user: User, destination: Destination) -> None:
    """The proven destination is theirs, unless somebody else was first."""
    purpose = destination.purpose
    taken = AddressTaken(purpose.value)
    if owner_of(work, Row(user.id or 0), destination) is not None:
        # the code was right, so they may be told; and it is used up
        work.refuse(taken)
    with unique_or(work, taken):
        if purpose is Purpose.EMAIL:
            user.email, user.email_key, user.email_confirmed_at = destination.text, destination.key, work.now
        else:
            user.phone, user.phone_confirmed_at = destination.text, work.now
        work.session.add(user)


@door(Who.SIGNED_IN, rate=Rate("resend_code", per_second=0.2, burst=5))
def resend_code(work: Work) -> None:
    """Send a new code for what is confirmed next; the older one is void.

    Refused: `TooSoon`, `TooManyCodes`, `AlreadyConfirmed`.
    """
    user = my_locked_row(work)
    purpose = next_to_confirm(user)
    if purpose is None:
        raise AlreadyConfirmed
    _issue(work, user, destination_of(user, purpose))


@door(Who.SIGNED_IN, rate=Rate("correct_contact", per_second=10 / 3600, burst=10))
def correct_contact(work: Work, new: Email | Phone, proven: str | None = None) -> None:
    """Another email or phone than was typed at sign-up, for the one that is to be confirmed next. Its codes are void.

    Whoever calls this has proven their password against `proven`. Refused: `AlreadyConfirmed`, `NotYourPassword`.
    """
    user = my_locked_row(work, proven)
    destination = destination_to(new)
    if next_to_confirm(user) is not destination.purpose:
        raise AlreadyConfirmed
    if destination.purpose is Purpose.EMAIL:
        user.email, user.email_key = destination.text, destination.key
    else:
        user.phone = destination.text
    work.session.add(user)
    void_codes(work, Row(user.id or 0), destination.purpose)
    send_code(work, user, destination)


@door(rate=Rate("change_contact", per_second=10 / 3600, burst=10))
def start_change(work: Work, new: Email | Phone, proven: str | None = None) -> None:
    """Send a code to a new email or phone. The old one stays until it is typed.

    Whoever calls this has proven their password against `proven`. Refused: `SameAddress`, `TooSoon`, `TooManyCodes`,
    `NotYourPassword`.
    """
    user = my_locked_row(work, proven)
    destination = destination_to(new)
    if destination.key == destination_of(user, destination.purpose).key:
        raise SameAddress(destination.purpose.value)
    _forget_change(work, destination.purpose)
    change = ContactChange(
        user=user.id or 0,
        purpose=destination.purpose.value,
        destination=destination.text,
        destination_key=destination.key,
        created_at=work.now,
    )
    work.session.add(change)
    _issue(work, user, destination)


@door(rate=Rate("resend_code", per_second=0.2, burst=5))
def resend_change(work: Work, purpose: Purpose) -> None:
    """Send the new email or phone another code. Refused: `CodeExpired`, `TooSoon`, `TooManyCodes`."""
    user = my_locked_row(work)
    _issue(work, user, _new_destination(work, purpose))


@door(rate=Rate("confirm", per_second=0.5, burst=10))
def confirm_change(work: Work, purpose: Purpose, code: str) -> None:
    """From now on the new email or phone is theirs; the old address is told.

    Refused: `WrongCode`, `CodeExpired`, `TooManyTries`, `AddressTaken`.
    """
    user = my_locked_row(work)
    destination, old = _new_destination(work, purpose), destination_of(user, purpose)
    prove(work, Row(user.id or 0), destination, code)
    _forget_change(work, purpose)
    _take(work, user, destination)
    if purpose is Purpose.EMAIL:
        # whoever reads the old mailbox has no way in any more
        close_resets(work, Row(user.id or 0))
    work.tell(PersonChanged(user.user_id, Row(user.id or 0)))
    if old.text:
        work.later(TellChanged(user.id or 0, purpose.value, old.text))


@door()
def cancel_change(work: Work, purpose: Purpose) -> None:
    """Keep the old email or phone."""
    user = my_locked_row(work)
    _forget_change(work, purpose)
    void_codes(work, Row(user.id or 0), purpose)


def _new_destination(work: Work, purpose: Purpose) -> Destination:
    change = work.session.get(ContactChange, (work.me.row, purpose.value))
    if change is None:
        raise CodeExpired("code")
    return Destination(purpose, change.destination, change.destination_key)


def _forget_change(work: Work, purpose: Purpose) -> None:
    mine = (col(ContactChange.user) == work.me.row, col(ContactChange.purpose) == purpose.value)
    work.session.exec(delete(ContactChange).where(*mine))


def close_resets(work: Work, user: Row) -> None:
    """No link that `user` was sent opens anything any more."""
    open_ones = update(PasswordReset).where(col(PasswordReset.user) == user, col(PasswordReset.closed_at).is_(None))
    work.session.exec(open_ones.values(closed_at=work.now))


def my_locked_row(work: Work, proven: str | None = None) -> User:
    """My row, and nobody else's to change until the commit: guesses made at once are counted one after another.

    `proven` is the hash that a password was just proven against. Checking takes its time, in which the owner may have
    changed it or ended this session: then the proof is worth nothing. Refused: `NotSignedIn`, `NotYourPassword`.
    """
    mine = select(User).where(User.id == work.me.row).with_for_update().execution_options(populate_existing=True)
    user = work.session.exec(mine).first()
    ended = work.session.exec(select(SignIn.ended_at).where(SignIn.id == work.me.session)).all()
    if user is None or user.deleted_at is not None or ended != [None]:
        raise NotSignedIn
    if proven is not None and proven != user.password_hash:
        raise NotYourPassword("password_now")
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


def destination_to(new: Email | Phone) -> Destination:
    """Where codes for this email or phone go."""
    if isinstance(new, Email):
        return Destination(Purpose.EMAIL, new.text, new.key)
    return Destination(Purpose.PHONE, new.text, new.text)


def owner_of(reader: Reader, user: Row, destination: Destination) -> Row | None:
    """The other account that has confirmed what `user` says is theirs."""
    holder = select(User.id).where(User.id != user)
    if destination.purpose is Purpose.EMAIL:
        holder = holder.where(User.email_key == destination.key, col(User.email_confirmed_at).is_not(None))
    else:
        holder = holder.where(User.phone == destination.key, col(User.phone_confirmed_at).is_not(None))
    row = reader.session.exec(holder).first()
    return None if row is None else Row(row)


def send_code(work: Work, user: User, destination: Destination) -> None:
    """A code for what is to be confirmed, if one may be sent now."""
    try:
        _issue(work, user, destination)
    except (TooSoon, TooManyCodes):
        # too many were sent there already: the account stands, and its dialog says when the next may be asked for
        return


def _issue(work: Work, user: User, destination: Destination) -> None:
    owner = owner_of(work, Row(user.id or 0), destination)
    issue(work, Row(user.id or 0), destination, silent=owner is not None)
    # counted where there is no owner too: the time must not tell; the one just pretended is among them
    pretended = pretended_today(work, destination.key)
    if owner is not None and pretended <= MOST_OWNER_LETTERS:
        work.later(TellOwner(owner, destination.purpose.value))
