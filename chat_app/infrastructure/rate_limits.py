"""How often anything may be done, counted in this process over a moving window."""

import math
import time
from functools import cache

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from chat_app.domain.common.errors import TooMany
from chat_app.domain.common.work import Rate


class MemoryLimits:
    """Realizes a `Rate` as `burst` uses in any `burst / per_second` seconds."""

    lifted = False

    def __init__(self) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def spend(self, rate: Rate, key: str) -> None:
        """Count one use of `rate` by `key`. Refused: `TooMany`, with the seconds until it is worth asking again."""
        item = _item(rate)
        if not self._window.hit(item, rate.name, key):
            free_at = self._window.get_window_stats(item, rate.name, key).reset_time
            raise TooMany(wait_s=max(1, math.ceil(free_at - time.time())))


class NoLimits:
    """Everything, as often as one likes: for measuring."""

    lifted = True

    def spend(self, rate: Rate, key: str) -> None:
        """Never refused."""


@cache
def _item(rate: Rate) -> RateLimitItem:
    return RateLimitItemPerSecond(rate.burst, max(1, math.ceil(rate.burst / rate.per_second)))
