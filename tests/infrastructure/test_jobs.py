"""Duties: stored with what caused them, and done at least once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from sqlmodel import select

from chat_app.domain.common.events import Duty
from chat_app.domain.common.jobs import LONGEST_WAIT, MOST_TRIES, Job, next_try
from chat_app.domain.common.work import SYSTEM, Reader, Who, Work, door
from chat_app.infrastructure.jobs import LEASE, Handler, JobRunner, Recurring
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock, LoadedDice


@dataclass(frozen=True)
class Knock(Duty):
    kind: ClassVar[str] = "knock"
    door: str


@door(Who.SYSTEM)
def knock(work: Work, at: str) -> None:
    work.later(Knock(at))


@door(Who.SYSTEM)
def waiting(reader: Reader) -> list[Job]:
    return list(reader.session.exec(select(Job)))


@dataclass
class Knocker:
    """Knocks, or fails to as often as it is told."""

    failures: int = 0
    knocked: list[str] = field(default_factory=list[str])

    async def do(self, duty: Knock) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("+79161110001 cannot be reached")
        self.knocked.append(duty.door)


def runner(doors: Doors, dice: LoadedDice, do: Callable[[Any], Awaitable[None]]) -> JobRunner:
    return JobRunner(doors, dice, [Handler(Knock, do)])


async def test_a_duty_is_done_once_and_gone(doors: Doors, dice: LoadedDice) -> None:
    knocker = Knocker()
    jobs = runner(doors, dice, knocker.do)
    await doors.perform(SYSTEM, knock, "front")
    assert await jobs.run_due() == 1
    assert await jobs.run_due() == 0
    assert knocker.knocked == ["front"]
    assert await doors.ask(SYSTEM, waiting) == []


async def test_what_fails_is_tried_again_later_and_the_log_tells_no_secrets(
    doors: Doors, dice: LoadedDice, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    knocker = Knocker(failures=2)
    jobs = runner(doors, dice, knocker.do)
    await doors.perform(SYSTEM, knock, "front")
    assert await jobs.run_due() == 1
    assert await jobs.run_due() == 0
    clock.tick(seconds=5)
    assert await jobs.run_due() == 1
    clock.tick(seconds=10)
    assert await jobs.run_due() == 1
    assert knocker.knocked == ["front"]
    assert "OSError" in caplog.text
    assert "+7916" not in caplog.text


async def test_what_fails_too_often_is_given_up_and_said_so(
    doors: Doors, dice: LoadedDice, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    knocker = Knocker(failures=10**6)
    jobs = runner(doors, dice, knocker.do)
    await doors.perform(SYSTEM, knock, "front")
    for _ in range(MOST_TRIES):
        assert await jobs.run_due() == 1
        clock.tick(hours=1)
    assert await jobs.run_due() == 0
    assert "given up" in caplog.text
    [job] = await doors.ask(SYSTEM, waiting)
    assert job.dead_at is not None


async def test_a_job_that_is_leased_is_nobody_elses_until_the_lease_ends(
    doors: Doors, dice: LoadedDice, clock: FixedClock
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def dawdle(duty: Knock) -> None:
        begun.set()
        await go_on.wait()

    other = Knocker()
    await doors.perform(SYSTEM, knock, "front")
    dying = asyncio.create_task(runner(doors, dice, dawdle).run_due())
    await begun.wait()
    assert await runner(doors, dice, other.do).run_due() == 0
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    clock.tick(seconds=LEASE.total_seconds())
    assert await runner(doors, dice, other.do).run_due() == 1
    assert other.knocked == ["front"]


async def test_ten_runners_share_a_hundred_jobs_and_do_none_twice(doors: Doors, dice: LoadedDice) -> None:
    knocker = Knocker()
    for number in range(100):
        await doors.perform(SYSTEM, knock, str(number))

    async def work() -> None:
        while await runner(doors, dice, knocker.do).run_due():
            pass

    await asyncio.gather(*(work() for _ in range(10)))
    assert sorted(knocker.knocked, key=int) == [str(number) for number in range(100)]


async def test_a_job_without_a_handler_waits_for_somebody_who_has_one(doors: Doors, dice: LoadedDice) -> None:
    await doors.perform(SYSTEM, knock, "front")
    assert await JobRunner(doors, dice, []).run_due() == 0
    assert len(await doors.ask(SYSTEM, waiting)) == 1


@door(Who.SYSTEM)
def break_down(work: Work) -> None:
    raise RuntimeError


async def test_the_runner_wakes_at_once_and_what_recurs_goes_on_after_a_fault(doors: Doors, dice: LoadedDice) -> None:
    knocked: asyncio.Queue[str] = asyncio.Queue()

    async def tell(duty: Knock) -> None:
        await knocked.put(duty.door)

    @door(Who.SYSTEM)
    def knock_again(work: Work) -> None:
        knock(work, "again")

    often = timedelta(seconds=0.05)
    recurring = [Recurring(break_down, often), Recurring(knock_again, often)]
    running = asyncio.create_task(JobRunner(doors, dice, [Handler(Knock, tell)], recurring).run())
    assert [await asyncio.wait_for(knocked.get(), 2) for _ in range(3)] == ["again"] * 3
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_recurs_goes_on_at_once_while_something_is_left(doors: Doors, dice: LoadedDice) -> None:
    done: asyncio.Queue[int] = asyncio.Queue()
    left = [3]

    @door(Who.SYSTEM)
    def a_part(work: Work) -> bool:
        left[0] -= 1
        done.put_nowait(left[0])
        return left[0] > 0

    running = asyncio.create_task(JobRunner(doors, dice, [], [Recurring(a_part, timedelta(hours=1))]).run())
    try:
        assert [await asyncio.wait_for(done.get(), 5) for _ in range(3)] == [2, 1, 0]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_waits_double_up_to_an_hour_and_are_spread() -> None:
    for tries in range(1, 40):
        least, most = next_try(tries, 0), next_try(tries, 1)
        assert most == 2 * least <= LONGEST_WAIT
    assert next_try(1, 1).total_seconds() == 5
    assert next_try(4, 1).total_seconds() == 40
