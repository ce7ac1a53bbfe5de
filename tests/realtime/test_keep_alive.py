"""A tab that is only being read keeps its state."""

import asyncio
import os

import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex.state import State

from chat_app.realtime.keep_alive import keep_alive, touch_open_tabs
from chat_app.realtime.socket_server import NAMESPACE, GuardedServer


class OpenTabs:
    """The namespace Reflex registers, as far as it knows tokens."""

    namespace = NAMESPACE

    def __init__(self, tokens: list[str]) -> None:
        self.sid_to_token = {os.urandom(4).hex(): token for token in tokens}


class App:
    def __init__(self, states: StateManagerMemory) -> None:
        self.state_manager = states


def token(name: str) -> rx.BaseStateToken:
    return rx.BaseStateToken(ident=name, cls=State)


async def test_open_tabs_outlive_the_expiry_and_closed_ones_do_not() -> None:
    states = StateManagerMemory(token_expiration=1)
    server = GuardedServer(lambda _origin, _host: True)
    server.namespace_handlers[NAMESPACE] = OpenTabs(["open"])
    kept = await states.get_state(token("open"))
    await states.get_state(token("closed"))
    keeping = asyncio.create_task(keep_alive(App(states), server, every=0.2))  # pyright: ignore[reportArgumentType]
    await asyncio.sleep(2.2)
    keeping.cancel()
    assert list(states.states) == ["open"]
    assert await states.get_state(token("open")) is kept
    await states.close()


async def test_a_thousand_tabs_are_touched_and_others_come_in_between() -> None:
    states = StateManagerMemory(token_expiration=60)
    server = GuardedServer(lambda _origin, _host: True)
    server.namespace_handlers[NAMESPACE] = OpenTabs([f"tab{number}" for number in range(1000)])
    ran = 0

    async def other() -> None:
        nonlocal ran
        while True:
            ran += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    assert await touch_open_tabs(App(states), server) == 1000  # pyright: ignore[reportArgumentType]
    beside.cancel()
    assert ran >= 5
    await states.close()
