"""Files by their names: kept whole, for the server's eyes only, and never beside where they belong."""

import asyncio
import stat
from pathlib import Path

import pytest

from chat_app.infrastructure.files import LocalFiles, is_name

NAME = "Ab3_-xxxxxxxxxxxxxxxxx"

FOREIGN = [
    "",
    "short",
    "../../../../etc/passwd",
    "..",
    "/etc/passwd-and-some-more",
    "Ab3/xxxxxxxxxxxxxxxxxxx",
    "Ab3\\xxxxxxxxxxxxxxxxxx",
    "Ab3.xxxxxxxxxxxxxxxxxx",
    "Ab3\0xxxxxxxxxxxxxxxxxx",
    f"{NAME}\n",
    f" {NAME}",
    "Жж3xxxxxxxxxxxxxxxxxxx",
    "x" * 65,
]


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "data" / "files")


def all_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_is_kept_can_be_read_until_it_is_removed(files: LocalFiles) -> None:
    await files.put(NAME, b"content")
    assert await files.read(NAME) == b"content"
    await files.put(NAME, b"other content")
    assert await files.read(NAME) == b"other content"
    await files.remove(NAME)
    assert await files.read(NAME) is None
    # twice is as good as once: a job may be done again
    await files.remove(NAME)


async def test_a_large_one_comes_back_as_it_was(files: LocalFiles) -> None:
    large = bytes(range(256)) * 4096 * 20
    await files.put(NAME, large)
    assert await files.read(NAME) == large


async def test_what_never_was_is_none(files: LocalFiles) -> None:
    assert await files.read(NAME) is None
    await files.remove(NAME)


async def test_a_file_is_for_the_server_only(files: LocalFiles, tmp_path: Path) -> None:
    await files.put(NAME, b"content")
    made = tmp_path / "data" / "files" / NAME[:2] / NAME
    assert made.read_bytes() == b"content"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in list(made.parents)[:2]} == {0o700}


@pytest.mark.parametrize("name", FOREIGN)
async def test_a_name_that_leads_elsewhere_is_none_of_ours(files: LocalFiles, tmp_path: Path, name: str) -> None:
    assert not is_name(name)
    for asked in (files.put(name, b"content"), files.read(name), files.remove(name)):
        with pytest.raises(ValueError, match="no name"):
            await asked
    assert all_below(tmp_path) == []


async def test_many_at_once_are_each_whole(files: LocalFiles, tmp_path: Path) -> None:
    contents = {f"{NAME}{number}": bytes([number]) * 50_000 for number in range(40)}
    await asyncio.gather(*(files.put(name, content) for name, content in contents.items()))
    assert [await files.read(name) for name in contents] == list(contents.values())
    assert len(all_below(tmp_path)) == 40


async def test_who_reads_while_it_is_written_finds_the_one_or_the_other(files: LocalFiles) -> None:
    either = {b"a" * 200_000, b"b" * 200_000}
    await files.put(NAME, min(either))
    done = asyncio.Event()

    async def write() -> None:
        for _ in range(20):
            await asyncio.gather(*(files.put(NAME, content) for content in either))
        done.set()

    writing = asyncio.create_task(write())
    while not done.is_set():
        assert await files.read(NAME) in either
    await writing


async def test_what_cannot_be_written_leaves_nothing_behind(files: LocalFiles, tmp_path: Path) -> None:
    # a folder stands where the file belongs
    (tmp_path / "data" / "files" / NAME[:2] / NAME).mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        await files.put(NAME, b"content")
    assert all_below(tmp_path) == []
