"""Password hashes, and slowing down whoever guesses."""

import asyncio
import os
import sys

import pytest

from chat_app.domain.common.errors import Busy
from chat_app.infrastructure.passwords import NICENESS, THREADS, WAITING, Passwords
from tests.people import PASSWORD, PEPPER, password_hash


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(PEPPER, cost=4)


async def test_a_password_is_proven_by_itself_alone(passwords: Passwords) -> None:
    stored = await passwords.hashed("seven green lanterns")
    assert stored.startswith("$2b$04$")
    assert await passwords.proves("seven green lanterns", stored)
    for other in ("Seven green lanterns", "seven green lanterns ", "", "x"):
        assert not await passwords.proves(other, stored)
    assert await passwords.proves(PASSWORD, password_hash())


async def test_every_letter_counts_also_after_the_72nd_and_after_a_zero(passwords: Passwords) -> None:
    long = "long " * 50
    assert not await passwords.proves(long + "b", await passwords.hashed(long + "a"))
    assert not await passwords.proves("zero\x00b", await passwords.hashed("zero\x00a"))


async def test_composed_or_not_the_letters_are_the_same(passwords: Passwords) -> None:
    assert await passwords.proves("и\u0306 е\u0308 lanterns", await passwords.hashed("й ё lanterns"))


async def test_a_hash_is_worth_nothing_without_the_key(passwords: Passwords) -> None:
    stored = await passwords.hashed(PASSWORD)
    assert not await Passwords(b"another key", cost=4).proves(PASSWORD, stored)


@pytest.mark.parametrize("stored", ["", "x", "$2b$", "\x00", "$2b$04$" + "x" * 53])
async def test_what_is_no_hash_is_proven_by_nothing(passwords: Passwords, stored: str) -> None:
    assert not await passwords.proves(PASSWORD, stored)


async def test_the_dummy_costs_the_same_and_is_proven_by_nothing(passwords: Passwords) -> None:
    dummy = await passwords.dummy()
    assert dummy == await passwords.dummy()
    assert not passwords.outdated(dummy)
    assert not await passwords.proves("no password hashes to this", dummy)


def test_hashes_of_another_cost_are_outdated(passwords: Passwords) -> None:
    assert passwords.outdated("$2b$12$" + "x" * 53)
    assert not passwords.outdated(password_hash())


async def test_too_many_at_once_are_sent_away_and_then_it_goes_on(passwords: Passwords) -> None:
    outcomes = await asyncio.gather(*(passwords.hashed(PASSWORD) for _ in range(100)), return_exceptions=True)
    assert sum(isinstance(outcome, str) for outcome in outcomes) == THREADS + WAITING
    assert sum(isinstance(outcome, Busy) for outcome in outcomes) == 100 - THREADS - WAITING
    assert await passwords.proves(PASSWORD, await passwords.hashed(PASSWORD))


async def test_who_stops_waiting_still_frees_the_place(passwords: Passwords) -> None:
    waiting = [asyncio.create_task(passwords.hashed(PASSWORD)) for _ in range(THREADS + WAITING)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    async with asyncio.timeout(10):
        while True:
            try:
                await passwords.hashed(PASSWORD)
            except Busy:
                await asyncio.sleep(0.01)
            else:
                break
    outcomes = await asyncio.gather(*(passwords.hashed(PASSWORD) for _ in range(WAITING)), return_exceptions=True)
    assert all(isinstance(outcome, str) for outcome in outcomes)


async def test_hashing_does_not_hold_up_the_loop() -> None:
    slow = Passwords(PEPPER, cost=11)
    working = asyncio.create_task(slow.hashed(PASSWORD))
    ticks = 0
    while not working.done():
        await asyncio.sleep(0.002)
        ticks += 1
    assert ticks > 5


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a niceness for each thread")
async def test_the_threads_that_hash_stand_back_and_no_other_does(passwords: Passwords) -> None:
    mine, others = os.getpriority(os.PRIO_PROCESS, 0), set(os.listdir("/proc/self/task"))
    await passwords.hashed(PASSWORD)
    started = set(os.listdir("/proc/self/task")) - others
    assert started
    assert {os.getpriority(os.PRIO_PROCESS, int(thread)) for thread in started} == {min(19, mine + NICENESS)}
    assert os.getpriority(os.PRIO_PROCESS, 0) == mine
