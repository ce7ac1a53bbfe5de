"""The two doors into the domain. `perform` writes, `ask` reads; nothing else opens a transaction or says commit.

`perform` checks who asks, spends the rate limit, runs the action in one transaction, commits, then publishes what the
action told. On SQLite one thread does all the writing and commits actions in groups (`writer.py`): a commit costs a
disk flush, and fifty actions cost hardly more than one. On PostgreSQL actions run side by side in a small pool.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from chat_app.domain.common.errors import Busy, Forbidden, NotConfirmed, NotSignedIn, Refusal
from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ID_BYTES
from chat_app.domain.common.ports import Clock, Dice, Seal
from chat_app.domain.common.work import (
    DEFAULT_DOOR,
    Actor,
    Door,
    Person,
    Rate,
    Reader,
    Remembered,
    System,
    Visitor,
    Who,
    Work,
    limit_key,
)
from chat_app.domain.users.actions.throttling import spend_lasting
from chat_app.infrastructure.database import POSTGRES_WRITERS, READERS, Database
from chat_app.infrastructure.jobs import store_duties
from chat_app.infrastructure.writer import Writer

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

WAITING = 2000
"""Actions that may wait to be written before the answer is "busy"."""

RETRY_SECONDS = 10.0
"""How long a PostgreSQL transaction is run again after deadlocks and serialization failures."""

LASTING_SECONDS = 600
"""Limits over a longer time than this survive a restart."""

RETRIED_STATES = {"40001", "40P01"}  # serialization_failure, deadlock_detected


class Limiter(Protocol):
    lifted: bool
    """Nothing is limited."""

    def spend(self, rate: Rate, key: str) -> None:
        """Count one use of `rate` by `key`. Refused: `TooMany`."""
        ...


class Bus(Protocol):
    async def publish(self, events: Sequence[Event]) -> None:
        """Tell everyone who listens, in every process. May lose what it is given."""
        ...


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What an action left behind: a result, or a refusal whose writes were kept."""

    result: T | None
    refusal: Refusal | None
    told: Sequence[Event]
    has_duties: bool


class Doors:
    """The doors of one process."""

    def __init__(self, database: Database, *, clock: Clock, dice: Dice, seal: Seal, limiter: Limiter, bus: Bus) -> None:
        self.database = database
        self.clock = clock
        self.duty_stored = asyncio.Event()
        """Set when a duty was committed, so that the job runner need not poll for it."""
        self._dice = dice
        self._seal = seal
        self._limiter = limiter
        self._bus = bus
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._writer = Writer(database.writer, WAITING) if database.embedded else None
        self._writers = ThreadPoolExecutor(POSTGRES_WRITERS, thread_name_prefix="writer")
        self._in_pool = 0
        self._at_hand: tuple[Connection, Session] | None = None
        """What quick queries read over."""
        self._writing: set[asyncio.Future[Outcome[Any]]] = set()

    def new_id(self) -> str:
        """What a browser may call something it asks for, so that asking twice is asking once."""
        return self._dice.token(ID_BYTES)

    @property
    def waiting(self) -> int:
        """Writes that wait for their turn."""
        return self._writer.waiting if self._writer else self._in_pool

    async def perform(
        self, actor: Actor, action: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`action`'s result, committed. Refused: what the action refuses, `TooMany`, `Busy`, and who may not enter."""
        self._admit(actor, action)
        lasting = self._lasting(actor, _door(action).rate)

        def act(session: Session) -> Outcome[T]:
            work = Work(session, actor, self.clock, self._dice, self._seal)
            result, refusal = None, None
            if lasting is not None:
                spend_lasting(work, *lasting)
            try:
                result = action(work, *args, **kwargs)
            except Remembered as remembered:
                refusal = remembered.refusal
            store_duties(work)
            return Outcome(result, refusal, work.told, bool(work.duties))

        # whoever stops waiting stops neither the write nor the telling of it
        writing = asyncio.ensure_future(self._write_and_tell(act))
        self._writing.add(writing)
        writing.add_done_callback(self._written)
        outcome = await asyncio.shield(writing)
        if outcome.refusal is not None:
            raise outcome.refusal
        return outcome.result  # pyright: ignore[reportReturnType]  # without a refusal it is what the action returned

    async def _write_and_tell(self, act: Callable[[Session], Outcome[T]]) -> Outcome[T]:
        outcome = await (self._writer.run(act) if self._writer else self._run_in_pool(act))
        if outcome.has_duties:
            self.duty_stored.set()
        if outcome.told:
            await self._bus.publish(outcome.told)
        return outcome

    def _written(self, writing: asyncio.Future[Outcome[Any]]) -> None:
        self._writing.discard(writing)
        if not writing.cancelled():
            writing.exception()  # it was told to whoever waited; nobody else need hear of it

    async def ask(
        self, actor: Actor, query: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`query`'s answer. Refused: what the query refuses, `TooMany`, and who may not enter."""
        self._admit(actor, query)

        if self.database.embedded and _door(query).quick:
            return self._read_here(lambda session: query(Reader(session, actor, self.clock), *args, **kwargs))

        def read() -> T:
            with Session(self.database.reader) as session:
                return query(Reader(session, actor, self.clock), *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._readers, read)

    def _read_here(self, read: Callable[[Session], T]) -> T:
        """Run a quick query in the event loop's own thread, over a connection that is always open.

        In a thread of its own it would wait for the interpreter more often than for the database: once for each row.
        """
        if self._at_hand is None:
            connection = self.database.reader.connect()
            self._at_hand = connection, Session(connection)
        try:
            return read(self._at_hand[1])
        except Refusal:
            raise
        except BaseException:
            # whatever is wrong with it, the next one opens another
            self._let_go()
            raise

    def _let_go(self) -> None:
        if self._at_hand is not None:
            connection, session = self._at_hand
            self._at_hand = None
            session.close()
            connection.close()

    def close(self) -> None:
        """Finish what waits to be written, then let go of the database."""
        if self._writer is not None:
            self._writer.close()
        self._writers.shutdown()
        self._readers.shutdown()
        self._let_go()
        self.database.close()

    def _admit(self, actor: Actor, act: Callable[..., object]) -> None:
        door = _door(act)
        match actor:
            case System():
                return
            case Person():
                if door.who is Who.SYSTEM:
                    raise Forbidden
                if door.who is Who.CONFIRMED and not actor.confirmed:
                    raise NotConfirmed
            case Visitor():
                if door.who is not Who.ANYONE:
                    raise NotSignedIn
        if door.rate is not None:
            self._limiter.spend(door.rate, _limited(actor))

    def _lasting(self, actor: Actor, rate: Rate | None) -> tuple[Rate, str] | None:
        """What is counted in the database too: a restart must not forget what is limited by the hour."""
        if rate is None or self._limiter.lifted or isinstance(actor, System):
            return None
        return (rate, _limited(actor)) if rate.burst / rate.per_second >= LASTING_SECONDS else None

    async def _run_in_pool(self, act: Callable[[Session], Outcome[T]]) -> Outcome[T]:
        if self._in_pool >= WAITING:
            raise Busy
        self._in_pool += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writers, self._transact, act)
        finally:
            self._in_pool -= 1

    def _transact(self, act: Callable[[Session], Outcome[T]]) -> Outcome[T]:
        give_up = time.monotonic() + RETRY_SECONDS
        while True:
            try:
                with Session(self.database.writer, expire_on_commit=False) as session, session.begin():
                    return act(session)
            except DBAPIError as error:
                if not _worth_retrying(error) or time.monotonic() > give_up:
                    raise
                log.info("a transaction is run again: %s", type(error.orig).__name__)


def _limited(actor: Person | Visitor) -> str:
    return str(actor.row) if isinstance(actor, Person) else limit_key(actor.address)


def _door(act: Callable[..., object]) -> Door:
    return getattr(act, "door", DEFAULT_DOOR)


def _worth_retrying(error: DBAPIError) -> bool:
    # a lost connection is retried as well: every action is safe to repeat, and a commit that was lost with the
    # connection is found again by its unique constraint
    lost = isinstance(error, OperationalError) and error.connection_invalidated
    return lost or getattr(error.orig, "sqlstate", None) in RETRIED_STATES


_doors: Doors | None = None


def hang_doors(doors: Doors | None) -> None:
    """Make `doors` the ones of this process; None takes them off."""
    global _doors
    _doors = doors


def the_doors() -> Doors:
    """The doors of this process. Raises RuntimeError before the start and after the end."""
    if _doors is None:
        raise RuntimeError("the server has not started")
    return _doors


async def perform(actor: Actor, action: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`Doors.perform` of this process."""
    return await the_doors().perform(actor, action, *args, **kwargs)


async def ask(actor: Actor, query: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`Doors.ask` of this process."""
    return await the_doors().ask(actor, query, *args, **kwargs)
