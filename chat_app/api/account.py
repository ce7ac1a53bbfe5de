"""What people change of their account with their password, and all that is known of them to take along."""

import asyncio
import io
import json
import zipfile
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from chat_app.api.desk import Desk, Done
from chat_app.api.forms import landing
from chat_app.api.session import ALL_PHONES, PhoneRules, address_of, new_password, row_key
from chat_app.domain.chats.actions import close_account
from chat_app.domain.common.errors import NotConfirmed, Refusal
from chat_app.domain.common.values import Email, Missing, Phone
from chat_app.domain.common.work import Person
from chat_app.domain.users.actions import (
    change_password,
    correct_contact,
    drop_second_factor,
    start_change,
    start_second_factor,
)
from chat_app.domain.users.errors import NotYourPassword
from chat_app.domain.users.export import my_data
from chat_app.domain.users.queries import Proof, my_proof
from chat_app.infrastructure.files import Files
from chat_app.infrastructure.passwords import Passwords
from chat_app.infrastructure.sign_in_throttle import SignInThrottle
from chat_app.infrastructure.unit_of_work import ask, perform

SETTINGS = "/settings"
MAIN = "/"

Change = Callable[[Person, dict[str, str], Proof], Awaitable[Done]]


def account_router(
    desk: Desk,
    passwords: Passwords,
    files: Files,
    *,
    throttle: SignInThrottle,
    phones: PhoneRules = ALL_PHONES,
    address: Callable[[Request], str] = address_of,
) -> APIRouter:
    """The routes `POST /session/<change>`, each of which takes the password too, and `GET /session/export`."""
    router = APIRouter(prefix="/session", include_in_schema=False)

    def route(form: str, page: str, change: Change, *, pending: bool = False) -> None:
        async def proven(request: Request, fields: dict[str, str]) -> Done:
            person = await desk.person(request)
            if not (person.confirmed or pending):
                # before the costly hash; the door says it again
                raise NotConfirmed
            return await change(person, fields, await proof(request, person, fields.get("password_now", "")))

        @router.post(f"/{form}")
        async def posted(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
            return await desk.take(request, form, page, proven)

    async def proof(request: Request, person: Person, password: str) -> Proof:
        """That whoever has the session has the password too. Refused: `WrongPassword`, `TooMany`, `Busy`."""
        if not password:
            raise Missing("password_now")
        found, account = await ask(person, my_proof), row_key(person.row)
        await throttle.begin(account, address(request))
        try:
            right = await passwords.proves(password, found.password_hash)
        except Refusal:
            await throttle.abandon(account, address(request))
            raise
        if not right:
            raise NotYourPassword("password_now")
        await throttle.passed(account, address(request))
        return found

    async def correct(person: Person, fields: dict[str, str], now: Proof) -> Done:
        """Another email or phone than was typed at sign-up."""
        await perform(person, correct_contact, contact(fields), now.password_hash)
        return Done(landing(fields.get("next", "")))

    async def change_contact(person: Person, fields: dict[str, str], now: Proof) -> Done:
        """A code goes to the new email or phone."""
        new = contact(fields)
        await perform(person, start_change, new, now.password_hash)
        return Done(f"{SETTINGS}?confirm={'email' if isinstance(new, Email) else 'phone'}")

    def contact(fields: dict[str, str]) -> Email | Phone:
        if "email" in fields:
            return Email(fields["email"])
        phone = phones.read(fields)
        if phone is None:
            raise Missing("phone")
        return phone

    async def another_password(person: Person, fields: dict[str, str], old: Proof) -> Done:
        """All other sessions end."""
        password = new_password(fields, own=(old.username, old.email))
        await perform(person, change_password, await passwords.hashed(password.text), old.password_hash)
        return Done(f"{SETTINGS}?done=password")

    async def begin_app(person: Person, _fields: dict[str, str], now: Proof) -> Done:
        """A key for an authenticator app, which the page shows."""
        await perform(person, start_second_factor, now.password_hash)
        return Done(f"{SETTINGS}?confirm=app")

    async def end_app(person: Person, _fields: dict[str, str], now: Proof) -> Done:
        """The password alone from now on."""
        await perform(person, drop_second_factor, now.password_hash)
        return Done(f"{SETTINGS}?done=app_off")

    async def delete(person: Person, fields: dict[str, str], now: Proof) -> Done:
        """Nothing is known of this person any more."""
        await perform(person, close_account, now.password_hash, erase_messages=bool(fields.get("erase")))
        return Done("/signin?done=deleted", {desk.session: None})

    route("correct", MAIN, correct, pending=True)
    route("contact", SETTINGS, change_contact)
    route("password", SETTINGS, another_password)
    route("app-on", SETTINGS, begin_app)
    route("app-off", SETTINGS, end_app)
    route("delete", SETTINGS, delete, pending=True)

    @router.get("/export")
    async def export(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        data = await ask(await desk.person(request), my_data)
        picture = await files.read(data.picture) if data.picture else None
        return Response(
            await asyncio.to_thread(zipped, data.files, picture),
            media_type="application/zip",
            headers={"Content-Disposition": 'attachment; filename="chat.zip"'},
        )

    return router


def zipped(files: dict[str, Any], picture: bytes | None) -> bytes:
    """One JSON file for each key, and the picture as it is."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.json", json.dumps(content, ensure_ascii=False, indent=2))
        if picture is not None:
            archive.writestr("avatar.webp", picture)
    return packed.getvalue()
