"""What may be said, as pure functions."""

import re
import unicodedata
from datetime import timedelta
from enum import IntFlag

from emoji import EMOJI_DATA, STATUS

from chat_app.domain.common.values import calm, is_storable
from chat_app.domain.common.work import Rate
from chat_app.domain.messages.errors import EmptyMessage, MessageTooLong, NotAnEmoji, UnreadableMessage

LONGEST = 4096
"""Characters in a message, after trimming."""

MOST_KINDS = 20
"""Kinds of reactions under one message."""

MOST_PINNED = 100
"""Messages pinned in one chat."""

MOST_FORWARDED = 20
"""Messages passed on at once."""

EVERYONE = frozenset({"all", "все"})
"""By these names owner and admins call all members of a group."""

MOST_FILES = 10
"""With one message."""

UNSENT_KEPT = timedelta(hours=24)
"""How long what was uploaded waits to be sent."""

LONGEST_NAME = 255
LONGEST_EXTENSION = 16
"""Characters, the dot included; what is longer is no extension, but part of a name with a dot in it."""

NAMELESS = "file"
"""What is left when nothing of a name can be kept."""

UNWANTED_IN_NAMES = re.compile(r'[<>:"|?*]')
"""What a name may not have on some disk or other."""

INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"}
"""Unicode categories that show nothing on their own: controls, formats, spaces, marks."""

BLANKS = set("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that are drawn as nothing: fillers of Hangul, the empty pattern of Braille."""


class Extra(IntFlag):
    """What a message has besides its words."""

    REACTIONS = 1
    MENTIONS = 2
    ATTACHMENTS = 4
    EVERYONE = 8
    """It calls all members; of them no table has a list."""


def body_of(text: str, *, with_files: bool = False) -> str:
    """What is stored of what was typed: line ends as `\\n`, trimmed. With files it may be empty.

    Refused: `EmptyMessage`, `MessageTooLong`, `UnreadableMessage`.
    """
    body = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(body) > LONGEST:
        raise MessageTooLong("body", limit=LONGEST)
    if not is_storable(body):
        raise UnreadableMessage("body")
    if all(character in BLANKS or unicodedata.category(character) in INVISIBLE for character in body):
        if with_files:
            return ""
        raise EmptyMessage("body")
    return body


def emoji_of(text: str) -> str:
    """One emoji of those that keyboards offer, in the one spelling that is drawn in colour. Refused: `NotAnEmoji`."""
    known = EMOJI_DATA.get(text)
    if known is None or known["status"] != STATUS["fully_qualified"]:
        raise NotAnEmoji("emoji")
    return text


def name_of_file(text: str) -> str:
    """What a file is called where it is shown and saved: no path, nothing that is not seen or turns the direction of
    writing, at most `LONGEST_NAME` characters, the extension kept.
    """
    # of `C:\\fakepath\\cat.png` and `../../cat.png` the last part
    base = re.split(r"[/\\\\]", text)[-1]
    # the category Cf has the marks that turn the direction, and half characters are Cs
    seen = "".join(" " if c.isspace() else c for c in base if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    name = UNWANTED_IN_NAMES.sub("_", unicodedata.normalize("NFC", calm(seen))).strip(" .")
    if len(name) <= LONGEST_NAME:
        return name or NAMELESS
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) >= LONGEST_EXTENSION:
        return name[:LONGEST_NAME].rstrip(" .")
    return stem[: LONGEST_NAME - len(extension) - 1].rstrip(" .") + dot + extension


def kibibytes(size: int) -> int:
    """In which uploads are counted, begun ones whole."""
    return -(-size // 1024)


def upload_rate(hourly_bytes: int) -> Rate:
    """How much one person may upload within an hour."""
    most = max(1, kibibytes(hourly_bytes))
    return Rate("upload", per_second=most / 3600, burst=most)
