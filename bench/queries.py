"""What reading costs in the database layer: `python -m bench.queries`.

Fills a temporary database with a million messages in ten thousand chats, and another with a tenth of both, on each
engine, and prints the medians of what a tab asks, through `ask` as a tab does. One person sits in 500 chats of either,
one of them long. What is ten times as much must cost the same.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import textwrap
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, insert

from bench.seeding import temporary_database
from chat_app.domain.chats.queries import member_ids, my_chat, my_chat_ids, my_chats
from chat_app.domain.chats.queries.search import find_chats
from chat_app.domain.chats.tables import DIRECT, GROUP, Chat, Group, Member
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.values import fold
from chat_app.domain.common.work import Person
from chat_app.domain.messages.indexing import chat_token, searchable
from chat_app.domain.messages.queries import page_of, pinned_in
from chat_app.domain.messages.queries.search import find_messages
from chat_app.domain.users.naming import name_words
from chat_app.domain.users.queries import find_people
from chat_app.domain.users.tables import NameWord, User
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal, SystemClock, SystemDice
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.rate_limits import NoLimits
from chat_app.infrastructure.unit_of_work import Doors

MESSAGES = 1_000_000
PER_CHAT = 100
PER_PERSON = 50
"""Messages for each: of a million, 10,000 chats and 20,000 people."""

MINE = 500
"""Chats of whoever asks."""

LONG = 0.02
"""Of all messages, in the long chat."""

GROUP_SIZE = 5
BATCH = 20_000
SHOWN_OF_STATEMENT = 200
"""Characters of a statement that stand above its plan, and of a line of the plan."""

TIMES = 21
POSTGRES = os.environ.get("CHAT_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")

FIRST = [
    "Алина",
    "Алексей",
    "Иван",
    "Ирина",
    "Пётр",
    "Семён",
    "Вера",
    "Марина",
    "Лена",
    "Артём",
    "Олег",
    "Ольга",
    "Нина",
    "Тимур",
    "Катя",
    "Дмитрий",
    "Илья",
    "Саша",
]
LAST = [
    "Орлов",
    "Ким",
    "Ли",
    "Ветров",
    "Соколов",
    "Крылов",
    "Ахметов",
    "Нестеров",
    "Ёлкин",
    "Ершов",
    "Альтман",
    "Алиев",
    "Иванов",
    "Зайцев",
    "Лисин",
    "Гусев",
]
SYLLABLES = [a + b for a in "бвгджзклмнпрстфхцчш" for b in "аеиоуыя"] + [
    "ст",
    "пр",
    "ние",
    "ов",
    "ск",
    "ть",
    "го",
    "ся",
]

OFTEN = "обычно"
"""In every third message, but not in those of whoever asks."""

COMMON = "ние"
"""A syllable that every tenth message has."""

RARE = "квазар"
FORMS = ("суббота", "субботу", "субботы")


@dataclass(frozen=True)
class Library:
    """A database of so many messages. Everything in it follows from the number."""

    messages: int

    @property
    def chats(self) -> int:
        # who asks has 500 in either
        return max(MINE + 1, self.messages // PER_CHAT)

    @property
    def people(self) -> int:
        return max(2 * MINE, self.messages // PER_PERSON)

    def chat_id(self, number: int) -> ChatId:
        """Of a chat, from 1 on; the first is the long one."""
        return ChatId(f"library-chat{number:010d}")

    @property
    def reader(self) -> Person:
        """Who asks."""
        return Person(Row(1), UserId(f"library-user{1:010d}"), Row(1), confirmed=True)

    @property
    def long(self) -> int:
        """Messages in the long chat, about."""
        return int(self.messages * LONG)

    def members(self, chat: int) -> list[int]:
        """Rows of those in a chat: two in every other one, five in the rest."""
        others = self.people - 1
        step = 1 + chat // others
        first = chat % others
        around = [(first + step * place) % others + 2 for place in range(GROUP_SIZE)]
        if chat <= MINE:
            return [1, *around[: 1 if chat % 2 == 0 else GROUP_SIZE - 1]]
        return around[: 2 if chat % 2 == 0 else GROUP_SIZE]


def fill(url: str, library: Library) -> None:
    """Write it all, in bulk and around the doors."""
    database = open_database(url)
    sqlite = database.embedded
    dice = random.Random(1)  # the same every time
    try:
        with database.writer.begin() as connection:
            for batch in _batches(_users(library)):
                connection.execute(insert(User), batch)
            for batch in _batches(_names(library)):
                connection.execute(insert(NameWord), batch)
            if not sqlite:
                connection.exec_driver_sql("DROP INDEX ix_message_search_folded")
                connection.exec_driver_sql("DROP INDEX ix_message_search_chat_message")
        said = _Said(library, dice)
        with database.writer.begin() as connection:
            # chats first, since messages belong to them; how long each is, is known at the end
            for table, rows in ((Chat, _chats(library)), (Group, _groups(library)), (Member, _members(library))):
                for batch in _batches(rows):
                    connection.execute(insert(table), batch)
            for batch in _batches(said.rows()):
                (_into_sqlite if sqlite else _into_postgres)(connection.connection.driver_connection, batch)
            lengths = [{"n": length, "c": chat} for chat, length in enumerate(said.lengths) if chat and length]
            mark = "UPDATE chats SET last_seq = {n}, last_rev = {n} WHERE id = {c}"
            style = {"n": ":n", "c": ":c"} if sqlite else {"n": "%(n)s", "c": "%(c)s"}
            connection.exec_driver_sql(mark.format(**style), lengths)
        if sqlite:
            return
        with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(
                "CREATE INDEX ix_message_search_folded ON message_search USING gin (folded gin_trgm_ops)"
                " WITH (gin_pending_list_limit = 256)"
            )
            connection.exec_driver_sql("CREATE INDEX ix_message_search_chat_message ON message_search (chat, message)")
            connection.exec_driver_sql("VACUUM ANALYZE")
    finally:
        database.close()


@dataclass
class _Said:
    """Messages in the order of time, which is not that of chats."""

    library: Library
    dice: random.Random
    lengths: list[int] = field(default_factory=list[int])

    def rows(self) -> Iterator[tuple[Any, ...]]:
        words = sorted(
            {"".join(self.dice.choices(SYLLABLES, k=self.dice.choice((1, 2, 2, 3, 3, 4)))) for _ in range(30_000)}
        )
        self.dice.shuffle(words)
        pool = self.dice.choices(
            words, cum_weights=list(accumulate(1 / (place + 5) ** 0.95 for place in range(len(words)))), k=1_000_000
        )
        self.lengths = [0] * (self.library.chats + 1)
        began = datetime.now(UTC) - timedelta(days=300)
        at, members = 0, {}
        for number in range(1, self.library.messages + 1):
            chat = 1 if self.dice.random() < LONG else self.dice.randrange(1, self.library.chats + 1)
            self.lengths[chat] += 1
            size = self.dice.randrange(2, 18)
            at = (at + size) % (len(pool) - 20)
            spoken = pool[at : at + size]
            if chat > MINE and number % 3 == 0:
                spoken.append(OFTEN)
            if number % 1000 == 7:
                spoken.append(FORMS[number // 1000 % 3].capitalize())
            if number % 20_011 == 0 or (chat == 7 and self.lengths[chat] == 3):
                spoken.append(RARE)
            if chat not in members:
                members[chat] = self.library.members(chat)
            author = members[chat][number % len(members[chat])]
            yield number, chat, self.lengths[chat], author, " ".join(spoken), began + timedelta(seconds=25 * number)


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _row(said: tuple[Any, ...]) -> tuple[Any, ...]:
    number, chat, seq, author, body, at = said
    return number, chat, seq, seq, author, f"library-{number}", body, 0, (at - EPOCH) // timedelta(microseconds=1)


COLUMNS = "id, chat, seq, rev, author, client_id, body, extras, sent_at"


def _into_sqlite(driver: Any, batch: list[tuple[Any, ...]]) -> None:
    driver.executemany(f"INSERT INTO messages ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_row, batch))
    words = [(number, chat_token(Row(chat)), searchable(body)) for number, chat, _, _, body, _ in batch]
    driver.executemany("INSERT INTO message_search (rowid, chat, body) VALUES (?, ?, ?)", words)


def _into_postgres(driver: Any, batch: list[tuple[Any, ...]]) -> None:
    with driver.cursor() as cursor:
        with cursor.copy(f"COPY messages ({COLUMNS}) FROM STDIN") as copy:
            for said in batch:
                copy.write_row(_row(said))
        with cursor.copy("COPY message_search (message, chat, folded) FROM STDIN") as copy:
            for number, chat, _, _, body, _ in batch:
                copy.write_row((number, chat, searchable(body)))


def _users(library: Library) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for row in range(1, library.people + 1):
        name = f"{FIRST[row % len(FIRST)]} {LAST[row // len(FIRST) % len(LAST)]}"
        yield {
            "id": row,
            "user_id": f"library-user{row:010d}",
            "public_id": f"{row:08d}",
            "username": f"user{row}",
            "username_key": f"user{row}",
            "username_folded": f"user{row}",
            "name": name,
            "name_key": fold(name),
            "email": f"library{row}@example.org",
            "email_key": f"library{row}@example.org",
            "email_confirmed_at": now,
            "password_hash": "",
            "language": "ru",
            "created_at": now,
        }


def _names(library: Library) -> Iterator[dict[str, Any]]:
    for user in _users(library):
        for word in name_words(user["username_folded"], user["name_key"]):
            yield {"word": word, "person": user["id"]}


def _chats(library: Library) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for chat in range(1, library.chats + 1):
        members = library.members(chat)
        pair = "{}:{}".format(*sorted(members)) if len(members) == 2 else None
        yield {
            "id": chat,
            "chat_id": library.chat_id(chat),
            "kind": DIRECT if pair else GROUP,
            # of a pair that comes up once more, whatever tells it apart
            "pair_key": f"{pair}:{chat}" if pair else None,
            "last_seq": 0,
            "last_rev": 0,
            "members_rev": 0,
            "last_at": now - timedelta(seconds=chat),
            "created_at": now - timedelta(days=301),
        }


def _groups(library: Library) -> Iterator[dict[str, Any]]:
    for chat in range(1, library.chats + 1):
        if len(library.members(chat)) > 2:
            title = f"Поход на Алтай {chat}"
            yield {"chat": chat, "title": title, "title_key": fold(title), "description": "", "settings": {}}


def _members(library: Library) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for chat in range(1, library.chats + 1):
        for person in library.members(chat):
            yield {"chat": chat, "person": person, "role": "member", "joined_at": now, "last_read_seq": 0}


Ask = Callable[[int], Awaitable[Any]]


def questions(doors: Doors, library: Library) -> dict[str, Ask]:
    """What a tab asks, by the name it has in the figures; the number makes one time differ from another."""
    me, long = library.reader, library.chat_id(1)

    def somewhere(time: int) -> int:
        return 60 + time * 997 % max(1, library.long - 120)

    async def opening(time: int) -> None:
        chat = library.chat_id(1 + time % MINE)
        await doors.ask(me, my_chat, chat)
        await doors.ask(me, page_of, chat)
        await doors.ask(me, pinned_in, chat)
        await doors.ask(me, member_ids, chat)

    def looking(typed: str) -> Ask:
        return lambda _: doors.ask(me, find_messages, typed)

    return {
        "open_chat": opening,
        "history_page": lambda time: doors.ask(me, page_of, long, somewhere(time)),
        "around_message": lambda time: doors.ask(me, page_of, long, around=somewhere(time)),
        "list_500": lambda _: doors.ask(me, my_chats),
        "rooms_500": lambda _: doors.ask(me, my_chat_ids),
        "people_2_letters": lambda _: doors.ask(me, find_people, "ал"),
        "people_2_words": lambda _: doors.ask(me, find_people, "ал ор"),
        "chats_by_title": lambda time: doors.ask(me, find_chats, f"алтай {time}"),
        "search_rare": looking(RARE),
        "search_common": looking(COMMON),
        "search_inflected": looking("субботами"),
        "search_two_words": looking("суббота ко"),
        "search_absent": looking("нетакогослова"),
        "search_others_only": looking(OFTEN),
        "search_short": looking("ко"),
    }


@contextmanager
def doors_into(url: str) -> Iterator[Doors]:
    """Doors without limits."""
    doors = Doors(
        open_database(url),
        clock=SystemClock(),
        dice=SystemDice(),
        seal=KeyedSeal(b""),
        limiter=NoLimits(),
        bus=LocalBus(),
    )
    try:
        yield doors
    finally:
        doors.close()


async def measure(doors: Doors, library: Library, times: int = TIMES) -> dict[str, float]:
    """Medians in milliseconds, each after a first time that does not count."""
    figures: dict[str, float] = {}
    for name, ask in questions(doors, library).items():
        await ask(0)
        taken: list[float] = []
        for number in range(1, times + 1):
            began = time.perf_counter()
            await ask(number)
            taken.append(1000 * (time.perf_counter() - began))
        figures[name] = round(statistics.median(taken), 2)
    return figures


async def plans(doors: Doors, library: Library, *, small: bool = False) -> dict[str, list[tuple[str, str]]]:
    """Of each question, the statements it makes and how the engine answers them."""
    heard: list[tuple[str, Any]] = []
    engine: Engine = doors.database.reader

    @event.listens_for(engine, "before_cursor_execute")
    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    found: dict[str, list[tuple[str, str]]] = {}
    for name, ask in questions(doors, library).items():
        heard.clear()
        await ask(1)
        asked = {statement: parameters for statement, parameters in heard if not statement.startswith("EXPLAIN")}
        found[name] = [
            (statement, explained(doors, statement, values, small=small)) for statement, values in asked.items()
        ]
    event.remove(engine, "before_cursor_execute", hear)
    return found


def explained(doors: Doors, statement: str, parameters: Any, *, small: bool) -> str:
    """How a statement is answered. `small`: the tables fit into a few pages, which PostgreSQL would read whole whatever
    indexes there are, and these are what is looked for."""
    with doors.database.reader.connect() as connection:
        if doors.database.embedded:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return "\n".join(str(row[-1]) for row in rows)
        if small:
            connection.exec_driver_sql("SET enable_seqscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        plan = "\n".join(str(row[0]) for row in rows)
        connection.rollback()
        return plan


def queries(options: argparse.Namespace) -> dict[str, Any]:
    """All figures: by engine and question, `_tenth` for the smaller database."""
    figures: dict[str, Any] = {}
    for engine in options.engines:
        for messages, suffix in ((options.messages // 10, "_tenth"), (options.messages, "")):
            library = Library(messages)
            with tempfile.TemporaryDirectory() as directory:
                named = options.postgres if engine == "postgresql" else ""
                with temporary_database(Path(directory), named) as url:
                    fill(url, library)
                    with doors_into(url) as doors:
                        medians = asyncio.run(measure(doors, library, options.times))
                        if options.plans and not suffix:
                            found = asyncio.run(plans(doors, library))
                            options.plans.write(_told(f"{engine}, {messages:,} messages", found))
            figures |= {f"{engine}_{name}{suffix}_ms": median for name, median in medians.items()}
    for engine in options.engines:
        mine = {name: ms for name, ms in figures.items() if name.startswith(engine)}
        figures[f"{engine}_slowest_ms"] = max(ms for name, ms in mine.items() if not name.endswith("_tenth_ms"))
    return figures


def _told(where: str, found: dict[str, list[tuple[str, str]]]) -> str:
    """The plans as a piece of Markdown."""
    lines = [f"# How the questions are answered: {where}"]
    for name, each in found.items():
        lines.append(f"## {name}")
        for statement, whole in each:
            plan = "\n".join(line[:SHOWN_OF_STATEMENT] for line in whole.splitlines())
            lines.append(f"```\n{textwrap.shorten(statement, SHOWN_OF_STATEMENT)}\n\n{plan}\n```")
    return "\n\n".join(lines) + "\n\n"


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.queries", description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--engines", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--postgres", default=POSTGRES, help="a database beside which others may be made")
    parser.add_argument("--plans", type=argparse.FileType("w"), help="where to write how each statement is answered")
    parser.add_argument("--json", action="store_true", help="one object at the end")
    return parser


def main() -> int:
    options = parser().parse_args()
    figures = queries(options)
    for engine in options.engines:
        names = [name for name in figures if name.startswith(engine) and not name.endswith(("_tenth_ms", "slowest_ms"))]
        print(f"\n{engine:34} {'a tenth':>9} {options.messages:>11,}")
        for name in names:
            tenth = figures[name.removesuffix("_ms") + "_tenth_ms"]
            print(f"{name.removeprefix(engine + '_').removesuffix('_ms'):34} {tenth:>6} ms {figures[name]:>8} ms")
    if options.json:
        print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
