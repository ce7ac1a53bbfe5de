"""What is on the page that the link of a mail leads to."""

import reflex as rx

from chat_app.components.notices import fault_of
from chat_app.components.returning import FORM, no_faults, returned
from chat_app.components.words import Fault
from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.work import Who
from chat_app.domain.users.actions import check_reset
from chat_app.infrastructure.unit_of_work import perform
from chat_app.realtime.policy import actor, handler

FIELDS = ("password", "password_again")
LONGEST_LINK = 200


class ResetState(rx.State):
    """Whether the link still opens anything, and why a new password was refused."""

    link: str = ""
    known: bool = False
    """The link was looked at."""
    expired: bool = False
    faults: dict[str, Fault] = no_faults(*FIELDS)

    @handler(Who.ANYONE)
    async def on_load(self) -> None:
        """Look at the link of the address; a form that was refused is shown again with the reason."""
        self.link = self.router.url.query_parameters.get("link", "")[:LONGEST_LINK]
        kept = returned("reset", str(self.router.headers.cookie))
        self.faults = no_faults(*FIELDS)
        if kept is not None:
            at_fault = kept.refusal.field if kept.refusal.field in FIELDS else FORM
            self.faults = no_faults(*FIELDS) | {at_fault: fault_of(kept.refusal)}
        try:
            await perform(actor(), check_reset, self.link)
            self.expired = False
        except Refusal as refusal:
            self.expired = refusal.code == "reset_expired"
            if not self.expired:
                self.faults = no_faults(*FIELDS) | {FORM: fault_of(refusal)}
        self.known = True
