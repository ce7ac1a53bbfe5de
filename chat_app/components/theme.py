"""Dark by default, light on request; remembered by the browser, set before the first paint by Reflex's own script."""

import reflex as rx
from reflex.style import set_color_mode

from chat_app.components.icons import icon
from chat_app.components.words import t


def theme_button() -> rx.Component:
    """Turns dark into light and back. The class on <html> says which of its two faces is seen."""
    return rx.fragment(
        rx.el.button(
            icon("sun", 16), t("auth.to_light"), type="button", class_name="to-dark", on_click=set_color_mode("light")
        ),
        rx.el.button(
            icon("moon", 16), t("auth.to_dark"), type="button", class_name="to-light", on_click=set_color_mode("dark")
        ),
    )
