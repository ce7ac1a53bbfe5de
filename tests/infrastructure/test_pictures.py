"""What is taken for a picture, what comes out of it, and what is too much work."""

import asyncio
import io
import os
import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from chat_app.domain.common.errors import Busy
from chat_app.domain.users.errors import NotAPicture, PictureTooLarge
from chat_app.domain.users.rules import MOST_PICTURE_BYTES
from chat_app.infrastructure.passwords import NICENESS
from chat_app.infrastructure.pictures import MOST_SCANS, SIDE, WAITING, Pictures
from tests.pictures import BLUE, GREEN, RED, WHITE, alike, chunk, corners, flag, heading, opened, photo, plain, saved


@pytest.fixture
def pictures() -> Iterator[Pictures]:
    pictures = Pictures()
    yield pictures
    pictures.close()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", [(300, 100), (100, 300), (1, 1), (1, 4000), (2000, 1500)])
async def test_the_middle_of_a_picture_comes_out_square(pictures: Pictures, kind: str, size: tuple[int, int]) -> None:
    made = opened(await pictures.square(saved(plain(size), kind)))
    assert (made.format, made.size, made.mode) == ("WEBP", (SIDE, SIDE), "RGB")
    assert all(alike(corner, RED) for corner in corners(made))


async def test_what_lies_beside_the_middle_is_cut_off(pictures: Pictures) -> None:
    wide = plain((300, 100), BLUE)
    wide.paste(RED, (100, 0, 200, 100))
    assert all(alike(corner, RED) for corner in corners(opened(await pictures.square(saved(wide, "PNG")))))


TURNED = {
    1: [RED, GREEN, BLUE, WHITE],
    2: [GREEN, RED, WHITE, BLUE],
    3: [WHITE, BLUE, GREEN, RED],
    4: [BLUE, WHITE, RED, GREEN],
    5: [RED, BLUE, GREEN, WHITE],
    6: [BLUE, RED, WHITE, GREEN],
    7: [WHITE, GREEN, BLUE, RED],
    8: [GREEN, WHITE, RED, BLUE],
}
"""Where the corners of a picture belong, by its orientation."""


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_is_set_upright(pictures: Pictures, kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    made = opened(await pictures.square(saved(flag((1200, 800)), kind, exif=exif)))
    for corner, wanted in zip(corners(made), TURNED[orientation], strict=True):
        assert alike(corner, wanted), orientation


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("exif", [b"Exif\0\0nonsense", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12", b"Exif\0\0"])
async def test_a_picture_whose_metadata_is_broken_is_a_picture(pictures: Pictures, exif: bytes) -> None:
    assert opened(await pictures.square(saved(plain(), "JPEG", exif=exif))).size == (SIDE, SIDE)


async def test_nothing_is_left_of_where_and_with_what_it_was_taken(pictures: Pictures) -> None:
    exif = Image.Exif()
    exif[Base.Make] = "a secret camera"
    exif[Base.Orientation] = 6
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (55.0, 45.0, 7.0)
    told = {"exif": exif, "icc_profile": b"a secret profile", "comment": b"a secret comment"}
    given = saved(plain(), "JPEG", xmp=b"<a secret place>", **told)
    assert given.count(b"secret") == 4
    made = await pictures.square(given)
    assert b"secret" not in made
    assert parts(made) <= {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}
    assert not opened(made).getexif()


def parts(webp: bytes) -> set[bytes]:
    """What a WebP consists of."""
    found, at = set[bytes](), 12
    while at < len(webp):
        found.add(webp[at : at + 4])
        size = struct.unpack("<I", webp[at + 4 : at + 8])[0]
        at += 8 + size + size % 2
    return found


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
async def test_what_is_transparent_stays_so(pictures: Pictures, kind: str) -> None:
    half = plain((100, 100), (*RED, 255))
    half.paste((0, 0, 0, 0), (50, 0, 100, 100))
    made = opened(await pictures.square(saved(half, kind)))
    assert made.mode == "RGBA"
    left_above, right_above, *_ = corners(made)
    assert alike(left_above, (*RED, 255))
    assert right_above[3] == 0


async def test_a_palette_with_a_colour_for_nothing(pictures: Pictures) -> None:
    image = Image.new("P", (100, 100), 1)
    image.putpalette([*WHITE, *RED])
    image.paste(0, (50, 0, 100, 100))
    made = opened(await pictures.square(saved(image, "PNG", transparency=0)))
    left_above, right_above, *_ = corners(made)
    assert alike(left_above, (*RED, 255))
    assert right_above[3] == 0


@pytest.mark.parametrize("grey", [0, 0x4000, 0x8000, 0xFFFF])
async def test_grey_in_16_bits(pictures: Pictures, grey: int) -> None:
    made = opened(await pictures.square(saved(Image.new("I;16", (40, 40), grey), "PNG")))
    assert alike(corners(made)[0], (grey >> 8,) * 3, by=4)


async def test_colours_in_16_bits(pictures: Pictures) -> None:
    row = b"\0" + struct.pack(">HHHH", 0xDC00, 0x1400, 0x1400, 0x8000) * 8
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, 6, 0, 0, 0))
    deep = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(row * 8)) + chunk(b"IEND", b"")
    assert alike(corners(opened(await pictures.square(deep)))[0], (*RED, 128))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "CMYK"])
async def test_other_ways_to_write_colours(pictures: Pictures, mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    made = opened(await pictures.square(saved(plain(colour=WHITE).convert(mode), kind)))
    assert alike(corners(made)[0][:3], WHITE)


async def test_a_cmyk_jpeg_keeps_its_colours(pictures: Pictures) -> None:
    made = opened(await pictures.square(saved(flag().convert("CMYK"), "JPEG", quality=95)))
    for corner, wanted in zip(corners(made), (RED, GREEN, BLUE, WHITE), strict=True):
        assert alike(corner, wanted)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
async def test_of_what_moves_the_first_frame_is_taken(pictures: Pictures, kind: str) -> None:
    moving = saved(plain(), kind, save_all=True, append_images=[plain(colour=BLUE), plain(colour=GREEN)], duration=50)
    made = opened(await pictures.square(moving))
    assert alike(corners(made)[0][:3], RED)
    assert getattr(made, "n_frames", 1) == 1


def of_another_kind(kind: str) -> bytes:
    return saved(plain(), kind)


NONE = {
    "nothing": b"",
    "words": b"just words",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a page that begins like a PNG": b"\x89PNG\r\n\x1a\n<!doctype html><script>alert(1)</script>" * 20,
    "a page that begins like a JPEG": b"\xff\xd8\xff\xe0<script>alert(1)</script>" * 20,
    "a page that begins like a GIF": b"GIF89a<script>alert(1)</script>" * 20,
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a PDF": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n",
    "a BMP": of_another_kind("BMP"),
    "a TIFF": of_another_kind("TIFF"),
    "an icon": of_another_kind("ICO"),
    "a PPM": of_another_kind("PPM"),
}


@pytest.mark.parametrize("name", NONE)
async def test_what_is_no_picture_of_a_kind_we_take_is_refused(pictures: Pictures, name: str) -> None:
    with pytest.raises(NotAPicture) as refused:
        await pictures.square(NONE[name])
    assert refused.value.field == "picture"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
async def test_a_picture_that_ends_too_early_is_refused(pictures: Pictures, kind: str, kept: float) -> None:
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    whole = saved(noise, kind)
    with pytest.raises(NotAPicture):
        await pictures.square(whole[: int(len(whole) * kept)])


async def test_a_page_hidden_behind_a_picture_does_not_come_out(pictures: Pictures) -> None:
    made = await pictures.square(photo() + b"<script>alert(1)</script>")
    assert b"script" not in made


@pytest.mark.parametrize("size", [(7072, 7072), (50_000_001, 1), (1, 2**31 - 1), (2**31 - 1, 2**31 - 1)])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
async def test_a_bomb_is_refused_by_its_header(pictures: Pictures, size: tuple[int, int]) -> None:
    began = monotonic()
    with pytest.raises(PictureTooLarge) as refused:
        await pictures.square(heading(*size))
    assert refused.value.params == {"most_mb": 8, "most_mp": 50}
    assert monotonic() - began < 1


async def test_a_header_just_within_is_looked_into(pictures: Pictures) -> None:
    with pytest.raises(NotAPicture):
        await pictures.square(heading(50_000_000, 1))


async def test_of_a_webp_fewer_pixels_are_taken(pictures: Pictures) -> None:
    flat = saved(plain((4100, 4000), (*RED, 128)), "WEBP", lossless=True, method=0)
    assert len(flat) < 100
    with pytest.raises(PictureTooLarge) as refused:
        await pictures.square(flat)
    assert refused.value.params == {"most_mb": 8, "most_mp": 16}


async def test_more_than_8_mb_are_not_looked_at(pictures: Pictures) -> None:
    with pytest.raises(PictureTooLarge):
        await pictures.square(photo() + bytes(MOST_PICTURE_BYTES))


def repeated(times: int, *, before: bytes = b"") -> bytes:
    """A progressive JPEG whose last scan comes `times` more, behind `before`."""
    jpeg = saved(plain((512, 512)), "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:-2] + before + jpeg[last:-2] * times + b"\xff\xd9"


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\xff\xfe\x00\x04\xff\xd9",  # an end that is the text of a comment
        b"\xff\x02\xff\xff",  # a segment that is none, as long as can be
        b"\xff\xff\xff\xfe\x00\x00",  # a comment that is shorter than it says itself
    ],
)
async def test_a_jpeg_of_scans_without_end_is_refused(pictures: Pictures, before: bytes) -> None:
    with pytest.raises(NotAPicture):
        await pictures.square(repeated(MOST_SCANS, before=before))


async def test_an_honest_number_of_scans_is_not(pictures: Pictures) -> None:
    assert opened(await pictures.square(repeated(20))).size == (SIDE, SIDE)
    # what a phone appends behind the end, a film for one, is nobody's scan
    assert opened(await pictures.square(photo() + b"\xff\xda\x00\x02" * 1000)).size == (SIDE, SIDE)


async def test_a_jpeg_of_segments_without_end_is_refused(pictures: Pictures) -> None:
    jpeg = photo()
    with pytest.raises(NotAPicture):
        await pictures.square(jpeg[:2] + b"\xff\xfe\x00\x02" * 2_000_000 + jpeg[2:])


async def test_a_png_of_profiles_without_end_is_refused(pictures: Pictures) -> None:
    png = saved(plain(), "PNG")
    profile = chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(1_000_000)))
    with pytest.raises(NotAPicture):
        await pictures.square(png[:33] + profile * 8000 + png[33:])


WHOLE = [saved(flag(), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF")]


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # they share the thread, which is meant
@given(
    whole=st.sampled_from(WHOLE),
    changes=st.lists(st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=8),
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
async def test_whatever_is_broken_comes_out_as_a_picture_or_is_refused(
    pictures: Pictures, whole: bytes, changes: list[tuple[int, bytes]]
) -> None:
    broken = bytearray(whole)
    for at, put in changes:
        at %= len(broken)
        broken[at : at + len(put)] = put
    # anything but these two fails the test
    with suppress(NotAPicture, PictureTooLarge):
        assert opened(await pictures.square(bytes(broken))).size == (SIDE, SIDE)


async def test_too_many_at_once_are_sent_away_and_then_it_goes_on(pictures: Pictures) -> None:
    outcomes = await asyncio.gather(*(pictures.square(photo()) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(outcome, bytes) for outcome in outcomes) == 1 + WAITING
    assert sum(isinstance(outcome, Busy) for outcome in outcomes) == 19 - WAITING
    assert await pictures.square(photo())


async def test_decoding_does_not_hold_up_the_loop(pictures: Pictures) -> None:
    large = io.BytesIO()
    Image.effect_noise((2500, 2500), 80).save(large, "PNG")
    working = asyncio.create_task(pictures.square(large.getvalue()))
    ticks = 0
    while not working.done():
        await asyncio.sleep(0.002)
        ticks += 1
    assert ticks > 5


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a niceness for each thread")
async def test_the_thread_stands_back_and_no_other_does(pictures: Pictures) -> None:
    mine, others = os.getpriority(os.PRIO_PROCESS, 0), set(os.listdir("/proc/self/task"))
    await pictures.square(photo())
    started = set(os.listdir("/proc/self/task")) - others
    assert {os.getpriority(os.PRIO_PROCESS, int(thread)) for thread in started} == {min(19, mine + NICENESS)}
    assert os.getpriority(os.PRIO_PROCESS, 0) == mine
