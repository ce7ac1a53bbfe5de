"""Takes a backup: the database as it is at one moment, while people write, and the files of the data directory."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, make_url

from chat_app.domain.common.ports import Clock
from chat_app.infrastructure import postgres_tools, secret_file, serving
from chat_app.infrastructure.archive import DATABASE, FILES, Manifest, pack
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.faults import Fault
from chat_app.infrastructure.migrations import revision_of
from chat_app.infrastructure.secret_file import private_directory
from chat_app.settings import Settings

FOLDER = "backups"
OUTBOX = "outbox.jsonl"
BEFORE = ".before-restore-"
"""Stands in the names of what a restore has set aside."""


def back_up(settings: Settings, clock: Clock, to: Path | None = None, *, name: str = "chat") -> Path:
    """Where the backup is: at `to`, or named after `name` and the time in the data directory. Raises `Fault`."""
    now = clock.now()
    embedded = settings.database_url.startswith("sqlite")
    if embedded and not (path := sqlite_path(settings.database_url)).exists():
        raise Fault(f"there is no database at {path}", "check CHAT_DATA_DIR and CHAT_DATABASE_URL")
    if to is None:
        to = private_directory(private_directory(settings.data_dir) / FOLDER) / f"{name}-{now:%Y%m%dT%H%M%SZ}.tar.gz"
    if not to.parent.is_dir():
        raise Fault(f"there is no folder {to.parent}", "make it, or name another place")
    # beside what it becomes: there must be room there, and renaming does not lead from one disk to another
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=to.parent) as aside:
        database, archive = Path(aside) / DATABASE, Path(aside) / "archive"
        revision = _copied(settings.database_url, database)
        manifest = Manifest(
            engine="sqlite" if embedded else "postgresql",
            revision=revision,
            at=now.isoformat(timespec="seconds"),
            secret=fingerprint(settings),
            checksums={},
        )
        files = {f"{FILES}/{path.relative_to(settings.data_dir)}": path for path in _files(settings)}
        pack(archive, manifest, {DATABASE: database} | files)
        archive.replace(to)
    return to


def fingerprint(settings: Settings) -> str:
    """By which the secret of this installation is known again; empty when none was made yet."""
    kept = settings.data_dir / secret_file.FILE
    secret = settings.secret or (kept.read_bytes() if kept.exists() else b"")
    return KeyedSeal(secret).digest("backup") if secret else ""


def sqlite_path(database_url: str) -> Path:
    """The file of an SQLite database."""
    return Path(make_url(database_url).database or "")


def sound(path: Path) -> bool:
    """Whether the SQLite database at `path`, which nobody else uses, is whole."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    except sqlite3.DatabaseError:
        return False


def _copied(database_url: str, to: Path) -> str | None:
    """Copy the database of `database_url` to `to`. The revision of its tables."""
    if not database_url.startswith("sqlite"):
        postgres_tools.fit(database_url, "pg_dump")
        revision = _revision(database_url)
        postgres_tools.dump(database_url, to)
        return revision
    path = sqlite_path(database_url)
    try:
        with (
            closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=30)) as source,
            closing(sqlite3.connect(to)) as copy,
        ):
            # in one step, thus of one moment; in steps it would begin anew with each write
            source.backup(copy)
            # one file, without another beside it
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        raise Fault(f"{path} cannot be copied: {error}", "run `python -m chat_app doctor`") from error
    if not sound(to):
        raise Fault(f"{path} is damaged", "keep it as it is, and restore the last backup")
    return _revision(f"sqlite:///{to}")


def _revision(database_url: str) -> str | None:
    # of a server that answers, or of a copy that is sound
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            return revision_of(connection)
    finally:
        engine.dispose()


def _files(settings: Settings) -> Iterator[Path]:
    """The files people gave us, and the secret. Not what is locked, made anew, half written or a backup itself."""
    database = sqlite_path(settings.database_url).name if settings.database_url.startswith("sqlite") else "chat.sqlite3"
    for top in sorted(settings.data_dir.glob("*")):
        out = top.name in (OUTBOX, serving.FILE, FOLDER) or BEFORE in top.name or top.name.endswith(".tar.gz")
        if out or top.name.startswith((database, ".")):
            continue
        inside = [top, *sorted(top.rglob("*"))] if top.is_dir() else [top]
        whole = (path for path in inside if not path.name.startswith("."))
        yield from (path for path in whole if path.is_file() and not path.is_symlink())
