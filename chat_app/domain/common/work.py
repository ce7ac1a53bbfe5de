"""What an action or a query works with: a session, the actor, the time, chance, and a way to tell.

Domain code is synchronous, takes this first, and never commits: `infrastructure/unit_of_work.py` does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal, NoReturn, TypeVar

from sqlalchemy import Connection
from sqlmodel import Session

from chat_app.domain.common.errors import NotSignedIn, Refusal
from chat_app.domain.common.events import Duty, Event
from chat_app.domain.common.ids import Row, UserId
from chat_app.domain.common.ports import Clock, Dice, Seal


@dataclass(frozen=True)
class Person:
    """Somebody signed in, as the session found them."""

    row: Row
    user_id: UserId
    session: Row
    confirmed: bool
    """Both email and phone are confirmed (as far as the settings require them)."""
    language: str = "ru"
    address: str = ""


@dataclass(frozen=True)
class Visitor:
    """Nobody we know, calling from `address` (an IP, for limits only)."""

    address: str = ""
    language: str = "ru"


@dataclass(frozen=True)
class System:
    """The server itself: jobs, the hub, the command line."""


SYSTEM = System()
Actor = Person | Visitor | System


class Who(Enum):
    """Who may come through a door."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    CONFIRMED = "confirmed"
    SYSTEM = "system"


def limit_key(address: str) -> str:
    """What an IP address is counted by: itself, or of IPv6 the network of 64 bits, which is one household's or one
    server's to choose addresses from."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or ip_network((ip, 64), strict=False))
    return str(ip)


@dataclass(frozen=True)
class Rate:
    """`burst` at once, then `per_second`; counted for each actor (a person, or a visitor's address)."""

    name: str
    per_second: float
    burst: int


@dataclass(frozen=True)
class Door:
    """Who may call an action or a query, and how often. Without one: confirmed people, unlimited."""

    who: Who = Who.CONFIRMED
    rate: Rate | None = None
    quick: bool = False
    """A query that indexes answer in less time than the way into a thread and back takes. It must read columns over
    `Reader.connection` and make no objects of rows."""


Act = TypeVar("Act", bound=Callable[..., object])
DEFAULT_DOOR = Door()


def door(who: Who = Who.CONFIRMED, rate: Rate | None = None, *, quick: bool = False) -> Callable[[Act], Act]:
    """Say who may call what follows, and how it is. Undecorated, it is open to confirmed people only."""

    def hang(act: Act) -> Act:
        act.__dict__["door"] = Door(who, rate, quick)
        return act

    return hang


class Remembered(Exception):
    """Carries a refusal out of an action whose writes are kept."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


@dataclass
class Reader:
    """What a query may use. Its session cannot write."""

    session: Session
    actor: Actor
    clock: Clock

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def connection(self) -> Connection:
        """Below the session: what is read here stays rows, none becomes an object."""
        return self.session.connection()

    @property
    def me(self) -> Person:
        """The person asking. Refused: `NotSignedIn`."""
        if not isinstance(self.actor, Person):
            raise NotSignedIn
        return self.actor

    @property
    def engine(self) -> Literal["sqlite", "postgresql"]:
        return self.session.get_bind().dialect.name  # pyright: ignore[reportReturnType]  # the two we support


@dataclass
class Work(Reader):
    """What an action may use besides: chance, the seal, and what is to be told or done after the commit."""

    dice: Dice
    seal: Seal
    told: list[Event] = field(default_factory=list[Event])
    duties: list[Duty] = field(default_factory=list[Duty])

    def tell(self, event: Event) -> None:
        """Publish `event` once this is committed; dropped if it is undone."""
        self.told.append(event)

    def later(self, duty: Duty) -> None:
        """Have `duty` done after the commit, at least once."""
        self.duties.append(duty)

    def refuse(self, refusal: Refusal) -> NoReturn:
        """Keep what was written, then refuse: for counts that must be remembered. Raising the refusal itself undoes."""
        raise Remembered(refusal)
