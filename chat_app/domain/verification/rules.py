"""Judging a typed code, and deciding whether another may be sent. Pure: rows and clocks stay outside."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chat_app.domain.common.ids import Row
from chat_app.domain.common.ports import Seal

DAY = timedelta(days=1)
CODE_LENGTH = 6
CODE_LIFETIME = timedelta(minutes=10)
TRIES_PER_CODE = 5
TRIES_PER_DAY = 20
RESEND_AFTER = (timedelta(seconds=60), timedelta(seconds=120), timedelta(seconds=300))
"""How long after the first, second, and any later code the next may be sent."""

EMAILS_PER_DAY = 10
"""To one address, and for one account."""
SMS_PER_NUMBER = 3
SMS_PER_ACCOUNT = 5
SMS_BUDGET = 500
"""All SMS of a day: each costs money, and strangers can cause them."""


class Purpose(StrEnum):
    """What a code proves."""

    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True)
class SealedCode:
    """A code without its digits: what they are derived from, and where they go."""

    token: str
    user: Row
    purpose: Purpose
    destination: str


def digits(seal: Seal, code: SealedCode) -> str:
    """The digits of a code: the same every time, and told by nothing that is stored."""
    return seal.digits(
        "verification code", code.token, str(code.user), code.purpose, code.destination, length=CODE_LENGTH
    )


@dataclass(frozen=True)
class Issued:
    """A code that was sent and not used."""

    expires_at: datetime
    tries: int
    silent: bool


@dataclass(frozen=True)
class Proven:
    """The destination is theirs."""


@dataclass(frozen=True)
class Wrong:
    """Not these digits. The try counts."""

    tries_left: int


@dataclass(frozen=True)
class Void:
    """There is no code to compare with. Nothing is counted."""


@dataclass(frozen=True)
class Exhausted:
    """Nothing more is compared today."""


Verdict = Proven | Wrong | Void | Exhausted


def judge(issued: Issued | None, *, typed: str, expected: str, tries_today: int, now: datetime) -> Verdict:
    """Whether `typed` proves what `issued` was sent for. `tries_today` are those of the account, all codes together."""
    if tries_today >= TRIES_PER_DAY:
        return Exhausted()
    if issued is None or now >= issued.expires_at or issued.tries >= TRIES_PER_CODE:
        return Void()
    right = hmac.compare_digest(bare(typed).encode(), expected.encode())
    if right and not issued.silent:
        return Proven()
    return Wrong(min(TRIES_PER_CODE - issued.tries, TRIES_PER_DAY - tries_today) - 1)


def bare(typed: str) -> str:
    """The digits somebody typed, without the spaces and dashes that people put between them."""
    kept = "".join(char for char in typed[:32] if not char.isspace() and char != "-")
    return kept if kept.isascii() and kept.isdigit() else ""


@dataclass(frozen=True)
class Issue:
    """Send one now."""


@dataclass(frozen=True)
class Wait:
    """Not before `until`. `daily`: because the day's number is used up."""

    until: datetime
    daily: bool


def next_issue(
    purpose: Purpose,
    *,
    to_account: Sequence[datetime],
    to_destination: Sequence[datetime],
    again: Sequence[datetime],
    all_today: int,
    now: datetime,
) -> Issue | Wait:
    """Whether a code may be sent now. The sequences are times of the last day's codes of `purpose`, oldest first.

    `again` are those the account was sent to this very destination: who corrects a typing error does not wait.
    """
    waits = [
        _daily(to_account, SMS_PER_ACCOUNT if purpose is Purpose.PHONE else EMAILS_PER_DAY),
        _daily(to_destination, SMS_PER_NUMBER if purpose is Purpose.PHONE else EMAILS_PER_DAY),
    ]
    if purpose is Purpose.PHONE and all_today >= SMS_BUDGET:
        waits.append(now + timedelta(hours=1))
    until = max((wait for wait in waits if wait is not None), default=now)
    if until > now:
        return Wait(until, daily=True)
    if again:
        until = again[-1] + RESEND_AFTER[min(len(again), len(RESEND_AFTER)) - 1]
        if until > now:
            return Wait(until, daily=False)
    return Issue()


def _daily(times: Sequence[datetime], most: int) -> datetime | None:
    """When the number of `times` within a day falls below `most`; None when it is below."""
    return times[-most] + DAY if len(times) >= most else None


def seconds_until(until: datetime, now: datetime) -> int:
    """Whole seconds, rounded up, at least 1."""
    return max(1, -((now - until) // timedelta(seconds=1)))
