"""A tab without a browser: events go through Reflex's own processor, with the policy in front."""

import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any, TypeVar

import pytest
import reflex as rx
from reflex.app_mixins import MiddlewareMixin
from reflex.istate.manager.memory import StateManagerMemory
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.event.processor import BaseStateEventProcessor

import chat_app.chat_app  # noqa: F401  # Reflex wants its one app to be there, and there may be no other
from chat_app.components.demo import hang_demo_codes
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.demo import DemoCodes
from chat_app.infrastructure.identity import Identities
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.realtime.hub import Hub, start_hub
from chat_app.realtime.policy import Policy
from chat_app.realtime.socket_server import GuardedServer

State = TypeVar("State", bound=BaseState)
SIGN_IN = "/signin"


class Tab:
    """One tab of one browser: its cookies, the address it shows, and what its handlers led to."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.path = "/"
        self.host = "localhost:8000"
        self.ip = "127.0.0.1"
        self.led_to: list[Event] = []
        self.errors: list[Exception] = []
        self._token = str(uuid.uuid4())
        self._states = StateManagerMemory()
        self._processor = BaseStateEventProcessor(
            # an app with no more to it than the policy; whom it remembers, it met in this tab
            middleware=MiddlewareMixin(_middlewares=[Policy(Identities("sid"), SIGN_IN)]),
            backend_exception_handler=self.errors.append,
            graceful_shutdown_timeout=2,
        )

    async def fire(self, event: Any) -> None:
        """Call a handler as the browser does. Fails when it ended in an error."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        router = {
            "pathname": self.path.partition("?")[0],
            "asPath": self.path,
            "query": {},
            "token": self._token,
            "sid": "a socket",
            "headers": {"cookie": cookie, "host": self.host, "origin": f"http://{self.host}"},
            "ip": self.ip,
        }
        for each in Event.from_event_type([event], router_data=router):
            await (await self._processor.enqueue(self._token, each)).wait_all()
        assert self.errors == []

    async def state(self, kind: type[State]) -> State:
        """What a state of this tab holds now."""
        root = await self._states.get_state(rx.BaseStateToken(ident=self._token, cls=kind))
        return await root.get_state(kind)

    async def emit_update(self, update: StateUpdate, token: str) -> None:
        self.led_to.extend(update.events)

    async def __aenter__(self) -> "Tab":
        self._processor.configure(state_manager=self._states, event_namespace=self)
        await self._processor.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._processor.stop()
        await self._states.close()


@pytest.fixture
async def tab(doors: Doors) -> AsyncIterator[Tab]:
    """A visitor's tab on an empty database."""
    # its socket is none: what is pushed goes nowhere, and whoever asks for the hub finds one
    hub = Hub(GuardedServer(lambda _origin, _host: True), Identities("sid"), SIGN_IN)
    start_hub(hub)
    async with Tab() as tab:
        yield tab
    start_hub(None)
    await hub.close()


@pytest.fixture
def demo(doors: Doors, seal: KeyedSeal) -> Iterator[DemoCodes]:
    """Neither mail nor SMS is sent, and dialogs show the codes to browsers of this machine."""
    codes = DemoCodes(doors, seal, enabled=True)
    hang_demo_codes(codes)
    yield codes
    hang_demo_codes(None)
