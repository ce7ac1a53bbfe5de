"""Does what actions left to be done, at least once, and what recurs. The jobs are rows; see `domain/common/jobs.py`."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chat_app.domain.common.events import Duty
from chat_app.domain.common.jobs import Job, Leased, finish_job, lease_jobs, next_try, postpone_job
from chat_app.domain.common.ports import Dice
from chat_app.domain.common.work import SYSTEM, Work
from chat_app.infrastructure.channels import ChannelFailed

if TYPE_CHECKING:
    from chat_app.infrastructure.unit_of_work import Doors

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
TIME_FOR_ONE = timedelta(seconds=60)
"""Shorter than the lease, so that nobody else begins a job that still runs."""

AT_ONCE = 8
BETWEEN_PARTS = 0.05
"""Seconds in which others may write, between two parts of what recurs."""

POLL_SECONDS = 5.0
"""How often jobs of other processes, and those that failed, are looked for."""


def store_duties(work: Work) -> None:
    """Write the duties of `work` as jobs in the same transaction."""
    for duty in work.duties:
        job = Job(kind=duty.kind, payload=json.dumps(asdict(duty)), created_at=work.now, run_at=work.now)
        work.session.add(job)


@dataclass(frozen=True)
class Handler:
    """How one kind of duty is done."""

    duty: type[Duty]
    do: Callable[[Any], Awaitable[None]]


@dataclass(frozen=True)
class Recurring:
    """An action of the server itself, again and again. In several processes it runs in each: it must not matter.

    One that answers True has done a part, and goes on at once.
    """

    action: Callable[[Work], object]
    every: timedelta


class JobRunner:
    """Runs the jobs of the kinds it has handlers for, until it is cancelled."""

    def __init__(
        self, doors: "Doors", dice: Dice, handlers: Sequence[Handler], recurring: Sequence[Recurring] = ()
    ) -> None:
        self._doors = doors
        self._dice = dice
        self._handlers = {handler.duty.kind: handler for handler in handlers}
        self._recurring = recurring

    async def run(self) -> None:
        """Work until cancelled. What runs then is done again after its lease."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._work())
            for recurring in self._recurring:
                tasks.create_task(self._recur(recurring))

    async def _work(self) -> None:
        while True:
            self._doors.duty_stored.clear()
            try:
                done = await self.run_due()
            except Exception:
                log.exception("jobs could not be looked for")
                done = 0
            if done:
                continue
            try:
                await asyncio.wait_for(self._doors.duty_stored.wait(), POLL_SECONDS)
            except TimeoutError:
                continue

    async def run_due(self) -> int:
        """Do what is due now; how many jobs were tried."""
        leased = await self._doors.perform(SYSTEM, lease_jobs, tuple(self._handlers), most=AT_ONCE, lease=LEASE)
        await asyncio.gather(*(self._try(job) for job in leased))
        return len(leased)

    async def _try(self, job: Leased) -> None:
        handler = self._handlers[job.kind]
        try:
            async with asyncio.timeout(TIME_FOR_ONE.total_seconds()):
                await handler.do(handler.duty(**json.loads(job.payload)))
        except ChannelFailed as failed:
            # the channel said so when it began; saying it at every try would bury the rest
            await self._put_off(job, failed.channel)
        except Exception as error:
            # only the kind of error: its text may hold an address, a number or a code
            log.warning("job %d (%s) failed at try %d: %s", job.row, job.kind, job.tries, type(error).__name__)
            await self._put_off(job)
        else:
            await self._doors.perform(SYSTEM, finish_job, job.row)

    async def _put_off(self, job: Leased, channel: str | None = None) -> None:
        wait = next_try(job.tries, int(self._dice.letters("0123456789", 3)) / 1000)
        if not await self._doors.perform(SYSTEM, postpone_job, job.row, wait=wait, channel=channel):
            log.error("job %d (%s) is given up after %d tries", job.row, job.kind, job.tries)

    async def _recur(self, recurring: Recurring) -> None:
        while True:
            more: object = False
            try:
                more = await self._doors.perform(SYSTEM, recurring.action)
            except Exception:
                log.exception("%s failed, and will be tried again", recurring.action.__name__)
            await asyncio.sleep(BETWEEN_PARTS if more is True else recurring.every.total_seconds())
