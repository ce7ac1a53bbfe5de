"""Duties that wait to be done, as rows: written with what caused them, leased to one worker, done at least once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Index, Text, text
from sqlmodel import Field, SQLModel, col, delete, select

from chat_app.domain.common.ids import Row
from chat_app.domain.common.tables import NUMBERED_ONCE, Moment, RowNumber
from chat_app.domain.common.work import Who, Work, door

MOST_TRIES = 12
"""With the waits of `next_try` about five hours; then somebody must look."""

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
DEAD_KEPT = timedelta(days=30)


class Job(SQLModel, table=True):
    """One duty. Deleted when done; kept with `dead_at` when it could not be."""

    __tablename__ = "jobs"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = (
        Index(
            "ix_jobs_waiting", "run_at", postgresql_where=text("dead_at IS NULL"), sqlite_where=text("dead_at IS NULL")
        ),
        Index(
            "ix_jobs_failed_channel",
            "failed_channel",
            "dead_at",
            postgresql_where=text("failed_channel IS NOT NULL"),
            sqlite_where=text("failed_channel IS NOT NULL"),
        ),
        NUMBERED_ONCE,
    )

    id: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    kind: str
    payload: str = Field(sa_column=Column(Text, nullable=False))
    """The duty's fields, as JSON."""
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    run_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    """When it may be tried next; while leased, when the lease ends."""
    tries: int = 0
    dead_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    failed_channel: str | None = None
    """`mail` or `sms`, when it was that which failed at the last try."""


@dataclass(frozen=True)
class Leased:
    """A job that is ours to do until its lease ends."""

    row: Row
    kind: str
    payload: str
    tries: int
    """This one included."""


@door(Who.SYSTEM)
def lease_jobs(work: Work, kinds: Sequence[str], *, most: int, lease: timedelta) -> list[Leased]:
    """Up to `most` jobs that are due, nobody else's for as long as `lease`."""
    waiting = (
        select(Job)
        .where(col(Job.dead_at).is_(None), col(Job.run_at) <= work.now, col(Job.kind).in_(kinds))
        .order_by(col(Job.run_at))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    leased: list[Leased] = []
    for job in work.session.exec(waiting):
        job.run_at = work.now + lease
        job.tries += 1
        work.session.add(job)
        leased.append(Leased(Row(job.id or 0), job.kind, job.payload, job.tries))
    return leased


@door(Who.SYSTEM)
def finish_job(work: Work, row: Row) -> None:
    """It is done."""
    if job := work.session.get(Job, row):
        work.session.delete(job)


@door(Who.SYSTEM)
def postpone_job(work: Work, row: Row, *, wait: timedelta, channel: str | None = None) -> bool:
    """It failed, because of `channel` if one is named: try again after `wait`.

    False when it has been tried often enough, and never will be again.
    """
    job = work.session.get(Job, row)
    if job is None:
        return True
    job.run_at = work.now + wait
    job.failed_channel = channel
    if job.tries >= MOST_TRIES:
        job.dead_at = work.now
    work.session.add(job)
    return job.dead_at is None


@door(Who.SYSTEM)
def erase_dead_jobs(work: Work) -> None:
    """Erase duties that were given up a month ago: they may name people who have left."""
    work.session.exec(delete(Job).where(col(Job.dead_at) < work.now - DEAD_KEPT))


def next_try(tries: int, chance: float) -> timedelta:
    """How long to wait after `tries` failures: doubling, spread by `chance` (0 to 1) so that not all come at once."""
    wait = min(FIRST_WAIT * 2 ** min(tries - 1, 20), LONGEST_WAIT)
    return wait * (0.5 + chance / 2)
