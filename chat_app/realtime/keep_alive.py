"""Keeps the states of open tabs from expiring.

Reflex forgets a state that had no event for `redis_token_expiration` seconds, whether its tab is open or not; a tab
that is only being read would find itself empty at the next click.
"""

import asyncio
import logging

import reflex as rx
from reflex.state import State

from chat_app.realtime.socket_server import GuardedServer

log = logging.getLogger(__name__)

EVERY_SECONDS = 120.0
"""How often; states live for ten minutes, so that a turn or two may be missed."""

SLICE = 200
"""Tabs at a time, so that nobody's message waits behind all of them."""


async def keep_alive(app: rx.App, server: GuardedServer, every: float = EVERY_SECONDS) -> None:
    """Touch the states of open tabs again and again, until cancelled."""
    while True:
        await asyncio.sleep(every)
        try:
            await touch_open_tabs(app, server)
        except Exception:
            # whatever it was, the next turn comes
            log.exception("the states of open tabs were not kept")


async def touch_open_tabs(app: rx.App, server: GuardedServer) -> int:
    """Put off the expiry of every open tab's state once; says of how many."""
    tokens = server.tokens()
    for number, token in enumerate(tokens, 1):
        # reading a state counts as using it
        await app.state_manager.get_state(rx.BaseStateToken(ident=token, cls=State))
        if number % SLICE == 0:
            await asyncio.sleep(0)
    return len(tokens)
