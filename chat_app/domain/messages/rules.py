"""What may be said, as pure functions."""

import unicodedata
from enum import IntFlag

from emoji import EMOJI_DATA, STATUS

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


def body_of(text: str) -> str:
    """What is stored of what was typed: line ends as `\\n`, trimmed.

    Refused: `EmptyMessage`, `MessageTooLong`, `UnreadableMessage`.
    """
    body = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(body) > LONGEST:
        raise MessageTooLong("body", limit=LONGEST)
    # PostgreSQL cannot store NUL, and half a surrogate pair is no text anywhere
    if "\x00" in body or any("\ud800" <= character <= "\udfff" for character in body):
        raise UnreadableMessage("body")
    if all(character in BLANKS or unicodedata.category(character) in INVISIBLE for character in body):
        raise EmptyMessage("body")
    return body


def emoji_of(text: str) -> str:
    """One emoji of those that keyboards offer, in the one spelling that is drawn in colour. Refused: `NotAnEmoji`."""
    known = EMOJI_DATA.get(text)
    if known is None or known["status"] != STATUS["fully_qualified"]:
        raise NotAnEmoji("emoji")
    return text
