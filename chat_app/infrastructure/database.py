"""Engines: one that writes and one that only reads, for SQLite and for PostgreSQL."""

import sqlite3
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

READERS = 4
"""Threads that read, and their connections. More only fight over the interpreter."""

POSTGRES_WRITERS = 8
"""Transactions that write at once on PostgreSQL. Locks on a chat's row make more of them wait, not faster."""

POSTGRES = {"options": "-c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"}
"""Starting helpers takes PostgreSQL 40 ms, and nothing here takes as long. A page out of order costs a solid disk
little more than the next: with the default of 4, for disks that turn, a list of 500 chats read all messages."""

SQLITE_WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # acknowledged means synced: NORMAL could lose commits in a power cut
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_size=-65536",
    # checkpoints of 16 MiB; the default of 4 syncs the database file more often than a burst needs
    "PRAGMA wal_autocheckpoint=4096",
)
SQLITE_READER_PRAGMAS = ("PRAGMA query_only=ON", "PRAGMA cache_size=-16384", "PRAGMA mmap_size=268435456")


@dataclass(frozen=True)
class Database:
    """The two engines of one database."""

    writer: Engine
    reader: Engine

    @property
    def embedded(self) -> bool:
        return self.writer.dialect.name == "sqlite"

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


def open_database(url: str) -> Database:
    """Engines for `url`, `sqlite:///path` or `postgresql+psycopg://…`; nothing is connected yet."""
    if make_url(url).get_backend_name() == "sqlite":
        # one more reader than threads: the event loop answers quick queries itself
        return Database(_sqlite(url, SQLITE_WRITER_PRAGMAS, 1), _sqlite(url, SQLITE_READER_PRAGMAS, READERS + 1))
    return Database(
        create_engine(url, pool_size=POSTGRES_WRITERS, max_overflow=2, pool_pre_ping=True, connect_args=POSTGRES),
        create_engine(
            url,
            pool_size=READERS,
            max_overflow=2,
            pool_pre_ping=True,
            connect_args=POSTGRES,
            execution_options={"postgresql_readonly": True},
        ),
    )


def _sqlite(url: str, pragmas: tuple[str, ...], size: int) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": 30},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:  # pyright: ignore[reportUnusedFunction]  # called by the engine
        assert isinstance(connection, sqlite3.Connection)
        # transactions begin below and not where the driver guesses they should
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma)

    if pragmas is SQLITE_WRITER_PRAGMAS:

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]  # called by the engine
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    # Readers begin nothing: each statement sees what is committed. A query that reads counters reads them first, so
    # that what it says to be complete up to them is, and perhaps more.
    return engine
