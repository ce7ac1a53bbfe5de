"""A person or a group as a disc with letters, and over them a picture where there is one."""

import reflex as rx

from chat_app.components.backend import AsksBackend, backend_source
from chat_app.components.words import t

# until then, and for good where it cannot be had, the letters are seen
UNCOVER = """(event) => event.currentTarget.classList.add("there")"""


class Picture(AsksBackend, rx.el.Img):
    """An image that the backend has."""


def avatar(
    hue: rx.Var[int],
    initials: rx.Var[str],
    picture: rx.Var[str],
    *classes: str,
    square: rx.Var[bool] | bool = False,
) -> rx.Component:
    """See `realtime/faces.py` for where the first three come from. A group's is square, a person's round."""
    return rx.el.span(
        initials,
        rx.cond(picture != "", _picture(name=picture)),
        class_name=rx.cond(square, " ".join(["av", "sq", *classes]), " ".join(["av", *classes])),
        style={"--h": hue.to_string()},
        aria_hidden=True,
    )


# of its own, so that a row without one need not find out where the backend is
@rx.memo
def _picture(name: rx.Var[str]) -> rx.Component:
    return Picture.create(
        src=backend_source("/avatars/" + name),
        alt="",
        loading="lazy",
        draggable=False,
        # another picture is uncovered anew
        key=name,
        custom_attrs={"onLoad": rx.Var(UNCOVER)},
    )


def titled(title: rx.Var[str]) -> rx.Var[str]:
    """A chat's title; that of a direct chat is empty once the other one is gone."""
    return rx.cond(title != "", title, t("chat.deleted_account"))
