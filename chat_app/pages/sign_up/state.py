"""What is on the sign-up page: each field's fault while it is filled in. The form itself is posted to the API.

What is checked here is how things are written, and whether a username is free: names are public. Whether an email or a
phone is known is never said.
"""

import reflex as rx

from chat_app.components.notices import fault_of
from chat_app.components.regions import calling_codes
from chat_app.components.returning import FORM, no_faults, returned
from chat_app.components.routes import MAIN, NEXT, SIGN_IN, SIGN_UP, safe_next, with_next
from chat_app.components.words import NO_FAULT, Fault
from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.values import Email, Phone, Username
from chat_app.domain.common.work import Person, Who
from chat_app.domain.users.errors import UsernameTaken
from chat_app.domain.users.queries import username_free
from chat_app.infrastructure.unit_of_work import ask
from chat_app.realtime.policy import actor, handler
from chat_app.settings import settings_or_exit

settings = settings_or_exit()

FIELDS = ("email", "username", "phone", "password", "password_again", "adult")
KEPT = ("email", "username", "phone")
TAKEN: Fault = {"code": UsernameTaken.code, "params": {}}
ENDINGS = ("_1", ".me")
"""What a taken username is offered with, where that is free."""


class SignUpState(rx.State):
    """What was typed before a refusal, what is wrong with it, and where to go afterwards."""

    typed: dict[str, str] = dict.fromkeys(KEPT, "")
    adult: bool = False
    phone: str = settings.phone
    """Whether one is asked for: required, optional or off."""
    region: str = settings.default_region
    calling_code: str = calling_codes()[settings.default_region]
    faults: dict[str, Fault] = no_faults(*FIELDS)
    suggestions: list[str] = []
    """Free usernames like the one that is taken."""
    next: str = MAIN
    here: str = SIGN_UP
    other: str = SIGN_IN

    @handler(Who.ANYONE)
    async def on_load(self):
        """Whoever is signed in already goes on; a form that was refused is shown again with the reason."""
        self.next = safe_next(self.router.url.query_parameters.get(NEXT, MAIN))
        self.here, self.other = with_next(SIGN_UP, self.next), with_next(SIGN_IN, self.next)
        if isinstance(actor(), Person):
            return rx.redirect(self.next, replace=True)
        kept = returned("signup", str(self.router.headers.cookie))
        if kept is None:
            return None
        self.typed = {name: kept.fields.get(name, "") for name in KEPT}
        self.adult = bool(kept.fields.get("adult"))
        self._choose_region(kept.fields.get("region", self.region))
        at_fault = kept.refusal.field if kept.refusal.field in FIELDS else FORM
        self.faults = no_faults(*FIELDS) | {at_fault: fault_of(kept.refusal)}
        if at_fault == "username":
            await self._check_free(self.typed["username"])
        return rx.set_focus("email" if at_fault == FORM else at_fault)

    @handler(Who.ANYONE)
    def check_email(self, typed: str) -> None:
        """Under the field: whether this is written like an email address."""
        self._judge("email", lambda: Email(typed))

    @handler(Who.ANYONE)
    def check_phone(self, typed: str) -> None:
        """Under the field: whether this is written like a mobile number of the chosen country."""
        self._judge("phone", lambda: Phone(typed, self.region))

    @handler(Who.ANYONE)
    async def check_username(self, typed: str) -> None:
        """Under the field: whether the name may be had, and which like it are free when it is taken."""
        self.suggestions = []
        self._judge("username", lambda: Username(typed))
        if typed and not self.faults["username"]["code"]:
            await self._check_free(typed)

    @handler(Who.ANYONE)
    def choose_region(self, region: str) -> None:
        """The country that a phone number without `+` is of."""
        self._choose_region(region)

    async def _check_free(self, typed: str) -> None:
        try:
            if await ask(actor(), username_free, Username(typed)):
                return
            self.faults["username"] = TAKEN
            alike = [f"{typed.strip()}{ending}" for ending in ENDINGS]
            self.suggestions = [name for name in alike if await ask(actor(), username_free, Username(name))]
        except Refusal:
            # too many questions, or no more room for an ending: the form's own answer will do
            return

    def _choose_region(self, region: str) -> None:
        if region in calling_codes():
            self.region, self.calling_code = region, calling_codes()[region]

    def _judge(self, field: str, read) -> None:
        """`read` what was typed; an empty field is not at fault before the form is sent."""
        fault = NO_FAULT
        try:
            read()
        except Refusal as refusal:
            if refusal.code != "missing":
                fault = fault_of(refusal)
        self.faults[field] = fault
