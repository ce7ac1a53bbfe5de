"""Time and chance as tests want them."""

import base64
import hashlib
from collections import deque
from datetime import UTC, datetime, timedelta


class FixedClock:
    """Stands still until it is told to go on."""

    def __init__(self, at: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def tick(self, **by: float) -> None:
        """Go on, by `seconds=…`, `minutes=…`, `hours=…`, `days=…`."""
        self._at += timedelta(**by)


class LoadedDice:
    """Throws what was loaded, then a fixed sequence without repetition."""

    def __init__(self) -> None:
        self._loaded: deque[str] = deque()
        self._thrown = 0

    def load(self, *letters: str) -> None:
        """What `letters` answers next."""
        self._loaded.extend(letters)

    def token(self, size: int) -> str:
        return base64.urlsafe_b64encode(self._bytes(size)).rstrip(b"=").decode()

    def letters(self, alphabet: str, length: int) -> str:
        if self._loaded:
            return self._loaded.popleft()
        return "".join(alphabet[byte % len(alphabet)] for byte in self._bytes(length))

    def _bytes(self, size: int) -> bytes:
        self._thrown += 1
        return hashlib.shake_256(str(self._thrown).encode()).digest(size)
