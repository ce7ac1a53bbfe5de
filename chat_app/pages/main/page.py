"""The main page: the list on the canvas, the open chat on its sheet. The same for `/` and for `/chat/<id>`."""

import reflex as rx

from chat_app.components.notices import notices
from chat_app.pages.main.attachments import picture_viewer
from chat_app.pages.main.card import card_dialog
from chat_app.pages.main.conversation import conversation
from chat_app.pages.main.group_dialogs import group_dialogs
from chat_app.pages.main.live import live, open_chat, settled
from chat_app.pages.main.media import media_dialog, pins_dialog
from chat_app.pages.main.overlays import overlays
from chat_app.pages.main.search import search_dialog
from chat_app.pages.main.sidebar import sidebar
from chat_app.pages.main.state import MainState
from chat_app.pages.main.talk import talk_popups
from chat_app.pages.main.verify import verify_dialog
from chat_app.pages.main.verify_state import VerifyState


def main_page() -> rx.Component:
    """The list, with no chat open."""
    return _main_page(opening=False)


def chat_page() -> rx.Component:
    """The list with the chat that the address names."""
    return _main_page(opening=True)


def _main_page(*, opening: bool) -> rx.Component:
    """List and conversation side by side; on a phone one of them. `opening`: a chat is about to be shown."""
    in_chat = (open_chat().chat_id != "") | ~settled() if opening else open_chat().chat_id != ""
    return rx.fragment(
        rx.el.div(
            sidebar(),
            conversation(opening=opening),
            live(),
            class_name="app",
            data_show=rx.cond(in_chat, "chat", "list"),
        ),
        overlays(),
        search_dialog(),
        verify_dialog(),
        card_dialog(),
        group_dialogs(),
        media_dialog(),
        pins_dialog(),
        talk_popups(),
        picture_viewer(),
        # what was closed is open from this moment
        rx.cond(VerifyState.step == "done", rx.el.div(on_mount=MainState.on_load, hidden=True)),
        notices(),
    )
