"""What tests are given: doors into an empty database on each engine, a clock and dice that do as they are told.

Tests whose service is missing are left out by name; where `CI` is set, nothing may be missing.
"""

import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.identity import Identities
from chat_app.infrastructure.migrations import upgrade
from chat_app.infrastructure.rate_limits import NoLimits
from chat_app.infrastructure.unit_of_work import Doors, hang_doors
from chat_app.realtime.hub import Hub, start_hub
from chat_app.realtime.socket_server import GuardedServer
from tests.guests import FixedClock, LoadedDice
from tests.services import POSTGRES, SERVICES
from tests.shadow import Node, Shadow, WatchedDoors

LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    needed = {mark for mark in SERVICES if any(item.get_closest_marker(mark) for item in items)}
    missing = {mark: name for mark, (name, there) in SERVICES.items() if mark in needed and not there()}
    if missing and os.environ.get("CI"):
        pytest.exit(f"CI is set, and {', '.join(missing.values())} cannot be found", returncode=1)
    left_out = config.stash[LEFT_OUT] = Counter()
    for item in items:
        for mark, name in missing.items():
            if item.get_closest_marker(mark):
                left_out[name] += 1
                item.add_marker(pytest.mark.skip(reason=f"{name} is missing"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name, count in config.stash.get(LEFT_OUT, Counter()).items():
        terminalreporter.write_line(f"Left out, for want of {name}: {count} tests", yellow=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made by the migrations; every test has a copy."""
    path = tmp_path_factory.mktemp("template") / "chat.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


EMPTY = """
DO $$
DECLARE name text;
BEGIN
    PERFORM set_config('lock_timeout', '5s', true);
    -- no foreign key need be looked at: all goes
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', name);
    END LOOP;
END $$
"""


class PostgresServer:
    """The server of the tests, and the database on it that is copied for each of them.

    A copy takes half a second: stories that only read and write rows share one, emptied for each.
    """

    def __init__(self) -> None:
        url = make_url(POSTGRES)
        self._admin = psycopg.connect(
            url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        )
        self._template = f"chat_test_{os.getpid()}"
        self._made = 0
        self._shared: tuple[str, psycopg.Connection] | None = None
        self._from_the_start: dict[str, list[bytes]] = {}

    def make_template(self) -> None:
        self.drop(self._template)
        self._admin.execute(f'CREATE DATABASE "{self._template}"')
        upgrade(self.url(self._template))

    def copy(self) -> str:
        """The name of a new database."""
        self._made += 1
        name = f"{self._template}_{self._made}"
        self._admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}"')
        return name

    def emptied(self) -> str:
        """The name of the database that stories share, without any rows."""
        if self._shared is not None:
            name, connection = self._shared
            try:
                connection.execute(EMPTY)
                self._put_back(connection)
            except psycopg.Error:
                # somebody still holds a lock there
                self._forget_shared()
            else:
                return name
        name = self.copy()
        connection = psycopg.connect(self.url(name).replace("+psycopg", ""), autocommit=True)
        self._from_the_start = dict(_rows_of(connection))
        self._shared = name, connection
        return name

    def _put_back(self, connection: psycopg.Connection) -> None:
        """What the migrations have written."""
        for table, rows in self._from_the_start.items():
            with connection.cursor().copy(SQL("COPY {} FROM STDIN").format(Identifier(table))) as copy:
                for row in rows:
                    copy.write(row)

    def _forget_shared(self) -> None:
        if self._shared is not None:
            (name, connection), self._shared = self._shared, None
            connection.close()
            self.drop(name)

    def url(self, name: str) -> str:
        return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)

    def drop(self, name: str) -> None:
        self._admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        self._forget_shared()
        self.drop(self._template)
        self._admin.close()


def _rows_of(connection: psycopg.Connection) -> Iterator[tuple[str, list[bytes]]]:
    """Every table that has any rows, with them as PostgreSQL copies them."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    for (table,) in connection.execute(tables).fetchall():
        with connection.cursor().copy(SQL("COPY {} TO STDOUT").format(Identifier(table))) as copy:
            if rows := [bytes(row) for row in copy]:
                yield table, rows


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    try:
        server.make_template()
        yield server
    finally:
        server.close()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """An empty SQLite database of the test's own."""
    path = tmp_path / "chat.sqlite3"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database of the test's own; the test needs the mark `postgres`."""
    name = postgres_server.copy()
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of the test's own, on each engine in turn."""
    if request.param == "postgres" and "doors" in request.fixturenames:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        return server.url(server.emptied())
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def dice() -> LoadedDice:
    return LoadedDice()


@pytest.fixture
def seal() -> KeyedSeal:
    return KeyedSeal(b"the seal of the tests, 32 bytes.")


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus()


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """The browser's part of the tabs in the shadow."""
    node = Node()
    yield node
    node.close()


@pytest.fixture
async def doors(
    request: pytest.FixtureRequest,
    database_url: str,
    clock: FixedClock,
    dice: LoadedDice,
    seal: KeyedSeal,
    bus: LocalBus,
) -> AsyncIterator[Doors]:
    """The doors into an empty database, without rate limits; also the ones of this process.

    In the stories of the domain, whoever acts has a tab that is compared with a fresh load after each action.
    """
    database = open_database(database_url)
    doors = WatchedDoors(database, clock=clock, dice=dice, seal=seal, limiter=NoLimits(), bus=bus)
    hang_doors(doors)
    watched = request.path.parent.name == "domain" and not request.node.get_closest_marker("unwatched")
    if watched:
        doors.shadow = Shadow(doors, bus, request.getfixturevalue("node"))
    yield doors
    if doors.shadow:
        await doors.shadow.close()
    hang_doors(None)
    doors.close()


@pytest.fixture
async def hub(doors: Doors, bus: LocalBus) -> AsyncIterator[Hub]:
    """The hub of this process, on a socket server nobody is connected to yet; it hears what the doors tell."""
    hub = Hub(GuardedServer(lambda _origin, _host: True), Identities("sid"), "/signin")
    start_hub(hub)
    bus.subscribe(hub.hear)
    yield hub
    start_hub(None)
    await hub.close()
