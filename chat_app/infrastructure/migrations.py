"""Brings a database to the newest tables, at start and for the tests."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, text

from chat_app.infrastructure.secret_file import private_directory

PROJECT = Path(__file__).resolve().parent.parent.parent

POSTGRES_LOCK = 0x43484154
"""The advisory lock under which one process migrates and the others wait: "CHAT"."""


def upgrade(database_url: str, revision: str = "head") -> None:
    """Run the migrations that `database_url` still lacks. Processes that start at once take turns."""
    with _alone(database_url) as connection:
        command.upgrade(_config(database_url, connection), revision)


def downgrade(database_url: str, revision: str = "base") -> None:
    """Undo the migrations down to `revision`; what they had made is gone."""
    with _alone(database_url) as connection:
        command.downgrade(_config(database_url, connection), revision)


def check(database_url: str) -> None:
    """Compare the tables with the code. Raises `alembic.util.CommandError` when they differ."""
    with _alone(database_url) as connection:
        command.check(_config(database_url, connection))


def revision_of(connection: Connection) -> str | None:
    """Which tables a database has; None for one without."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """Which tables this program needs."""
    newest = _scripts().get_current_head()
    assert newest, "there are migrations"
    return newest


def knows(revision: str) -> bool:
    """Whether this program can bring tables of `revision` to the newest. It cannot if they are newer than itself."""
    return any(script.revision == revision for script in _scripts().walk_revisions())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(Config(PROJECT / "alembic.ini"))


@contextmanager
def _alone(database_url: str) -> Generator[Connection]:
    url = make_url(database_url)
    engine = create_engine(url)
    try:
        if url.get_backend_name() == "sqlite":
            assert url.database, "a database in memory has no file to lock"
            path = Path(url.database)
            private_directory(path.parent)
            with path.with_name(f"{path.name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                with engine.connect() as connection:
                    yield connection
        else:
            with engine.connect() as connection:
                connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": POSTGRES_LOCK})
                # the lock belongs to the session and outlives this commit; it falls when the connection closes
                connection.commit()
                yield connection
    finally:
        engine.dispose()


def _config(database_url: str, connection: Connection) -> Config:
    config = Config(PROJECT / "alembic.ini")
    config.attributes["connection"] = connection
    config.attributes["database_url"] = database_url
    return config
