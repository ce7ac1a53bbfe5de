"""Pictures in messages: without a word of metadata, upright, as good as they came, and a small one to be shown first.

They are decoded once, for the small one: what cannot be is no picture. An animation stays one; of it the first frame is
looked at.
"""

import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, JpegImagePlugin

from chat_app.domain.common.errors import Refusal
from chat_app.domain.messages.errors import BrokenPicture, PictureTooDetailed
from chat_app.domain.users.rules import MOST_PICTURE_PIXELS, MOST_WEBP_PIXELS
from chat_app.infrastructure.pictures import UPRIGHT, coloured, orientation
from chat_app.infrastructure.stripping import LONGEST_PROFILE, stripped

SHOWN = 800
"""Pixels of the longer side of the small one: a bubble is 352 wide, on screens with two to each."""

SHOWN_QUALITY = 80

SMALL_BYTES = 200 * 1024
"""A picture no larger than this and no wider than `SHOWN` is its own small one."""

MOVING_BYTES = 2 * 1024 * 1024
"""An animation no larger than this is shown as it is, moving."""

MOST_PIXELS = {"JPEG": MOST_PICTURE_PIXELS, "PNG": MOST_PICTURE_PIXELS}
"""Of others, which are decoded as a whole and more slowly, fewer."""


@dataclass(frozen=True)
class Photo:
    """Its pixels, upright; `thumbnail` as WebP, none when the picture is small enough itself."""

    width: int
    height: int
    thumbnail: bytes | None


def prepare(path: Path, kind: str) -> Photo:
    """Make the file at `path`, of this kind as Pillow calls it, fit to be shown to others.

    Refused: `BrokenPicture`, `PictureTooDetailed`.
    """
    try:
        turn = UPRIGHT.get(_strip(path, kind))
        with Image.open(path, formats=[kind]) as image:
            # only the header was read so far
            _check_size(image, kind)
            if turn is None:
                return _look(image, path.stat().st_size)
            _turn(image, turn, path)
        with Image.open(path, formats=[kind]) as upright:
            return _look(upright, path.stat().st_size)
    except Refusal:
        raise
    except Image.DecompressionBombError as error:
        raise _too_detailed(kind) from error
    except Exception as error:
        # what is wrong with a file Pillow tells by almost any error there is
        raise BrokenPicture from error


def _strip(path: Path, kind: str) -> int:
    """Take out what is not the picture. How it was held, as EXIF counts it."""
    content = path.read_bytes()
    pieces = stripped(kind, content)
    held = 1
    if kind == "JPEG":
        with Image.open(BytesIO(content), formats=[kind]) as image:
            held = orientation(image)
    aside = path.with_name(f"{path.name}.stripped")
    try:
        with aside.open("wb") as file:
            file.writelines(pieces)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    return held


def _turn(image: Image.Image, turn: Image.Transpose, path: Path) -> None:
    """Write a JPEG anew, upright: with its own tables of how much to leave out, so that hardly anything more is."""
    image.load()
    tables: Any = getattr(image, "quantization", None)
    sampling = JpegImagePlugin.get_sampling(image)
    profile = _profile(image)
    aside = path.with_name(f"{path.name}.turned")
    try:
        image.transpose(turn).save(aside, "JPEG", qtables=tables, subsampling=sampling, **profile)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _look(image: Image.Image, size: int) -> Photo:
    width, height = image.size
    moving = bool(getattr(image, "is_animated", False))
    profile = _profile(image)
    # a JPEG may be decoded at a half, a quarter or an eighth; twice the size is left to be smoothed
    image.draft(None, (2 * SHOWN, 2 * SHOWN))
    image.load()
    small = max(width, height) <= SHOWN and size <= SMALL_BYTES
    if small or (moving and size <= MOVING_BYTES):
        return Photo(width, height, None)
    shown = coloured(image)
    shown.thumbnail((SHOWN, SHOWN), Image.Resampling.LANCZOS, reducing_gap=2.0)
    made = BytesIO()
    shown.save(made, "WEBP", quality=SHOWN_QUALITY, method=4, **profile)
    return Photo(width, height, made.getvalue())


def _profile(image: Image.Image) -> dict[str, Any]:
    profile: Any = image.info.get("icc_profile")
    return {"icc_profile": profile} if profile and len(profile) <= LONGEST_PROFILE else {}


def _check_size(image: Image.Image, kind: str) -> None:
    if image.width * image.height > MOST_PIXELS.get(kind, MOST_WEBP_PIXELS):
        raise _too_detailed(kind)


def _too_detailed(kind: str) -> PictureTooDetailed:
    return PictureTooDetailed(most_mp=MOST_PIXELS.get(kind, MOST_WEBP_PIXELS) // 1_000_000)
