"""Password hashes: bcrypt over a keyed hash, in two threads of their own.

bcrypt reads 72 bytes and stops at a zero; the HMAC before it makes every password 44 letters, and useless to whoever
has the database without the key. One check takes a quarter of a second, so more than a few waiting are sent away.
"""

import asyncio
import base64
import hashlib
import hmac
import os
import sys
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import bcrypt

from chat_app.domain.common.errors import Busy

T = TypeVar("T")

COST = 12
THREADS = 2
NICENESS = 10
"""How far these threads stand back behind the event loop.

Measured with 1,000 sockets, 50 messages/s for 30 s and 20 people signing in at a time, on two cores of which other work
took much, unevenly: the slowest hundredth of the messages took 168, 363, 636 and 1,090 ms with 0; 72, 107 and 386 ms
with 10; 100 and 143 ms with 19; 118 ms with 19 and one thread, which let in 2 people a second instead of 3. Better than
0, it seems; 10 and 19 cannot be told apart by so few runs. 10 leaves sign-ins a tenth of a core that the event loop
fills, 19 next to nothing. With the machine to itself it took 12 ms with 10, twice, and let in 7 people a second.
"""

WAITING = 24
"""Checks that may wait, about three seconds of work, before the answer is "busy"."""


class Passwords:
    """Hashes and checks. `pepper` is the server's key: without it no hash can be tried."""

    def __init__(self, pepper: bytes, cost: int = COST) -> None:
        self._pepper = pepper
        self._cost = cost
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="bcrypt", initializer=_step_back)
        self._under_way = 0
        self._dummy: str | None = None

    async def hashed(self, password: str) -> str:
        """What to store for `password`. Refused: `Busy`."""
        return await self._run(lambda: bcrypt.hashpw(self._keyed(password), bcrypt.gensalt(self._cost)).decode())

    async def proves(self, password: str, stored: str) -> bool:
        """Whether `stored` was made from `password`. Refused: `Busy`."""

        def check() -> bool:
            try:
                return bcrypt.checkpw(self._keyed(password), stored.encode())
            except ValueError:  # not a hash: an account without a password
                return False

        return await self._run(check)

    async def dummy(self) -> str:
        """A hash that no password proves, for the same work where there is no account. Refused: `Busy`."""
        if self._dummy is None:
            salt = bcrypt.gensalt(self._cost)
            self._dummy = await self._run(lambda: bcrypt.hashpw(b"no password hashes to this", salt).decode())
        return self._dummy

    def outdated(self, stored: str) -> bool:
        """The hash was made at another cost than today's, and should be made anew once the password is at hand."""
        return not stored.startswith(f"$2b${self._cost:02d}$")

    def close(self) -> None:
        """Finish what runs, start nothing new."""
        self._pool.shutdown(cancel_futures=True)

    def _keyed(self, password: str) -> bytes:
        # composed first: keyboards differ in how they type й and ё
        text = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
        return base64.b64encode(hmac.digest(self._pepper, text, hashlib.sha256))

    async def _run(self, work: Callable[[], T]) -> T:
        if self._under_way >= THREADS + WAITING:
            raise Busy(wait_s=3)
        self._under_way += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    def _done(self, _future: object) -> None:
        self._under_way -= 1


def _step_back() -> None:
    """Let the event loop go first where both want a core: a sign-in can wait a moment, messages cannot."""
    # only Linux keeps a niceness for each thread; elsewhere this would slow down the whole server
    if sys.platform == "linux":
        os.nice(NICENESS)
