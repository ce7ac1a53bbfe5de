"""The settings: beside the list of chats, or alone on a phone."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.icons import icon
from chat_app.components.notices import notices
from chat_app.components.plain_form import plain_form
from chat_app.components.routes import MAIN, SESSION_SIGN_OUT
from chat_app.components.words import t
from chat_app.pages.main.live import live
from chat_app.pages.main.netbar import netbar
from chat_app.pages.main.overlays import overlays
from chat_app.pages.main.search import search_dialog
from chat_app.pages.main.sidebar import sidebar
from chat_app.pages.settings.dialogs import dialogs
from chat_app.pages.settings.sections import leaving, looks, notices_of_mine, privacy, profile, security

PARTS = (
    ("profile", "user"),
    ("security", "key-round"),
    ("notices", "bell"),
    ("looks", "palette"),
    ("privacy", "eye-off"),
    ("leaving", "trash-2"),
)
"""The sections in order, each with its icon."""


def settings_page() -> rx.Component:
    """Every setting in one column, with a list of the sections beside it."""
    return rx.fragment(
        rx.el.div(sidebar(), _settings(), live(), class_name="app", data_show="chat"),
        overlays(),
        search_dialog(),
        dialogs(),
        notices(),
    )


def _settings() -> rx.Component:
    back = ReactRouterLink.create(icon("arrow-left"), class_name="ib phone-only", to=MAIN, aria_label=t("chat.back"))
    close = ReactRouterLink.create(icon("x"), class_name="ib desk-only", to=MAIN, aria_label=t("notice.close"))
    head = rx.el.header(back, rx.el.h1(t("main.settings")), rx.el.span(class_name="grow"), close, class_name="head")
    column = rx.el.div(
        profile(), security(), notices_of_mine(), looks(), privacy(), leaving(), class_name="scol", tab_index=-1
    )
    return rx.el.main(
        rx.el.section(netbar(), head, rx.el.div(_sections(), column, class_name="sbody"), class_name="conv"),
        class_name="pane",
    )


def _sections() -> rx.Component:
    links = [
        rx.el.a(
            icon(look, 18), t(f"settings.{name}"), href=f"#{name}", class_name="mi bad" if look == "trash-2" else "mi"
        )
        for name, look in PARTS
    ]
    out = plain_form(
        rx.el.button(icon("log-out", 18), t("main.sign_out"), type="submit", class_name="mi"), path=SESSION_SIGN_OUT
    )
    return rx.el.nav(*links, rx.el.hr(), out, class_name="snav", aria_label=t("main.settings"))
