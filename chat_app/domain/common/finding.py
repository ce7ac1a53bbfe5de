"""How words are looked for in a text, and where in it they are: the same for messages, chats and people.

A text and what is typed are folded alike (`values.folded_text`). A word of three letters or more is found anywhere, a
shorter one only where a word begins; a long one also in another form, by all of it but its ending.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chat_app.domain.common.values import fold, folded_text

LONGEST_SEARCH = 64
MOST_WORDS = 8

ANYWHERE = 3
"""Letters from which on a word is found within others."""

INFLECTED = 5
"""Letters from which on a word is found in its other forms."""

ENDING = 2
"""Letters in which the forms of a word may differ."""

SNIPPET = 120
BEFORE_HIT = 30
"""Characters of a snippet before the first hit."""


@dataclass(frozen=True)
class Part:
    """A piece of a text; `hit`: it is what was looked for."""

    text: str
    hit: bool = False


def words_of(typed: str) -> list[str]:
    """What is to be found, folded; all of it."""
    return list(dict.fromkeys(fold(typed[:LONGEST_SEARCH]).split()))[:MOST_WORDS]


def stem_of(word: str) -> str:
    """What the forms of a word have in common."""
    return word[:-ENDING] if len(word) >= INFLECTED else word


def occurs(word: str, folded: str) -> bool:
    """Whether a word is in a folded text."""
    if len(word) >= ANYWHERE:
        return word in folded
    return any(True for _ in _starts(word, folded))


def parts_of(text: str, words: Sequence[str]) -> tuple[Part, ...]:
    """All of a text, what was looked for marked."""
    return tuple(_pieces(text, _ranges(text, words), 0, len(text)))


def snippet_of(text: str, words: Sequence[str]) -> tuple[Part, ...]:
    """About `SNIPPET` characters of a text on one line, around the first of what was looked for."""
    text = " ".join(text.split())
    ranges = _ranges(text, words)
    start = max(0, ranges[0][0] - BEFORE_HIT) if ranges and len(text) > SNIPPET else 0
    if start:
        # from the beginning of a word, if one begins soon
        space = text.find(" ", start, ranges[0][0])
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + SNIPPET)
    pieces = list(_pieces(text, ranges, start, end))
    before, after = [Part("…")] if start else [], [Part("…")] if end < len(text) else []
    return (*before, *pieces, *after)


def _pieces(text: str, ranges: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[Part]:
    at = start
    for begin, stop in ranges:
        if begin >= end or stop <= start:
            continue
        if begin > at:
            yield Part(text[at:begin])
        at = min(stop, end)
        yield Part(text[max(begin, start) : at], hit=True)
    if at < end:
        yield Part(text[at:end])


def _ranges(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where in `text` the words are, in order and apart from one another; of a word that is not there, its forms."""
    folded, places = _mapped(text)
    if places is None:
        return []
    found = sorted(
        (places[at], places[at + len(form) - 1] + 1)
        for word in words
        for form in (word, stem_of(word))[: 1 if occurs(word, folded) else 2]
        for at in _starts(form, folded)
    )
    apart: list[tuple[int, int]] = []
    for begin, stop in found:
        if apart and begin <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(stop, apart[-1][1]))
        else:
            apart.append((begin, stop))
    return [(begin, _whole(text, stop)) for begin, stop in apart]


def _whole(text: str, stop: int) -> int:
    # accents belong to the letter before them
    while stop < len(text) and unicodedata.combining(text[stop]):
        stop += 1
    return stop


def _starts(word: str, folded: str) -> Iterator[int]:
    inside = "" if len(word) >= ANYWHERE else r"(?<!\w)"
    # looked ahead for, since one may begin within another
    return (match.start() for match in re.finditer(f"{inside}(?={re.escape(word)})", folded))


def _mapped(text: str) -> tuple[str, Sequence[int] | None]:
    """The folded text, and for each of its characters where it comes from; None where that cannot be told."""
    folded = folded_text(text)
    # folding makes one of one or more of one, so that the same length means one of each
    if len(folded) == len(text) and unicodedata.is_normalized("NFKC", text):
        return folded, range(len(text))
    places, pieces = list[int](), list[str]()
    at = 0
    while at < len(text):
        end = _whole(text, at + 1)
        pieces.append(folded_text(text[at:end]))
        places += [at] * len(pieces[-1])
        at = end
    return folded, places if "".join(pieces) == folded else None
