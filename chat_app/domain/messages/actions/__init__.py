"""Every change of messages, by subject: saying, attaching, editing, erasing, reacting, pinning, forwarding."""

from chat_app.domain.messages.actions.attachments import NewFile, erase_unsent, register_attachment
from chat_app.domain.messages.actions.editing import edit_message
from chat_app.domain.messages.actions.erasing import erase_chat, erase_message, erase_messages
from chat_app.domain.messages.actions.forwarding import Forwarded, forward_messages
from chat_app.domain.messages.actions.pinning import pin_message, unpin_message
from chat_app.domain.messages.actions.reacting import react, unreact
from chat_app.domain.messages.actions.sending import Sent, send_message

__all__ = [
    "Forwarded",
    "NewFile",
    "Sent",
    "edit_message",
    "erase_chat",
    "erase_message",
    "erase_messages",
    "erase_unsent",
    "forward_messages",
    "pin_message",
    "react",
    "register_attachment",
    "send_message",
    "unpin_message",
    "unreact",
]
