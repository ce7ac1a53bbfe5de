"""What happens in one transaction between two statements of another."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from typing import Any

import pytest
from sqlalchemy import event

from chat_app.infrastructure.unit_of_work import Doors

POSTGRES_ONLY = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
"""SQLite has one writer, and nothing happens between its statements."""


def meanwhile(doors: Doors, begins: str, act: Callable[[], Coroutine[Any, Any, object]]) -> list[Future[object]]:
    """Have `act` begin in another transaction after the first statement that `begins` so; it is waited for as long as
    it may take if it need not wait itself."""
    loop, acting = asyncio.get_running_loop(), list[Future[object]]()

    @event.listens_for(doors.database.writer, "after_cursor_execute")
    def interfere(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(begins) and not acting:
            acting.append(asyncio.run_coroutine_threadsafe(act(), loop))
            wait(acting, timeout=0.5)

    return acting
