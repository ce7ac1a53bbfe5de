"""News within a process and between processes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest
from redis.asyncio import Redis

from chat_app.domain.common.events import Event
from chat_app.domain.users.events import PersonChanged, SessionsEnded
from chat_app.infrastructure.bus import LocalBus, RedisBus
from chat_app.infrastructure.clock import SystemDice
from tests.services import REDIS

NEWS = [SessionsEnded("ada", (1, 2)), PersonChanged("ada", 7)]


@dataclass(frozen=True)
class Whispered(Event):
    to: str


class Listener:
    """Remembers what it heard."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Event] = asyncio.Queue()

    async def hear(self, events: Sequence[Event]) -> None:
        for event in events:
            await self.heard.put(event)

    async def next(self) -> Event:
        return await asyncio.wait_for(self.heard.get(), 5)


async def test_everyone_hears_until_they_leave() -> None:
    bus, stays, leaves = LocalBus(), Listener(), Listener()
    bus.subscribe(stays.hear)
    leave = bus.subscribe(leaves.hear)
    await bus.publish(NEWS[:1])
    leave()
    leave()
    await bus.publish(NEWS[1:])
    assert [await stays.next(), await stays.next()] == NEWS
    assert await leaves.next() == NEWS[0]
    assert leaves.heard.empty()


async def test_one_that_fails_does_not_keep_it_from_the_others() -> None:
    def fail(events: Sequence[Event]) -> None:
        raise RuntimeError

    bus, listener = LocalBus(), Listener()
    bus.subscribe(fail)
    bus.subscribe(listener.hear)
    await bus.publish(NEWS)
    assert await listener.next() == NEWS[0]


@pytest.fixture
async def two() -> AsyncIterator[tuple[RedisBus, RedisBus]]:
    """The buses of two processes."""
    both = RedisBus(REDIS, SystemDice(), "chat:test"), RedisBus(REDIS, SystemDice(), "chat:test")
    for bus in both:
        await bus.start()
    yield both
    for bus in both:
        await bus.close()


@pytest.mark.redis
async def test_the_other_process_hears_it_once_and_so_does_this_one(two: tuple[RedisBus, RedisBus]) -> None:
    here, there = Listener(), Listener()
    two[0].subscribe(here.hear)
    two[1].subscribe(there.hear)
    await two[0].publish(NEWS)
    await two[0].publish([Whispered("end")])
    for listener in (here, there):
        assert [await listener.next() for _ in range(3)] == [*NEWS, Whispered("end")]
        assert listener.heard.empty()


@pytest.mark.redis
async def test_what_is_no_event_is_passed_over(two: tuple[RedisBus, RedisBus]) -> None:
    listener = Listener()
    two[1].subscribe(listener.hear)
    redis: Redis = Redis.from_url(REDIS)
    for words in ("", "x", "[]", '["a"]', '["a", [["Nothing", {}]]]', '["a", [["PersonChanged", {"x": 1}]]]', "\x00"):
        await redis.publish("chat:test", words)
    await redis.aclose()
    await two[0].publish(NEWS[:1])
    assert await listener.next() == NEWS[0]


@pytest.mark.redis
async def test_a_connection_that_breaks_is_made_again(two: tuple[RedisBus, RedisBus]) -> None:
    listener = Listener()
    two[1].subscribe(listener.hear)
    redis: Redis = Redis.from_url(REDIS)
    for client in await redis.client_list("pubsub"):
        # only our own: others may be using this server
        if client["db"] == REDIS.rpartition("/")[2]:
            await redis.client_kill_filter(_id=client["id"])
    async with asyncio.timeout(10):
        while dict(await redis.pubsub_numsub("chat:test"))[b"chat:test"] < 2:  # noqa: ASYNC110  # Redis tells nobody
            await asyncio.sleep(0.05)
    await redis.aclose()
    await two[0].publish(NEWS[:1])
    assert await listener.next() == NEWS[0]


async def test_without_redis_this_process_still_hears() -> None:
    bus, listener = RedisBus("redis://127.0.0.1:8299/0", SystemDice()), Listener()
    bus.subscribe(listener.hear)
    await bus.start()
    await bus.publish(NEWS[:1])
    assert await listener.next() == NEWS[0]
    await bus.close()
