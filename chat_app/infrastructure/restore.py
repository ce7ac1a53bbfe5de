"""Puts a backup in place. What can be known to fail does so before anything is touched; what was there is kept."""

import filecmp
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from chat_app.domain.common.ports import Clock
from chat_app.infrastructure import postgres_tools
from chat_app.infrastructure.archive import DATABASE, FILES, Manifest, unpack
from chat_app.infrastructure.backup import BEFORE, back_up, fingerprint, sound, sqlite_path
from chat_app.infrastructure.faults import Fault
from chat_app.infrastructure.migrations import knows, upgrade
from chat_app.infrastructure.secret_file import private_directory
from chat_app.infrastructure.serving import alone
from chat_app.settings import Settings


def restore(settings: Settings, clock: Clock, archive: Path) -> tuple[Manifest, list[Path]]:
    """Put `archive` in place of what is there, and bring it to the newest tables.

    What the archive says of itself, and where that which was there is kept. Raises `Fault` when a server runs, or the
    archive is damaged, newer than this program, or of the other engine.
    """
    _mine(private_directory(settings.data_dir))
    with alone(settings.data_dir), tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as folder:
        aside = Path(folder)
        manifest = unpack(archive, aside)
        _fits(settings, manifest)
        mark = f"{BEFORE}{clock.now():%Y%m%dT%H%M%S%f}Z"
        if manifest.engine == "sqlite":
            _make_ready(aside / DATABASE, archive)
            path = sqlite_path(settings.database_url)
            _mine(private_directory(path.parent))
            damaged = not _let_go(path)
            kept = _swap_files(aside / FILES, settings.data_dir, mark)
            kept += _swap_database(aside / DATABASE, path, mark, damaged=damaged)
        else:
            kept = [_swap_contents(settings, clock, aside)]
            kept += _swap_files(aside / FILES, settings.data_dir, mark)
    return manifest, kept


def knows_secret(settings: Settings, manifest: Manifest) -> bool:
    """Whether passwords in the backup fit the secret of this installation."""
    return manifest.secret in ("", fingerprint(settings))


def _mine(directory: Path) -> None:
    # what another user put there, the service could not write to
    if directory.stat().st_uid != os.geteuid():
        raise Fault(f"{directory} belongs to somebody else", "run this as the user the service runs as")


def _fits(settings: Settings, manifest: Manifest) -> None:
    engine = "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"
    if manifest.engine != engine:
        raise Fault(f"the backup is of {manifest.engine}, and CHAT_DATABASE_URL names {engine}", "name one of its kind")
    if manifest.revision is not None and not knows(manifest.revision):
        raise Fault(f"the backup has newer tables ({manifest.revision}) than this program", "update Chat first")


def _make_ready(database: Path, archive: Path) -> None:
    if not sound(database):
        raise Fault(f"the database in {archive} is damaged", "take another backup")
    upgrade(f"sqlite:///{database}")


def _let_go(path: Path) -> bool:
    """Write what lies beside the database back into it. False if it is damaged; `Fault` while anybody uses it."""
    if not path.exists():
        return True
    try:
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            # only who is alone with it can do that; a server of another data directory would not hold our lock
            connection.execute("PRAGMA journal_mode=DELETE")
            return True
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Fault(f"another program is using {path}", "stop it first, then run this again") from error
        return False
    except sqlite3.DatabaseError:
        return False


def _swap_files(files: Path, data_dir: Path, mark: str) -> list[Path]:
    kept: list[Path] = []
    for new in sorted(files.glob("*")):
        there = data_dir / new.name
        if there.is_file() and new.is_file() and filecmp.cmp(new, there, shallow=False):
            continue
        if there.exists():
            kept.append(there.rename(f"{there}{mark}"))
        new.rename(there)
    return kept


def _swap_database(new: Path, path: Path, mark: str, *, damaged: bool) -> list[Path]:
    # brought there first: it may be another disk, and what happens last must happen at once
    beside = path.with_name(f".{path.name}{mark}")
    shutil.move(new, beside)
    kept = Path(f"{path}{mark}")
    old = [kept] if path.exists() else []
    if old:
        # there is a database at any moment: a server that finds none would make an empty one
        os.link(path, kept)
    if damaged:
        for end in ("-wal", "-shm"):
            if (left := Path(f"{path}{end}")).exists():
                left.rename(f"{kept}{end}")
    beside.replace(path)
    return old


def _swap_contents(settings: Settings, clock: Clock, aside: Path) -> Path:
    url = settings.database_url
    postgres_tools.fit(url, "pg_dump", "pg_restore")
    postgres_tools.look_into(aside / DATABASE)
    if count := postgres_tools.connected(url):
        raise Fault(f"{count} other sessions are using the database", "stop all servers first, then run this again")
    before = back_up(settings, clock, name="before-restore")
    try:
        postgres_tools.load(url, aside / DATABASE)
        upgrade(url)
    except BaseException:
        _undo(url, before, aside / "before")
        raise
    return before


def _undo(url: str, before: Path, aside: Path) -> None:
    try:
        aside.mkdir()
        unpack(before, aside)
        postgres_tools.load(url, aside / DATABASE)
    except Fault as fault:
        raise Fault(f"the database is empty now: {fault.what}", f"when that is put right, restore {before}") from fault
