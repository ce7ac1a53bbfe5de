"""A channel that fails is noted once, by whoever is first, and so is its recovery."""

import asyncio
import logging
from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import text

from chat_app.domain.common.channels import LEFT, channels
from chat_app.domain.common.events import Duty
from chat_app.domain.common.jobs import MOST_TRIES
from chat_app.domain.common.work import SYSTEM, Reader, Who, Work, door
from chat_app.infrastructure.channels import ChannelFailed, Watched
from chat_app.infrastructure.jobs import Handler, JobRunner
from chat_app.infrastructure.letters import Letter
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock, LoadedDice

LETTER = Letter("s", "t")


@dataclass(frozen=True)
class Write(Duty):
    kind: ClassVar[str] = "write"
    to: str


@door(Who.SYSTEM)
def write(work: Work, *to: str) -> None:
    for name in to:
        work.later(Write(name))


@dataclass
class Line:
    """Carries, or does not."""

    cut: bool = False

    async def send(self, to: str, letter: Letter) -> None:
        await asyncio.sleep(0)
        if self.cut:
            raise ConnectionRefusedError(f"{to} cannot be reached")


def writing(doors: Doors, dice: LoadedDice, line: Line) -> JobRunner:
    mail = Watched("mail", line, doors)

    async def do(duty: Write) -> None:
        await mail.send(duty.to, LETTER)

    return JobRunner(doors, dice, [Handler(Write, do)])


async def test_what_is_given_up_is_counted_and_the_log_says_each_thing_once(
    doors: Doors, dice: LoadedDice, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "chat_app")
    line = Line(cut=True)
    jobs = writing(doors, dice, line)
    await doors.perform(SYSTEM, write, "ada", "ben")
    began = clock.now()
    for _ in range(MOST_TRIES):
        assert await jobs.run_due() == 2
        clock.tick(hours=1)
    await doors.perform(SYSTEM, write, "cleo")
    assert await jobs.run_due() == 1
    mail = (await doors.ask(SYSTEM, channels))["mail"]
    assert (mail.failing_since, mail.waiting, mail.dead) == (began, 1, 2)

    line.cut = False
    clock.tick(seconds=5)
    await jobs.run_due()
    mail = (await doors.ask(SYSTEM, channels))["mail"]
    assert (mail.failing_since, mail.waiting, mail.dead) == (None, 0, 2)
    said = [record.getMessage() for record in caplog.records if record.name.startswith("chat_app")]
    assert [line for line in said if "given up" not in line] == [
        "mail fails, and will be tried again: ConnectionRefusedError",
        "mail works again; it had failed since 2026-03-01T12:00:00+00:00",
    ]
    assert len(said) == 4
    assert not any(name in caplog.text for name in ("ada", "ben", "cleo"))


async def test_two_processes_say_it_once_between_them(
    doors: Doors, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line(cut=True)
    both = [Watched("mail", line, doors), Watched("mail", line, doors)]
    for _ in range(3):
        failed = await asyncio.gather(*(mail.send("ada", LETTER) for mail in both), return_exceptions=True)
        assert [type(error) for error in failed] == [ChannelFailed, ChannelFailed]
        clock.tick(seconds=5)
    line.cut = False
    await asyncio.gather(*(mail.send("ada", LETTER) for mail in both))
    assert caplog.text.count("mail fails") == 1
    assert caplog.text.count("mail works again") == 1


async def test_a_server_that_never_answers_is_one_that_fails(doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    class Mute:
        async def send(self, to: str, letter: Letter) -> None:
            await asyncio.Event().wait()

    with pytest.raises(ChannelFailed):
        await Watched("sms", Mute(), doors, patience=0.01).send("ada", LETTER)
    assert (await doors.ask(SYSTEM, channels))["sms"].failing_since is not None
    assert "sms fails, and will be tried again: TimeoutError" in caplog.text


async def test_mail_that_fails_leaves_sms_alone(doors: Doors) -> None:
    with pytest.raises(ChannelFailed):
        await Watched("mail", Line(cut=True), doors).send("ada", LETTER)
    await Watched("sms", Line(), doors).send("ada", LETTER)
    state = await doors.ask(SYSTEM, channels)
    assert state["mail"].failing_since is not None
    assert state["sms"].failing_since is None


# PostgreSQL scans a table this small, whatever there is
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_failed_is_counted_from_an_index(doors: Doors) -> None:
    def plan(reader: Reader) -> str:
        return " ".join(str(row) for row in reader.connection.execute(text(f"EXPLAIN QUERY PLAN {LEFT}")))

    assert "USING COVERING INDEX ix_jobs_failed_channel" in await doors.ask(SYSTEM, plan)
