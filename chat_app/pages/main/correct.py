"""Another email or phone in the place of one that was mistyped: part of the verification dialog."""

import reflex as rx

from chat_app.components.fields import box, fault_line, field, password_field, text_input
from chat_app.components.icons import icon
from chat_app.components.plain_form import plain_form
from chat_app.components.regions import named_regions
from chat_app.components.returning import FORM
from chat_app.components.routes import SESSION_CORRECT
from chat_app.components.words import t
from chat_app.pages.main.verify_state import VerifyState


def another_email() -> rx.Component:
    """The right email, with the password."""
    fault = VerifyState.faults["email"]
    made = text_input(
        "email",
        fault=fault,
        type="email",
        default_value=VerifyState.typed,
        key=VerifyState.typed,
        auto_complete="email",
        auto_focus=True,
        required=True,
        max_length=254,
    )
    return _form(field(t("field.email"), box(icon("mail", 18), made, fault=fault), input_id="email", fault=fault))


def another_phone() -> rx.Component:
    """The right phone, with the password."""
    fault = VerifyState.faults["phone"]
    countries = rx.el.select(
        rx.foreach(named_regions(), lambda region: rx.el.option(region[1], value=region[0], key=region[0])),
        name="region",
        value=VerifyState.region,
        on_change=VerifyState.choose_region,
        aria_label=t("field.region"),
    )
    shown = rx.el.span(
        rx.el.span(VerifyState.region, class_name="id"), icon("chevron-down", 14), countries, class_name="cc"
    )
    made = text_input(
        "phone",
        fault=fault,
        type="tel",
        default_value=VerifyState.typed,
        key=VerifyState.typed,
        auto_complete="tel-national",
        input_mode="tel",
        class_name="num",
        auto_focus=True,
        required=True,
        max_length=32,
    )
    control = box(shown, rx.el.i(class_name="vl"), made, fault=fault)
    return _form(field(t("field.phone"), control, input_id="phone", fault=fault))


def _form(control: rx.Component) -> rx.Component:
    return plain_form(
        rx.el.div(
            control,
            password_field(
                t("field.password_now"),
                input_id="password_now",
                fault=VerifyState.faults["password_now"],
                autocomplete="current-password",
            ),
            fault_line(VerifyState.faults[FORM], line_id="correct-fault"),
            class_name="fields",
        ),
        rx.el.div(
            rx.el.button(
                t("settings.cancel"), type="button", class_name="btn ghost", on_click=VerifyState.change(False)
            ),
            rx.el.button(t("verify.change_submit"), type="submit", class_name="btn pri"),
            class_name="foot",
        ),
        path=SESSION_CORRECT,
        class_name="correct",
    )
