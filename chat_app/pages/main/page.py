"""The main page: the list on the canvas, the open chat on its sheet. The same for `/` and for `/chat/<id>`."""

import reflex as rx

from chat_app.components.notices import notices
from chat_app.pages.main.conversation import conversation
from chat_app.pages.main.live import live, open_chat
from chat_app.pages.main.sidebar import sidebar
from chat_app.pages.main.state import MainState
from chat_app.pages.main.verify import verify_dialog
from chat_app.pages.main.verify_state import VerifyState


def main_page() -> rx.Component:
    """List and conversation side by side; on a phone one of them."""
    chat = open_chat()
    return rx.fragment(
        rx.el.div(
            sidebar(),
            conversation(),
            live(),
            class_name="app",
            data_show=rx.cond(chat.chat_id != "", "chat", "list"),
        ),
        verify_dialog(),
        # what was closed is open from this moment
        rx.cond(VerifyState.step == "done", rx.el.div(on_mount=MainState.on_load, hidden=True)),
        notices(),
    )
