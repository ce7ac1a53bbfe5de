"""What may be said, as pure functions."""

import unicodedata
from enum import IntFlag

from chat_app.domain.messages.errors import EmptyMessage, MessageTooLong, UnreadableMessage

LONGEST = 4096
"""Characters in a message, after trimming."""

INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"}
"""Unicode categories that show nothing on their own: controls, formats, spaces, marks."""

BLANKS = set("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that are drawn as nothing: fillers of Hangul, the empty pattern of Braille."""


class Extra(IntFlag):
    """What a message has besides its words."""

    REACTIONS = 1
    MENTIONS = 2
    ATTACHMENTS = 4


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
