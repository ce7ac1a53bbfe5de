"""What is told about people, and what must be done for them."""

from dataclasses import dataclass
from typing import ClassVar

from chat_app.domain.common.events import Duty, Event
from chat_app.domain.common.ids import Row


@dataclass(frozen=True)
class SessionsEnded(Event):
    """These sessions (rows) of a person are over; their open sockets must be closed."""

    user_id: str
    sessions: tuple[Row, ...]


@dataclass(frozen=True)
class PersonChanged(Event):
    """What a session says of this person is out of date: confirmed, or speaks another language."""

    user_id: str
    user: Row


@dataclass(frozen=True)
class TellOwner(Duty):
    """Write to the account that proved this email or phone: somebody tried to sign up with it."""

    kind: ClassVar[str] = "tell_owner"
    user: int
    purpose: str
    """`email` or `phone`."""
