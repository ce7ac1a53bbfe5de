"""The one thread that writes to SQLite."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import event
from sqlmodel import Session, text

from chat_app.domain.common.errors import Conflict
from chat_app.infrastructure import writer as writer_module
from chat_app.infrastructure.database import Database, open_database
from chat_app.infrastructure.writer import GROUP_SIZE, Writer


@pytest.fixture
def database(sqlite_url: str) -> Database:
    database = open_database(sqlite_url)
    with database.writer.begin() as connection:
        connection.execute(text("CREATE TABLE notes (words TEXT)"))
    return database


def note(session: Session, words: str) -> str:
    session.connection().execute(text("INSERT INTO notes VALUES (:words)"), {"words": words})
    return words


def noted(database: Database) -> list[str]:
    with database.reader.connect() as connection:
        return list(connection.execute(text("SELECT words FROM notes ORDER BY rowid")).scalars())


async def test_many_writes_share_a_commit_and_keep_their_order(database: Database) -> None:
    commits: list[int] = []
    event.listen(database.writer, "commit", lambda _connection: commits.append(len(noted(database))))
    writer = Writer(database.writer, 2000)
    words = [f"{number:03}" for number in range(300)]
    assert (
        await asyncio.gather(*(writer.run(lambda session, word=word: note(session, word)) for word in words)) == words
    )
    writer.close()
    assert noted(database) == words
    assert 300 / GROUP_SIZE <= len(commits) < 150
    database.close()


async def test_nobody_is_told_before_it_is_on_disk(database: Database) -> None:
    writer = Writer(database.writer, 2000)
    for number in range(20):
        await writer.run(lambda session, number=number: note(session, str(number)))
        assert len(noted(database)) == number + 1
    writer.close()
    database.close()


async def test_a_failure_undoes_only_itself(database: Database) -> None:
    def fail(session: Session) -> None:
        note(session, "undone")
        raise Conflict

    writer = Writer(database.writer, 2000)
    outcomes = await asyncio.gather(
        writer.run(lambda session: note(session, "before")),
        writer.run(fail),
        writer.run(lambda session: note(session, "after")),
        return_exceptions=True,
    )
    writer.close()
    assert [type(outcome) for outcome in outcomes] == [str, Conflict, str]
    assert noted(database) == ["before", "after"]
    database.close()


async def in_one_group(writer: Writer, *acts: Callable[[Session], str]) -> list[str | BaseException]:
    """The outcomes of `acts`, which wait together while something before them holds the writer up."""
    go_on = threading.Event()
    holding = asyncio.create_task(writer.run(lambda _session: go_on.wait(5)))
    waiting = [asyncio.create_task(writer.run(act)) for act in acts]
    await asyncio.sleep(0.05)
    go_on.set()
    await asyncio.wait([holding])
    return await asyncio.gather(*waiting, return_exceptions=True)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine closes a group no earlier than a fast one."""
    monkeypatch.setattr(writer_module, "GROUP_SECONDS", 5.0)


@pytest.mark.usefixtures("patient")
async def test_when_the_disk_is_full_nobody_is_told_that_it_was_done(database: Database) -> None:
    with database.writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 20}")
    writer = Writer(database.writer, 2000)
    outcomes = await in_one_group(
        writer,
        lambda session: note(session, "first"),
        lambda session: note(session, "x" * 400_000),
        lambda session: note(session, "last"),
    )
    assert isinstance(outcomes[1], Exception)
    assert [outcome for outcome in outcomes if isinstance(outcome, str)] == noted(database)
    assert await writer.run(lambda session: note(session, "afterwards")) == "afterwards"
    writer.close()
    assert "afterwards" in noted(database)
    database.close()


@pytest.mark.usefixtures("patient")
async def test_when_the_transaction_is_lost_those_before_hear_of_it_too(database: Database) -> None:
    """On some faults SQLite rolls everything back by itself, not only what the failing action wrote."""

    def lose(session: Session) -> str:
        connection = session.connection().connection.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        connection.execute("ROLLBACK")
        raise OSError("the disk is gone")

    writer = Writer(database.writer, 2000)
    outcomes = await in_one_group(
        writer, lambda session: note(session, "first"), lose, lambda session: note(session, "last")
    )
    told = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert "first" not in told
    assert told == noted(database)
    assert await writer.run(lambda session: note(session, "afterwards")) == "afterwards"
    writer.close()
    database.close()


async def test_closing_finishes_what_waits(database: Database) -> None:
    writer = Writer(database.writer, 2000)
    waiting = [
        asyncio.create_task(writer.run(lambda session, number=number: note(session, str(number))))
        for number in range(100)
    ]
    await asyncio.sleep(0)
    await asyncio.to_thread(writer.close)
    assert len(await asyncio.gather(*waiting)) == len(noted(database)) == 100
    database.close()


async def test_a_second_process_that_holds_the_file_is_waited_for(database: Database, sqlite_url: str) -> None:
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    writer = Writer(database.writer, 2000)
    waiting = asyncio.create_task(writer.run(lambda session: note(session, "waited")))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    other.execute("ROLLBACK")
    assert await asyncio.wait_for(waiting, 5) == "waited"
    writer.close()
    other.close()
    database.close()
