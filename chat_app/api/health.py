"""Whether this process can serve: for whoever watches over it."""

from fastapi import APIRouter, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chat_app.api.problems import problem
from chat_app.domain.common.work import SYSTEM, Reader
from chat_app.infrastructure.unit_of_work import the_doors

router = APIRouter()


@router.get("/healthz", response_model=None)
async def healthz() -> dict[str, str | int] | Response:
    """`waiting` is how many writes wait for the database. 503 when it cannot be reached."""
    doors = the_doors()
    try:
        await doors.ask(SYSTEM, reachable)
    except SQLAlchemyError:
        return problem(503, "database_unreachable")
    return {"status": "ok", "waiting": doors.waiting}


def reachable(reader: Reader) -> None:
    """Nothing, if the database answers."""
    reader.session.connection().execute(text("SELECT 1"))
