"""Pictures of messages: nothing but the picture is left, and what is no picture, or too much of one, is refused."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageStat, PngImagePlugin

from chat_app.domain.common.errors import Refusal
from chat_app.domain.messages.errors import BrokenPicture, PictureTooDetailed
from chat_app.infrastructure.kinds import PICTURES, kind_of
from chat_app.infrastructure.photos import SHOWN, Photo, prepare
from chat_app.infrastructure.stripping import LONGEST_PROFILE, stripped
from tests.pictures import alike, chunk, corners, flag, heading, opened, plain, saved

SECRET = b"55.7558N 37.6173E by ada"
KINDS = ["JPEG", "PNG", "WEBP", "GIF"]


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[ExifTags.Base.Orientation] = orientation
    made[ExifTags.Base.Make] = SECRET.decode()
    return made


def noisy(size: tuple[int, int] = (1200, 900)) -> Image.Image:
    """One that no kind makes small."""
    return Image.merge("RGB", [Image.effect_noise(size, 90) for _ in range(3)])


def telling(kind: str, image: Image.Image | None = None) -> bytes:
    """A picture that says where it was taken, in every way its kind knows, and has something hang on behind."""
    image = image or flag()
    options: dict[str, Any] = {}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET.decode())
        text.add_itxt("XML:com.adobe.xmp", SECRET.decode(), zip=False)
        options = {"pnginfo": text, "exif": exif()}
    elif kind == "GIF":
        options = {"comment": SECRET}
    else:
        options = {"exif": exif(), "xmp": b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"}
    if kind == "JPEG":
        options |= {"comment": SECRET, "dpi": (300, 300)}
    if kind == "WEBP":
        options |= {"lossless": True}
    file = saved(image, kind, **options)
    assert SECRET in file
    return file + SECRET + b"<script>alert(1)</script>"


def prepared(tmp_path: Path, content: bytes, kind: str) -> tuple[Photo, bytes]:
    path = tmp_path / "upload"
    path.write_bytes(content)
    photo = prepare(path, kind)
    assert [each.name for each in tmp_path.iterdir()] == ["upload"]
    return photo, path.read_bytes()


def refusal_of(tmp_path: Path, content: bytes, kind: str) -> Refusal:
    path = tmp_path / "upload"
    path.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        prepare(path, kind)
    assert [each.name for each in tmp_path.iterdir()] == ["upload"]
    return refused.value


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_picture_the_picture_is_left(tmp_path: Path, kind: str) -> None:
    content = telling(kind)
    photo, left = prepared(tmp_path, content, kind)
    assert (photo.width, photo.height) == (64, 64)
    assert SECRET not in left
    assert b"script" not in left
    image = opened(left)
    assert image.format == kind
    assert dict(image.getexif()) == {}
    assert not {"comment", "xmp", "exif", "XML:com.adobe.xmp", "Comment"} & set(image.info)
    # each pixel as it was
    assert ImageChops.difference(image.convert("RGB"), opened(content).convert("RGB")).getbbox() is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_held_otherwise_stands_upright(tmp_path: Path, orientation: int) -> None:
    upright = flag((80, 40))
    # how the camera saw it, by what undoes each turn
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    seen = upright if undo is None else upright.transpose(undo)
    content = saved(seen, "JPEG", quality=95, exif=exif(orientation), subsampling=0)
    photo, left = prepared(tmp_path, content, "JPEG")
    assert (photo.width, photo.height) == (80, 40)
    image = opened(left)
    assert image.size == (80, 40)
    assert all(alike(a, b) for a, b in zip(corners(image.resize((64, 64))), corners(flag()), strict=True))
    assert SECRET not in left
    assert dict(image.getexif()) == {}


def test_a_turned_photo_is_as_good_as_it_was(tmp_path: Path) -> None:
    slope = Image.linear_gradient("L")
    content = saved(Image.merge("RGB", [slope, slope.rotate(90), slope]), "JPEG", quality=92, exif=exif(6))
    _, left = prepared(tmp_path, content, "JPEG")
    assert opened(left).quantization == opened(content).quantization  # pyright: ignore
    difference = ImageChops.difference(opened(content).transpose(Image.Transpose.ROTATE_270), opened(left))
    assert max(ImageStat.Stat(difference).mean) < 0.5


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_an_animation_moves_on(tmp_path: Path, kind: str) -> None:
    frames = [plain((60, 40), (shade, 0, 255 - shade)) for shade in (0, 120, 250)]
    options: dict[str, Any] = {"save_all": True, "append_images": frames[1:], "duration": 100, "loop": 0}
    content = saved(frames[0], kind, **options) + SECRET
    photo, left = prepared(tmp_path, content, kind)
    assert SECRET not in left
    image = opened(left)
    assert image.n_frames == 3  # pyright: ignore
    assert image.info["loop"] == 0
    # so that it is seen to move
    assert photo.thumbnail is None


def test_a_large_one_has_a_small_one(tmp_path: Path) -> None:
    content = saved(noisy((1600, 1000)), "JPEG", exif=exif())
    photo, _ = prepared(tmp_path, content, "JPEG")
    assert (photo.width, photo.height) == (1600, 1000)
    assert photo.thumbnail is not None
    small = opened(photo.thumbnail)
    assert (small.format, small.size) == ("WEBP", (SHOWN, 500))
    assert dict(small.getexif()) == {}


def test_a_tall_one_has_one_as_tall_as_may_be(tmp_path: Path) -> None:
    photo, _ = prepared(tmp_path, saved(noisy((30, 4000)), "PNG"), "PNG")
    assert photo.thumbnail is not None
    assert opened(photo.thumbnail).size == (6, SHOWN)


def test_a_small_one_is_its_own(tmp_path: Path) -> None:
    photo, _ = prepared(tmp_path, saved(flag(), "JPEG"), "JPEG")
    assert photo.thumbnail is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_profile_that_names_no_screen_stays(tmp_path: Path, kind: str) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    short, long = srgb, srgb + b"of the screen of ada " * 100
    assert len(short) <= LONGEST_PROFILE
    for profile, kept in ((short, True), (long, False)):
        _, left = prepared(tmp_path, saved(flag(), kind, icc_profile=profile), kind)
        assert bool(opened(left).info.get("icc_profile")) is kept


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "I;16", "1", "CMYK"])
def test_every_way_to_count_colours_is_a_picture(tmp_path: Path, mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    image = Image.new(mode, (1000, 10)) if mode == "I;16" else flag((1000, 10)).convert(mode)
    photo, _ = prepared(tmp_path, saved(image, kind), kind)
    assert photo.thumbnail is not None
    assert opened(photo.thumbnail).size == (800, 8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_what_ends_too_early_is_no_picture(tmp_path: Path, kind: str, share: float) -> None:
    content = saved(noisy((100, 80)), kind)
    assert isinstance(refusal_of(tmp_path, content[: int(len(content) * share)], kind), BrokenPicture)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("GIF", b"GIF89a/*" + b"\0" * 8 + b"*/=1;alert(document.cookie)"),
        ("JPEG", b"\xff\xd8\xff\xe0<script>alert(1)</script>"),
        ("PNG", b"\x89PNG\r\n\x1a\n<svg onload=alert(1)>"),
        ("WEBP", b"RIFF\x10\0\0\0WEBP<html>...."),
        ("JPEG", b"\xff\xd8\xff\xd9"),
        ("PNG", b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b"")),
        ("GIF", b"GIF89a\x01\0\x01\0\0\0\0;"),
        ("WEBP", b"RIFF\x04\0\0\0WEBP"),
    ],
)
def test_what_only_begins_as_a_picture_is_none(tmp_path: Path, kind: str, content: bytes) -> None:
    assert isinstance(refusal_of(tmp_path, content, kind), BrokenPicture)


def test_a_picture_that_is_a_script_as_well_is_only_a_picture(tmp_path: Path) -> None:
    # a comment of JavaScript opens in its width, and is closed in what hangs on behind
    gif = saved(plain((0x2A2F % 500 + 1, 10)), "GIF")
    script = gif[:-1] + b"!\xfe\x0f*/=1;alert(1)//\0;" + b"*/=1;alert(1)"
    _, left = prepared(tmp_path, script, "GIF")
    assert b"alert" not in left


def bomb(side: int) -> bytes:
    """A PNG of a few KB that takes gigabytes when it is decoded."""
    row = b"\0" + b"\0" * (side * 3)
    packed = zlib.compressobj(9)
    data = b"".join(packed.compress(row) for _ in range(50)) + packed.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("PNG", bomb(30_000)),
        ("PNG", heading(8000, 7000)),
        ("PNG", heading(2**31 - 1, 2**31 - 1)),
        ("WEBP", saved(plain((5000, 4000)), "WEBP")),
        ("GIF", saved(plain((5000, 4000)), "GIF")),
    ],
)
def test_too_many_pixels_are_refused_before_they_are_decoded(
    tmp_path: Path, kind: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []
    monkeypatch.setattr(Image.Image, "load", lambda self: decoded.append(kind))
    refused = refusal_of(tmp_path, content, kind)
    assert isinstance(refused, PictureTooDetailed)
    assert decoded == []
    assert refused.params == {"most_mp": 50 if kind == "PNG" else 16}


def test_a_picture_without_end_is_none() -> None:
    jpeg = saved(flag(), "JPEG", progressive=True)
    scan = jpeg[jpeg.index(b"\xff\xda") : -2]
    with pytest.raises(ValueError, match="no end"):
        stripped("JPEG", jpeg[:-2] + scan * 200 + b"\xff\xd9")
    with pytest.raises(ValueError, match="too many"):
        stripped("PNG", b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b"") * 30_000)
    with pytest.raises(ValueError, match="too many"):
        stripped("GIF", b"GIF89a" + b"\0" * 7 + b"!\xfe" + b"\x01a" * 500_000)
    with pytest.raises(ValueError, match="too many"):
        stripped("JPEG", b"\xff\xd8" + b"\xff\xfe\x00\x02" * 30_000)


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(KINDS), at=st.floats(0, 1), put=st.binary(min_size=1, max_size=12))
def test_whatever_is_wrong_with_it_it_is_stripped_or_none(kind: str, at: float, put: bytes) -> None:
    content = WHOLE[kind]
    place = int(at * len(content))
    try:
        pieces = stripped(kind, content[:place] + put + content[place + len(put) :])
    except ValueError:
        return
    assert sum(map(len, pieces)) <= len(content) + 40


WHOLE = {kind: telling(kind) for kind in KINDS}


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (saved(flag(), "JPEG"), "a.txt", "image/jpeg"),
        (saved(flag(), "PNG"), "a.html", "image/png"),
        (saved(flag(), "WEBP"), "", "image/webp"),
        (saved(flag(), "GIF"), "a.js", "image/gif"),
        (b"<!doctype html><script>alert(1)</script>", "cat.png", "application/octet-stream"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "a.svg", "application/octet-stream"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "a.png", "application/octet-stream"),
        (b"MZ\x90\0" + b"\0" * 300, "cat.jpg", "application/octet-stream"),
        (b"#!/bin/sh\nrm -rf /\n", "a.pdf", "application/octet-stream"),
        (b"just words", "a.jpg", "application/octet-stream"),
        (b"x", "x", "application/octet-stream"),
        (b"%PDF-1.7\n%\xe2\xe3" + b"x" * 500, "a.pdf", "application/pdf"),
        (b"PK\x03\x04" + b"\0" * 300, "a.zip", "application/zip"),
        (b"PK\x03\x04" + b"\0" * 300, "what", "application/zip"),
        (
            b"PK\x03\x04" + b"\0" * 300,
            "a.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (b"\0\0\0\x20ftypisom" + b"\0" * 300, "a.mp4", "video/mp4"),
        (b"ID3\x03\0" + b"\0" * 300, "a.mp3", "audio/mpeg"),
    ],
)
def test_what_a_file_is_its_bytes_say(tmp_path: Path, content: bytes, name: str, kind: str) -> None:
    (tmp_path / "upload").write_bytes(content)
    assert kind_of(tmp_path / "upload", name) == kind
    assert (kind in PICTURES) == (content[:4] in {saved(flag(), each)[:4] for each in KINDS})


def test_stripping_keeps_what_draws() -> None:
    """The pieces, put together, are what Pillow wrote less what it was told to write besides."""
    for kind in KINDS:
        bare = saved(flag(), kind, **({"lossless": True} if kind == "WEBP" else {}))
        image = Image.open(io.BytesIO(b"".join(stripped(kind, WHOLE[kind]))))
        assert image.tobytes() == opened(bare).tobytes()
