"""What stands in the place of chats and messages while the first of them load. Nothing of it shows within 200 ms."""

import reflex as rx

from chat_app.components.words import t

CHATS = ((52, 78), (38, 64), (46, 82), (60, 52), (34, 70), (50, 60), (42, 80), (56, 66))
"""How wide the name and the last words of each chat are, in per cent."""

BUBBLES = (("in", 300, 38), ("in", 220, 38), ("out", 340, 60), ("in", 392, 196), ("out", 240, 38), ("in", 280, 38))
"""Whose each message is, its width and height in pixels."""


def waiting_chats() -> rx.Component:
    """A list of chats to come."""
    return rx.fragment(
        *(
            rx.el.div(
                rx.el.span(class_name="av sk"),
                rx.el.div(_line(width=f"{name}%"), _line("t", width=f"{words}%"), class_name="grow"),
                class_name="chat",
                aria_hidden=True,
            )
            for name, words in CHATS
        ),
        _said(),
    )


def waiting_conversation() -> rx.Component:
    """A conversation to come, its head included."""
    return rx.fragment(
        rx.el.div(
            rx.el.span(class_name="av sk z40"),
            rx.el.div(_line(width="140px", height="13px"), _line("t", width="90px"), class_name="grow"),
            class_name="head",
            aria_hidden=True,
        ),
        rx.el.div(
            rx.el.div(
                *(
                    rx.el.div(_line("bub", width=f"{width}px", height=f"{height}px"), class_name=f"grp {side}")
                    for side, width, height in BUBBLES
                ),
                class_name="col",
            ),
            class_name="log",
            aria_hidden=True,
        ),
        _said(),
    )


def _line(look: str = "", **size: str) -> rx.Component:
    return rx.el.i(class_name=f"sk {look}".strip(), style=size)


def _said() -> rx.Component:
    return rx.el.span(t("main.loading"), class_name="sr", role="status")
