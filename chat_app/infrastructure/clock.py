"""Time and chance, the only place that asks for them."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemDice:
    """The operating system's randomness."""

    def token(self, size: int) -> str:
        return secrets.token_urlsafe(size)

    def letters(self, alphabet: str, length: int) -> str:
        return "".join(secrets.choice(alphabet) for _ in range(length))


class KeyedSeal:
    """HMAC-SHA-256 under the server's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def digest(self, purpose: str, *parts: str) -> str:
        return self._mac(purpose, parts).hex()

    def digits(self, purpose: str, *parts: str, length: int = 6) -> str:
        # 256 bits over a million values: the bias of the remainder is beyond measuring
        return str(int.from_bytes(self._mac(purpose, parts)) % 10**length).zfill(length)

    def _mac(self, purpose: str, parts: tuple[str, ...]) -> bytes:
        # each part with its length, so that ("ab", "c") and ("a", "bc") differ
        message = "".join(f"{len(part)}:{part}" for part in (purpose, *parts))
        return hmac.digest(self._secret, message.encode(), hashlib.sha256)
