"""What processes tell each other of who is here and who types. Nothing of it is stored, and all of it may be lost."""

from dataclasses import dataclass

from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ChatId, UserId


@dataclass(frozen=True)
class Typing(Event):
    """Somebody types in a chat. `name` rides along, so that nobody need look it up for every few letters."""

    chat_id: ChatId
    person: UserId
    name: str


@dataclass(frozen=True)
class PeopleCame(Event):
    """These people, who let it be seen, have a tab in this process now."""

    process: str
    people: tuple[UserId, ...]


@dataclass(frozen=True)
class PeopleWent(Event):
    """These have none in it any more; `at` in milliseconds since 1970, 0 for those who do not let it be seen now."""

    process: str
    people: tuple[UserId, ...]
    at: int


@dataclass(frozen=True)
class ProcessLives(Event):
    """A process is there, and `digest` is of those who are in it."""

    process: str
    digest: int


@dataclass(frozen=True)
class PeopleAsked(Event):
    """A process wants to know who is in another; in all of them where `of` is empty."""

    process: str
    of: str


@dataclass(frozen=True)
class PeopleHere(Event):
    """All who are in a process and let it be seen."""

    process: str
    people: tuple[UserId, ...]
