"""Files by their names: kept whole, for the server's eyes only, and never beside where they belong."""

import asyncio
import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from chat_app.infrastructure.files import CHUNK, Files, LocalFiles, StoreFailed, is_name
from chat_app.infrastructure.s3_files import S3Files, bucket_of
from tests.bucket import Service, bucket_service

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


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with bucket_service() as service:
        yield service


@pytest.fixture(params=["disk", "bucket"])
def store(request: pytest.FixtureRequest, files: LocalFiles) -> Files:
    """Each place where files may be kept, in turn, with nothing in it."""
    if request.param == "disk":
        return files
    return S3Files(request.getfixturevalue("service").url(folder=f"/of/{uuid4().hex}"))


def all_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_is_kept_can_be_read_until_it_is_removed(store: Files) -> None:
    await store.put(NAME, b"content")
    assert await store.read(NAME) == b"content"
    await store.put(NAME, b"other content")
    assert await store.read(NAME) == b"other content"
    await store.remove(NAME)
    assert await store.read(NAME) is None
    # twice is as good as once: a job may be done again
    await store.remove(NAME)


async def test_a_large_one_comes_back_as_it_was(store: Files) -> None:
    large = bytes(range(256)) * 4096 * 20
    await store.put(NAME, large)
    assert await store.read(NAME) == large


async def test_what_never_was_is_none(store: Files) -> None:
    assert await store.read(NAME) is None
    assert await store.part(NAME, 0, 10) is None
    await store.remove(NAME)


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


async def part(store: Files, start: int, stop: int) -> list[bytes]:
    pieces = await store.part(NAME, start, stop)
    assert pieces is not None
    return [piece async for piece in pieces]


async def test_a_file_is_taken_over_and_its_old_place_is_empty(store: Files, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4000
    (tmp_path / "upload").write_bytes(content)
    await store.take(NAME, tmp_path / "upload")
    assert not (tmp_path / "upload").exists()
    assert await store.read(NAME) == content


async def test_a_file_is_read_in_parts(store: Files) -> None:
    content = bytes(range(251)) * 4000
    await store.put(NAME, content)
    for start, stop in ((0, len(content)), (0, 1), (10, 20), (CHUNK - 1, CHUNK + 1), (len(content) - 1, len(content))):
        pieces = await part(store, start, stop)
        assert b"".join(pieces) == content[start:stop]
    assert len(await part(store, 0, len(content))) > 1
    # and as a whole nobody need hold it
    assert max(map(len, await part(store, 0, len(content)))) < len(content)


@pytest.mark.parametrize("name", FOREIGN)
async def test_no_bucket_is_asked_for_a_name_that_leads_elsewhere(service: Service, tmp_path: Path, name: str) -> None:
    store = S3Files(service.url())
    for asked in (
        store.put(name, b"content"),
        store.take(name, tmp_path),
        store.read(name),
        store.part(name, 0, 1),
        store.remove(name),
    ):
        with pytest.raises(ValueError, match="no name"):
            await asked


async def test_a_service_that_turns_us_away_fails_without_a_word_of_the_key(
    service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "upload").write_bytes(b"content")
    wrong = S3Files(service.url(secret="the wrong secret"), retries=0)
    nobody = S3Files(f"s3+http://some-key:some-secret@127.0.0.1:1/{NAME}", retries=0)
    for store in (wrong, nobody):
        for asked in (
            store.put(NAME, b"content"),
            store.take(NAME, tmp_path / "upload"),
            store.read(NAME),
            store.part(NAME, 0, 1),
            store.remove(NAME),
        ):
            with pytest.raises(StoreFailed) as failed:
                await asked
            told = f"{failed.value!r} {failed.value.__cause__!r}"
            assert not any(word in told for word in (service.key, "secret", "some-key"))
    # the service itself runs here, and says what it sees
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("moto", "botocore"))]
    assert not any(service.key in line or "secret" in line for line in ours)
    # what could not be kept is still where it was
    assert (tmp_path / "upload").read_bytes() == b"content"


def test_where_a_bucket_is_stands_in_one_line() -> None:
    bucket = bucket_of("s3://KEY:a%2Fb%2Bc@s3.example:9000/chat/files/of?region=eu-north-1")
    assert (bucket.endpoint, bucket.name, bucket.prefix) == ("https://s3.example:9000", "chat", "files/of")
    assert (bucket.region, bucket.key, bucket.secret) == ("eu-north-1", "KEY", "a/b+c")
    assert bucket_of("s3+http://k:s@minio/chat").endpoint == "http://minio"
    assert not any(secret in repr(bucket) for secret in ("KEY", "a/b+c"))


@pytest.mark.parametrize("url", ["s3://host/bucket", "s3://k:s@host", "https://k:s@host/bucket", "s3://k@host/b", ""])
def test_what_lacks_something_is_no_bucket(url: str) -> None:
    with pytest.raises(ValueError, match="must be like") as refused:
        bucket_of(url)
    assert "k:s" not in str(refused.value)
