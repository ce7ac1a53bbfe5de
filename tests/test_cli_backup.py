"""A backup is whole although people write meanwhile, and a restore puts just that back, or nothing."""

import asyncio
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, select, text

from chat_app.commands.backup import put_back, take_backup
from chat_app.domain.common.ids import ID_BYTES
from chat_app.infrastructure import serving
from chat_app.infrastructure.archive import DATABASE, MANIFEST, Manifest, pack, unpack
from chat_app.infrastructure.backup import back_up
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.faults import Fault
from chat_app.infrastructure.files import FOLDER, LocalFiles
from chat_app.infrastructure.migrations import check, downgrade, upgrade
from chat_app.infrastructure.rate_limits import NoLimits
from chat_app.infrastructure.restore import restore
from chat_app.infrastructure.secret_file import generated_secret
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.settings import Settings
from tests.guests import FixedClock, LoadedDice
from tests.live_server import LiveServer, free_port
from tests.people import ada, ben, pending
from tests.test_cli import chat


@dataclass
class House:
    """An installation nobody serves at the moment."""

    settings: Settings
    clock: FixedClock
    dice: LoadedDice = field(default_factory=LoadedDice)

    @property
    def url(self) -> str:
        return self.settings.database_url

    @property
    def data_dir(self) -> Path:
        return self.settings.data_dir

    def doors(self) -> Doors:
        return Doors(
            open_database(self.url),
            clock=self.clock,
            dice=self.dice,
            seal=KeyedSeal(b"the seal of the tests, 32 bytes."),
            limiter=NoLimits(),
            bus=LocalBus(),
        )

    async def settle(self, *people: Callable[[Doors], Any]) -> None:
        doors = self.doors()
        try:
            for person in people:
                await person(doors)
        finally:
            doors.close()

    def file(self, name: str, content: str) -> Path:
        path = self.data_dir / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        return path

    def backup(self, to: Path | None = None) -> Path:
        self.clock.tick(seconds=1)
        return back_up(self.settings, self.clock, to)

    def restore(self, archive: Path) -> list[Path]:
        self.clock.tick(seconds=1)
        return restore(self.settings, self.clock, archive)[1]


def contents(url: str) -> dict[str, list[Any]]:
    """Every row of every table; what messages are searched by has no rows of its own to show."""
    engine, tables = create_engine(url), MetaData()
    try:
        with engine.connect() as connection:
            tables.reflect(connection)
            return {
                table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                for table in tables.sorted_tables
                if not table.name.startswith("message_search")
            }
    finally:
        engine.dispose()


def everything(house: House) -> tuple[dict[str, list[Any]], dict[str, bytes]]:
    """What must not change when nothing is done: rows and files."""
    files = {str(path): path.read_bytes() for path in house.data_dir.rglob("*") if path.is_file()}
    ours = {path: content for path, content in files.items() if "sqlite3" not in path and ".lock" not in path}
    return contents(house.url), ours


@pytest.fixture
def empty(sqlite_template: Path, tmp_path: Path, clock: FixedClock) -> House:
    data_dir = tmp_path / "data"
    generated_secret(data_dir)
    shutil.copy(sqlite_template, data_dir / "chat.sqlite3")
    return House(Settings.from_env({"CHAT_DATA_DIR": str(data_dir)}, None), clock)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgres",
            marks=[pytest.mark.postgres, pytest.mark.pg_dump],
        ),
    ]
)
def house(request: pytest.FixtureRequest, empty: House) -> Iterator[House]:
    """One on each engine in turn."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        given = {"CHAT_DATA_DIR": str(empty.data_dir), "CHAT_DATABASE_URL": url}
        return House(Settings.from_env(given, None), empty.clock)
    return empty


async def test_what_was_there_comes_back_and_what_came_later_is_kept_beside(house: House) -> None:
    picture = house.file("files/1.webp", "ada's picture")
    await house.settle(ada)
    then = everything(house)
    archive = house.backup()

    await house.settle(ben)
    picture.write_text("another picture")
    (house.data_dir / "secret").write_text("another secret, 32 bytes or more")
    later = contents(house.url)

    kept = house.restore(archive)
    assert contents(house.url) == then[0]
    assert picture.read_text() == "ada's picture"
    assert (house.data_dir / "secret").read_bytes() == then[1][str(house.data_dir / "secret")]
    check(house.url)

    [before] = [path for path in kept if "sqlite3" in path.name or path.name.startswith("before-restore")]
    if before.name.endswith(".tar.gz"):
        house.restore(before)
        assert contents(house.url) == later
    else:
        assert contents(f"sqlite:///{before}") == later
    assert any(path.is_dir() and (path / "1.webp").read_text() == "another picture" for path in kept)


async def test_a_backup_taken_while_people_sign_up_is_of_one_moment(house: House, tmp_path: Path) -> None:
    doors, taken = house.doors(), asyncio.Event()

    async def sign_ups(name: str) -> None:
        number = 0
        while not taken.is_set() or number < 5:
            await pending(doors, f"{name}_{number}")
            number += 1

    try:
        crowd = [asyncio.create_task(sign_ups(name)) for name in ("eve", "mallory", "trent")]
        await pending(doors, "first")
        archive = await asyncio.to_thread(house.backup, tmp_path / "copy.tar.gz")
        taken.set()
        await asyncio.gather(*crowd)
    finally:
        doors.close()
    whole = contents(house.url)
    house.restore(archive)
    copy = contents(house.url)
    # each signed up with a session in one transaction: both are in the copy or neither
    assert 1 <= len(copy["users"]) == len(copy["sessions"]) <= len(whole["users"])
    assert set(copy["users"]) <= set(whole["users"])
    check(house.url)


async def test_an_older_backup_is_brought_to_the_newest_tables(house: House) -> None:
    downgrade(house.url, "0002")
    archive = house.backup()
    upgrade(house.url)
    await house.settle(ada)
    house.restore(archive)
    check(house.url)
    assert contents(house.url)["users"] == []
    # and once more from there
    house.restore(archive)
    check(house.url)


async def test_a_picture_survives_and_one_that_is_half_written_is_left_out(house: House) -> None:
    files, name = LocalFiles(house.data_dir / FOLDER), house.dice.token(ID_BYTES)
    await files.put(name, b"ada's picture")
    await house.settle(partial(ada, avatar=name))
    house.file(f"{FOLDER}/{name[:2]}/.half", "half of ano")
    archive = house.backup()
    with tarfile.open(archive) as tar:
        assert [member for member in tar.getnames() if FOLDER in member.split("/")[1:]] == [
            f"files/{FOLDER}/{name[:2]}/{name}"
        ]

    await files.remove(name)
    house.restore(archive)
    assert await files.read(name) == b"ada's picture"


def test_a_picture_that_is_removed_meanwhile_is_left_out(empty: House, tmp_path: Path) -> None:
    archive, gone = tmp_path / "copy.tar.gz", tmp_path / "gone"
    database = empty.data_dir / "chat.sqlite3"
    pack(archive, Manifest("sqlite", "0003", "", "", {}), {DATABASE: database, "files/files/Ab/gone": gone})
    assert empty.restore(archive)
    check(empty.url)


async def test_what_a_backup_holds_and_who_may_read_it(empty: House) -> None:
    empty.file("outbox.jsonl", "a code")
    empty.file("files/1.webp", "a picture")
    first, second = empty.backup(), empty.backup()
    assert first != second
    assert first.parent == empty.data_dir / "backups"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    # neither the outbox nor the first backup
    with tarfile.open(second) as tar:
        assert tar.getnames() == [DATABASE, "files/files/1.webp", "files/secret", MANIFEST]
    assert [path.name for path in first.parent.iterdir() if path not in (first, second)] == []


def test_a_backup_replaces_an_older_one_at_the_same_place(empty: House, tmp_path: Path) -> None:
    place = tmp_path / "Mon.tar.gz"
    assert empty.backup(place) == empty.backup(place) == place
    empty.restore(place)
    with pytest.raises(Fault, match="no folder"):
        empty.backup(tmp_path / "nowhere" / "Mon.tar.gz")


def test_a_new_machine_gets_all_of_it(empty: House, tmp_path: Path) -> None:
    empty.file("files/1.webp", "a picture")
    archive = empty.backup(tmp_path / "copy.tar.gz")
    there = House(Settings.from_env({"CHAT_DATA_DIR": str(tmp_path / "new")}, None), empty.clock)
    assert there.restore(archive) == []
    assert contents(there.url) == contents(empty.url)
    assert (there.data_dir / "secret").read_bytes() == (empty.data_dir / "secret").read_bytes()
    assert (there.data_dir / "files/1.webp").read_text() == "a picture"
    assert stat.S_IMODE((there.data_dir / "chat.sqlite3").stat().st_mode) == 0o600


async def test_a_database_that_is_damaged_is_not_copied_but_can_be_replaced(empty: House) -> None:
    await empty.settle(ada)
    then, archive = contents(empty.url), empty.backup()
    database = empty.data_dir / "chat.sqlite3"
    database.write_bytes(b"x" * database.stat().st_size)
    with pytest.raises(Fault, match="doctor"):
        empty.backup()
    [kept] = empty.restore(archive)
    assert kept.read_bytes().startswith(b"xxx")
    assert contents(empty.url) == then


def crafted(to: Path, *members: tuple[str, bytes, bytes]) -> Path:
    """An archive nobody packed."""
    with tarfile.open(to, "w:gz") as tar:
        for name, kind, content in members:
            member = tarfile.TarInfo(name)
            member.type, member.size, member.linkname = kind, len(content), "/etc"
            tar.addfile(member, BytesIO(content))
    return to


def cut_short(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-200])


def changed(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)


def replaced(archive: Path) -> None:
    archive.write_bytes(b"not an archive at all")


@pytest.mark.parametrize("harm", [cut_short, changed, replaced])
def test_a_damaged_archive_changes_nothing(empty: House, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    archive = empty.backup(tmp_path / "copy.tar.gz")
    harm(archive)
    before = everything(empty)
    with pytest.raises(Fault, match="damaged"):
        empty.restore(archive)
    assert everything(empty) == before


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../evil", tarfile.REGTYPE),
        ("files/../../evil", tarfile.REGTYPE),
        ("/tmp/evil", tarfile.REGTYPE),
        ("evil", tarfile.REGTYPE),
        ("files/evil", tarfile.SYMTYPE),
        ("files/evil", tarfile.LNKTYPE),
        ("files/evil", tarfile.CHRTYPE),
        ("database/evil", tarfile.REGTYPE),
    ],
)
def test_nothing_climbs_out_of_an_archive(empty: House, tmp_path: Path, name: str, kind: bytes) -> None:
    archive = crafted(tmp_path / "evil.tar.gz", (name, kind, b"evil" if kind == tarfile.REGTYPE else b""))
    before = everything(empty)
    with pytest.raises(Fault, match="damaged"):
        empty.restore(archive)
    assert everything(empty) == before
    assert not (tmp_path / "evil").exists()


def test_what_is_newer_or_of_another_engine_is_refused(empty: House, tmp_path: Path) -> None:
    database = empty.data_dir / "chat.sqlite3"
    for number, (words, manifest) in enumerate(
        {
            "newer tables": Manifest("sqlite", "9999", "", "", {}),
            "is of postgresql": Manifest("postgresql", "0001", "", "", {}),
            "another version": Manifest("sqlite", "0001", "", "", {}, version=2),
        }.items()
    ):
        archive = tmp_path / f"{number}.tar.gz"
        pack(archive, manifest, {DATABASE: database})
        with pytest.raises(Fault, match=words):
            empty.restore(archive)


def test_so_is_a_whole_archive_around_a_broken_database(empty: House, tmp_path: Path) -> None:
    broken, archive = tmp_path / "broken", tmp_path / "copy.tar.gz"
    broken.write_bytes(b"x" * 8192)
    pack(archive, Manifest("sqlite", "0001", "", "", {}), {DATABASE: broken})
    before = everything(empty)
    with pytest.raises(Fault, match="is damaged"):
        empty.restore(archive)
    assert everything(empty) == before


def test_nothing_is_restored_under_a_server(empty: House) -> None:
    archive = empty.backup()
    held = serving.hold(empty.data_dir)
    with pytest.raises(Fault, match="stop it first"):
        empty.restore(archive)
    held.close()
    # one of another data directory, which knows of no lock here
    with closing(sqlite3.connect(empty.data_dir / "chat.sqlite3")) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("SELECT * FROM users").fetchall()
        with pytest.raises(Fault, match="another program is using"):
            empty.restore(archive)
    empty.restore(archive)


@pytest.mark.postgres
@pytest.mark.pg_dump
def test_nor_under_another_session_on_postgresql(
    empty: House, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(
        Settings.from_env({"CHAT_DATA_DIR": str(tmp_path), "CHAT_DATABASE_URL": postgres_url}, None), empty.clock
    )
    archive = house.backup()
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(Fault, match="1 other sessions"):
            house.restore(archive)
    engine.dispose()

    old = tmp_path / "bin"
    old.mkdir()
    (old / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    (old / "pg_dump").chmod(0o700)
    monkeypatch.setenv("PATH", str(old))
    with pytest.raises(Fault, match="is of PostgreSQL 9 and the server of"):
        house.backup()
    (old / "pg_dump").unlink()
    with pytest.raises(Fault, match="pg_dump is missing"):
        house.backup()
    away = Settings.from_env({"CHAT_DATABASE_URL": f"postgresql://chat:hidden@127.0.0.1:{free_port()}/chat"}, None)
    with pytest.raises(Fault, match="does not answer") as fault:
        House(away, house.clock).backup(tmp_path / "copy.tar.gz")
    assert "hidden" not in str(fault.value)


@pytest.mark.postgres
@pytest.mark.pg_dump
async def test_a_dump_that_cannot_be_read_changes_nothing(empty: House, tmp_path: Path, postgres_url: str) -> None:
    given = {"CHAT_DATA_DIR": str(tmp_path), "CHAT_DATABASE_URL": postgres_url}
    house = House(Settings.from_env(given, None), empty.clock)
    await house.settle(ada)
    before, archive = contents(postgres_url), tmp_path / "copy.tar.gz"
    pack(archive, Manifest("postgresql", "0001", "", "", {}), {DATABASE: empty.data_dir / "secret"})
    with pytest.raises(Fault, match="pg_restore failed"):
        house.restore(archive)
    assert contents(postgres_url) == before
    # one that begins well comes to nothing either, and what was there is put back
    whole = house.backup(tmp_path / "whole.tar.gz")
    (tmp_path / "taken").mkdir()
    unpack(whole, tmp_path / "taken")
    dumped = tmp_path / "taken" / DATABASE
    dumped.write_bytes(dumped.read_bytes()[:-2000])
    pack(archive.with_name("cut.tar.gz"), Manifest("postgresql", "0003", "", "", {}), {DATABASE: dumped})
    with pytest.raises(Fault, match="pg_restore failed"):
        house.restore(archive.with_name("cut.tar.gz"))
    assert contents(postgres_url) == before


def test_another_secret_is_told_and_none_is_printed(
    empty: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "copy.tar.gz"
    take_backup(empty.settings, archive)
    secret = "0123456789abcdef" * 4
    now = Settings.from_env({"CHAT_DATA_DIR": str(empty.data_dir), "CHAT_SECRET": secret}, None)
    put_back(empty.settings, archive)
    assert "nobody's password fits" not in capsys.readouterr().out
    put_back(now, archive)
    take_backup(now, archive)
    said = capsys.readouterr().out
    assert "The secret is another one" in said
    assert "CHAT_SECRET is not in it" in said
    assert secret not in said


@pytest.mark.slow
def test_beside_a_running_server_a_backup_is_taken_and_a_restore_refused(tmp_path: Path) -> None:
    web = tmp_path / "web"
    (web / "build" / "client").mkdir(parents=True)
    (web / "chat.build").touch()
    server = LiveServer(tmp_path, "", REFLEX_WEB_WORKDIR=str(web))
    here = {"CHAT_DATA_DIR": str(tmp_path / "data")}
    server.start()
    try:
        taken = chat("backup", str(tmp_path / "copy.tar.gz"), **here)
        assert (taken.returncode, taken.stderr) == (0, "")
        refused = chat("restore", str(tmp_path / "copy.tar.gz"), **here)
        assert refused.returncode == 1
        assert "a server is using" in refused.stderr
    finally:
        server.stop()
    assert chat("restore", str(tmp_path / "copy.tar.gz"), **here).returncode == 0
