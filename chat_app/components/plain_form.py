"""A form that the browser posts by itself, for passwords: those never travel through Reflex's events."""

from typing import Any

import reflex as rx

from chat_app.components.backend import AsksBackend, backend_url


class PlainForm(AsksBackend, rx.el.Div):
    """`rx.el.form` prevents the browser's own submit; this is a `div` by class and a `form` by tag, and does not."""

    tag = "form"


def plain_form(
    *children: rx.Component, path: str, kind: str = "application/x-www-form-urlencoded", **props: Any
) -> rx.Component:
    """A form posted to the backend's `path` by the browser itself; `kind` is how what it holds is written."""
    attributes = {"action": backend_url(path), "method": "post", "acceptCharset": "utf-8", "encType": kind}
    return PlainForm.create(*children, custom_attrs=attributes, **props)
