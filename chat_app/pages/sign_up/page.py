"""The sign-up page."""

import reflex as rx

from chat_app.components.fields import (
    box,
    checkbox,
    fault_line,
    field,
    password_field,
    same_tick,
    strength_meter,
    text_input,
)
from chat_app.components.icons import icon
from chat_app.components.layout import auth_page
from chat_app.components.plain_form import plain_form
from chat_app.components.returning import FORM
from chat_app.components.routes import SESSION_SIGN_UP
from chat_app.components.words import t
from chat_app.pages.sign_up.components import phone_field, username_field
from chat_app.pages.sign_up.state import SignUpState


def sign_up() -> rx.Component:
    """Email, username, phone as far as it is asked for, the password twice, and being of age."""
    faults = SignUpState.faults
    email = box(
        icon("mail", 18),
        text_input(
            "email",
            fault=faults["email"],
            type="email",
            default_value=SignUpState.typed["email"],
            key=SignUpState.typed["email"],
            on_blur=SignUpState.check_email,
            auto_complete="email",
            required=True,
            max_length=254,
        ),
        fault=faults["email"],
    )
    form = plain_form(
        rx.el.h1(t("auth.sign_up"), class_name="sr"),
        rx.el.div(
            field(t("field.email"), email, input_id="email", fault=faults["email"]),
            username_field(),
            rx.cond(SignUpState.phone != "off", phone_field()),
            password_field(
                t("field.password"),
                strength_meter("password"),
                input_id="password",
                fault=faults["password"],
                autocomplete="new-password",
                min_length=8,
                max_length=256,
            ),
            password_field(
                t("field.password_again"),
                input_id="password_again",
                fault=faults["password_again"],
                autocomplete="new-password",
                mark=same_tick("password", "password_again"),
                max_length=256,
            ),
            checkbox(
                t("field.adult"),
                input_id="adult",
                fault=faults["adult"],
                default_checked=SignUpState.adult,
                key=SignUpState.adult.to_string(),
                required=True,
            ),
            fault_line(faults[FORM], line_id="form-fault"),
            class_name="fields",
        ),
        rx.el.input(type="hidden", name="next", value=SignUpState.next, read_only=True),
        rx.el.button(t("sign_up.submit"), type="submit", class_name="btn pri l w"),
        rx.el.p(
            rx.cond(SignUpState.phone == "required", t("sign_up.legal"), t("sign_up.legal_email")), class_name="legal"
        ),
        path=SESSION_SIGN_UP,
    )
    return auth_page(form, here="sign_up", sign_in=SignUpState.other, sign_up=SignUpState.here)
