"""Slows down whoever guesses passwords, without ever locking the owner out.

An account is slowed for the address that guesses, not for everyone: else any stranger could keep its owner away.
Counted in this process; a restart forgets.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from chat_app.domain.common.errors import TooMany
from chat_app.domain.common.ports import Clock

FREE_FAILURES = 5
"""For one account from one address."""

FREE_FAILURES_OF_ADDRESS = 20
FORGOTTEN_AFTER = timedelta(minutes=15)
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=15)
REMEMBERED = 20_000


@dataclass
class Failures:
    count: int
    last_at: datetime


class SignInThrottle:
    """Counts failures by account and address, and by address."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[tuple[str, ...], Failures] = OrderedDict()

    def begin(self, account: str, address: str) -> None:
        """Count a try as failed until `passed` says otherwise, so that tries at the same moment are counted too.

        Refused: `TooMany`, with a wait that doubles with every failure beyond the free ones; such a try is not counted.
        """
        now = self._clock.now()
        keys = {(account, address): FREE_FAILURES, (address,): FREE_FAILURES_OF_ADDRESS}
        until = max(self._free_at(key, free, now) for key, free in keys.items())
        if until > now:
            raise TooMany("login", wait_s=max(1, -((now - until) // timedelta(seconds=1))))
        for key in keys:
            self._count(key, now)

    def passed(self, account: str, address: str) -> None:
        """The password was right: the account starts afresh, and the try is taken off the address."""
        self._failures.pop((account, address), None)
        self.withdraw((address,))

    def abandon(self, account: str, address: str) -> None:
        """Nothing was compared after all."""
        self.withdraw((account, address))
        self.withdraw((address,))

    def withdraw(self, key: tuple[str, ...]) -> None:
        if failures := self._failures.get(key):
            failures.count -= 1

    def _free_at(self, key: tuple[str, ...], free: int, now: datetime) -> datetime:
        failures = self._failures.get(key)
        if failures is None or failures.count < free:
            return now
        delay = min(FIRST_DELAY * 2 ** min(failures.count - free, 10), LONGEST_DELAY)
        return failures.last_at + delay

    def _count(self, key: tuple[str, ...], now: datetime) -> None:
        failures = self._failures.get(key)
        if failures is None or failures.last_at + FORGOTTEN_AFTER <= now:
            failures = self._failures[key] = Failures(0, now)
        failures.count += 1
        failures.last_at = now
        self._failures.move_to_end(key)
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)


class NoThrottle(SignInThrottle):
    """As many tries as one likes: for measuring."""

    def begin(self, account: str, address: str) -> None:
        """Never refused, and nothing is counted."""
