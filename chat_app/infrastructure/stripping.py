"""Takes out of pictures what is not the picture: where and by whom it was taken, comments, what hangs on behind.

Nothing is decoded and nothing written anew: the pieces of the file that draw are kept as they are, so that no quality
is lost and animations stay. Every walk ends: with the file, or after as many pieces as no picture has.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator

Pieces = list[memoryview]

MOST_PIECES = 20_000
"""Chunks or segments. A large PNG in pieces of 8 KB has 2,500."""

MOST_BLOCKS = 400_000
"""Of a GIF, whose data comes in blocks of up to 255 bytes: 20 MB have 80,000."""

MOST_SCANS = 100
"""Of a JPEG: one that loads by and by has about ten, and each may cost as much as the first."""

LONGEST_PROFILE = 1024
"""Bytes of a colour profile that is kept. Those of phones, which say how the colours are meant, have 500 to 600; longer
ones are of a certain screen or scanner, and name it."""


def stripped(kind: str, content: bytes) -> Pieces:
    """What is left of a picture of this kind (`JPEG`, `PNG`, `WEBP`, `GIF`). Raises ValueError when it is none."""
    whole = memoryview(content)
    try:
        return WALKS[kind](whole)
    except (IndexError, struct.error) as error:
        raise ValueError("it ends too early") from error


# JPEG: ITU T.81, annex B
STANDING_ALONE = {0x01, *range(0xD0, 0xD9)}
DRAWING = {*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD} - {0xC8}
JFIF, ADOBE, ICC = 0xE0, 0xEE, 0xE2
NEXT_SEGMENT = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
JFIF_HEAD = 14
"""Bytes of its content; behind them may be a small picture of what the picture was before."""


def _jpeg(whole: memoryview) -> Pieces:
    kept, at, scans = [whole[:2]], 2, 0
    for _ in range(MOST_PIECES):
        if whole[at] != 0xFF:
            raise ValueError("no segment")
        marker = whole[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            return [*kept, whole[at : at + 2]]
        if marker in STANDING_ALONE:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", whole, at + 2)
        end = at + 2 + length
        content = whole[at + 4 : end]
        if marker == 0xDA:
            scans += 1
            found = NEXT_SEGMENT.search(whole, end)
            if found is None or scans > MOST_SCANS:
                raise ValueError("no end")
            end = found.start()
        if marker in DRAWING:
            kept.append(whole[at:end])
        elif marker == JFIF and bytes(content[:5]) == b"JFIF\0" and len(content) >= JFIF_HEAD:
            kept.append(memoryview(b"\xff\xe0\x00\x10" + bytes(content[:12]) + b"\0\0"))
        elif (marker == ADOBE and bytes(content[:5]) == b"Adobe" and len(content) <= 12) or (
            marker == ICC and bytes(content[:12]) == b"ICC_PROFILE\0" and len(content) <= LONGEST_PROFILE
        ):
            kept.append(whole[at:end])
        at = end
    raise ValueError("too many segments")


# PNG 3, W3C
PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"sBIT", b"bKGD", b"pHYs"}
PNG_MOVING = {b"acTL", b"fcTL", b"fdAT"}


def _png(whole: memoryview) -> Pieces:
    kept, at, profiles = [whole[:8]], 8, 0
    for _ in range(MOST_PIECES):
        (length,) = struct.unpack_from(">I", whole, at)
        kind, end = bytes(whole[at + 4 : at + 8]), at + 12 + length
        if end > len(whole):
            raise ValueError("it ends too early")
        if kind == b"iCCP":
            profiles += 1
        if kind in PNG_KEPT | PNG_MOVING or (kind == b"iCCP" and profiles == 1 and _short(whole[at + 8 : end - 4])):
            kept.append(whole[at:end])
        if kind == b"IEND":
            return kept
        at = end
    raise ValueError("too many chunks")


def _short(profile: memoryview) -> bool:
    """Whether a profile, packed behind a name of its own, is short."""
    packed = bytes(profile[:LONGEST_PROFILE]).partition(b"\0")[2][1:]
    try:
        return len(zlib.decompressobj().decompress(packed, LONGEST_PROFILE + 1)) <= LONGEST_PROFILE
    except zlib.error:
        return False


# WebP: RFC 9649
WEBP_KEPT = {b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"}
HAS_PROFILE, HAS_EXIF, HAS_XMP = 0x20, 0x08, 0x04


def _webp(whole: memoryview) -> Pieces:
    end = min(len(whole), 8 + struct.unpack_from("<I", whole, 4)[0])
    chunks = [(kind, piece) for kind, piece in _chunks(whole, 12, end) if _kept_of_webp(kind, piece)]
    profile = any(kind == b"ICCP" for kind, _ in chunks)
    flags = 0xFF & ~(HAS_EXIF | HAS_XMP | (0 if profile else HAS_PROFILE))
    pieces = [
        memoryview(bytes(piece[:8]) + bytes([piece[8] & flags]) + bytes(piece[9:])) if kind == b"VP8X" else piece
        for kind, piece in chunks
    ]
    size = 4 + sum(map(len, pieces))
    return [memoryview(b"RIFF" + struct.pack("<I", size) + b"WEBP"), *pieces]


def _chunks(whole: memoryview, at: int, end: int) -> Iterator[tuple[bytes, memoryview]]:
    for _ in range(MOST_PIECES):
        if at + 8 > end:
            return
        (length,) = struct.unpack_from("<I", whole, at + 4)
        after = at + 8 + length + length % 2
        if at + 8 + length > len(whole):
            raise ValueError("it ends too early")
        piece = whole[at:after]
        # the last one may lack what makes its length even
        padded = piece if len(piece) == after - at else memoryview(bytes(piece) + b"\0")
        yield bytes(whole[at : at + 4]), padded
        at = after
    raise ValueError("too many chunks")


def _kept_of_webp(kind: bytes, piece: memoryview) -> bool:
    return (
        kind in WEBP_KEPT or (kind == b"VP8X" and len(piece) > 9) or (kind == b"ICCP" and len(piece) <= LONGEST_PROFILE)
    )


# GIF89a
EXTENSION, IMAGE, TRAILER, CONTROL, APPLICATION = 0x21, 0x2C, 0x3B, 0xF9, 0xFF
LOOPS = {b"NETSCAPE2.0", b"ANIMEXTS1.0"}
LOOP_LENGTH = 19
"""Of an extension that says how often, and nothing else."""


def _gif(whole: memoryview) -> Pieces:
    at = 13 + _colours(whole[10])
    kept, blocks = [whole[:at]], 0
    while True:
        begins = whole[at]
        if begins == TRAILER:
            return [*kept, whole[at : at + 1]]
        if begins == IMAGE:
            # its own colours, and the size of its first code
            data = at + 10 + _colours(whole[at + 9]) + 1
        elif begins == EXTENSION:
            data = at + 2
        else:
            raise ValueError("no block")
        end, several = _data(whole, data, MOST_BLOCKS - blocks)
        blocks += several
        if begins == IMAGE or _kept_of_gif(whole[at:end]):
            kept.append(whole[at:end])
        at = end


def _colours(flags: int) -> int:
    """Bytes of the table of colours that follows."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _data(whole: memoryview, at: int, most: int) -> tuple[int, int]:
    """Where the blocks that begin here end, and how many they are."""
    for several in range(1, most):
        length = whole[at]
        at += 1 + length
        if not length:
            return at, several
    raise ValueError("too many blocks")


def _kept_of_gif(extension: memoryview) -> bool:
    loop = extension[1] == APPLICATION and bytes(extension[3:14]) in LOOPS and len(extension) <= LOOP_LENGTH
    return loop or extension[1] == CONTROL


WALKS: dict[str, Callable[[memoryview], Pieces]] = {"JPEG": _jpeg, "PNG": _png, "WEBP": _webp, "GIF": _gif}
