"""Picking people by name: those picked as chips, a box to look for others, and who was found."""

import reflex as rx

from chat_app.components.icons import icon
from chat_app.components.words import Fault, refusal_words, t
from chat_app.pages.main.avatar import avatar
from chat_app.pages.main.live import call
from chat_app.pages.main.pick_state import PickState
from chat_app.pages.main.state import FoundPerson


def picker(box_id: str, fault: rx.Var[Fault]) -> rx.Component:
    """The whole of it; `fault` says why the picked were refused."""
    return rx.el.div(
        rx.el.span(rx.el.label(t("group.people"), html_for=box_id), class_name="lab"),
        rx.el.div(
            rx.foreach(PickState.picked, lambda person: _chip(person, box_id)),
            rx.el.input(
                id=box_id,
                type="text",
                placeholder=t("group.find_people"),
                auto_complete="off",
                max_length=200,
                on_change=PickState.find.debounce(200),
                aria_describedby=f"{box_id}-fault",
            ),
            class_name="picks",
        ),
        rx.el.div(
            rx.cond(
                fault["code"],
                rx.el.span(
                    icon("circle-alert"),
                    refusal_words(code=fault["code"], params=fault["params"]),
                    class_name="hint err",
                ),
            ),
            id=f"{box_id}-fault",
            role="alert",
        ),
        rx.cond(
            PickState.text != "",
            rx.el.div(
                rx.cond(
                    PickState.found,
                    rx.foreach(PickState.found, lambda person: _found(person, box_id)),
                    rx.el.p(t("main.nobody_found", text=PickState.text), class_name="mut none", role="status"),
                ),
                class_name="found",
            ),
        ),
        class_name="f",
    )


def _chip(person: rx.Var[FoundPerson], box_id: str) -> rx.Component:
    return rx.el.button(
        avatar(person.face.hue, person.face.initials, person.face.picture, "z20"),
        rx.el.span(person.name, class_name="cut", dir="auto"),
        icon("x", 14),
        type="button",
        class_name="chip",
        key=person.user_id,
        aria_label=t("group.unpick", name=person.name),
        on_click=[PickState.drop(person.user_id), call("group", "clearBox", f'"{box_id}"')],
    )


def _found(person: rx.Var[FoundPerson], box_id: str) -> rx.Component:
    return rx.el.button(
        avatar(person.face.hue, person.face.initials, person.face.picture, "z36"),
        rx.el.span(
            rx.el.b(person.name, class_name="cut", dir="auto"),
            rx.el.span("@", person.username, class_name="dim cut"),
            class_name="grow",
        ),
        rx.cond(PickState.ids.contains(person.user_id), icon("check", 18, "tk")),
        type="button",
        class_name="ur",
        key=person.user_id,
        on_click=[PickState.pick(person.user_id), call("group", "clearBox", f'"{box_id}"')],
    )
