"""The one thread that writes to SQLite: it drains a bounded queue and commits in groups.

Each action has its own savepoint, so one that fails undoes only itself. Nobody is told "done" before the whole group
is on disk. Many writers taking turns at the file lock were measured to wait up to 4 seconds; one writer never waits.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from chat_app.domain.common.errors import Busy

log = logging.getLogger(__name__)
T = TypeVar("T")

GROUP_SIZE = 50
GROUP_SECONDS = 0.005


@dataclass
class Order:
    """One action waiting to be run, and whom to tell."""

    act: Callable[[Session], Any]
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Runs actions one after another in its own thread. Starts with the first, stops with `close`."""

    def __init__(self, engine: Engine, waiting: int) -> None:
        self._engine = engine
        self._waiting = waiting
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """Actions in the queue, not counting those being run."""
        return self._orders.qsize()

    async def run(self, act: Callable[[Session], T]) -> T:
        """`act`'s result, once it is on disk. Refused: `Busy` when too many wait already."""
        if self._orders.qsize() >= self._waiting:
            raise Busy
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._orders.put(Order(act, loop, answer))
        # whoever stops waiting does not stop the write: its answer is then nobody's
        return await asyncio.shield(answer)

    def close(self) -> None:
        """Finish what waits, then stop."""
        if self._thread is not None:
            self._orders.put(None)
            self._thread.join()
            self._thread = None

    def _serve(self) -> None:
        while (first := self._orders.get()) is not None:
            group = [first]
            stop = False
            try:
                with self._engine.begin() as connection:
                    deadline = time.monotonic() + GROUP_SECONDS
                    self._attempt(first, connection)
                    while len(group) < GROUP_SIZE and time.monotonic() < deadline and not self._orders.empty():
                        order = self._orders.get()
                        if order is None:
                            stop = True
                            break
                        group.append(order)
                        self._attempt(order, connection)
            except BaseException as error:
                log.exception("a group of %d writes failed", len(group))
                for order in group:
                    order.error = error
            self._answer(group)
            if stop:
                return

    @staticmethod
    def _attempt(order: Order, connection: Any) -> None:
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            try:
                order.result = order.act(session)
                session.commit()
            except Exception as error:
                session.rollback()
                order.error = error

    @staticmethod
    def _answer(group: list[Order]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, deque[Order]] = {}
        for order in group:
            by_loop.setdefault(order.loop, deque()).append(order)
        for loop, orders in by_loop.items():
            try:
                loop.call_soon_threadsafe(_settle, orders)
            except RuntimeError:
                # the loop is closed: nobody waits any more, the writes stand
                log.warning("%d writes finished after their loop had closed", len(orders))


def _settle(orders: deque[Order]) -> None:
    for order in orders:
        if order.answer.done():
            continue
        if order.error is None:
            order.answer.set_result(order.result)
        else:
            order.answer.set_exception(order.error)
