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
class BlockChanged(Event):
    """Somebody blocked somebody, or lifted it: their open chat shows it."""

    blocker: str
    blocked: str


@dataclass(frozen=True)
class ChoicesChanged(Event):
    """Somebody allows others something else, or wants to be told something else."""

    user_id: str
    user: Row
    reading: bool
    """Whether others may see how far they have read is otherwise now."""
    picture: bool = True
    """Whether others may see their picture is."""
    hides: bool | None = None
    """Others may not see any more when they were here, or may again; None where that is as it was."""


@dataclass(frozen=True)
class TellOwner(Duty):
    """Write to the account that proved this email or phone: somebody tried to sign up with it."""

    kind: ClassVar[str] = "tell_owner"
    user: int
    purpose: str
    """`email` or `phone`."""


@dataclass(frozen=True)
class SendReset(Duty):
    """Send the link of this row, if it still opens anything."""

    kind: ClassVar[str] = "send_reset"
    reset: int


@dataclass(frozen=True)
class TellChanged(Duty):
    """Write that an email or phone was changed: to the old address, whoever changed it."""

    kind: ClassVar[str] = "tell_changed"
    user: int
    purpose: str
    """`email` or `phone`."""
    old: str


@dataclass(frozen=True)
class TellPasswordChanged(Duty):
    """Write that the password was changed."""

    kind: ClassVar[str] = "tell_password_changed"
    user: int


@dataclass(frozen=True)
class TellSignIn(Duty):
    """Write that somebody signed in with a browser that was not seen before."""

    kind: ClassVar[str] = "tell_sign_in"
    user: int
    device: str
    address: str
    at: int
    """Seconds since 1970."""


@dataclass(frozen=True)
class TellDeleted(Duty):
    """Write that the account is gone; nothing of it can be looked up any more."""

    kind: ClassVar[str] = "tell_deleted"
    email: str
    username: str
    language: str


@dataclass(frozen=True)
class EraseMessages(Duty):
    """Erase what this account said."""

    kind: ClassVar[str] = "erase_messages"
    user: int
