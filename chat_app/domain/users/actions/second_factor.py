"""An authenticator app beside the password. Its key and the recovery codes are derived, not stored."""

from dataclasses import dataclass

from sqlmodel import col, delete

from chat_app.domain.common.work import Rate, Work, door
from chat_app.domain.users.actions.confirming import my_locked_row
from chat_app.domain.users.errors import AlreadyConfirmed
from chat_app.domain.users.rules import ENROLMENT_LIFETIME, app_key, app_step, recovery_codes
from chat_app.domain.users.tables import SecondFactor, SignInTicket
from chat_app.domain.verification.actions import TOKEN_BYTES
from chat_app.domain.verification.errors import CodeExpired, WrongCode


@dataclass(frozen=True)
class Enrolment:
    """What an app must be told: its key, and the account's name as it will show it."""

    key: str
    account: str


@door(rate=Rate("second_factor", per_second=0.1, burst=10))
def start_second_factor(work: Work, proven: str | None = None) -> Enrolment:
    """A key for an app. Nothing is asked for until a code of it was typed, within ten minutes.

    Whoever calls this has proven their password against `proven`. Refused: `AlreadyConfirmed`, `NotYourPassword`.
    """
    user = my_locked_row(work, proven)
    factor = work.session.get(SecondFactor, user.id)
    if factor is not None and factor.confirmed_at is not None:
        raise AlreadyConfirmed
    factor = factor or SecondFactor(user=user.id or 0, token="", started_at=work.now)
    factor.token, factor.last_step, factor.used = work.dice.token(TOKEN_BYTES), 0, ""
    factor.started_at = work.now
    work.session.add(factor)
    return Enrolment(app_key(work.seal, work.me.row, factor.token), user.username)


@door()
def pending_second_factor(work: Work) -> Enrolment | None:
    """The key an app is still to be told; None when there is none, or it was."""
    user = my_locked_row(work)
    factor = work.session.get(SecondFactor, user.id)
    if factor is None or factor.confirmed_at is not None or _over(work, factor):
        return None
    return Enrolment(app_key(work.seal, work.me.row, factor.token), user.username)


@door(rate=Rate("second_factor", per_second=0.1, burst=10))
def confirm_second_factor(work: Work, code: str) -> list[str]:
    """The app works: from now on sign-ins ask for it. Returns the recovery codes, the only time they are told.

    Refused: `WrongCode`, `CodeExpired` when there is no key, `AlreadyConfirmed`.
    """
    user = my_locked_row(work)
    factor = work.session.get(SecondFactor, user.id)
    if factor is not None and factor.confirmed_at is not None:
        raise AlreadyConfirmed
    if factor is None or _over(work, factor):
        raise CodeExpired("code")
    step = app_step(app_key(work.seal, work.me.row, factor.token), code, after=factor.last_step, now=work.now)
    if step is None:
        raise WrongCode("code", tries_left=0)
    factor.last_step, factor.confirmed_at = step, work.now
    work.session.add(factor)
    work.session.exec(delete(SignInTicket).where(col(SignInTicket.user) == user.id))
    return recovery_codes(work.seal, work.me.row, factor.token)


def _over(work: Work, factor: SecondFactor) -> bool:
    return factor.started_at + ENROLMENT_LIFETIME <= work.now


@door()
def drop_second_factor(work: Work, proven: str | None = None) -> None:
    """The password alone from now on. Whoever calls this has proven it against `proven`. Refused: `NotYourPassword`."""
    user = my_locked_row(work, proven)
    work.session.exec(delete(SignInTicket).where(col(SignInTicket.user) == user.id))
    work.session.exec(delete(SecondFactor).where(col(SecondFactor.user) == user.id))
