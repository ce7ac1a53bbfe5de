"""Tells every process what happened. Ids only, and it may lose them: cursors heal that."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from chat_app.domain.common.events import Event
from chat_app.domain.common.ports import Dice

log = logging.getLogger(__name__)

Callback = Callable[[Sequence[Event]], Awaitable[None] | None]

CHANNEL = "chat:events"
RECONNECT_SECONDS = 1.0
POLL_SECONDS = 1.0


class EventBus(Protocol):
    """What both buses are."""

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Have `callback` called with what is published; calling what is returned ends it."""
        ...

    async def publish(self, events: Sequence[Event]) -> None:
        """Tell everyone who listens. Never fails: what it tells is committed already."""
        ...

    async def start(self) -> None: ...

    async def close(self) -> None: ...


class LocalBus:
    """Within one process."""

    def __init__(self) -> None:
        self._callbacks: list[Callback] = []

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Have `callback` called with what is published; calling what is returned ends it."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback) if callback in self._callbacks else None

    async def publish(self, events: Sequence[Event]) -> None:
        """Tell everyone who listens here, one after another; one that fails does not keep it from the others."""
        for callback in tuple(self._callbacks):
            try:
                told = callback(events)
                if told is not None:
                    await told
            except Exception:
                log.exception("a listener failed to hear %s", ", ".join(type(event).__name__ for event in events))

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Tell nobody any more."""
        self._callbacks.clear()


class RedisBus:
    """Between processes, over Redis. Listeners of the same process hear at once and do not need it."""

    def __init__(self, url: str, dice: Dice, channel: str = CHANNEL) -> None:
        self._local = LocalBus()
        self._redis: Redis = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)  # pyright: ignore[reportUnknownMemberType]  # untyped keywords
        self._channel = channel
        self._me = dice.token(8)
        self._listening: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Have `callback` called with what any process publishes; calling what is returned ends it."""
        return self._local.subscribe(callback)

    async def publish(self, events: Sequence[Event]) -> None:
        """Tell everyone who listens, here and elsewhere. Without Redis only here: the others catch up by cursor."""
        await self._local.publish(events)
        told = [[type(event).__name__, asdict(event)] for event in events]
        try:
            await self._redis.publish(self._channel, json.dumps([self._me, told]))  # pyright: ignore[reportUnknownMemberType]  # untyped keywords
        except (RedisError, OSError) as error:
            log.warning("other processes were not told: %s", type(error).__name__)

    async def start(self) -> None:
        """Begin to listen; returns once Redis knows, or after two seconds without it."""
        self._listening = asyncio.create_task(self._listen(), name="bus")
        try:
            await asyncio.wait_for(self._ready.wait(), 2)
        except TimeoutError:
            log.warning("Redis does not answer; other processes are heard once it does")

    async def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self._local.close()
        await self._redis.aclose()

    async def _listen(self) -> None:
        while True:
            try:
                channel: Any = self._redis.pubsub()  # pyright: ignore[reportUnknownMemberType]  # it is untyped
                async with channel:
                    await channel.subscribe(self._channel)
                    self._ready.set()
                    while True:
                        message = await channel.get_message(ignore_subscribe_messages=True, timeout=POLL_SECONDS)
                        if message is not None:
                            await self._hear(message["data"])
            except (RedisError, OSError) as error:
                log.warning("lost Redis, trying again: %s", type(error).__name__)
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _hear(self, data: bytes) -> None:
        try:
            sender, told = json.loads(data)
            events = [] if sender == self._me else [_event(name, fields) for name, fields in told]
        except (ValueError, TypeError, KeyError):
            log.warning("heard something that is no event")
            return
        if events:
            await self._local.publish(events)


def _event(name: str, fields: dict[str, Any]) -> Event:
    kinds = {kind.__name__: kind for kind in _kinds(Event)}
    # JSON knows no tuples, and frozen events hold no lists
    return kinds[name](**{key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()})  # pyright: ignore[reportUnknownArgumentType]


def _kinds(base: type[Event]) -> Iterator[type[Event]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)
