"""The link to everything that is known of me."""

import reflex as rx

from chat_app.components.backend import AsksBackend, backend_url
from chat_app.components.icons import icon
from chat_app.components.words import t


class BackendLink(AsksBackend, rx.el.A):
    """An anchor that leads to the backend, wherever the pages come from."""


def export_link(path: str) -> rx.Component:
    """Downloads what the backend answers at `path`."""
    return BackendLink.create(
        icon("download", 16),
        t("settings.export_submit"),
        class_name="btn s line",
        custom_attrs={"href": backend_url(path), "download": True},
    )
