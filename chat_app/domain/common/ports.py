"""What the domain is given by the world, as small interfaces."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, in UTC with its zone."""
        ...


class Dice(Protocol):
    def token(self, size: int) -> str:
        """`size` random bytes as URL-safe text."""
        ...

    def letters(self, alphabet: str, length: int) -> str:
        """`length` letters, each chosen evenly from `alphabet`."""
        ...


class Seal(Protocol):
    """Secrets derived from the server's key, so that none need be stored."""

    def digest(self, purpose: str, *parts: str) -> str:
        """A keyed hash of `parts`, 64 hexadecimal digits; `purpose` keeps uses apart."""
        ...

    def digits(self, purpose: str, *parts: str, length: int = 6) -> str:
        """`length` decimal digits, evenly spread, the same for the same parts."""
        ...
