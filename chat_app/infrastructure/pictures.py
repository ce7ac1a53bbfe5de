"""What people upload, made into pictures of ours: square, of one size, of one kind, without a word of metadata.

Decoding is where a stranger's bytes meet a lot of C. So four kinds are looked at, by what they are and not by what they
are called; how much work one would be is told from its header before any of it is done; and one thread of its own does
it, behind a short queue.
"""

import asyncio
import io
import os
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from PIL import ExifTags, Image
from PIL.Image import Transpose

from chat_app.domain.common.errors import Busy, Refusal
from chat_app.domain.users.errors import NotAPicture, PictureTooLarge
from chat_app.domain.users.rules import MOST_PICTURE_BYTES, MOST_PICTURE_PIXELS, MOST_WEBP_PIXELS
from chat_app.infrastructure.passwords import NICENESS

KINDS = ("JPEG", "PNG", "WEBP", "GIF")
SIDE = 512
"""Pixels of a side of what comes out: for the largest it is drawn, 88, on screens with several to each."""

QUALITY = 82

WAITING = 4
"""Pictures that may wait, some seconds of work, before the answer is "busy"."""

MOST_SCANS = 100
"""A progressive JPEG comes in scans; encoders make about ten. Each takes 16 ms with 50 megapixels, also one of 75 bytes
that changes nothing, and of these 8 MB hold half an hour."""

MOST_SEGMENTS = 1000
"""Before the end of a JPEG. One has 64 KB, so that 8 MB of anything fill 128."""

MOST_PROFILES = 2
"""A PNG has one colour profile. Each that it has is unpacked; with 8 MB of them that took 15 s."""

UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""What sets a picture upright, by its EXIF orientation (EXIF 2.32, 4.6.4 A)."""

SEGMENT = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
"""Begins a segment of a JPEG, or is its end (ITU T.81, B.1.1.3). What is left out stands alone, or means nothing."""

END, SCAN = b"\xd9", b"\xda"


T = TypeVar("T")


class Pictures:
    """Makes pictures, one at a time."""

    def __init__(self, waiting: int = WAITING) -> None:
        self._waiting = waiting
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pictures", initializer=_step_back)
        self._under_way = 0

    async def square(self, content: bytes) -> bytes:
        """The middle of a picture, as WebP. Refused: `NotAPicture`, `PictureTooLarge`, `Busy`."""
        if len(content) > MOST_PICTURE_BYTES:
            raise PictureTooLarge
        return await self.run(lambda: _square(content))

    def close(self) -> None:
        """Finish what runs, start nothing new."""
        self._pool.shutdown(cancel_futures=True)

    async def run(self, work: Callable[[], T]) -> T:
        """Have some work on a picture done. Refused: `Busy`, and what it refuses."""
        if self._under_way >= 1 + self._waiting:
            raise Busy(wait_s=3)
        self._under_way += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    def _done(self, _future: object) -> None:
        self._under_way -= 1


def _step_back() -> None:
    """Let the event loop go first, as the threads that hash passwords do."""
    if sys.platform == "linux":
        os.nice(NICENESS)


def _square(content: bytes) -> bytes:
    if content.count(b"iCCP") > MOST_PROFILES or (content.startswith(b"\xff\xd8") and _endless(content)):
        raise NotAPicture("picture")
    try:
        return _webp(_decoded(content))
    except Refusal:
        raise
    except Image.DecompressionBombError as error:
        raise PictureTooLarge from error
    except Exception as error:
        # what is wrong with a file Pillow tells by almost any error there is
        raise NotAPicture("picture") from error


def _endless(jpeg: bytes) -> bool:
    """Whether a JPEG has more scans than one needs."""
    scans, at = 0, 0
    for _ in range(MOST_SEGMENTS):
        found = SEGMENT.search(jpeg, at)
        if found is None or found[1] == END:
            return False
        scans += found[1] == SCAN
        if scans > MOST_SCANS:
            return True
        # what a segment holds may look like others
        at = found.end() + max(2, int.from_bytes(jpeg[found.end() : found.end() + 2]))
    return True


def _decoded(content: bytes) -> Image.Image:
    """The middle of the first frame, upright, in `SIDE` rows of RGB or RGBA."""
    with Image.open(io.BytesIO(content), formats=KINDS) as image:
        most = MOST_WEBP_PIXELS if image.format == "WEBP" else MOST_PICTURE_PIXELS
        # only the header was read so far
        if image.width * image.height > most:
            raise PictureTooLarge(most_pixels=most)
        # a JPEG may be decoded at a half, a quarter or an eighth; twice our size is left to be smoothed
        image.draft(None, (2 * SIDE, 2 * SIDE))
        image.load()
        turn, plain = UPRIGHT.get(orientation(image)), coloured(image)
        side = min(plain.size)
        left, top = (plain.width - side) // 2, (plain.height - side) // 2
        middle = (left, top, left + side, top + side)
        small = plain.resize((SIDE, SIDE), Image.Resampling.LANCZOS, middle, reducing_gap=2.0)  # pyright: ignore[reportUnknownMemberType]  # Pillow names types of numpy, which is not here
        return small if turn is None else small.transpose(turn)


def orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        # a picture is one even where its metadata is broken
        return 1


def coloured(image: Image.Image) -> Image.Image:
    """`image` in red, green and blue, with transparency if it has any."""
    if image.mode.startswith("I"):
        # grey in 16 bits: Pillow would take all above the eighth for white
        image = image.point(lambda grey: grey / 256).convert("L")  # pyright: ignore[reportUnknownMemberType]  # the same
    mode = "RGBA" if image.has_transparency_data else "RGB"
    # a copy of the same would cost another 200 MB
    return image if image.mode == mode else image.convert(mode)


def _webp(image: Image.Image) -> bytes:
    # metadata is written where it is given, and none is
    made = io.BytesIO()
    image.save(made, "WEBP", quality=QUALITY, method=4)
    return made.getvalue()
