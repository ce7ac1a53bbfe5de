"""What is on the page that asks for the code of an app."""

import reflex as rx

from chat_app.components.notices import fault_of
from chat_app.components.returning import returned
from chat_app.components.routes import MAIN, NEXT, safe_next
from chat_app.components.words import NO_FAULT, Fault
from chat_app.domain.common.work import Person, Who
from chat_app.realtime.policy import actor, handler


class SignInCodeState(rx.State):
    """Why a code was refused, and where to go after one that is not."""

    fault: Fault = NO_FAULT
    expired: bool = False
    next: str = MAIN

    @handler(Who.ANYONE)
    async def on_load(self):
        """Whoever is signed in already goes on; a form that was refused is shown again with the reason."""
        self.next = safe_next(self.router.url.query_parameters.get(NEXT, MAIN))
        if isinstance(actor(), Person):
            return rx.redirect(self.next, replace=True)
        kept = returned("second", str(self.router.headers.cookie))
        self.fault = fault_of(kept.refusal) if kept else NO_FAULT
        self.expired = kept is not None and kept.refusal.code == "ticket_expired"
        return None
