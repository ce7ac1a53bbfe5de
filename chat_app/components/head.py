"""What every page has in its head: styles, icon, manifest, and the language before the first paint."""

import reflex as rx

from chat_app.components.words import LANGUAGES

STYLESHEETS = [
    f"/styles/{name}.css"
    for name in (
        "tokens",
        "base",
        "icons",
        "controls",
        "auth",
        "dialog",
        "sidebar",
        "conversation",
        "group",
        "talk",
        "attachments",
        "settings",
        "states",
        "listing",
        "search",
    )
]
"""For `rx.App(stylesheets=…)`."""

DEFAULT_LANGUAGE = LANGUAGES[0]

# A page is built in the first language. A reader of another sees nothing until words.js has said its own, which is a
# moment; `base.css` ends the waiting after three seconds should a script have failed.
EARLY_LANGUAGE = f"""
const chosen = /(?:^|;\\s*)lang=({"|".join(LANGUAGES)})/.exec(document.cookie)?.[1];
if (chosen && chosen !== "{DEFAULT_LANGUAGE}") {{
  document.documentElement.lang = chosen;
  document.documentElement.classList.add("words-wait");
}}
"""


def head_components() -> list[rx.Component]:
    """For `rx.App(head_components=…)`, with `html_lang=DEFAULT_LANGUAGE`."""
    return [
        rx.el.script(EARLY_LANGUAGE),
        rx.el.meta(name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"),
        rx.el.meta(name="color-scheme", content="dark light"),
        rx.el.meta(name="theme-color", content="#0b0c0e"),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.link(rel="manifest", href="/manifest.webmanifest"),
        _font("inter-cyr"),
        _font("inter-lat"),
    ]


def _font(name: str) -> rx.Component:
    preload = {"as": "font", "crossOrigin": "anonymous"}
    return rx.el.link(rel="preload", href=f"/fonts/{name}.woff2", type="font/woff2", custom_attrs=preload)
