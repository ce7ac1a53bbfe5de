"""The page that asks for the code of an authenticator app."""

import reflex as rx

from chat_app.components.fields import box, field, text_input
from chat_app.components.icons import icon
from chat_app.components.layout import auth_page
from chat_app.components.plain_form import plain_form
from chat_app.components.routes import SESSION_SECOND, SIGN_IN, SIGN_UP
from chat_app.components.words import t
from chat_app.pages.sign_in_code.state import SignInCodeState


def sign_in_code() -> rx.Component:
    """Six digits of the app, or a recovery code."""
    fault = SignInCodeState.fault
    code = box(
        icon("lock", 18),
        text_input(
            "code",
            fault=fault,
            auto_complete="one-time-code",
            auto_focus=True,
            auto_capitalize="characters",
            spell_check=False,
            required=True,
            max_length=32,
            class_name="num",
        ),
        fault=fault,
    )
    form = plain_form(
        rx.el.div(
            rx.el.div(rx.el.h1(t("second.title"), class_name="ah"), rx.el.p(t("second.lead"), class_name="mut")),
            field(t("second.code"), code, input_id="code", fault=fault),
            class_name="fields",
        ),
        rx.el.input(type="hidden", name="next", value=SignInCodeState.next, read_only=True),
        rx.el.button(t("verify.confirm"), type="submit", class_name="btn pri l w"),
        path=SESSION_SECOND,
    )
    return auth_page(
        form,
        here="second",
        sign_in=rx.Var.create(SIGN_IN),
        sign_up=rx.Var.create(SIGN_UP),
        class_name="si",
    )
