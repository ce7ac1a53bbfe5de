"""What happened to messages."""

from dataclasses import dataclass

from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ChatId


@dataclass(frozen=True)
class ChatMoved(Event):
    """The chat has reached revision `rev`: something was sent in it, or changed."""

    chat_id: ChatId
    rev: int
