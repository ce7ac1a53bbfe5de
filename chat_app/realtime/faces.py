"""How somebody is drawn: with a picture, if they have one, over letters on a hue that follows from the id, on every
screen the same.
"""

import re
import zlib
from dataclasses import dataclass

HUES = (342, 12, 38, 60, 95, 142, 165, 190, 240, 265, 290, 315)
WORD_ENDS = re.compile(r"[\s._]+")


@dataclass(frozen=True)
class Face:
    """`hue` in degrees of the colour wheel, `initials` of one or two letters, `picture` the name of a file or empty."""

    hue: int = HUES[0]
    initials: str = ""
    picture: str = ""


def face_of(owner: str, title: str, picture: str = "") -> Face:
    """The face of whoever has this id and this name; `picture` is what the reader may see of theirs."""
    words = [word for word in WORD_ENDS.split(title) if word]
    hue = HUES[zlib.crc32(owner.encode()) % len(HUES)]
    return Face(hue, "".join(word[0].upper() for word in words[:2]), picture)
