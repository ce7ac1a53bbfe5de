"""What is on the sign-in page. The form itself is posted to the API, not to a handler."""

import reflex as rx

from chat_app.components.notices import fault_of
from chat_app.components.returning import FORM, no_faults, returned
from chat_app.components.routes import MAIN, NEXT, SIGN_IN, SIGN_UP, safe_next, with_next
from chat_app.components.words import Fault
from chat_app.domain.common.work import Person, Who
from chat_app.realtime.policy import actor, handler

FIELDS = ("login", "password")


class SignInState(rx.State):
    """What a refused sign-in came back with, and where to go after one that is not."""

    login: str = ""
    faults: dict[str, Fault] = no_faults(*FIELDS)
    done: str = ""
    """What led here: a new password (reset), or the end of an account (deleted)."""
    next: str = MAIN
    here: str = SIGN_IN
    other: str = SIGN_UP
    """The two tabs, each leading on to `next`."""

    @handler(Who.ANYONE)
    def on_load(self):
        """Whoever is signed in already goes on; a form that was refused is shown again with the reason."""
        self.next = safe_next(self.router.url.query_parameters.get(NEXT, MAIN))
        self.here, self.other = with_next(SIGN_IN, self.next), with_next(SIGN_UP, self.next)
        if isinstance(actor(), Person):
            return rx.redirect(self.next, replace=True)
        done = self.router.url.query_parameters.get("done", "")
        self.done = done if done in ("reset", "deleted") else ""
        kept = returned("signin", str(self.router.headers.cookie))
        if kept is None:
            return None
        self.login = kept.fields.get("login", "")
        at_fault = kept.refusal.field if kept.refusal.field in FIELDS else FORM
        self.faults = no_faults(*FIELDS) | {at_fault: fault_of(kept.refusal)}
        return rx.set_focus("password" if at_fault == FORM else at_fault)
