"""How somebody without a picture is drawn: a hue that follows from the id, on every screen the same, and letters."""

import re
import zlib
from dataclasses import dataclass

HUES = (342, 12, 38, 60, 95, 142, 165, 190, 240, 265, 290, 315)
WORD_ENDS = re.compile(r"[\s._]+")


@dataclass(frozen=True)
class Face:
    """`hue` in degrees of the colour wheel, `initials` of one or two letters."""

    hue: int = HUES[0]
    initials: str = ""


def face_of(owner: str, title: str) -> Face:
    """The face of whoever has this id and this name."""
    words = [word for word in WORD_ENDS.split(title) if word]
    return Face(HUES[zlib.crc32(owner.encode()) % len(HUES)], "".join(word[0].upper() for word in words[:2]))
