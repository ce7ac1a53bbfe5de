"""Whether this process can serve, and whether mail and SMS go out: for whoever watches over it."""

from datetime import UTC, datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chat_app.api.problems import problem
from chat_app.domain.common.channels import ChannelView, channels
from chat_app.domain.common.work import SYSTEM, Reader
from chat_app.infrastructure.unit_of_work import the_doors

router = APIRouter()

STEP = 10
"""Counts are told in steps. While a gateway is down, every code that cannot be sent would move an exact count, and to a
phone that is already somebody's no code is sent: a stranger could ask, by signing up, whether it is."""


class ChannelHealth(BaseModel):
    """How mail or SMS is. `waiting` messages are tried again, `dead` ones were given up."""

    state: str
    failing_since: str | None
    waiting_at_least: int
    dead_at_least: int


class Health(BaseModel):
    """`waiting` is how many writes wait for the database."""

    status: str
    waiting: int
    mail: ChannelHealth
    sms: ChannelHealth


@router.get("/healthz", response_model=None)
async def healthz() -> Health | Response:
    """503 when the database cannot be reached; a mail server or gateway that is down is told, and stays 200."""
    doors = the_doors()
    try:
        await doors.ask(SYSTEM, reachable)
        each = await doors.ask(SYSTEM, channels)
    except SQLAlchemyError:
        return problem(503, "database_unreachable")
    return Health(status="ok", waiting=doors.waiting, mail=_health(each["mail"]), sms=_health(each["sms"]))


def reachable(reader: Reader) -> None:
    """Nothing, if the database answers."""
    reader.session.connection().execute(text("SELECT 1"))


def _health(channel: ChannelView) -> ChannelHealth:
    return ChannelHealth(
        state="failing" if channel.failing_since else "ok",
        failing_since=_told(channel.failing_since) if channel.failing_since else None,
        waiting_at_least=channel.waiting // STEP * STEP,
        dead_at_least=channel.dead // STEP * STEP,
    )


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
