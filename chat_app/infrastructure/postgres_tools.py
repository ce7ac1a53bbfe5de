"""`pg_dump` and `pg_restore`, PostgreSQL's own programs. Passwords go by the environment: arguments are seen by all."""

import os
import re
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from chat_app.infrastructure.faults import Fault

PATIENCE_SECONDS = 5

SETS_TOO_MUCH = 17
"""From this one on `pg_restore` sets a parameter that older servers refuse, and with it all that follows."""


def fit(url: str, *tools: str) -> None:
    """Nothing, if the server is there and `tools` are of a version that goes with it. Raises `Fault`."""
    with connection_to(url) as connection:
        server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    for tool in tools:
        ours = _version(tool)
        if ours < server or (tool == "pg_restore" and ours >= SETS_TOO_MUCH > server):
            what = f"{tool} is of PostgreSQL {ours} and the server of {server}"
            raise Fault(what, f"apt install postgresql-client-{server}, and let PATH find that first")


def connected(url: str) -> int:
    """How many sessions use the database besides the one that asks."""
    with connection_to(url) as connection:
        return connection.execute(text(SESSIONS)).scalar_one()


SESSIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def dump(url: str, to: Path) -> None:
    """Write the database of `url` to `to`, as it is at one moment. Raises `Fault`."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={to}")


def look_into(dumped: Path) -> None:
    """Nothing, if `pg_restore` can read what `dump` wrote, perhaps elsewhere. Raises `Fault`."""
    _run("pg_restore", None, "--list", str(dumped))


def load(url: str, dumped: Path) -> None:
    """Put what `dump` wrote in place of all that is in the database of `url`. After a `Fault` that is empty."""
    _empty(url)
    how = ("--clean", "--if-exists", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run("pg_restore", url, *how, str(dumped))


def _empty(url: str) -> None:
    # pg_restore drops only what it brings: tables that came later would hold on to those, and stand in the way of the
    # next migration
    with connection_to(url) as connection:
        quote = connection.dialect.identifier_preparer.quote
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))
        for (table,) in tables.all():
            connection.execute(text(f"DROP TABLE IF EXISTS {quote(table)} CASCADE"))
        connection.commit()


@contextmanager
def connection_to(url: str) -> Generator[Connection]:
    """A connection of its own. Raises `Fault` when the server does not answer, or lets nobody in."""
    engine = create_engine(url, connect_args={"connect_timeout": PATIENCE_SECONDS})
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as error:
        said, password = str(error.orig).strip().splitlines()[0], make_url(url).password
        if password:
            said = said.replace(password, "…")
        raise Fault(f"the database does not answer: {said}", "check CHAT_DATABASE_URL and that it runs") from error
    finally:
        engine.dispose()


def _version(tool: str) -> int:
    said = subprocess.run([_path(tool), "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\d+", said)
    return int(found[0]) if found else 0


def _path(tool: str) -> str:
    path = shutil.which(tool)
    if path is None:
        raise Fault(f"{tool} is missing", "apt install postgresql-client")
    return path


def _run(tool: str, url: str | None, *arguments: str) -> None:
    password = make_url(url).password if url else None
    done = subprocess.run(
        [_path(tool), *(("--no-password", f"--dbname={_without_password(url)}") if url else ()), *arguments],
        env=os.environ | ({"PGPASSWORD": password} if password else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise Fault(f"{tool} failed: {said[0]}", "see what PostgreSQL's log says of it")


def _without_password(url: str) -> str:
    return make_url(url).set(drivername="postgresql", password=None).render_as_string(hide_password=False)
