"""What a file is, by its first bytes: what it is called, or said to be, proves nothing."""

from pathlib import Path
from typing import Any

import puremagic

HEAD = 16 * 1024
"""Bytes that are looked at."""

PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
"""What browsers are let show, and Pillow's names for it."""

UNKNOWN = "application/octet-stream"

KNOWN = {
    "application/pdf",
    "application/zip",
    "application/gzip",
    "application/x-7z-compressed",
    "application/vnd.rar",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
    "audio/mpeg",
    "audio/flac",
    "audio/x-wav",
    "audio/wav",
    "audio/ogg",
    "video/mp4",
    "video/webm",
    "video/quicktime",
    "video/x-msvideo",
    "image/heic",
    "image/avif",
    "image/bmp",
    "image/tiff",
}
"""What is called by its name: nothing of it is run, whoever opens it where. All else is `UNKNOWN`."""

ZIP = b"PK\x03\x04"

BEGINNINGS = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}


def kind_of(path: Path, name: str) -> str:
    """The type of a file. Where its first bytes fit several, `name` may choose among them."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for picture, beginnings in BEGINNINGS.items():
        if head.startswith(beginnings):
            return picture
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return _known(head, name)


def _known(head: bytes, name: str) -> str:
    try:
        found: list[Any] = puremagic.magic_string(head)  # pyright: ignore[reportUnknownMemberType]  # half typed
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    extension = Path(name).suffix.lower()
    fitting = [match for match in found if match.mime_type in KNOWN]
    named = [match for match in fitting if extension and match.extension == extension]
    if named:
        return named[0].mime_type
    if head.startswith(ZIP):
        # what all sorts of documents are packed in
        return "application/zip"
    # nothing weaker than the best guess: something else claims these bytes with more right
    best: float = max((match.confidence for match in found), default=0)
    return next((match.mime_type for match in fitting if match.confidence >= best), UNKNOWN)
