"""What `/healthz` tells whoever asks."""

from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient

from chat_app.api.app import create_api
from chat_app.domain.common.jobs import Job
from chat_app.domain.common.work import SYSTEM, Who, Work, door
from chat_app.infrastructure.channels import ChannelFailed, Watched
from chat_app.infrastructure.letters import Letter
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.realtime.origins import Origins
from tests.guests import FixedClock

WELL = {"state": "ok", "failing_since": None, "waiting_at_least": 0, "dead_at_least": 0}


class Silence:
    async def send(self, to: str, letter: Letter) -> None:
        raise TimeoutError(f"{to} was not reached")


@pytest.fixture
async def watcher(doors: Doors) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(create_api(Origins([])))
    async with AsyncClient(transport=transport, base_url="http://chat.example") as client:
        yield client


@door(Who.SYSTEM)
def leave_jobs(work: Work, *, waiting: int, dead: int) -> None:
    for number in range(waiting + dead):
        dead_at = work.now if number < dead else None
        job = Job(kind="k", payload="{}", created_at=work.now, run_at=work.now, failed_channel="sms", dead_at=dead_at)
        work.session.add(job)
    work.session.add(Job(kind="k", payload="{}", created_at=work.now, run_at=work.now))


async def test_all_is_well(watcher: AsyncClient) -> None:
    answer = await watcher.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "waiting": 0, "mail": WELL, "sms": WELL}


async def test_a_dead_gateway_is_told_and_the_server_still_serves(
    doors: Doors, watcher: AsyncClient, clock: FixedClock
) -> None:
    with pytest.raises(ChannelFailed):
        await Watched("sms", Silence(), doors).send("+79161110001", Letter("", "t"))
    await doors.perform(SYSTEM, leave_jobs, waiting=27, dead=11)
    clock.tick(hours=1)
    answer = await watcher.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["mail"] == WELL
    assert answer.json()["sms"] == {
        "state": "failing",
        "failing_since": "2026-03-01T12:00:00Z",
        "waiting_at_least": 20,
        "dead_at_least": 10,
    }
    assert "7916" not in answer.text


async def test_one_code_more_or_less_changes_nothing_a_stranger_sees(doors: Doors, watcher: AsyncClient) -> None:
    with pytest.raises(ChannelFailed):
        await Watched("sms", Silence(), doors).send("+79161110001", Letter("", "t"))
    before = (await watcher.get("/healthz")).json()
    await doors.perform(SYSTEM, leave_jobs, waiting=1, dead=0)
    assert (await watcher.get("/healthz")).json() == before


async def test_a_database_that_is_gone_is_a_503(doors: Doors, watcher: AsyncClient) -> None:
    with doors.database.writer.begin() as connection:
        connection.exec_driver_sql("DROP TABLE channels")
    answer = await watcher.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["code"] == "database_unreachable"
