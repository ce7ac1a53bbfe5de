"""Whether a database can be worked with as it is. None is made by looking; what is wrong is a `Fault`."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from chat_app.infrastructure.backup import sqlite_path
from chat_app.infrastructure.faults import Fault
from chat_app.infrastructure.migrations import knows, newest_revision, revision_of
from chat_app.infrastructure.postgres_tools import connection_to

PATIENCE_SECONDS = 5


def tables_at_hand(database_url: str) -> str:
    """The revision of the tables. Raises `Fault` unless it is the newest."""
    revision = _revision(database_url)
    newest = newest_revision()
    if revision is None:
        raise Fault("the database is empty", "python -m chat_app migrate")
    if not knows(revision):
        raise Fault(f"the database has newer tables ({revision}) than this program ({newest})", "update Chat")
    if revision != newest:
        raise Fault(
            f"the tables are of {revision}, and this program needs {newest}",
            "start the server, or run python -m chat_app migrate",
        )
    return revision


def sqlite_damage(database_url: str) -> None:
    """Look over every page of an SQLite database. Raises `Fault` when one is damaged."""
    path = _there(database_url)
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=PATIENCE_SECONDS)) as connection:
        try:
            found = connection.execute("PRAGMA quick_check(1)").fetchall()
        except sqlite3.DatabaseError as error:
            found = [(str(error),)]
    if found != [("ok",)]:
        told = " ".join(found[0][0].split())
        raise Fault(f"{path} is damaged: {told}", "stop the server and restore the last backup")


def write_ahead(database_url: str) -> None:
    """Turn write-ahead logging on, as the server does at its start. Raises `Fault` where the disk cannot have it."""
    path = sqlite_path(database_url)
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE_SECONDS)) as connection:
            [mode] = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    except sqlite3.OperationalError as error:
        raise Fault(f"{path} cannot be written to: {error}", "see whose it is, and what else uses it") from error
    if mode != "wal":
        raise Fault(
            f"the disk under {path} has no write-ahead logging (it says {mode!r})",
            "keep the data on a disk of this machine, not on one of the network",
        )


def _there(database_url: str) -> Path:
    path = sqlite_path(database_url)
    if not path.exists():
        raise Fault(f"there is no database at {path}", "start the server, or run python -m chat_app migrate")
    return path


def _revision(database_url: str) -> str | None:
    if not database_url.startswith("sqlite"):
        with connection_to(database_url) as connection:
            return revision_of(connection)
    path = _there(database_url)
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            return revision_of(connection)
    except DBAPIError as error:
        raise Fault(f"{path} cannot be read: {error.orig}", "restore the last backup") from error
    finally:
        engine.dispose()
