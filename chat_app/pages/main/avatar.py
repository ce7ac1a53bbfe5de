"""A person or a group as a disc with letters."""

import reflex as rx

from chat_app.components.words import t


def avatar(hue: rx.Var[int], initials: rx.Var[str], *classes: str, square: rx.Var[bool] | bool = False) -> rx.Component:
    """See `realtime/faces.py` for where hue and letters come from. A group's is square, a person's round."""
    return rx.el.span(
        initials,
        class_name=rx.cond(square, " ".join(["av", "sq", *classes]), " ".join(["av", *classes])),
        style={"--h": hue.to_string()},
        aria_hidden=True,
    )


def titled(title: rx.Var[str]) -> rx.Var[str]:
    """A chat's title; that of a direct chat is empty once the other one is gone."""
    return rx.cond(title != "", title, t("chat.deleted_account"))
