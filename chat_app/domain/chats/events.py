"""What happened in the chats."""

from dataclasses import dataclass
from typing import ClassVar

from chat_app.domain.common.events import Duty, Event
from chat_app.domain.common.ids import ChatId, UserId


@dataclass(frozen=True)
class ChatMoved(Event):
    """The chat has reached revision `rev`: something was said in it, or changed."""

    chat_id: ChatId
    rev: int


@dataclass(frozen=True)
class MembersJoined(Event):
    """These people have a seat in the chat from now on."""

    chat_id: ChatId
    people: tuple[UserId, ...]


@dataclass(frozen=True)
class MembersLeft(Event):
    """These people have none any more. `why`: left, excluded, banned, deleted (the group), closed (their account)."""

    chat_id: ChatId
    people: tuple[UserId, ...]
    why: str


@dataclass(frozen=True)
class GroupChanged(Event):
    """Title, description, picture, settings, roles, members or links of a group are others now."""

    chat_id: ChatId


@dataclass(frozen=True)
class ReadMoved(Event):
    """A person has read up to and including message `seq`."""

    chat_id: ChatId
    person: UserId
    seq: int
    told: bool = True
    """Others may see it, not only the person's own tabs."""


@dataclass(frozen=True)
class ListingChanged(Event):
    """A person muted, pinned or archived a chat of theirs: their own tabs show it otherwise now."""

    chat_id: ChatId
    person: UserId


@dataclass(frozen=True)
class EraseChat(Duty):
    """Erase a chat that nobody has a seat in any more, with all that was said and sent in it."""

    kind: ClassVar[str] = "erase_chat"
    chat_id: str
    """Not its row: SQLite gives the number of a deleted one to the next, and a duty may be done twice."""
