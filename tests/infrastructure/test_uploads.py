"""What comes in over the line: never more or less than was announced, and nothing of it stays that is not kept."""

import asyncio
import os
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat_app.domain.common.errors import Refusal, TooMany
from chat_app.domain.common.ids import Row
from chat_app.domain.messages.errors import EmptyFile, FileCut, FileTooLarge
from chat_app.infrastructure import uploads as module
from chat_app.infrastructure.uploads import AT_ONCE, LEFT_SECONDS, MB, TOGETHER, Uploads

ADA, BEN = Row(1), Row(2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / ".uploads"


@pytest.fixture
def uploads(folder: Path) -> Uploads:
    return Uploads(folder, most_bytes=2 * MB)


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def body(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def received(uploads: Uploads, size: int, *pieces: bytes) -> bytes:
    async with uploads.receiving(ADA, body(*pieces), size) as path:
        assert mode_of(path) == 0o600
        return path.read_bytes()


async def test_what_comes_is_there_and_gone_afterwards(uploads: Uploads, folder: Path) -> None:
    piece = os.urandom(TOGETHER // 3 + 1)
    assert await received(uploads, 5 * len(piece), *[piece] * 5) == piece * 5
    assert await received(uploads, 1, b"", b"x", b"") == b"x"
    assert left_in(folder) == []
    assert mode_of(folder) == 0o700


async def test_what_was_taken_away_is_no_matter(uploads: Uploads, folder: Path, tmp_path: Path) -> None:
    async with uploads.receiving(ADA, body(b"content"), 7) as path:
        path.rename(tmp_path / "kept")
    assert (tmp_path / "kept").read_bytes() == b"content"
    assert left_in(folder) == []


@pytest.mark.parametrize(
    ("size", "pieces", "refusal"),
    [
        (0, [], EmptyFile),
        (2 * MB + 1, [b"x"], FileTooLarge),
        (10, [b"short"], FileCut),
        (10, [], FileCut),
        (3, [b"long"], FileCut),
        (3, [b"lon", b"g"], FileCut),
    ],
)
async def test_other_than_was_announced_is_refused(
    uploads: Uploads, folder: Path, size: int, pieces: list[bytes], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await received(uploads, size, *pieces)
    assert left_in(folder) == []


async def test_who_says_nothing_more_is_gone(uploads: Uploads, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALLED_SECONDS", 0.05)

    async def stalls() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    with pytest.raises(FileCut):
        async with uploads.receiving(ADA, stalls(), 10):
            pass
    assert left_in(folder) == []


async def test_who_says_too_little_for_too_long_is_sent_away(
    uploads: Uploads, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALLED_SECONDS", 0.2)
    monkeypatch.setattr(module, "SLOWEST", 1000)

    async def trickles() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.05)

    # never silent for long, but at this pace it would take the whole day
    with pytest.raises(FileCut):
        async with asyncio.timeout(10), uploads.receiving(ADA, trickles(), 100):
            pass
    assert left_in(folder) == []


async def test_so_many_at_once_and_others_are_no_hindrance(uploads: Uploads) -> None:
    done, begun = asyncio.Event(), asyncio.Semaphore(0)

    async def waits() -> AsyncIterator[bytes]:
        begun.release()
        await done.wait()
        yield b"x"

    async def upload(who: Row) -> None:
        async with uploads.receiving(who, waits(), 1):
            pass

    under_way = [asyncio.create_task(upload(ADA)) for _ in range(AT_ONCE)]
    for _ in under_way:
        await begun.acquire()
    with pytest.raises(TooMany):
        await upload(ADA)
    under_way.append(asyncio.create_task(upload(BEN)))
    await begun.acquire()
    done.set()
    await asyncio.gather(*under_way)
    await upload(ADA)


def test_what_a_killed_server_left_is_swept(uploads: Uploads, folder: Path) -> None:
    uploads.sweep()
    (folder / "old").write_bytes(b"x")
    (folder / "of another process").write_bytes(b"x")
    long_ago = time.time() - LEFT_SECONDS - 60
    os.utime(folder / "old", (long_ago, long_ago))
    uploads.sweep()
    assert [path.name for path in folder.iterdir()] == ["of another process"]
