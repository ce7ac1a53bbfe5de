"""What belongs to me rather than to a chat: language, theme, leaving."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.icons import icon
from chat_app.components.language import language_buttons
from chat_app.components.plain_form import plain_form
from chat_app.components.routes import SESSION_SIGN_OUT, SETTINGS
from chat_app.components.theme import theme_button
from chat_app.components.words import t


def menu() -> rx.Component:
    """Opens below the gear; the browser closes it again."""
    return rx.el.details(
        rx.el.summary(icon("settings", 18), class_name="ib", aria_label=t("main.settings")),
        rx.el.div(
            ReactRouterLink.create(icon("settings", 18), t("main.settings"), to=SETTINGS, class_name="btn ghost w"),
            language_buttons(),
            theme_button(),
            plain_form(
                rx.el.button(icon("log-out", 18), t("main.sign_out"), type="submit", class_name="btn ghost w"),
                path=SESSION_SIGN_OUT,
            ),
            class_name="pop",
        ),
        class_name="menu",
    )
