"""Every change of messages, by subject: saying, erasing, what is attached."""

from chat_app.domain.messages.actions.attachments import (
    NewFile,
    erase_unsent,
    register_attachment,
)
from chat_app.domain.messages.actions.erasing import erase_messages
from chat_app.domain.messages.actions.sending import Sent, send_message

__all__ = [
    "NewFile",
    "Sent",
    "erase_messages",
    "erase_unsent",
    "register_attachment",
    "send_message",
]
