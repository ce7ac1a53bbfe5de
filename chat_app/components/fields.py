"""Labelled inputs with an icon, a refusal under them, and what passwords need: show, strength, sameness."""

from typing import Any

import reflex as rx
from reflex_base.components.component import Component

from chat_app.components.icons import icon
from chat_app.components.words import Fault, countdown, refusal_words, t

PICTURE_KINDS = "image/jpeg,image/png,image/webp,image/gif"
"""For an input that takes a picture of a person or a group."""

# The input stays what it is for React, so what is typed is kept; only the element changes.
TOGGLE_SHOWN = """(event) => {
  const button = event.currentTarget;
  const input = button.parentElement.querySelector("input");
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
}"""


def field(
    label: rx.Var[str],
    control: rx.Component,
    *under: rx.Component,
    input_id: str,
    fault: rx.Var[Fault],
    beside: rx.Component | None = None,
    extra: rx.Component | None = None,
) -> rx.Component:
    """`control` under its label, `fault` in words below. `beside` stands right of the label, `extra` by the fault."""
    name = rx.el.span(rx.el.label(label, html_for=input_id), beside or rx.fragment(), class_name="lab")
    return rx.el.div(name, control, *under, fault_line(fault, line_id=f"{input_id}-fault", extra=extra), class_name="f")


def box(*children: rx.Component, fault: rx.Var[Fault]) -> rx.Component:
    """The frame around an input and its icons, red while there is a fault."""
    return rx.el.div(*children, class_name=rx.cond(fault["code"], "inp err", "inp"))


def fault_line(fault: rx.Var[Fault], *, line_id: str, extra: rx.Component | None = None) -> rx.Component:
    """A refusal's words, read aloud when they appear."""
    wait = fault["params"]["wait_s"]
    left = rx.cond(wait, countdown("fault.wait", wait.to(int), t("fault.again"), key=wait.to_string()))
    words = rx.el.span(
        icon("circle-alert"),
        rx.el.span(refusal_words(code=fault["code"], params=fault["params"]), extra or rx.fragment(), " ", left),
        class_name="hint err",
    )
    return rx.el.div(rx.cond(fault["code"], words), id=line_id, role="alert")


def text_input(input_id: str, *, fault: rx.Var[Fault], **props: Any) -> rx.Component:
    """An input that says itself when what it holds is refused."""
    return rx.el.input(
        id=input_id,
        name=props.pop("name", input_id),
        aria_invalid=rx.cond(fault["code"], "true", "false"),
        aria_describedby=f"{input_id}-fault",
        **props,
    )


def password_field(
    label: rx.Var[str],
    *under: rx.Component,
    input_id: str,
    fault: rx.Var[Fault],
    autocomplete: str,
    beside: rx.Component | None = None,
    mark: rx.Component | None = None,
    **props: Any,
) -> rx.Component:
    """A password with a button that shows it, or with `mark` in that place."""
    show = rx.el.button(
        icon("eye", 18),
        icon("eye-off", 18),
        type="button",
        class_name="eye",
        aria_label=t("password.show"),
        aria_pressed="false",
        custom_attrs={"onClick": rx.Var(TOGGLE_SHOWN)},
    )
    typed = text_input(input_id, fault=fault, type="password", auto_complete=autocomplete, required=True, **props)
    control = box(icon("lock", 18), typed, mark or show, fault=fault)
    return field(label, control, *under, input_id=input_id, fault=fault, beside=beside)


class StrengthMeter(rx.Component):
    """Four bars and a word for what stands in an input. Reckoned in the browser: a password is not asked about."""

    library = "$/public/strength"
    tag = "StrengthMeter"

    input_id: rx.Var[str]
    words: rx.Var[list[str]]


def strength_meter(input_id: str) -> Component:
    """How hard the password in that input is to guess."""
    return StrengthMeter.create(input_id=input_id, words=[t(f"password.strength_{score}") for score in range(1, 5)])


class SameTick(rx.Component):
    """A green tick while two inputs hold the same."""

    library = "$/public/strength"
    tag = "SameTick"

    first: rx.Var[str]
    second: rx.Var[str]
    label: rx.Var[str]


def same_tick(first: str, second: str) -> Component:
    """Says that what was typed twice is the same."""
    return SameTick.create(first=first, second=second, label=t("password.same"))


def checkbox(label: rx.Var[str], *, input_id: str, fault: rx.Var[Fault], **props: Any) -> rx.Component:
    """A box to tick, with its label right of it."""
    box_input = text_input(input_id, fault=fault, type="checkbox", value="yes", **props)
    return rx.el.div(
        rx.el.label(box_input, rx.el.span(label), class_name="check", html_for=input_id),
        fault_line(fault, line_id=f"{input_id}-fault"),
    )
