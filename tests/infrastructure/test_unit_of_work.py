"""The two doors: who may enter, what is undone, what is remembered, what is told, and that reading cannot write."""

import asyncio
import threading
from dataclasses import dataclass

import psycopg
import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from chat_app.domain.common.errors import Busy, Conflict, Forbidden, NotConfirmed, NotSignedIn, TooMany
from chat_app.domain.common.events import Event
from chat_app.domain.common.jobs import Job
from chat_app.domain.common.work import SYSTEM, Rate, Reader, Who, Work, door
from chat_app.domain.users.tables import User
from chat_app.domain.verification.events import SendCode
from chat_app.infrastructure import unit_of_work
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.rate_limits import MemoryLimits
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock, LoadedDice
from tests.people import ada, ben, pending, stranger


@dataclass(frozen=True)
class Renamed(Event):
    name: str


@door(Who.SYSTEM)
def rename(work: Work, old: str, new: str) -> None:
    work.session.exec(update(User).where(col(User.name) == old).values(name=new))
    work.tell(Renamed(new))
    work.later(SendCode(1))


@door(Who.SYSTEM)
def rename_and_raise(work: Work, old: str, new: str) -> None:
    rename(work, old, new)
    raise Conflict


@door(Who.SYSTEM)
def rename_and_refuse(work: Work, old: str, new: str) -> None:
    rename(work, old, new)
    work.refuse(Conflict())


@door(Who.SYSTEM)
def names(reader: Reader) -> list[str]:
    return sorted(reader.session.exec(select(User.name)))


@door(Who.SYSTEM)
def jobs(reader: Reader) -> int:
    return len(reader.session.exec(select(Job)).all())


@door(Who.ANYONE)
def for_anyone(reader: Reader) -> str:
    return "in"


@door(Who.SIGNED_IN)
def for_the_signed_in(reader: Reader) -> str:
    return "in"


def for_the_confirmed(reader: Reader) -> str:
    return "in"


@door(Who.ANYONE, rate=Rate("tried", per_second=0.1, burst=2))
def limited(reader: Reader) -> str:
    return "in"


async def test_who_may_enter(doors: Doors) -> None:
    person, eve = await ada(doors), await pending(doors, "eve")
    for query in (for_anyone, for_the_signed_in, for_the_confirmed):
        assert await doors.ask(person, query) == await doors.ask(SYSTEM, query) == "in"
    assert await doors.ask(eve, for_the_signed_in) == await doors.ask(stranger(), for_anyone) == "in"


async def test_who_may_not(doors: Doors) -> None:
    person, eve = await ada(doors), await pending(doors, "eve")
    for actor, query, refusal in (
        (eve, for_the_confirmed, NotConfirmed),
        (stranger(), for_the_signed_in, NotSignedIn),
        (stranger(), for_the_confirmed, NotSignedIn),
        (person, names, Forbidden),
        (stranger(), names, NotSignedIn),
    ):
        with pytest.raises(refusal):
            await doors.ask(actor, query)
    with pytest.raises(NotSignedIn):
        await doors.perform(stranger(), rename, "ada", "eve")


async def test_what_is_done_is_told_and_left_to_be_done(doors: Doors, bus: LocalBus) -> None:
    told: list[Event] = []
    bus.subscribe(told.extend)
    await ada(doors)
    await doors.perform(SYSTEM, rename, "ada", "Ada")
    assert await doors.ask(SYSTEM, names) == ["Ada"]
    assert told == [Renamed("Ada")]
    assert await doors.ask(SYSTEM, jobs) == 1
    assert doors.duty_stored.is_set()


async def test_what_raises_is_undone_untold_and_not_left_to_be_done(doors: Doors, bus: LocalBus) -> None:
    told: list[Event] = []
    bus.subscribe(told.extend)
    await ada(doors)
    with pytest.raises(Conflict):
        await doors.perform(SYSTEM, rename_and_raise, "ada", "Ada")
    assert await doors.ask(SYSTEM, names) == ["ada"]
    assert told == []
    assert await doors.ask(SYSTEM, jobs) == 0
    assert not doors.duty_stored.is_set()


async def test_what_is_refused_with_the_writes_kept_is_kept(doors: Doors, bus: LocalBus) -> None:
    told: list[Event] = []
    bus.subscribe(told.extend)
    await ada(doors)
    with pytest.raises(Conflict):
        await doors.perform(SYSTEM, rename_and_refuse, "ada", "Ada")
    assert await doors.ask(SYSTEM, names) == ["Ada"]
    assert told == [Renamed("Ada")]
    assert await doors.ask(SYSTEM, jobs) == 1


async def test_one_that_fails_among_many_undoes_only_itself(doors: Doors) -> None:
    await ada(doors)
    await ben(doors)
    outcomes = await asyncio.gather(
        doors.perform(SYSTEM, rename, "ada", "Ada"),
        doors.perform(SYSTEM, rename_and_raise, "ben", "Eve"),
        doors.perform(SYSTEM, rename, "ben", "Ben"),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), Conflict, type(None)]
    assert await doors.ask(SYSTEM, names) == ["Ada", "Ben"]


async def test_a_caller_who_leaves_stops_neither_the_write_nor_the_telling(doors: Doors, bus: LocalBus) -> None:
    heard: asyncio.Queue[Event] = asyncio.Queue()

    async def hear(events: object) -> None:
        for event in events:  # pyright: ignore[reportGeneralTypeIssues]  # a sequence
            await heard.put(event)

    bus.subscribe(hear)
    await ada(doors)
    leaving = asyncio.create_task(doors.perform(SYSTEM, rename, "ada", "Ada"))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await asyncio.wait_for(heard.get(), 5) == Renamed("Ada")
    assert await doors.ask(SYSTEM, names) == ["Ada"]


async def test_a_reader_cannot_write(doors: Doors) -> None:
    await ada(doors)

    @door(Who.SYSTEM)
    def write(reader: Reader) -> None:
        reader.session.exec(text("UPDATE users SET name = 'Eve'"))  # pyright: ignore[reportCallIssue, reportArgumentType]
        reader.session.commit()

    with pytest.raises(DBAPIError):
        await doors.ask(SYSTEM, write)
    assert await doors.ask(SYSTEM, names) == ["ada"]


async def test_a_rate_is_counted_for_each_actor(
    database_url: str, clock: FixedClock, dice: LoadedDice, seal: KeyedSeal, bus: LocalBus
) -> None:
    doors = Doors(open_database(database_url), clock=clock, dice=dice, seal=seal, limiter=MemoryLimits(), bus=bus)
    try:
        for address in ("198.51.100.1", "198.51.100.2"):
            assert [await doors.ask(stranger(address), limited) for _ in range(2)] == ["in", "in"]
            with pytest.raises(TooMany) as refused:
                await doors.ask(stranger(address), limited)
            assert 1 <= refused.value.wait_s <= 20
        assert [await doors.ask(SYSTEM, limited) for _ in range(5)] == ["in"] * 5
    finally:
        doors.close()


async def test_too_many_waiting_writes_are_answered_busy(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    await ada(doors)
    go_on = threading.Event()

    @door(Who.SYSTEM)
    def hold(work: Work) -> None:
        go_on.wait(10)

    if doors._writer:  # pyright: ignore[reportPrivateUsage]  # the limits of both engines are made small
        monkeypatch.setattr(doors._writer, "_waiting", 20)  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(unit_of_work, "WAITING", 20)
    try:
        waiting = [asyncio.create_task(doors.perform(SYSTEM, hold)) for _ in range(40)]
        await asyncio.sleep(0.2)
        # one may have been taken out of the full queue and into hand meanwhile; its place is filled again
        waiting += [asyncio.create_task(doors.perform(SYSTEM, hold)) for _ in range(10)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await doors.perform(SYSTEM, rename, "ada", "Ada")
    finally:
        go_on.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert outcomes.count(None) >= 20
    assert any(isinstance(outcome, Busy) for outcome in outcomes)
    await doors.perform(SYSTEM, rename, "ada", "Ada")
    assert await doors.ask(SYSTEM, names) == ["Ada"]


@pytest.mark.postgres
async def test_a_deadlock_is_run_again(
    postgres_url: str, clock: FixedClock, dice: LoadedDice, seal: KeyedSeal, bus: LocalBus
) -> None:
    doors = Doors(open_database(postgres_url), clock=clock, dice=dice, seal=seal, limiter=MemoryLimits(), bus=bus)
    both_hold_one = threading.Barrier(2)
    runs: list[str] = []

    @door(Who.SYSTEM)
    def lock(work: Work, first: str, second: str) -> None:
        runs.append(first)
        work.session.exec(select(User).where(User.username == first).with_for_update()).one()
        if len(runs) <= 2:
            both_hold_one.wait(10)
        work.session.exec(select(User).where(User.username == second).with_for_update()).one()

    try:
        await ada(doors)
        await ben(doors)
        await asyncio.gather(doors.perform(SYSTEM, lock, "ada", "ben"), doors.perform(SYSTEM, lock, "ben", "ada"))
        assert len(runs) == 3
    finally:
        doors.close()


@pytest.mark.postgres
async def test_a_lost_connection_is_replaced(
    postgres_url: str, clock: FixedClock, dice: LoadedDice, seal: KeyedSeal, bus: LocalBus
) -> None:
    doors = Doors(open_database(postgres_url), clock=clock, dice=dice, seal=seal, limiter=MemoryLimits(), bus=bus)
    runs: list[int] = []

    @door(Who.SYSTEM)
    def lose_it_once(work: Work) -> None:
        pid = work.session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        runs.append(pid)
        if len(runs) == 1:
            with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (pid,))
        work.session.exec(update(User).values(name="Ada"))

    try:
        await ada(doors)
        await doors.perform(SYSTEM, lose_it_once)
        assert len(runs) == 2
        assert await doors.ask(SYSTEM, names) == ["Ada"]
    finally:
        doors.close()
