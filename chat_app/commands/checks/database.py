"""The database, and what its rows tell: failing mail and SMS, jobs given up, a clock that went back."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import func as sql
from sqlalchemy import select as columns
from sqlmodel import col

from chat_app.commands.findings import Finding, fault, of, warning, well
from chat_app.domain.common.channels import ChannelView, channels
from chat_app.domain.common.jobs import Job
from chat_app.domain.common.work import SYSTEM, Reader, Who, door
from chat_app.domain.messages.tables import Message
from chat_app.domain.users.tables import SignIn, User
from chat_app.infrastructure import secret_file
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal, SystemClock, SystemDice
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.database_state import sqlite_damage, tables_at_hand, write_ahead
from chat_app.infrastructure.faults import Fault
from chat_app.infrastructure.rate_limits import NoLimits
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.settings import Settings

T = TypeVar("T")

AHEAD = timedelta(minutes=1)
"""How far several machines' clocks may be apart."""

SHOWS_WHY = {
    "mail": "python -m chat_app send-test-mail EMAIL shows why",
    "sms": "the log says with what the gateway answers, and its manual what that means",
}


@dataclass(frozen=True)
class Inside:
    """What the rows tell."""

    channels: dict[str, ChannelView]
    dead: dict[str, int]
    """Jobs given up, by their kind."""
    newest: datetime | None
    """When anything was written last."""


def database(settings: Settings) -> Iterator[Finding]:
    about, url = "database", settings.database_url
    embedded = url.startswith("sqlite")
    if embedded and not settings.data_dir.is_dir():
        return  # told already
    try:
        if embedded:
            # before anything is read of it: what damage makes of that is anybody's guess
            sqlite_damage(url)
        revision = tables_at_hand(url)
        if embedded:
            write_ahead(url)
    except Fault as told:
        yield of(about, told)
        return
    yield well(about, f"its tables are the newest ({revision})" + (", all of it can be read" if embedded else ""))
    inside = asyncio.run(_asked(settings, what_rows_tell))
    yield from _ways_out(inside)
    yield from _given_up(inside)
    yield _clock(inside)


def lost_secret(settings: Settings) -> Iterator[Finding]:
    """One that was made at the first start, and is not there any more."""
    about, path = "secret", settings.data_dir / secret_file.FILE
    if settings.secret or path.exists() or not settings.data_dir.is_dir():
        return
    try:
        tables_at_hand(settings.database_url)
    except Fault:
        return  # told already
    if asyncio.run(_asked(settings, anybody)):
        to_do = "put it back from a backup: without it nobody's password fits"
        yield fault(about, f"there are accounts, and {path} is missing", to_do)
    else:
        yield well(about, f"it will be made at the first start, in {path}")


async def _asked(settings: Settings, query: Callable[[Reader], T]) -> T:
    doors = Doors(
        open_database(settings.database_url),
        clock=SystemClock(),
        dice=SystemDice(),
        seal=KeyedSeal(b""),  # nothing is derived by looking
        limiter=NoLimits(),
        bus=LocalBus(),
    )
    try:
        return await doors.ask(SYSTEM, query)
    finally:
        doors.close()


@door(Who.SYSTEM)
def anybody(reader: Reader) -> bool:
    """Whether there are accounts."""
    return reader.connection.execute(columns(col(User.id)).limit(1)).first() is not None


@door(Who.SYSTEM)
def what_rows_tell(reader: Reader) -> Inside:
    """How the work that waits is, and when anything was written last."""
    return Inside(channels(reader), _dead_jobs(reader), _newest_moment(reader))


def _dead_jobs(reader: Reader) -> dict[str, int]:
    dead = columns(col(Job.kind), sql.count()).where(col(Job.dead_at).is_not(None)).group_by(col(Job.kind))
    return dict(reader.connection.execute(dead).all())


def _newest_moment(reader: Reader) -> datetime | None:
    # the rows that came last: all of a table would take long to look through
    last = (
        columns(moment).order_by(row.desc()).limit(1)
        for moment, row in (
            (col(User.created_at), col(User.id)),
            (col(SignIn.created_at), col(SignIn.id)),
            (col(Message.sent_at), col(Message.id)),
            (col(Job.created_at), col(Job.id)),
        )
    )
    return max(filter(None, (reader.connection.execute(query).scalar() for query in last)), default=None)


def _ways_out(inside: Inside) -> Iterator[Finding]:
    for name, channel in sorted(inside.channels.items()):
        about = f"{name} queue"
        if channel.failing_since is None:
            yield well(about, f"what was sent last went out; {channel.waiting} wait")
        else:
            since = channel.failing_since.astimezone(UTC).isoformat(timespec="seconds")
            what = f"fails since {since}; {channel.waiting} wait, {channel.dead} were given up"
            yield fault(about, what, SHOWS_WHY[name])


def _given_up(inside: Inside) -> Iterator[Finding]:
    if inside.dead:
        what = ", ".join(f"{count} of {kind}" for kind, count in sorted(inside.dead.items()))
        yield warning("jobs", f"given up: {what}", "nothing will try them again; whoever missed a code can ask for one")
    else:
        yield well("jobs", "none was given up")


def _clock(inside: Inside) -> Finding:
    now = SystemClock().now()
    if inside.newest is None or inside.newest < now + AHEAD:
        return well("clock", f"{now:%Y-%m-%d %H:%M} UTC")
    what = f"it is {now:%Y-%m-%d %H:%M} UTC here, and the newest row is of {inside.newest:%Y-%m-%d %H:%M}"
    return fault("clock", what, "set the clock of this machine, and keep it right: timedatectl set-ntp true")
