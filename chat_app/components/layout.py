"""The card of sign-in and sign-up with its brand panel, and what stands under it."""

from typing import Any

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.icons import icon
from chat_app.components.language import language_buttons
from chat_app.components.notices import notices
from chat_app.components.theme import theme_button
from chat_app.components.words import t

ORBS = ((1, 64, 342), (2, 40, 38), (3, 52, 142), (4, 28, 240))
"""Number, size in pixels and hue of the spheres on the brand panel."""


def auth_page(
    *children: rx.Component, here: str, sign_in: rx.Var[str], sign_up: rx.Var[str], class_name: str = ""
) -> rx.Component:
    """A page with the card: tabs to sign in and sign up (`here` is the one that is open), then `children`."""
    form = rx.el.main(
        rx.el.div(logo(), class_name="phone-only flex"),
        rx.el.nav(
            _tab(t("auth.sign_in"), sign_in, chosen=here == "sign_in"),
            _tab(t("auth.sign_up"), sign_up, chosen=here == "sign_up"),
            class_name="seg",
            aria_label=t("auth.which"),
        ),
        *children,
        class_name=f"aform {class_name}".strip(),
    )
    return rx.el.div(
        rx.el.div(brand(), form, class_name="acard"),
        rx.el.footer(language_buttons(), theme_button(), class_name="afoot"),
        notices(),
        class_name="auth",
    )


def _tab(label: rx.Var[str], to: rx.Var[str], *, chosen: bool) -> rx.Component:
    current: dict[str, Any] = {"aria_current": "page", "class_name": "on"} if chosen else {}
    return ReactRouterLink.create(label, to=to, **current)


def brand() -> rx.Component:
    """What Chat is, for whoever has room to see it; decoration for the ears."""
    orbs = [
        rx.el.span(
            rx.el.span(class_name="av orb", custom_attrs={"style": {"--h": hue, "--z": f"{size}px"}}),
            class_name=f"p p{number}",
        )
        for number, size, hue in ORBS
    ]
    orbit = rx.el.div(
        rx.el.i(class_name="o1"),
        rx.el.i(class_name="o2"),
        *orbs,
        rx.el.div(t("brand.hello"), class_name="bb x1"),
        rx.el.div(t("brand.reply"), class_name="bb x2"),
        class_name="orbit",
        aria_hidden="true",
    )
    said = rx.el.p(t("brand.title"), class_name="say"), rx.el.p(t("brand.lead"), class_name="more")
    return rx.el.aside(logo(), orbit, *said, class_name="brand")


def logo() -> rx.Component:
    """The sign and the name."""
    return rx.el.div(icon("message-circle"), rx.el.b(t("app.name")), class_name="logo")
