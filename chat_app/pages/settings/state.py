"""What the settings show, and what is done there without a password. Forms with one are posted to the API."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import reflex as rx
import segno
from pydantic import Field
from pyotp.totp import TOTP

from chat_app.components.demo import NO_DEMO, Demo, demo_of
from chat_app.components.notices import fault_of
from chat_app.components.regions import calling_codes
from chat_app.components.returning import FORM, no_faults, returned
from chat_app.components.routes import MAIN
from chat_app.components.words import NO_FAULT, Fault
from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.ids import UserId
from chat_app.domain.common.values import About, BirthDate, PersonName, Username
from chat_app.domain.common.work import Person, Who
from chat_app.domain.users.actions import (
    NewProfile,
    cancel_change,
    confirm_change,
    confirm_second_factor,
    end_other_sessions,
    end_session,
    pending_second_factor,
    resend_change,
    save_preferences,
    save_profile,
    unblock,
)
from chat_app.domain.users.queries import (
    PersonView,
    SettingsView,
    my_blocks,
    my_change,
    my_choices,
    my_profile,
    my_sessions,
    my_settings,
)
from chat_app.domain.users.rules import Audience, Choices
from chat_app.domain.verification.rules import Purpose
from chat_app.infrastructure.devices import device_of
from chat_app.infrastructure.unit_of_work import ask, perform, the_doors
from chat_app.pages.main.state import ID
from chat_app.realtime.faces import Face, face_of
from chat_app.realtime.hub import the_hub, user_room
from chat_app.realtime.policy import actor, handler
from chat_app.realtime.push import choices_field
from chat_app.settings import settings_or_exit

settings = settings_or_exit()

PICTURE = "picture"
"""The field of the form that a picture is posted with; a refused one comes back without it."""

FORMS = {"contact": "", "password": "password", "app-on": "app_on", "app-off": "app_off", "delete": "delete"}
"""Forms with a password, and the dialogs that show them again; that of a contact depends on what was typed."""

FIELDS = (
    "email",
    "phone",
    "password",
    "password_again",
    "password_now",
    "name",
    "username",
    "about",
    "birth_date",
    "erase",
    PICTURE,
)
SHORT = 400
CODE = 32

DialogName = Literal["", "email", "phone", "password", "app_on", "app_off", "delete"]
PurposeName = Literal["email", "phone"]
Toggle = Literal["receipts", "notify_direct", "notify_groups", "notify_found", "sound"]
Whom = Literal["may_write", "may_add", "sees_phone", "sees_birth_date", "sees_about", "sees_avatar", "sees_last_seen"]

NOBODY = SettingsView("", "", "", "", "", "", "", "", "", 0, second_factor=False, recovery_left=0)


@dataclass(frozen=True)
class SessionRow:
    """A browser of mine, in words."""

    handle: str
    device: str
    kind: str
    address: str
    unused_s: int
    current: bool


class SettingsState(rx.State):
    """The settings as they stand, and the dialog that is open."""

    view: SettingsView = NOBODY
    face: Face = Face()
    sessions: list[SessionRow] = []
    choices: Choices = Choices()
    blocked: list[PersonView] = []
    saved: bool = False
    """The profile was, just now."""
    done: str = ""
    """What a form with a password did: password, app_off."""
    dialog: str = ""
    """A form with a password, or `confirm_email`, `confirm_phone`, `app`, `codes`."""
    typed: dict[str, str] = dict.fromkeys(FIELDS, "")
    region: str = settings.default_region
    faults: dict[str, Fault] = no_faults(*FIELDS)
    code_fault: Fault = NO_FAULT
    destination: str = ""
    wait_s: int = 0
    asked: int = 0
    demo: Demo = NO_DEMO
    app_key: str = ""
    app_picture: str = ""
    recovery: list[str] = []

    @handler(Who.SIGNED_IN)
    async def on_load(self):
        """Read everything; a form that was refused is shown again with the reason."""
        who = actor()
        if not (isinstance(who, Person) and who.confirmed):
            return rx.redirect(MAIN, replace=True)
        await self._read()
        self.dialog, self.faults, self.code_fault, self.saved = "", no_faults(*FIELDS), NO_FAULT, False
        self.recovery, self.app_key, self.app_picture, self.demo = [], "", "", NO_DEMO
        asked = self.router.url.query_parameters
        self.done = asked.get("done", "") if asked.get("done") in ("password", "app_off") else ""
        cookies = str(self.router.headers.cookie)
        if kept := returned("avatar", cookies):
            self.faults = no_faults(*FIELDS) | {PICTURE: fault_of(kept.refusal)}
            return None
        for form, dialog in FORMS.items():
            if kept := returned(form, cookies):
                self.typed = self.typed | {name: kept.fields.get(name, "") for name in ("email", "phone")}
                self._choose_region(kept.fields.get("region", self.region))
                self.dialog = dialog or ("email" if "email" in kept.fields else "phone")
                at_fault = kept.refusal.field if kept.refusal.field in FIELDS else FORM
                self.faults = no_faults(*FIELDS) | {at_fault: fault_of(kept.refusal)}
                return None
        match asked.get("confirm"):
            case "email" | "phone" as purpose:
                await self._show_change(purpose)
            case "app":
                await self._show_app()
            case _:
                pass
        return None

    @handler(Who.CONFIRMED)
    async def open(self, dialog: DialogName) -> None:
        """Show a form with a password, or none."""
        self.typed, self.faults, self.done = self.typed | {"email": "", "phone": ""}, no_faults(*FIELDS), ""
        self.code_fault, self.recovery, self.app_key, self.app_picture = NO_FAULT, [], "", ""
        self.demo = NO_DEMO
        self.dialog = dialog

    @handler(Who.CONFIRMED)
    async def show_change(self, purpose: PurposeName) -> None:
        """Ask for the code that a new email or phone was sent."""
        await self._show_change(purpose)

    @handler(Who.CONFIRMED)
    async def choose_region(self, region: Annotated[str, Field(max_length=2)]) -> None:
        """The country that a phone number without `+` is of."""
        self._choose_region(region)

    @handler(Who.CONFIRMED)
    async def save_profile(self, form: dict[str, Any]) -> None:
        """Name, username, a line about me, and the day I was born."""
        given = {name: str(form.get(name, ""))[:SHORT] for name in ("name", "username", "about", "birth_date")}
        self.typed, self.faults, self.saved = self.typed | given, no_faults(*FIELDS), False
        try:
            today = the_doors().clock.now().date()
            born = BirthDate(given["birth_date"], today) if given["birth_date"] else None
            profile = NewProfile(PersonName(given["name"]), Username(given["username"]), About(given["about"]), born)
            await perform(actor(), save_profile, profile)
        except Refusal as refusal:
            self.faults[refusal.field if refusal.field in FIELDS else FORM] = fault_of(refusal)
            return
        self.saved = True
        await self._read()

    @handler(Who.CONFIRMED)
    async def toggle(self, name: Toggle, on: bool) -> None:
        """Turn one of my choices on or off."""
        await self._choose(**{name: on})
        if isinstance(who := actor(), Person):
            the_hub().push.fields(user_room(who.user_id), choices_field(await ask(who, my_profile)))

    @handler(Who.CONFIRMED)
    async def open_to(self, name: Whom, audience: Literal["everyone", "shared", "nobody"]) -> None:
        """Say for whom something of mine is open."""
        await self._choose(**{name: Audience(audience)})

    @handler(Who.CONFIRMED)
    async def unblock(self, person: ID) -> None:
        """Hear from somebody again."""
        await perform(actor(), unblock, UserId(person))
        self.blocked = await ask(actor(), my_blocks)

    @handler(Who.CONFIRMED)
    async def end(self, handle: Annotated[str, Field(max_length=64)]) -> None:
        """End one of my sessions."""
        try:
            await perform(actor(), end_session, handle)
        finally:
            await self._read()

    @handler(Who.CONFIRMED)
    async def end_others(self) -> None:
        """End all my sessions but this one."""
        await perform(actor(), end_other_sessions)
        await self._read()

    @handler(Who.CONFIRMED)
    async def confirm_change(self, purpose: PurposeName, code: Annotated[str, Field(max_length=CODE)]) -> None:
        """The new email or phone is mine, by its code."""
        self.code_fault = NO_FAULT
        try:
            await perform(actor(), confirm_change, Purpose(purpose), code)
        except Refusal as refusal:
            self.code_fault = fault_of(refusal)
            return
        self.dialog, self.demo = "", NO_DEMO
        await self._read()

    @handler(Who.CONFIRMED)
    async def resend_change(self, purpose: PurposeName) -> None:
        """Send the new email or phone another code."""
        self.code_fault = NO_FAULT
        try:
            await perform(actor(), resend_change, Purpose(purpose))
        except Refusal as refusal:
            self.code_fault = fault_of(refusal)
        fault = self.code_fault
        await self._show_change(purpose)
        self.code_fault = fault

    @handler(Who.CONFIRMED)
    async def cancel_change(self, purpose: PurposeName) -> None:
        """Keep the old email or phone."""
        await perform(actor(), cancel_change, Purpose(purpose))
        self.dialog, self.demo = "", NO_DEMO
        await self._read()

    @handler(Who.CONFIRMED)
    async def confirm_app(self, code: Annotated[str, Field(max_length=CODE)]) -> None:
        """The app works; show the recovery codes, this once."""
        self.code_fault = NO_FAULT
        try:
            self.recovery = await perform(actor(), confirm_second_factor, code)
        except Refusal as refusal:
            self.code_fault = fault_of(refusal)
            return
        self.dialog, self.app_key, self.app_picture = "codes", "", ""
        await self._read()

    async def _read(self) -> None:
        me = actor()
        self.view = await ask(me, my_settings)
        self.face = face_of(me.user_id if isinstance(me, Person) else "", self.view.name, self.view.avatar)
        self.choices = await ask(me, my_choices)
        self.blocked = await ask(me, my_blocks)
        self.sessions = [
            SessionRow(
                view.handle,
                (device := device_of(view.device)).name,
                device.kind,
                view.address,
                view.unused_s,
                view.current,
            )
            for view in await ask(me, my_sessions)
        ]
        profile = {name: getattr(self.view, name) for name in ("name", "username", "about", "birth_date")}
        self.typed = self.typed | profile

    async def _choose(self, **changes: Any) -> None:
        wanted = replace(await ask(actor(), my_choices), **changes)
        await perform(actor(), save_preferences, wanted)
        self.choices = wanted

    async def _show_change(self, purpose: PurposeName) -> None:
        change = await ask(actor(), my_change, Purpose(purpose))
        self.dialog, self.code_fault = (f"confirm_{purpose}", NO_FAULT) if change else ("", NO_FAULT)
        if change:
            self.destination, self.wait_s, self.asked = change.destination, change.resend_wait_s, self.asked + 1
        self.demo = await demo_of(Purpose(purpose), self.router) if change else NO_DEMO

    async def _show_app(self) -> None:
        enrolment = await perform(actor(), pending_second_factor)
        if enrolment is None:
            return
        address = TOTP(enrolment.key, name=enrolment.account, issuer="Chat").provisioning_uri()
        self.app_key = " ".join(enrolment.key[at : at + 4] for at in range(0, len(enrolment.key), 4))
        self.app_picture = segno.make(address, error="m").svg_data_uri(scale=4, border=2, dark="#000", light="#fff")
        self.dialog = "app"

    def _choose_region(self, region: str) -> None:
        if region in calling_codes():
            self.region = region
