"""The fields of the sign-up form that are more than an input."""

import reflex as rx

from chat_app.components.fields import box, field, text_input
from chat_app.components.icons import icon
from chat_app.components.regions import named_regions
from chat_app.components.words import t
from chat_app.pages.sign_up.state import SignUpState

FILL_USERNAME = """(event) => {
  const input = document.getElementById("username");
  // by the element's own setter: React must take it for typing
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, event.currentTarget.value);
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.focus();
}"""


def username_field() -> rx.Component:
    """The username, with free ones to choose from when it is taken."""
    fault = SignUpState.faults["username"]
    control = box(
        icon("at-sign", 18),
        text_input(
            "username",
            fault=fault,
            default_value=SignUpState.typed["username"],
            # what came back from a refusal takes the place of an input that nobody has touched yet
            key=SignUpState.typed["username"],
            on_change=SignUpState.check_username.debounce(400),
            auto_complete="username",
            auto_capitalize="none",
            spell_check=False,
            required=True,
            max_length=32,
        ),
        fault=fault,
    )
    free = rx.cond(
        SignUpState.suggestions.length() > 0,
        rx.el.span(
            ". ",
            t("sign_up.free"),
            rx.foreach(
                SignUpState.suggestions,
                lambda name: rx.el.span(
                    " ",
                    rx.el.button(
                        name,
                        type="button",
                        class_name="link",
                        value=name,
                        custom_attrs={"onClick": rx.Var(FILL_USERNAME)},
                    ),
                    key=name,
                ),
            ),
        ),
    )
    return field(t("field.username"), control, input_id="username", fault=fault, extra=free)


def phone_field() -> rx.Component:
    """The country, as a native select under what is drawn of it, and the number."""
    fault = SignUpState.faults["phone"]
    countries = rx.el.select(
        rx.cond(
            SignUpState.is_hydrated,
            rx.foreach(named_regions(), lambda region: rx.el.option(region[1], value=region[0], key=region[0])),
            rx.el.option(SignUpState.region, value=SignUpState.region),
        ),
        name="region",
        value=SignUpState.region,
        on_change=SignUpState.choose_region,
        # options that come later than their select leave it at the first of them
        key=SignUpState.is_hydrated.to_string(),
        auto_complete="tel-country-code",
        aria_label=t("field.region"),
    )
    control = box(
        rx.el.span(
            rx.el.span(SignUpState.region, class_name="id"),
            SignUpState.calling_code,
            icon("chevron-down", 14),
            countries,
            class_name="cc",
        ),
        rx.el.i(class_name="vl"),
        text_input(
            "phone",
            fault=fault,
            type="tel",
            default_value=SignUpState.typed["phone"],
            key=SignUpState.typed["phone"],
            on_blur=SignUpState.check_phone,
            auto_complete="tel-national",
            input_mode="tel",
            class_name="num",
            required=SignUpState.phone == "required",
            max_length=32,
        ),
        fault=fault,
    )
    return field(t("field.phone"), control, input_id="phone", fault=fault)
