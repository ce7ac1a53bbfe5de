"""The dialogs of the settings: forms that ask for the password, and for codes."""

import reflex as rx

from chat_app.components.demo import demo_box
from chat_app.components.dialog import dialog
from chat_app.components.fields import box, checkbox, fault_line, field, password_field, strength_meter, text_input
from chat_app.components.icons import icon
from chat_app.components.plain_form import plain_form
from chat_app.components.regions import named_regions
from chat_app.components.returning import FORM
from chat_app.components.routes import (
    SESSION_APP_OFF,
    SESSION_APP_ON,
    SESSION_CONTACT,
    SESSION_DELETE,
    SESSION_PASSWORD,
)
from chat_app.components.words import countdown, t
from chat_app.pages.settings.state import SettingsState


def dialogs() -> rx.Component:
    """The one that is open, if any."""
    return rx.match(
        SettingsState.dialog,
        ("email", _form("email", _email(), path=SESSION_CONTACT)),
        ("phone", _form("phone", _phone(), path=SESSION_CONTACT)),
        ("password", _form("password", *_passwords(), path=SESSION_PASSWORD)),
        ("app_on", _form("app_on", path=SESSION_APP_ON)),
        ("app_off", _form("app_off", path=SESSION_APP_OFF)),
        ("delete", _form("delete", _erase(), path=SESSION_DELETE, look="bad fill")),
        ("confirm_email", _code("email")),
        ("confirm_phone", _code("phone")),
        ("app", _app()),
        ("codes", _codes()),
        rx.fragment(),
    )


def _form(name: str, *fields: rx.Component, path: str, look: str = "pri") -> rx.Component:
    """`fields`, the password that is valid now, and what the form does on its button."""
    faults = SettingsState.faults
    now = password_field(
        t("field.password_now"),
        input_id="password_now",
        fault=faults["password_now"],
        autocomplete="current-password",
    )
    return dialog(
        _close(),
        rx.el.h2(t(f"settings.{name}_title"), id="dialog-title"),
        rx.el.p(t(f"settings.{name}_lead"), class_name="mut"),
        plain_form(
            rx.el.div(
                *((now, *fields) if name == "password" else (*fields, now)),
                fault_line(faults[FORM], line_id="dialog-fault"),
                class_name="fields",
            ),
            rx.el.div(
                _cancel(),
                rx.el.button(t(f"settings.{name}_submit"), type="submit", class_name=f"btn {look}"),
                class_name="foot",
            ),
            path=path,
        ),
        label_id="dialog-title",
        on_close=SettingsState.open(""),
        key=name,
    )


def _close() -> rx.Component:
    return rx.el.button(
        icon("x"), type="button", class_name="ib x", aria_label=t("notice.close"), on_click=SettingsState.open("")
    )


def _cancel() -> rx.Component:
    return rx.el.button(t("settings.cancel"), type="button", class_name="btn ghost", on_click=SettingsState.open(""))


def _email() -> rx.Component:
    fault, typed = SettingsState.faults["email"], SettingsState.typed["email"]
    made = text_input(
        "email", fault=fault, type="email", default_value=typed, key=typed, auto_complete="email", required=True,
        max_length=254, auto_focus=True,
    )  # fmt: skip
    return field(t("settings.new_email"), box(icon("mail", 18), made, fault=fault), input_id="email", fault=fault)


def _phone() -> rx.Component:
    fault, typed = SettingsState.faults["phone"], SettingsState.typed["phone"]
    countries = rx.el.select(
        rx.foreach(named_regions(), lambda region: rx.el.option(region[1], value=region[0], key=region[0])),
        name="region",
        value=SettingsState.region,
        on_change=SettingsState.choose_region,
        aria_label=t("field.region"),
    )
    made = text_input(
        "phone", fault=fault, type="tel", default_value=typed, key=typed, auto_complete="tel-national", required=True,
        input_mode="tel", max_length=32, class_name="num", auto_focus=True,
    )  # fmt: skip
    shown = rx.el.span(
        rx.el.span(SettingsState.region, class_name="id"), icon("chevron-down", 14), countries, class_name="cc"
    )
    return field(
        t("settings.new_phone"), box(shown, rx.el.i(class_name="vl"), made, fault=fault), input_id="phone", fault=fault
    )


def _passwords() -> tuple[rx.Component, ...]:
    faults = SettingsState.faults
    first = password_field(
        t("reset.password"), strength_meter("password"), input_id="password", fault=faults["password"],
        autocomplete="new-password", min_length=8, max_length=256,
    )  # fmt: skip
    again = password_field(
        t("field.password_again"), input_id="password_again", fault=faults["password_again"],
        autocomplete="new-password", max_length=256,
    )  # fmt: skip
    return first, again


def _erase() -> rx.Component:
    return checkbox(t("settings.erase"), input_id="erase", fault=SettingsState.faults["erase"])


def _code(purpose: str) -> rx.Component:
    """For the code that a new email or phone was sent."""
    again = rx.el.button(
        t("verify.resend"), type="button", class_name="link strong", on_click=SettingsState.resend_change(purpose)
    )
    return dialog(
        _close(),
        rx.el.h2(t(f"verify.title_{purpose}"), id="dialog-title"),
        rx.el.p(t("verify.sent_to"), " ", rx.el.b(SettingsState.destination, class_name="tx num"), class_name="mut"),
        rx.el.form(
            _code_field("verify.code"),
            rx.el.div(
                countdown("verify.new_code_in", SettingsState.wait_s, again, key=SettingsState.asked.to_string()),
                class_name="row between",
            ),
            demo_box(SettingsState.demo, by_email=purpose == "email"),
            rx.el.div(
                rx.el.button(
                    t("settings.keep_old"),
                    type="button",
                    class_name="btn ghost",
                    on_click=SettingsState.cancel_change(purpose),
                ),
                rx.el.button(t("verify.confirm"), type="submit", class_name="btn pri"),
                class_name="foot",
            ),
            on_submit=lambda data: SettingsState.confirm_change(purpose, data.to(dict[str, str])["code"]),
        ),
        label_id="dialog-title",
        on_close=SettingsState.open(""),
        key=f"confirm-{purpose}",
    )


def _code_field(label: str) -> rx.Component:
    fault = SettingsState.code_fault
    made = text_input(
        "code", fault=fault, auto_complete="one-time-code", input_mode="numeric", required=True, max_length=16,
        auto_focus=True, class_name="num",
    )  # fmt: skip
    return field(t(label), box(icon("lock", 18), made, fault=fault), input_id="code", fault=fault)


def _app() -> rx.Component:
    """The key of an authenticator app, as a picture and in letters."""
    return dialog(
        _close(),
        rx.el.h2(t("settings.app_title"), id="dialog-title"),
        rx.el.p(t("settings.app_scan"), class_name="mut"),
        rx.el.img(src=SettingsState.app_picture, alt=t("settings.app_picture"), class_name="qr"),
        rx.el.p(
            t("settings.app_key"), rx.el.br(), rx.el.span(SettingsState.app_key, class_name="id"), class_name="mut"
        ),
        rx.el.form(
            _code_field("second.code_app"),
            rx.el.div(
                _cancel(), rx.el.button(t("verify.confirm"), type="submit", class_name="btn pri"), class_name="foot"
            ),
            on_submit=lambda data: SettingsState.confirm_app(data.to(dict[str, str])["code"]),
        ),
        label_id="dialog-title",
        on_close=SettingsState.open(""),
        key="app",
    )


def _codes() -> rx.Component:
    """The recovery codes, this once."""
    return dialog(
        rx.el.h2(t("settings.codes_title"), id="dialog-title"),
        rx.el.p(t("settings.codes_lead"), class_name="mut"),
        rx.el.ul(
            rx.foreach(SettingsState.recovery, lambda code: rx.el.li(code, class_name="id", key=code)),
            class_name="codes",
        ),
        rx.el.div(
            rx.el.button(
                t("settings.codes_kept"), type="button", class_name="btn pri", on_click=SettingsState.open("")
            ),
            class_name="foot",
        ),
        label_id="dialog-title",
        key="codes",
    )
