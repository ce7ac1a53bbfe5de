"""The page that the link of a mail leads to."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.fields import fault_line, password_field, same_tick, strength_meter
from chat_app.components.layout import auth_page
from chat_app.components.plain_form import plain_form
from chat_app.components.returning import FORM
from chat_app.components.routes import FORGOT, SESSION_RESET, SIGN_IN, SIGN_UP
from chat_app.components.words import t
from chat_app.pages.reset.state import ResetState


def reset() -> rx.Component:
    """A new password, twice; or that the link is over, and where to get another."""
    return auth_page(
        rx.cond(ResetState.expired, _expired(), _form()),
        here="reset",
        sign_in=rx.Var.create(SIGN_IN),
        sign_up=rx.Var.create(SIGN_UP),
        class_name="si",
    )


def _form() -> rx.Component:
    faults = ResetState.faults
    return plain_form(
        rx.el.div(
            rx.el.div(rx.el.h1(t("reset.title"), class_name="ah"), rx.el.p(t("reset.lead"), class_name="mut")),
            password_field(
                t("reset.password"),
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
            fault_line(faults[FORM], line_id="form-fault"),
            class_name="fields",
        ),
        rx.el.input(type="hidden", name="link", value=ResetState.link, read_only=True),
        rx.el.button(t("reset.submit"), type="submit", class_name="btn pri l w", disabled=~ResetState.known),
        path=SESSION_RESET,
    )


def _expired() -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.el.h1(t("reset.expired"), class_name="ah"), rx.el.p(t("reset.expired_lead"), class_name="mut")),
        ReactRouterLink.create(t("reset.another"), to=FORGOT, class_name="btn pri l w"),
        class_name="fields",
        role="status",
    )
