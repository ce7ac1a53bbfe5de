"""Guessing passwords gets slower, the owner elsewhere is never locked out, and a restart forgets nothing."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import event

from chat_app.domain.common.errors import TooMany
from chat_app.domain.common.work import SYSTEM, Rate, Visitor, Who, Work, door
from chat_app.domain.users.actions import abandon_try, begin_try, erase_old_throttles, pass_try
from chat_app.domain.users.queries import my_proof
from chat_app.domain.users.rules import FREE_FAILURES, FREE_FAILURES_OF_ADDRESS
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.rate_limits import MemoryLimits
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock, LoadedDice
from tests.people import pending

EVE, BEN = "198.51.100.7", "203.0.113.1"


async def fail(doors: Doors, times: int, account: str = "ada", address: str = EVE) -> None:
    for _ in range(times):
        await doors.perform(SYSTEM, begin_try, account, address)


async def test_five_failures_are_free_and_then_the_wait_doubles(doors: Doors, clock: FixedClock) -> None:
    await fail(doors, FREE_FAILURES)
    for seconds in (30, 60, 120, 240, 480, 900):
        with pytest.raises(TooMany) as refused:
            await fail(doors, 1)
        assert refused.value.wait_s == seconds
        clock.tick(seconds=seconds - 1)
        with pytest.raises(TooMany):
            await fail(doors, 1)
        clock.tick(seconds=1)
        await fail(doors, 1)


async def test_the_owner_elsewhere_is_never_locked_out(doors: Doors) -> None:
    await fail(doors, FREE_FAILURES)
    await fail(doors, 1, address=BEN)
    await fail(doors, 1, account="ben")


async def test_one_address_has_twenty_failures_over_all_accounts(doors: Doors) -> None:
    for number in range(FREE_FAILURES_OF_ADDRESS):
        await fail(doors, 1, f"account{number}")
    with pytest.raises(TooMany):
        await fail(doors, 1, "another")
    await fail(doors, 1, "another", BEN)


async def test_the_addresses_of_one_household_count_as_one(doors: Doors) -> None:
    for number in range(FREE_FAILURES):
        await fail(doors, 1, address=f"2001:db8:1:2::{number:x}")
    with pytest.raises(TooMany):
        await fail(doors, 1, address="2001:db8:1:2:ffff::1")
    await fail(doors, 1, address="2001:db8:1:3::1")
    # the same address in another spelling
    await fail(doors, FREE_FAILURES - 1, address=f"::ffff:{BEN}")
    await fail(doors, 1, address=BEN)
    with pytest.raises(TooMany):
        await fail(doors, 1, address=BEN)


async def test_success_and_a_quarter_of_an_hour_forget(doors: Doors, clock: FixedClock) -> None:
    for _ in range(30):
        await fail(doors, 1)
        await doors.perform(SYSTEM, pass_try, "ada", EVE)
    for _ in range(30):
        await fail(doors, 1)
        await doors.perform(SYSTEM, abandon_try, "ada", EVE)
    await fail(doors, FREE_FAILURES)
    clock.tick(minutes=15)
    await fail(doors, FREE_FAILURES)


async def test_of_tries_at_the_same_moment_only_the_free_ones_are_looked_at(doors: Doors) -> None:
    tries = (doors.perform(SYSTEM, begin_try, "ada", EVE) for _ in range(40))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(answer is None for answer in answers) == FREE_FAILURES
    assert {type(answer) for answer in answers if answer is not None} == {TooMany}


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.parametrize(
    ("meanwhile", "arguments"), [(erase_old_throttles, ()), (pass_try, ("ada", EVE)), (abandon_try, ("ada", EVE))]
)
async def test_a_try_is_counted_whatever_happens_to_its_row_meanwhile(
    doors: Doors, clock: FixedClock, meanwhile: Callable[..., None], arguments: tuple[str, ...]
) -> None:
    await fail(doors, FREE_FAILURES - 1)
    clock.tick(days=3)
    loop, done = asyncio.get_running_loop(), list[str]()

    # between the statement that finds a row there and the one that reads it; SQLite has one writer, and no between
    @event.listens_for(doors.database.writer, "after_cursor_execute")
    def interfere(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO throttles") and not done:
            done.append(statement)
            asyncio.run_coroutine_threadsafe(doors.perform(SYSTEM, meanwhile, *arguments), loop).result(10)

    await fail(doors, FREE_FAILURES)
    assert done
    with pytest.raises(TooMany):
        await fail(doors, 1)


@door(Who.ANYONE, rate=Rate("tried by the hour", per_second=2 / 3600, burst=2))
def limited(work: Work) -> None:
    """Something strangers may do twice an hour."""


def reopened(url: str, clock: FixedClock, seal: KeyedSeal) -> Doors:
    """The doors of a server that has just started."""
    database = open_database(url)
    return Doors(database, clock=clock, dice=LoadedDice(), seal=seal, limiter=MemoryLimits(), bus=LocalBus())


async def test_a_restart_forgets_neither_failures_nor_what_is_limited_by_the_hour(
    database_url: str, clock: FixedClock, seal: KeyedSeal
) -> None:
    before = reopened(database_url, clock, seal)
    await fail(before, FREE_FAILURES)
    for _ in range(2):
        await before.perform(Visitor(EVE), limited)
    before.close()
    after = reopened(database_url, clock, seal)
    with pytest.raises(TooMany):
        await fail(after, 1)
    with pytest.raises(TooMany) as refused:
        await after.perform(Visitor(EVE), limited)
    assert refused.value.wait_s == 3600
    await after.perform(Visitor(BEN), limited)
    clock.tick(hours=1)
    # the count of this process began when it did
    after.close()
    later = reopened(database_url, clock, seal)
    await later.perform(Visitor(EVE), limited)
    clock.tick(days=3)
    await later.perform(SYSTEM, erase_old_throttles)
    later.close()


async def test_a_password_is_not_checked_as_often_as_somebody_asks(
    database_url: str, clock: FixedClock, seal: KeyedSeal
) -> None:
    doors = reopened(database_url, clock, seal)
    eve = await pending(doors, "eve")
    for _ in range(10):
        await doors.ask(eve, my_proof)
    with pytest.raises(TooMany):
        await doors.ask(eve, my_proof)
    doors.close()
