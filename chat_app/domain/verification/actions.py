"""Issuing a code and trying one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from chat_app.domain.common.ids import Row
from chat_app.domain.common.work import Reader, Who, Work, door
from chat_app.domain.verification.errors import CodeExpired, TooManyCodes, TooManyTries, TooSoon, WrongCode
from chat_app.domain.verification.events import SendCode
from chat_app.domain.verification.rules import (
    CODE_LIFETIME,
    DAY,
    Exhausted,
    Issue,
    Issued,
    Proven,
    Purpose,
    SealedCode,
    Void,
    Wait,
    Wrong,
    digits,
    judge,
    next_issue,
    seconds_until,
)
from chat_app.domain.verification.tables import VerificationCode

TOKEN_BYTES = 32


@dataclass(frozen=True)
class Destination:
    """Where a code goes: `text` as it is sent to, `key` the same for every spelling."""

    purpose: Purpose
    text: str
    key: str


def issue(work: Work, user: Row, destination: Destination, *, silent: bool) -> None:
    """Send `user` a new code and void the older ones. `silent`: only pretend, the destination is somebody else's.

    The caller has locked the user's row. Refused: `TooSoon`, `TooManyCodes`.
    """
    match may_issue(work, user, destination):
        case Wait(until, daily=True):
            raise TooManyCodes(wait_s=seconds_until(until, work.now))
        case Wait(until):
            raise TooSoon(wait_s=seconds_until(until, work.now))
        case Issue():
            pass
    void_codes(work, user, destination.purpose)
    code = VerificationCode(
        token=work.dice.token(TOKEN_BYTES),
        user=user,
        purpose=destination.purpose.value,
        destination=destination.text,
        destination_key=destination.key,
        silent=silent,
        created_at=work.now,
        expires_at=work.now + CODE_LIFETIME,
    )
    work.session.add(code)
    work.session.flush()
    if not silent:
        work.later(SendCode(code.id or 0))


def may_issue(reader: Reader, user: Row, destination: Destination) -> Issue | Wait:
    """Whether `user` may be sent a code now, and when if not."""
    purpose = destination.purpose
    today = (VerificationCode.purpose == purpose.value, col(VerificationCode.created_at) > reader.now - DAY)
    times = select(VerificationCode.created_at).where(*today).order_by(col(VerificationCode.created_at))
    everything = select(func.count()).select_from(VerificationCode).where(*today)
    return next_issue(
        purpose,
        to_account=_moments(reader, times.where(VerificationCode.user == user)),
        to_destination=_moments(reader, times.where(VerificationCode.destination_key == destination.key)),
        again=_moments(
            reader,
            times.where(VerificationCode.user == user, VerificationCode.destination_key == destination.key),
        ),
        all_today=reader.session.exec(everything).one() if purpose is Purpose.PHONE else 0,
        now=reader.now,
    )


def _moments(reader: Reader, times: object) -> list[datetime]:
    return list(reader.session.exec(times))  # pyright: ignore[reportCallIssue, reportArgumentType, reportUnknownVariableType, reportUnknownArgumentType]  # a select of one column


def void_codes(work: Work, user: Row, purpose: Purpose) -> None:
    """No code that `user` was sent for `purpose` opens anything any more."""
    work.session.exec(
        update(VerificationCode)
        .where(
            col(VerificationCode.user) == user,
            col(VerificationCode.purpose) == purpose.value,
            col(VerificationCode.closed_at).is_(None),
        )
        .values(closed_at=work.now)
    )


def forget_codes(work: Work, user: Row) -> None:
    """Void every code that `user` was sent. The rows are erased a day later: until then daily limits count by them,
    which signing up and leaving again must not reset."""
    sent = update(VerificationCode).where(col(VerificationCode.user) == user)
    work.session.exec(sent.values(destination="", closed_at=work.now))


def prove(work: Work, user: Row, destination: Destination, typed: str) -> None:
    """Take `typed` as the proof that `destination` is theirs. The caller has locked the user's row.

    Refused, and the try remembered: `WrongCode`, `CodeExpired`, `TooManyTries`.
    """
    code = work.session.exec(
        select(VerificationCode)
        .where(
            VerificationCode.user == user,
            VerificationCode.purpose == destination.purpose.value,
            VerificationCode.destination == destination.text,
            col(VerificationCode.closed_at).is_(None),
        )
        .order_by(col(VerificationCode.id).desc())
        .limit(1)
        .with_for_update()
    ).first()
    verdict = judge(
        Issued(code.expires_at, code.tries, code.silent) if code else None,
        typed=typed,
        # without a code the same work is done for nothing
        expected=digits(work.seal, SealedCode(code.token if code else "", user, destination.purpose, destination.text)),
        tries_today=tries_today(work, user),
        now=work.now,
    )
    match verdict:
        case Exhausted():
            raise TooManyTries(wait_s=seconds_until(work.now + DAY / 24, work.now))
        case Void():
            raise CodeExpired("code")
        case Wrong(tries_left):
            assert code is not None
            code.tries += 1
            work.session.add(code)
            work.refuse(WrongCode("code", tries_left=tries_left))
        case Proven():
            assert code is not None
            code.tries += 1
            code.closed_at = work.now
            work.session.add(code)


def tries_today(reader: Reader, user: Row) -> int:
    """How often the account tried a code in the last day."""
    tries = select(func.coalesce(func.sum(VerificationCode.tries), 0)).where(
        VerificationCode.user == user, col(VerificationCode.created_at) > reader.now - DAY
    )
    return int(reader.session.exec(tries).one())


@door(Who.SYSTEM)
def erase_old_codes(work: Work) -> None:
    """Erase codes no daily count needs any more."""
    work.session.exec(delete(VerificationCode).where(col(VerificationCode.expires_at) < work.now - DAY))
