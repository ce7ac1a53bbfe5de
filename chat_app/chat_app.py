"""The composition root: settings → database → realtime → API → pages → the app. Nothing is opened by importing it."""

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import reflex as rx
from reflex.app import default_error_boundary
from reflex.utils.prerequisites import get_web_dir
from reflex_base.config import get_config
from reflex_base.environment import environment
from starlette.types import ASGIApp

from chat_app.api.app import create_api
from chat_app.api.front_door import FrontDoor
from chat_app.api.headers import SecurityHeaders, script_hashes
from chat_app.infrastructure.bus import Bus
from chat_app.infrastructure.clock import KeyedSeal, SystemClock, SystemDice
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.migrations import upgrade
from chat_app.infrastructure.rate_limits import RateLimits
from chat_app.infrastructure.secret_file import generated_secret
from chat_app.infrastructure.unit_of_work import Doors, hang_doors
from chat_app.pages.sign_in.page import SignInState, sign_in
from chat_app.realtime.origins import Origins
from chat_app.settings import settings_or_exit

GC_THRESHOLDS = (50_000, 20, 50)
"""Measured with 10,000 open sockets: under Python's own, collections took the slowest 5 % of messages past 2 s."""

settings = settings_or_exit()
built_pages = get_web_dir() / "build" / "client" if environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.get() else None
"""The pages this server serves itself; None when another does, as in development."""

pages_at = settings.base_url or ("" if built_pages else get_config().deploy_url or "")
"""The address people see, where a posted form leads back to; empty when it is the request's own."""

origins = Origins(filter(None, [pages_at, *settings.origins]))


@asynccontextmanager
async def serving() -> AsyncGenerator[None]:
    """What runs while the server does. Awaited before the first request is taken."""
    secret = settings.secret or await asyncio.to_thread(generated_secret, settings.data_dir)
    await asyncio.to_thread(upgrade, settings.database_url)
    doors = Doors(
        open_database(settings.database_url),
        clock=SystemClock(),
        dice=SystemDice(),
        seal=KeyedSeal(secret),
        limiter=RateLimits(enabled=settings.limits),
        bus=Bus(),
    )
    hang_doors(doors)
    # what exists now stays: no collection need look at it again
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        yield
    finally:
        hang_doors(None)
        await asyncio.to_thread(doors.close)


class ChatApp(rx.App):
    """Reflex's app, with our headers around everything it answers, its CORS and its faults included."""

    def __call__(self) -> ASGIApp:
        scripts = script_hashes(built_pages) if built_pages else ()
        return SecurityHeaders(super().__call__(), scripts, https=settings.https)


api = create_api(origins)


def front_door(pages: ASGIApp) -> ASGIApp:
    return FrontDoor(api, pages, built_pages)


app = ChatApp(
    api_transformer=front_door,
    # without Reflex's toasts and connection banner: they need eval, which our policy forbids, and Radix, which is heavy
    toaster=None,
    app_wraps={(55, "ErrorBoundary"): lambda _stateful: default_error_boundary()},
    html_lang="ru",
    head_components=[
        # the header says no-referrer; but a form posted under that would not say where it comes from either
        rx.el.meta(name="referrer", content="same-origin"),
        rx.el.meta(name="viewport", content="width=device-width, initial-scale=1"),
    ],
)
app.register_lifespan_task(serving)
app.add_page(sign_in, route="/signin", title="Вход", on_load=SignInState.on_load)
