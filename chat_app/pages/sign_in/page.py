"""The sign-in page."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.fields import box, fault_line, field, password_field, text_input
from chat_app.components.icons import icon
from chat_app.components.layout import auth_page
from chat_app.components.plain_form import plain_form
from chat_app.components.returning import FORM
from chat_app.components.routes import FORGOT, SESSION_SIGN_IN
from chat_app.components.words import t
from chat_app.pages.sign_in.state import SignInState


def sign_in() -> rx.Component:
    """Email or username, and the password."""
    faults = SignInState.faults
    login = box(
        icon("at-sign", 18),
        text_input(
            "login",
            fault=faults["login"],
            default_value=SignInState.login,
            # what came back from a refusal takes the place of an input that nobody has touched yet
            key=SignInState.login,
            auto_complete="username",
            auto_capitalize="none",
            spell_check=False,
            required=True,
            max_length=254,
        ),
        fault=faults["login"],
    )
    form = plain_form(
        rx.el.div(
            rx.el.div(rx.el.h1(t("sign_in.title"), class_name="ah"), _lead()),
            field(t("field.login"), login, input_id="login", fault=faults["login"]),
            password_field(
                t("field.password"),
                input_id="password",
                fault=faults["password"],
                autocomplete="current-password",
                beside=ReactRouterLink.create(t("sign_in.forgot"), to=FORGOT, class_name="link"),
            ),
            fault_line(faults[FORM], line_id="form-fault"),
            class_name="fields",
        ),
        rx.el.input(type="hidden", name="next", value=SignInState.next, read_only=True),
        rx.el.button(t("sign_in.submit"), type="submit", class_name="btn pri l w"),
        path=SESSION_SIGN_IN,
    )
    no_account = rx.el.p(
        t("sign_in.no_account"),
        " ",
        ReactRouterLink.create(t("sign_in.register"), to=SignInState.other),
        " ",
        t("sign_in.a_minute"),
        class_name="legal",
    )
    return auth_page(
        form,
        no_account,
        here="sign_in",
        sign_in=SignInState.here,
        sign_up=SignInState.other,
        class_name="si",
    )


def _lead() -> rx.Component:
    done = rx.match(
        SignInState.done,
        ("reset", t("sign_in.after_reset")),
        ("deleted", t("sign_in.after_deletion")),
        t("sign_in.lead"),
    )
    return rx.el.p(done, class_name="mut", role="status")
