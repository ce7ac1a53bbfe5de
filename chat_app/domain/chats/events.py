"""What happened in the chats."""

from dataclasses import dataclass

from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ChatId, UserId


@dataclass(frozen=True)
class MembersJoined(Event):
    """These people have a seat in the chat from now on."""

    chat_id: ChatId
    people: tuple[UserId, ...]


@dataclass(frozen=True)
class ReadMoved(Event):
    """A person has read up to and including message `seq`."""

    chat_id: ChatId
    person: UserId
    seq: int
    told: bool = True
    """Others may see it, not only the person's own tabs."""
