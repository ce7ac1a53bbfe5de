"""A part of a file, as `Range` asks for it: RFC 9110, 14."""

import re
from dataclasses import dataclass

ONE_RANGE = re.compile(r"bytes=[ \t]*(\d{0,19})-(\d{0,19})[ \t]*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Part:
    """The bytes from `start` on and before `stop`."""

    start: int
    stop: int


@dataclass(frozen=True)
class Unsatisfiable:
    """It begins where the file has ended."""


def part_of(wanted: str | None, size: int, *, tag: str, if_range: str | None = None) -> Part | Unsatisfiable | None:
    """What of a file with `size` bytes and the entity tag `tag` is wanted; None for all of it.

    What is malformed, or asks for several parts, is as good as not asked: the whole file is a right answer.
    """
    if wanted is None or (if_range is not None and if_range != tag):
        return None
    found = ONE_RANGE.fullmatch(wanted)
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        return Part(size - length, size) if length else Unsatisfiable()
    start, stop = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    return Part(start, stop) if start < size else Unsatisfiable()
