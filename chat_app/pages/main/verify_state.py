"""What the verification dialog shows: the address to confirm, what was wrong with a code, when another may come."""

from typing import Annotated

import reflex as rx
from pydantic import Field

from chat_app.components.demo import NO_DEMO, Demo, demo_of
from chat_app.components.notices import fault_of
from chat_app.components.regions import calling_codes
from chat_app.components.returning import FORM, no_faults, returned
from chat_app.components.words import NO_FAULT, Fault
from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.work import Who
from chat_app.domain.users.actions import confirm, resend_code
from chat_app.domain.users.queries import my_confirmation
from chat_app.domain.verification.rules import Purpose
from chat_app.infrastructure.unit_of_work import ask, perform
from chat_app.realtime.policy import actor, handler
from chat_app.settings import settings_or_exit

settings = settings_or_exit()

LONGEST_CODE = 16
FIELDS = ("email", "phone", "password_now")


class VerifyState(rx.State):
    """Confirming email, then phone. `step` is empty until known and `done` at the end."""

    step: str = ""
    destination: str = ""
    wait_s: int = 0
    """Seconds until another code may be asked for."""
    asked: int = 0
    """How often the wait was read: the countdown begins anew with each."""
    fault: Fault = NO_FAULT
    wrong: int = 0
    """Wrong codes in a row: each shakes."""
    resent: bool = False
    changing: bool = False
    """Another address is being typed in the place of the one that was mistyped."""
    typed: str = ""
    region: str = settings.default_region
    faults: dict[str, Fault] = no_faults(*FIELDS)
    demo: Demo = NO_DEMO

    @handler(Who.SIGNED_IN)
    async def on_load(self) -> None:
        """Find out what is to be confirmed; another address that was refused is shown again with the reason."""
        self.changing, self.typed, self.faults = False, "", no_faults(*FIELDS)
        if kept := returned("correct", str(self.router.headers.cookie)):
            at_fault = kept.refusal.field if kept.refusal.field in FIELDS else FORM
            self.changing = True
            self.typed = kept.fields.get("email") or kept.fields.get("phone", "")
            self.faults = no_faults(*FIELDS) | {at_fault: fault_of(kept.refusal)}
        await self._look()

    @handler(Who.SIGNED_IN)
    async def change(self, on: bool) -> None:
        """Ask for another address in the place of this one, or not after all."""
        self.changing, self.typed, self.faults = on, "", no_faults(*FIELDS)

    @handler(Who.SIGNED_IN)
    async def choose_region(self, region: Annotated[str, Field(max_length=2)]) -> None:
        """The country that a phone number without `+` is of."""
        if region in calling_codes():
            self.region = region

    @handler(Who.SIGNED_IN)
    async def confirm(self, code: str) -> None:
        """Confirm with the code; the dialog goes on to the next step, or says what is wrong."""
        self.fault, self.resent = NO_FAULT, False
        try:
            await perform(actor(), confirm, code[:LONGEST_CODE])
        except Refusal as refusal:
            self.fault = fault_of(refusal)
            self.wrong += 1
        else:
            self.wrong = 0
        await self._look()

    @handler(Who.SIGNED_IN)
    async def resend(self) -> None:
        """Send another code; the older one is void."""
        self.fault, self.resent = NO_FAULT, False
        try:
            await perform(actor(), resend_code)
            self.resent = True
        except Refusal as refusal:
            self.fault = fault_of(refusal)
        await self._look()

    async def _look(self) -> None:
        view = await ask(actor(), my_confirmation)
        self.step, self.destination, self.wait_s = view.step, view.destination, view.resend_wait_s
        self.asked += 1
        self.demo = NO_DEMO if view.step == "done" else await demo_of(Purpose(view.step), self.router)
