"""Pictures to upload, made as they are needed."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 200, 20), (20, 20, 220), (250, 250, 250)


def plain(size: tuple[int, int] = (60, 40), colour: tuple[int, ...] = RED) -> Image.Image:
    """One colour all over."""
    return Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour)


def flag(size: tuple[int, int] = (64, 64)) -> Image.Image:
    """Red left above, green right above, blue left below, white right below."""
    image = Image.new("RGB", size)
    width, height = size[0] // 2, size[1] // 2
    for colour, place in ((RED, (0, 0)), (GREEN, (width, 0)), (BLUE, (0, height)), (WHITE, (width, height))):
        image.paste(colour, (*place, place[0] + width, place[1] + height))
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """`image` as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photo(colour: tuple[int, ...] = RED) -> bytes:
    """A small JPEG."""
    return saved(plain(colour=colour), "JPEG")


def heading(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and has next to nothing of it."""
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + rows + chunk(b"IEND", b"")


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def opened(file: bytes) -> Image.Image:
    """What was made of it, decoded."""
    image = Image.open(io.BytesIO(file))
    image.load()
    return image


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours left above, right above, left below and right below, well within."""
    near, far = image.width // 8, image.width * 7 // 8
    found = [image.getpixel((x, y)) for x, y in ((near, near), (far, near), (near, far), (far, far))]
    return [colour for colour in found if isinstance(colour, tuple)]


def alike(one: tuple[int, ...], other: tuple[int, ...], by: int = 24) -> bool:
    """The same colour, but for what saving loses of it."""
    return len(one) == len(other) and all(abs(a - b) <= by for a, b in zip(one, other, strict=True))
