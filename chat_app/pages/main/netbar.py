"""Whether there is a line to the server, on top of whatever is open."""

import reflex as rx

from chat_app.components.icons import icon
from chat_app.components.words import t
from chat_app.pages.main.live import offline
from chat_app.pages.main.state import MainState


def netbar() -> rx.Component:
    """Amber while there is no line to the server; jade for two seconds when there is one again (`states.css`)."""
    # without a countdown: the next attempt is never more than two seconds away
    down = rx.fragment(
        icon("wifi-off", 16),
        t("net.offline"),
        # any event makes Reflex try the line at once
        rx.el.button(t("net.now"), type="button", on_click=MainState.refresh),
    )
    up = rx.fragment(icon("circle-check", 16), t("net.back"))
    return rx.el.div(rx.cond(offline(), down, up), class_name=rx.cond(offline(), "netbar", "netbar ok"), role="status")
