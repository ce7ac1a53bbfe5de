"""A form that the browser posts by itself, for passwords: those never travel through Reflex's events."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportVar


class PlainForm(rx.el.Div):
    """`rx.el.form` prevents the browser's own submit; this is a `div` by class and a `form` by tag, and does not.

    `path` is the backend's. Where the backend is, is decided in the browser by the rule the event socket follows, so
    that form and socket never disagree: the page's own origin on one port, the address of `api_url` in development and
    behind a static export. A build cannot know it: the same files are opened as `localhost`, by name and over https.
    """

    tag = "form"
    path: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        return {
            "react": [ImportVar(tag="useEffect"), ImportVar(tag="useState")],
            "$/utils/state": [ImportVar(tag="getBackendURL")],
            "$/env.json": [ImportVar(tag="env", is_default=True)],
        }

    def add_hooks(self) -> list[str]:
        return [
            f"const [formAction, setFormAction] = useState({self.path!s});",
            f"useEffect(() => setFormAction(new URL({self.path!s}, getBackendURL(env.PING)).href), []);",
        ]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "path"]


def plain_form(*children: rx.Component, path: str, **props: Any) -> rx.Component:
    """A form posted to the backend's `path` by the browser itself."""
    attributes = {"action": rx.Var("formAction"), "method": "post", "acceptCharset": "utf-8"}
    return PlainForm.create(*children, path=path, custom_attrs=attributes, **props)
