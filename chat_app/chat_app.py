"""The composition root: settings → database → realtime → API → pages → the app. Nothing is opened by importing it."""

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager

import reflex as rx
from reflex.app import default_error_boundary
from reflex.utils.prerequisites import get_web_dir
from reflex_base.config import get_config
from reflex_base.environment import environment
from starlette.types import ASGIApp

from chat_app.api.account import account_router
from chat_app.api.app import create_api
from chat_app.api.avatars import avatar_router
from chat_app.api.desk import Desk
from chat_app.api.files import file_router
from chat_app.api.front_door import FrontDoor
from chat_app.api.headers import SecurityHeaders, script_hashes
from chat_app.api.session import PhoneRules, address_behind, session_router
from chat_app.components.demo import hang_demo_codes
from chat_app.components.head import DEFAULT_LANGUAGE, STYLESHEETS, head_components
from chat_app.components.notices import explain
from chat_app.components.returning import hang_kept_forms
from chat_app.components.routes import CHAT, FORGOT, JOIN, MAIN, RESET, SETTINGS, SIGN_IN, SIGN_IN_CODE, SIGN_UP
from chat_app.components.words import t
from chat_app.infrastructure.bus import EventBus, LocalBus, RedisBus
from chat_app.infrastructure.channels import Watched
from chat_app.infrastructure.clock import KeyedSeal, SystemClock, SystemDice
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.delivery import ACCOUNT_CLEANING, MESSAGE_CLEANING, Delivery
from chat_app.infrastructure.demo import DemoCodes
from chat_app.infrastructure.files import FOLDER, Files, LocalFiles, removal
from chat_app.infrastructure.identity import Identities
from chat_app.infrastructure.jobs import JobRunner
from chat_app.infrastructure.kept_forms import KeptForms
from chat_app.infrastructure.mail import SmtpMail
from chat_app.infrastructure.migrations import upgrade
from chat_app.infrastructure.outbox import Outbox
from chat_app.infrastructure.passwords import Passwords
from chat_app.infrastructure.pictures import Pictures
from chat_app.infrastructure.rate_limits import MemoryLimits, NoLimits
from chat_app.infrastructure.s3_files import S3Files
from chat_app.infrastructure.secret_file import generated_secret
from chat_app.infrastructure.serving import hold
from chat_app.infrastructure.sign_in_throttle import SignInThrottle
from chat_app.infrastructure.sms_presets import gateway
from chat_app.infrastructure.unit_of_work import Doors, hang_doors
from chat_app.infrastructure.uploads import FOLDER as UPLOADS
from chat_app.infrastructure.uploads import MB, Uploads, hang_uploads
from chat_app.pages.forgot.page import forgot
from chat_app.pages.forgot.state import ForgotState
from chat_app.pages.join.page import join_page
from chat_app.pages.join.state import JoinState
from chat_app.pages.main.page import chat_page, main_page
from chat_app.pages.main.state import MainState
from chat_app.pages.reset.page import reset
from chat_app.pages.reset.state import ResetState
from chat_app.pages.settings.page import settings_page
from chat_app.pages.settings.state import SettingsState
from chat_app.pages.sign_in.page import sign_in
from chat_app.pages.sign_in.state import SignInState
from chat_app.pages.sign_in_code.page import sign_in_code
from chat_app.pages.sign_in_code.state import SignInCodeState
from chat_app.pages.sign_up.page import sign_up
from chat_app.pages.sign_up.state import SignUpState
from chat_app.realtime.hub import Hub, start_hub
from chat_app.realtime.keep_alive import keep_alive
from chat_app.realtime.origins import Origins
from chat_app.realtime.policy import Policy
from chat_app.realtime.socket_server import GuardedServer, KeepsTransport
from chat_app.settings import settings_or_exit

GC_THRESHOLDS = (50_000, 20, 50)
"""Measured with 10,000 open sockets: under Python's own, collections took the slowest 5 % of messages past 2 s."""

SWITCH_SECONDS = 0.0005
"""How long a thread that waits for the interpreter lets another keep it. The writer gives it up for each statement and
waits to have it back: with Python's own 5 ms, 2,500 sockets at 250 messages/s had a p95 of 27 ms, here 5."""

PHOTOS_WAITING = 40
"""Pictures of messages that may wait to be looked at: several people may send ten at once."""

settings = settings_or_exit()
built_pages = get_web_dir() / "build" / "client" if environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.get() else None
"""The pages this server serves itself; None when another does, as in development."""

pages_at = settings.base_url or ("" if built_pages else get_config().deploy_url or "")
"""The address people see, where a posted form leads back to; empty when it is the request's own."""

one_address = get_config().api_url == get_config().deploy_url
"""Pages and server are found at the same address, which both are told when the pages are built."""

cookie = "__Host-sid" if settings.https else "sid"
origins = Origins(filter(None, [pages_at, *settings.origins]))
identities = Identities(cookie)
server = GuardedServer(origins.allowed)


@asynccontextmanager
async def serving() -> AsyncGenerator[None]:
    """What runs while the server does. Awaited before the first request is taken."""
    in_use = await asyncio.to_thread(hold, settings.data_dir)
    secret = settings.secret or await asyncio.to_thread(generated_secret, settings.data_dir)
    await asyncio.to_thread(upgrade, settings.database_url)
    clock, dice, seal = SystemClock(), SystemDice(), KeyedSeal(secret)
    bus: EventBus = RedisBus(settings.redis_url, dice) if settings.redis_url else LocalBus()
    limiter = MemoryLimits() if settings.limits else NoLimits()
    database = open_database(settings.database_url)
    doors = Doors(database, clock=clock, dice=dice, seal=seal, limiter=limiter, bus=bus)
    passwords, kept_forms = Passwords(seal.digest("password").encode()), KeptForms(dice)
    files: Files = S3Files(settings.files_url) if settings.files_url else LocalFiles(settings.data_dir / FOLDER)
    pictures, photos = Pictures(), Pictures(waiting=PHOTOS_WAITING)
    hourly_bytes = settings.upload_hourly_mb * MB if settings.limits else None
    uploads = Uploads(settings.data_dir / UPLOADS, most_bytes=settings.upload_mb * MB, hourly_bytes=hourly_bytes)
    await asyncio.to_thread(uploads.sweep)
    desk = Desk(kept_forms, cookie, origins.allowed)
    phones = PhoneRules(settings.phone, settings.default_region, frozenset(settings.phone_countries))
    throttle, address = SignInThrottle(limits=settings.limits), address_behind(settings.trusted_proxies)
    several = isinstance(bus, RedisBus)
    hub = Hub(server, identities, SIGN_IN, process=dice.token(8) if several else "", tell=bus.publish)
    bus.subscribe(hub.hear)
    await bus.start()

    # before the first request, and only now: passwords are keyed with the secret
    api.include_router(session_router(desk, passwords, throttle=throttle, dice=dice, phones=phones, address=address))
    api.include_router(account_router(desk, passwords, files, throttle=throttle, phones=phones, address=address))
    api.include_router(avatar_router(desk, files, pictures, dice))
    api.include_router(file_router(desk, files, photos, uploads, dice))
    reset_page = f"{pages_at or f'http://localhost:{settings.port}'}{RESET}"
    outbox = settings.data_dir / "outbox.jsonl"
    post = SmtpMail(settings.smtp_url, settings.mail_from) if settings.smtp_url else Outbox(outbox, "mail", clock)
    mail = Watched("mail", post, doors)
    sms = Watched("sms", gateway(settings) or Outbox(outbox, "sms", clock), doors)
    duties = [*Delivery(doors, seal, mail, sms, reset_page).handlers, removal(files)]
    jobs = JobRunner(doors, dice, duties, (*ACCOUNT_CLEANING, *MESSAGE_CLEANING))
    demo_codes = DemoCodes(doors, seal, enabled=settings.demo_mode)

    with _hung(doors, hub, kept_forms, demo_codes, uploads):
        working = [
            asyncio.create_task(jobs.run(), name="jobs"),
            asyncio.create_task(keep_alive(app, server), name="keep_alive"),
            asyncio.create_task(hub.presence.run(), name="presence"),
        ]
        # what exists now stays: no collection need look at it again
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            yield
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            await hub.close()
            await bus.close()
            passwords.close()
            pictures.close()
            photos.close()
            await asyncio.to_thread(doors.close)
            in_use.close()


@contextmanager
def _hung(doors: Doors, hub: Hub, kept_forms: KeptForms, demo_codes: DemoCodes, uploads: Uploads) -> Iterator[None]:
    """Where states and routes find what was opened, for as long as it is."""
    hang_doors(doors)
    hang_uploads(uploads)
    start_hub(hub)
    hang_kept_forms(kept_forms)
    hang_demo_codes(demo_codes, for_all=settings.demo == "public")
    try:
        yield
    finally:
        hang_demo_codes(None)
        hang_kept_forms(None)
        start_hub(None)
        hang_uploads(None)
        hang_doors(None)


class ChatApp(rx.App):
    """Reflex's app, with our headers around everything it answers, its CORS and its faults included."""

    def __call__(self) -> ASGIApp:
        scripts = script_hashes(built_pages) if built_pages else ()
        return KeepsTransport(SecurityHeaders(super().__call__(), scripts, https=settings.https))


api = create_api(origins, upload_bytes=settings.upload_mb * MB)


def front_door(pages: ASGIApp) -> ASGIApp:
    return FrontDoor(api, pages, built_pages)


app = ChatApp(
    sio=server,
    api_transformer=front_door,
    # without Reflex's toasts and connection banner: they need eval, which our policy forbids, and Radix, which is heavy
    toaster=None,
    app_wraps={(55, "ErrorBoundary"): lambda _stateful: default_error_boundary()},
    backend_exception_handler=explain,
    html_lang=DEFAULT_LANGUAGE,
    stylesheets=STYLESHEETS,
    head_components=[
        # the header says no-referrer; but a form posted under that would not say where it comes from either, not even
        # to a server on another port
        rx.el.meta(name="referrer", content="same-origin" if one_address else "strict-origin"),
        *head_components(),
    ],
)
app.add_middleware(Policy(identities, SIGN_IN))
app.register_lifespan_task(serving)
app.add_page(sign_in, route=SIGN_IN, title=t("title.sign_in"), on_load=SignInState.on_load)
app.add_page(sign_up, route=SIGN_UP, title=t("title.sign_up"), on_load=SignUpState.on_load)
app.add_page(sign_in_code, route=SIGN_IN_CODE, title=t("second.title"), on_load=SignInCodeState.on_load)
app.add_page(forgot, route=FORGOT, title=t("forgot.title"), on_load=ForgotState.on_load)
app.add_page(reset, route=RESET, title=t("reset.title"), on_load=ResetState.on_load)
app.add_page(
    settings_page, route=SETTINGS, title=t("main.settings"), on_load=[MainState.on_load, SettingsState.on_load]
)
app.add_page(main_page, route=MAIN, title="Chat", on_load=MainState.on_load)
app.add_page(chat_page, route=CHAT, title="Chat", on_load=MainState.on_load)
app.add_page(join_page, route=JOIN, title="Chat", on_load=[MainState.on_load, JoinState.on_load])
logging.getLogger("reflex_base.event.processor").setLevel(logging.ERROR)
