"""The page of a forgotten password."""

import reflex as rx

from chat_app.components.fields import box, field, text_input
from chat_app.components.icons import icon
from chat_app.components.layout import auth_page
from chat_app.components.plain_form import plain_form
from chat_app.components.routes import SESSION_FORGOT, SIGN_IN, SIGN_UP
from chat_app.components.words import t
from chat_app.pages.forgot.state import ForgotState


def forgot() -> rx.Component:
    """Asks for the email, and says the same whoever owns it."""
    return auth_page(
        rx.cond(ForgotState.sent, _sent(), _form()),
        here="forgot",
        sign_in=rx.Var.create(SIGN_IN),
        sign_up=rx.Var.create(SIGN_UP),
        class_name="si",
    )


def _form() -> rx.Component:
    fault = ForgotState.fault
    email = box(
        icon("mail", 18),
        text_input(
            "email",
            fault=fault,
            type="email",
            default_value=ForgotState.email,
            key=ForgotState.email,
            auto_complete="email",
            auto_focus=True,
            required=True,
            max_length=254,
        ),
        fault=fault,
    )
    return plain_form(
        rx.el.div(
            rx.el.div(rx.el.h1(t("forgot.title"), class_name="ah"), rx.el.p(t("forgot.lead"), class_name="mut")),
            field(t("field.email"), email, input_id="email", fault=fault),
            class_name="fields",
        ),
        rx.el.button(t("forgot.submit"), type="submit", class_name="btn pri l w"),
        path=SESSION_FORGOT,
    )


def _sent() -> rx.Component:
    return rx.el.div(
        rx.el.h1(icon("circle-check"), " ", t("forgot.sent"), class_name="ah"),
        rx.el.p(t("forgot.sent_lead"), class_name="mut"),
        role="status",
    )
