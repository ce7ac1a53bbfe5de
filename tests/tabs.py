"""A tab without a browser: events go through Reflex's own processor and our policy, answers are kept."""

import asyncio
import dataclasses
import json
import os
from typing import Any, Self, TypeVar

import reflex as rx
from engineio.packet import Packet
from reflex.app_mixins.middleware import MiddlewareMixin
from reflex.istate.manager.memory import StateManagerMemory
from reflex.state import State, StateUpdate
from reflex_base.event import Event
from reflex_base.event.processor.base_state_processor import BaseStateEventProcessor

import chat_app.chat_app  # noqa: F401  # the processor looks for the app
from chat_app.components.notices import explain
from chat_app.components.routes import SIGN_IN
from chat_app.domain.common.errors import Refusal
from chat_app.infrastructure.identity import Identities
from chat_app.realtime.hub import Hub
from chat_app.realtime.policy import Policy
from chat_app.realtime.socket_server import NAMESPACE, GuardedServer
from tests.live_server import HYDRATE

S = TypeVar("S", bound=rx.State)


class Ear:
    """A socket at the level of engine.io that keeps what it is offered."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.closed = False

    def offer(self, packet: Packet) -> None:
        text = str(packet.data)
        if text.startswith(f"2{NAMESPACE},"):
            self.heard.append(json.loads(text.removeprefix(f"2{NAMESPACE},"))[1])
            return
        if text.startswith(f"1{NAMESPACE}"):
            self.closed = True

    async def send(self, packet: Packet) -> None:
        self.offer(packet)

    def fields(self, begins: str = "") -> list[tuple[str, Any]]:
        """The fields pushed into the feed whose name begins so, in order."""
        deltas = [delta for update in self.heard for delta in update["delta"].values()]
        return [(name, value) for delta in deltas for name, value in delta.items() if name.startswith(begins)]

    def events(self) -> list[Any]:
        """The events the browser was told to run."""
        return [event for update in self.heard for event in update.get("events", [])]


async def listen(server: GuardedServer) -> tuple[str, Ear]:
    """A connected socket: its id, and what it hears."""
    eio_sid, ear = os.urandom(8).hex(), Ear()
    server.eio.sockets[eio_sid] = ear
    sid = await server.manager.connect(eio_sid, NAMESPACE)
    assert sid is not None
    return sid, ear


async def settled(hub: Hub) -> None:
    """Wait until everything the hub heard of has been sent."""
    async with asyncio.timeout(10):
        while hub._busy:  # noqa: ASYNC110  # the hub has no reason to say when it is idle
            await asyncio.sleep(0.01)


class Tab:
    """One browser tab of whoever has `cookie`, at `path`. Use it with `async with`."""

    def __init__(self, server: GuardedServer, cookie: str = "", path: str = "/") -> None:
        self.token = os.urandom(8).hex()
        self.path = path
        self.cookie = cookie
        self.events: list[Event] = []
        """Events the browser was told to run, such as redirects."""
        self.deltas: list[Any] = []
        self.states = StateManagerMemory()
        self._server = server
        rules = MiddlewareMixin()
        rules.add_middleware(Policy(Identities("sid"), SIGN_IN))
        self._processor = BaseStateEventProcessor(
            middleware=rules, backend_exception_handler=explain, graceful_shutdown_timeout=2
        )

    async def __aenter__(self) -> Self:
        self.sid, self.ear = await listen(self._server)
        self._processor.configure(state_manager=self.states, event_namespace=self)  # pyright: ignore[reportArgumentType]
        await self._processor.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._processor.stop()
        await self.states.close()

    async def emit_update(self, update: StateUpdate, token: str) -> None:
        """What the processor calls with answers."""
        assert token == self.token
        self.deltas.append(update.delta)
        self.events.extend(update.events)

    async def open(self) -> None:
        """What a browser does first; the page's `on_load` follows."""
        await self._run(Event(name=HYDRATE, payload={}))

    async def fire(self, spec: Any) -> None:
        """Call a handler as a click does, and wait until it and all it started are done."""
        for event in Event.from_event_type([spec]):
            await self._run(event)

    async def _run(self, event: Event) -> None:
        event = dataclasses.replace(event, router_data=self._where())
        try:
            await (await self._processor.enqueue(self.token, event)).wait_all()
        except Refusal:
            # what is said of it is an event of its own
            await asyncio.sleep(0.05)
            await self._processor.join(5)

    async def state(self, cls: type[S]) -> S:
        root = await self.states.get_state(rx.BaseStateToken(ident=self.token, cls=State))
        return await root.get_state(cls)

    def forget(self) -> None:
        """Let everything that Reflex keeps of this tab expire."""
        self.states._purge_token(rx.BaseStateToken(ident=self.token, cls=State))

    @property
    def redirects(self) -> list[str]:
        return [event.payload["path"] for event in self.events if event.name == "_redirect"]

    def _where(self) -> dict[str, Any]:
        _, page, *rest = self.path.partition("?")[0].split("/")
        name = {"chat": "chat_id", "join": "token"}.get(page, "")
        return {
            "pathname": f"/{page}/[{name}]" if name else self.path,
            "asPath": self.path,
            "query": {name: rest[0]} if name else {},
            "token": self.token,
            "sid": self.sid,
            "ip": "127.0.0.1",
            "headers": {"cookie": f"sid={self.cookie}", "host": "localhost"},
        }
