"""Facts told after commit, and duties to be done after it.

An event may be lost (cursors heal that) and carries ids only. A duty is a row written in the same transaction and is
done at least once.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Event:
    """Something happened. Subclasses add ids, never content."""


@dataclass(frozen=True)
class Duty:
    """Something must be done, outside any transaction. Fields are what JSON can hold."""

    kind: ClassVar[str]
    """The name under which the duty is stored; never changed once released."""


@dataclass(frozen=True)
class RemoveFile(Duty):
    """Remove a file that no row names any more."""

    kind: ClassVar[str] = "remove_file"
    name: str
