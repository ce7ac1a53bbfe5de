"""What lies over the page whatever is open: the menu of a chat, the list of keys, who has read a message."""

import reflex as rx

from chat_app.components.dialog import dialog
from chat_app.components.icons import icon
from chat_app.components.words import t
from chat_app.pages.main.avatar import avatar
from chat_app.pages.main.chat_menu import chat_menu
from chat_app.pages.main.listing_state import ReadersState
from chat_app.pages.main.live import call, key_help
from chat_app.pages.main.state import FoundPerson

KEYS = (
    (("Ctrl", "K"), "keys.search"),
    (("Alt", "↑"), "keys.previous"),
    (("Alt", "↓"), "keys.next"),
    (("Alt", "Shift", "↑"), "keys.previous_unread"),
    (("Alt", "Shift", "↓"), "keys.next_unread"),
    (("Enter",), "keys.send"),
    (("Shift", "Enter"), "keys.break"),
    (("↑",), "keys.edit"),
    (("Esc",), "keys.close"),
    (("Ctrl", "/"), "keys.help"),
)
"""Every key of the page and what it does."""


def overlays() -> rx.Component:
    """The ones per page."""
    return rx.fragment(chat_menu(), _keys(), _readers())


def _keys() -> rx.Component:
    rows = [
        rx.fragment(rx.el.dt(*(rx.el.kbd(key) for key in keys)), rx.el.dd(t(words)))  # the same order on both screens
        for keys, words in KEYS
    ]
    close = call("keys", "closeKeyHelp")
    shown = dialog(
        rx.el.button(icon("x"), type="button", class_name="ib x", aria_label=t("notice.close"), on_click=close),
        rx.el.h2(t("keys.title"), id="keys-title"),
        rx.el.dl(*rows, class_name="keylist"),
        label_id="keys-title",
        class_name="keydlg",
        on_close=close,
    )
    return rx.cond(key_help(), shown)


def _readers() -> rx.Component:
    shown = dialog(
        rx.el.button(
            icon("x"), type="button", class_name="ib x", aria_label=t("notice.close"), on_click=ReadersState.close
        ),
        rx.el.h2(t("readers.title"), id="readers-title"),
        rx.cond(
            ReadersState.people,
            rx.el.ul(rx.foreach(ReadersState.people, _reader), class_name="readers"),
            rx.el.p(t("readers.nobody"), class_name="mut none"),
        ),
        label_id="readers-title",
        on_close=ReadersState.close,
    )
    return rx.cond(ReadersState.seq > 0, shown)


def _reader(person: rx.Var[FoundPerson]) -> rx.Component:
    return rx.el.li(
        avatar(person.face.hue, person.face.initials, person.face.picture, "z40"),
        rx.el.div(
            rx.el.b(person.name, class_name="cut", dir="auto"),
            rx.el.div("@", person.username, class_name="dim cut"),
            class_name="grow",
        ),
        key=person.user_id,
    )
