"""The card of another person: a dialog over the conversation."""

import reflex as rx

from chat_app.components.dialog import dialog
from chat_app.components.icons import icon
from chat_app.components.words import t
from chat_app.pages.main.avatar import avatar
from chat_app.pages.main.card_state import CardState
from chat_app.pages.main.state import MainState


def card_dialog() -> rx.Component:
    """Shown while somebody's card is open."""
    card, face = CardState.card, CardState.face
    shown = dialog(
        rx.el.button(
            icon("x"), type="button", class_name="ib x", aria_label=t("notice.close"), on_click=CardState.close
        ),
        avatar(face.hue, face.initials, face.picture, "z88"),
        rx.el.h2(card.name, id="card-title", dir="auto"),
        rx.el.p("@", card.username, class_name="mut"),
        rx.el.dl(
            _fact("field.about", card.about),
            _fact("field.phone", card.phone),
            _fact("field.birth_date", card.birth_date),
            class_name="facts",
        ),
        rx.cond(
            card.person != MainState.me.user_id,
            rx.cond(
                card.blocked,
                _block("listing.unblock", "line", CardState.unblock(card.person)),
                _block("listing.block", "bad", CardState.block(card.person)),
            ),
        ),
        label_id="card-title",
        class_name="card",
        on_close=CardState.close,
    )
    return rx.cond(card.person != "", shown)


def _block(words: str, look: str, does: rx.event.EventSpec) -> rx.Component:
    return rx.el.button(icon("ban", 18), t(words), type="button", class_name=f"btn {look} w", on_click=does)


def _fact(words: str, value: rx.Var[str]) -> rx.Component:
    return rx.cond(value != "", rx.fragment(rx.el.dt(t(words)), rx.el.dd(value, dir="auto")))
