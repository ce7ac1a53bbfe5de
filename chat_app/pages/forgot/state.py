"""What is on the page of a forgotten password."""

import reflex as rx

from chat_app.components.notices import fault_of
from chat_app.components.returning import returned
from chat_app.components.words import NO_FAULT, Fault
from chat_app.domain.common.work import Who
from chat_app.realtime.policy import handler


class ForgotState(rx.State):
    """What was typed before a refusal; or that a link is under way, if anybody owns the address."""

    email: str = ""
    fault: Fault = NO_FAULT
    sent: bool = False

    @handler(Who.ANYONE)
    async def on_load(self) -> None:
        """A form that was refused is shown again with the reason."""
        self.sent = self.router.url.query_parameters.get("sent") == "1"
        kept = returned("forgot", str(self.router.headers.cookie))
        self.email = kept.fields.get("email", "") if kept else ""
        self.fault = fault_of(kept.refusal) if kept else NO_FAULT
