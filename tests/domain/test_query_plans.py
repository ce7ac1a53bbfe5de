"""Every question of a tab is answered by indexes, on both engines: no table is read whole, whatever its size."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.queries import COMMON, OFTEN, RARE, Library, doors_into, explained, fill, plans
from chat_app.domain.common.ids import Row
from chat_app.domain.messages.queries.search import find_messages
from chat_app.domain.users.queries import find_people
from chat_app.infrastructure.unit_of_work import Doors

LIBRARY = Library(10_000)

READ_WHOLE = re.compile(
    r"^SCAN (?!message_search VIRTUAL TABLE INDEX \d+:M|these VIRTUAL TABLE)|Seq Scan", re.MULTILINE
)
"""Not the words of messages, asked for with MATCH, and not a list that was handed in."""


@pytest.fixture(scope="module")
def sqlite_library(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("library") / "chat.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    fill(f"sqlite:///{path}", LIBRARY)
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def postgres_library(postgres_server) -> Iterator[str]:
    name = postgres_server.copy()
    fill(postgres_server.url(name), LIBRARY)
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def library(request: pytest.FixtureRequest) -> Iterator[Doors]:
    with doors_into(request.getfixturevalue(f"{request.param}_library")) as doors:
        yield doors


def test_no_question_reads_a_table_whole(library: Doors) -> None:
    found = asyncio.run(plans(library, LIBRARY, small=True))
    assert all(found.values())
    whole = {
        name: (statement, plan) for name, asked in found.items() for statement, plan in asked if READ_WHOLE.search(plan)
    }
    assert whole == {}


def test_words_are_answered_by_their_index(library: Doors) -> None:
    found = asyncio.run(plans(library, LIBRARY, small=True))
    answered = "\n".join(plan for _, plan in found["search_absent"])
    assert ("VIRTUAL TABLE INDEX" if library.database.embedded else "ix_message_search_folded") in answered


def test_one_that_does_is_noticed(library: Doors) -> None:
    for statement in ("SELECT id FROM messages WHERE body = 'x'", "SELECT id FROM users WHERE about = 'x'"):
        plan = explained(library, statement, (), small=True)
        assert READ_WHOLE.search(plan), plan


async def test_what_the_figures_are_about_is_found(library: Doors) -> None:
    me = LIBRARY.reader
    numbers = {
        typed: len((await library.ask(me, find_messages, typed)).messages)
        for typed in (COMMON, RARE, "субботами", OFTEN, "ко")
    }
    assert numbers[COMMON] == numbers["ко"] == 20
    assert numbers[RARE] >= 1
    assert numbers["субботами"] >= 1
    # only others say it
    assert numbers[OFTEN] == 0
    assert len(await library.ask(me, find_people, "ал")) == 20
    assert me.row == Row(1)
