"""A temporary database full of people: signed in, confirmed, each in a number of chats in which something was said.

Rows go in bulk and around the doors, so that 10,000 people take seconds; nothing here is part of any figure. Who is
in which chat follows from plain numbers, so that the load process need not be told.
"""

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, func, insert, make_url, select, text
from sqlmodel import SQLModel

from bench.server import SECRET
from chat_app.domain.chats.tables import DIRECT, GROUP, Chat, Group, Member
from chat_app.domain.common.ids import CROCKFORD, PUBLIC_ID_LENGTH
from chat_app.domain.messages.tables import Message
from chat_app.domain.users.tables import SignIn, User
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.migrations import upgrade
from chat_app.infrastructure.passwords import Passwords
from chat_app.infrastructure.tokens import token_hash
from chat_app.settings import Settings

PASSWORD = "seven green lanterns"
"""Everybody's."""

BATCH = 5_000
SMALL_GROUP = 4
"""Members of the groups that nobody speaks in."""


@dataclass(frozen=True)
class Town:
    """Who is in which room, by number: room `r` holds the people from `r * room_size` on; the last may be smaller."""

    people: int
    room_size: int
    key: str
    """Makes the session cookies of one run differ from another's."""
    passing: int = 0
    """The people of every so manyth room come and go instead of talking; 0 for none."""

    @property
    def rooms(self) -> int:
        return -(-self.people // self.room_size)

    def room_of(self, person: int) -> int:
        return person // self.room_size

    def passes(self, person: int) -> bool:
        return bool(self.passing) and self.room_of(person) % self.passing == self.passing - 1

    @property
    def talking(self) -> list[int]:
        """Those who stay."""
        return [person for person in range(self.people) if not self.passes(person)]

    def members(self, room: int) -> range:
        return range(room * self.room_size, min(self.people, (room + 1) * self.room_size))

    def chat_id(self, room: int) -> str:
        """22 characters, as every chat's."""
        return f"bench-chat-{room:011d}"

    def email(self, person: int) -> str:
        """Confirmed, and good for signing in with `PASSWORD`."""
        return f"bench{person}@example.org"

    def cookie(self, person: int) -> str:
        """The session cookie of a person: 256 bits, as from the sign-in."""
        return hashlib.sha256(f"{self.key} {person}".encode()).hexdigest()


def new_town(people: int, room_size: int, passing: int = 0) -> Town:
    return Town(people, room_size, secrets.token_hex(16), passing)


@contextmanager
def temporary_database(directory: Path, named: str | None = None) -> Generator[str]:
    """A fresh database with all tables, gone afterwards: in `directory`, or beside the one `named`, else beside
    the one `CHAT_DATABASE_URL` names.

    The one that is named is never touched; on PostgreSQL its user must be allowed to create databases.
    """
    if named is None:
        named = Settings.from_env(dotenv=None).database_url if os.environ.get("CHAT_DATABASE_URL") else ""
    if not named.startswith("postgresql"):
        place = Path(named.removeprefix("sqlite:///")).parent if named else directory
        file = place / f".bench-{secrets.token_hex(4)}.sqlite3"
        try:
            url = f"sqlite:///{file}"
            upgrade(url)
            yield url
        finally:
            for left in place.glob(f"{file.name}*"):
                left.unlink()
        return
    url = make_url(named)
    name = f"chat_bench_{secrets.token_hex(4)}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        fresh = url.set(database=name).render_as_string(hide_password=False)
        upgrade(fresh)
        yield fresh
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        server.dispose()


def settle(url: str, town: Town, chats_per_person: int) -> None:
    """Fill the database: the people of `town` in their rooms, and in others up to `chats_per_person`."""
    database = open_database(url)
    try:
        with database.writer.begin() as connection:
            _insert(connection, User, _users(town))
            _insert(connection, SignIn, _sessions(town))
            chats = list(_chats(town, chats_per_person))
            _insert(connection, Chat, _chat_rows(town, chats))
            _insert(connection, Group, _group_rows(chats))
            _insert(connection, Member, _member_rows(chats))
            _insert(connection, Message, _message_rows(chats))
            if database.writer.dialect.name == "postgresql":
                _count_on(connection)
    finally:
        database.close()


@dataclass(frozen=True)
class Stored:
    """A message as it lies in the database."""

    chat_id: str
    seq: int
    rev: int
    author: int
    client_id: str
    body: str


def stored_messages(url: str) -> list[Stored]:
    """Every message, by chat and seq."""
    columns = (Chat.chat_id, Message.seq, Message.rev, Message.author, Message.client_id, Message.body)
    database = open_database(url)
    try:
        with database.reader.connect() as connection:
            statement = select(*columns).join(Message, Message.chat == Chat.id).order_by(Chat.id, Message.seq)  # pyright: ignore
            return [Stored(*row) for row in connection.execute(statement)]
    finally:
        database.close()


def _users(town: Town) -> Iterator[dict[str, Any]]:
    password_hash = _password_hash()
    now = datetime.now(UTC)
    for person in range(town.people):
        name = f"bench{person}"
        yield {
            "id": person + 1,
            "user_id": f"bench-user-{person:011d}",
            "public_id": _public_id(person),
            "username": name,
            "username_key": name,
            "username_folded": name,
            "name": name,
            "name_key": name,
            "email": town.email(person),
            "email_key": town.email(person),
            "email_confirmed_at": now,
            "phone": f"+7900{person:07d}",
            "phone_confirmed_at": now,
            "password_hash": password_hash,
            "language": "ru",
            "created_at": now,
        }


def _password_hash() -> str:
    """Made as the server makes them, at its own cost; once, so that it does not take 40 minutes for 10,000 people."""
    # the key as in chat_app/chat_app.py
    passwords = Passwords(KeyedSeal(SECRET.encode()).digest("password").encode())
    try:
        return asyncio.run(passwords.hashed(PASSWORD))
    finally:
        passwords.close()


def _public_id(person: int) -> str:
    letters = ""
    for _ in range(PUBLIC_ID_LENGTH):
        person, digit = divmod(person, len(CROCKFORD))
        letters += CROCKFORD[digit]
    return letters


def _sessions(town: Town) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for person in range(town.people):
        yield {
            "id": person + 1,
            "token_hash": token_hash(town.cookie(person)),
            "user": person + 1,
            "created_at": now,
            "last_used_at": now,
            "device": "bench",
            "address": "127.0.0.1",
        }


def _chats(town: Town, per_person: int) -> Iterator[tuple[str, list[int]]]:
    """Kind and members of each chat. First the rooms; then direct chats around a ring, two a person for each
    distance; where one is lacking, groups of four."""
    for room in range(town.rooms):
        yield GROUP, list(town.members(room))
    distances = min((per_person - 1) // 2, (town.people - 1) // 2)
    for distance in range(1, distances + 1):
        for person in range(town.people):
            yield DIRECT, [person, (person + distance) % town.people]
    if (per_person - 1) % 2 and town.people > SMALL_GROUP:
        for first in range(0, town.people, SMALL_GROUP):
            yield GROUP, [(first + other) % town.people for other in range(2, 2 + SMALL_GROUP)]


def _chat_rows(town: Town, chats: list[tuple[str, list[int]]]) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for number, (kind, members) in enumerate(chats):
        low, high = sorted(member + 1 for member in members[:2]) if kind == DIRECT else (0, 0)
        yield {
            "id": number + 1,
            "chat_id": town.chat_id(number),
            "kind": kind,
            "pair_key": f"{low}:{high}" if kind == DIRECT else None,
            "last_seq": 1,
            "last_rev": 1,
            "members_rev": 0,
            # spread over a day, so that every list has an order
            "last_at": now - timedelta(seconds=number % 86_400),
            "created_at": now - timedelta(days=2),
        }


def _group_rows(chats: list[tuple[str, list[int]]]) -> Iterator[dict[str, Any]]:
    for number, (kind, _) in enumerate(chats):
        if kind == GROUP:
            yield {"chat": number + 1, "title": f"Room {number}", "description": "", "settings": {}}


def _member_rows(chats: list[tuple[str, list[int]]]) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for number, (_, members) in enumerate(chats):
        for member in members:
            yield {"chat": number + 1, "person": member + 1, "role": "member", "joined_at": now, "last_read_seq": 1}


def _message_rows(chats: list[tuple[str, list[int]]]) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for number, (_, members) in enumerate(chats):
        yield {
            "chat": number + 1,
            "seq": 1,
            "rev": 1,
            "author": members[0] + 1,
            "client_id": f"seed-{number:08d}",
            "body": "The first word, long enough to fill a line of the list of chats.",
            "sent_at": now,
        }


def _insert(connection: Connection, table: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    while batch := list(islice(rows, BATCH)):
        connection.execute(insert(table), batch)


def _count_on(connection: Connection) -> None:
    """Have PostgreSQL number new rows after those that came with numbers."""
    for table in (User, SignIn, Chat):
        name = re.sub(r"\W", "", str(table.__tablename__))
        last = select(func.max(table.id))  # pyright: ignore[reportAttributeAccessIssue]
        connection.execute(select(func.setval(func.pg_get_serial_sequence(name, "id"), last.scalar_subquery())))
