"""Icons: masks of `assets/styles/icons.css`, in the colour of the text around."""

from typing import Literal

import reflex as rx

IconSize = Literal[14, 16, 18, 20, 24]


def icon(name: str, size: IconSize = 20, look: str = "") -> rx.Component:
    """The icon of that name, `size` pixels wide. Always decoration: the name of a button is its own to give."""
    classes = ["i", f"i-{name}", *([] if size == 20 else [f"s{size}"]), *look.split()]
    return rx.el.i(class_name=" ".join(classes), aria_hidden="true")
