"""The ways out of the house, mail and SMS: whether they work, as far as the last thing sent over each tells."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Column, update
from sqlalchemy import func as sql
from sqlalchemy import select as columns
from sqlmodel import Field, SQLModel, col

from chat_app.domain.common.jobs import Job
from chat_app.domain.common.tables import Moment
from chat_app.domain.common.work import Reader, Who, Work, door

ChannelName = Literal["mail", "sms"]


class Channel(SQLModel, table=True):
    """One way out. The migrations made the rows; there are no others."""

    __tablename__ = "channels"  # pyright: ignore[reportAssignmentType]  # a plain name will do

    name: str = Field(primary_key=True)
    failing_since: datetime | None = Field(default=None, sa_column=Column(Moment))
    """When it first failed after it last worked; None while it works."""


@dataclass(frozen=True)
class ChannelView:
    """How a channel is, and how many jobs its failure has left: those to be tried again and those given up."""

    failing_since: datetime | None
    waiting: int = 0
    dead: int = 0


@door(Who.SYSTEM)
def note_failure(work: Work, name: ChannelName) -> bool:
    """It failed. True for the first to say so since it last worked."""
    first = update(Channel).where(col(Channel.name) == name, col(Channel.failing_since).is_(None))
    return work.connection.execute(first.values(failing_since=work.now)).rowcount > 0


@door(Who.SYSTEM)
def note_success(work: Work, name: ChannelName) -> bool:
    """It worked. True for the first to say so since it began to fail."""
    first = update(Channel).where(col(Channel.name) == name, col(Channel.failing_since).is_not(None))
    return work.connection.execute(first.values(failing_since=None)).rowcount > 0


@door(Who.SYSTEM, quick=True)
def failing_since(reader: Reader, name: ChannelName) -> datetime | None:
    """When it began to fail; None while it works."""
    return reader.connection.execute(FAILING.where(col(Channel.name) == name)).scalar()


@door(Who.SYSTEM, quick=True)
def channels(reader: Reader) -> dict[str, ChannelView]:
    """All of them by name."""
    left = {name: (waiting, dead) for name, waiting, dead in reader.connection.execute(LEFT)}
    return {
        name: ChannelView(since, *left.get(name, (0, 0)))
        for name, since in reader.connection.execute(columns(col(Channel.name), col(Channel.failing_since)))
    }


FAILING = columns(col(Channel.failing_since))
LEFT = (
    columns(
        col(Job.failed_channel),
        sql.count().filter(col(Job.dead_at).is_(None)),
        sql.count(col(Job.dead_at)),
    )
    .where(col(Job.failed_channel).is_not(None))
    .group_by(col(Job.failed_channel))
)
