"""Notices: one line at the bottom that says what happened and goes after four seconds. Drawn from state; a refusal of
an input stands under that input instead.
"""

import logging

import reflex as rx
from reflex.event import EventSpec

from chat_app.components.icons import icon
from chat_app.components.words import NO_FAULT, Fault, refusal_words, t
from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.work import Who
from chat_app.realtime.policy import handler

log = logging.getLogger(__name__)

UNEXPECTED: Fault = {"code": "unexpected", "params": {}}
"""For what nobody foresaw: an apology, never the error."""


class NoticeState(rx.State):
    """What the notice says."""

    fault: Fault = NO_FAULT
    good: bool = False
    """It is no refusal: something was done."""
    count: int = 0
    """How many were shown: the same words twice are two notices."""

    @handler(Who.ANYONE)
    def show(self, code: str, params: dict[str, str | int]) -> None:
        """Say why something was refused. Whoever calls it says it to their own tab only."""
        self.fault, self.good = {"code": code, "params": params}, False
        self.count += 1

    @handler(Who.ANYONE)
    def tell(self, code: str) -> None:
        """Say that something was done which cannot be seen."""
        self.fault, self.good = {"code": code, "params": {}}, True
        self.count += 1

    @handler(Who.ANYONE)
    def close(self) -> None:
        """The reader has seen it."""
        self.fault = NO_FAULT


def explain(exception: Exception) -> EventSpec | None:
    """What the tab is told of whatever ended a handler: a refusal's own words, for anything else an apology."""
    if isinstance(exception, Refusal):
        return NoticeState.show(exception.code, exception.params)
    log.error("a handler failed", exc_info=exception)
    return NoticeState.show(UNEXPECTED["code"], UNEXPECTED["params"])


async def notify(state: rx.State, what: Refusal | Fault) -> None:
    """Show `what` in the tab that `state` belongs to."""
    notices = await state.get_state(NoticeState)
    notices.fault, notices.good = fault_of(what) if isinstance(what, Refusal) else what, False
    notices.count += 1


def fault_of(refusal: Refusal) -> Fault:
    """A refusal as screens hold it."""
    return {"code": refusal.code, "params": refusal.params}


def notices() -> rx.Component:
    """The place where notices appear; one for each page."""
    toast = rx.el.div(
        rx.cond(NoticeState.good, icon("circle-check", 18), icon("circle-alert", 18)),
        rx.el.span(refusal_words(code=NoticeState.fault["code"], params=NoticeState.fault["params"])),
        rx.el.button(t("notice.close"), type="button", class_name="btn s ghost", on_click=NoticeState.close),
        class_name=rx.cond(NoticeState.good, "toast", "toast err"),
        key=NoticeState.count.to_string(),
    )
    # the region stands there before its words do, or they would not be read aloud
    return rx.el.div(rx.cond(NoticeState.fault["code"], toast), class_name="notices", role="status")
