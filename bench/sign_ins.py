"""A process full of people who sign in: `python -m bench.sign_ins`, started by `live.py` beside the load.

It reads its orders, one JSON object, from stdin and answers `ready`; with the next line it begins, with the one after
that it stops and answers `signed_in`, the figures. Each of `at_once` people posts the form with the right password and
waits for the answer; then somebody else takes the place (closed loop).
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

import uvloop

from bench.load import milliseconds, percentile, tell
from bench.seeding import PASSWORD, Town

BUSY_SECONDS = 3.0
"""What is refused because too many wait is tried again after this long, as the answer asks."""


@dataclass(frozen=True)
class SignInOrders:
    """What `live.py` wants of this process."""

    town: Town
    port: int
    at_once: int

    @classmethod
    def read(cls, line: str) -> "SignInOrders":
        given = json.loads(line)
        return cls(**given | {"town": Town(**given["town"])})

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


class Queue:
    """Those who sign in, and how it went."""

    def __init__(self, orders: SignInOrders) -> None:
        self.orders = orders
        self.busy = 0
        self.seconds: list[float] = []
        """How long each took that was let in."""

    async def keep_signing_in(self) -> None:
        """Until it is cancelled. Raises RuntimeError when an answer is neither "in" nor "busy"."""
        people = cycle(range(self.orders.town.people))
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self.orders.at_once):
                tasks.create_task(self._sign_in(people))

    async def _sign_in(self, people: Iterator[int]) -> None:
        for person in people:
            began = time.perf_counter()
            head = await self._post(self.orders.town.email(person))
            if "set-cookie: sid=" in head:
                self.seconds.append(time.perf_counter() - began)
            elif "location: /signin" in head:
                # with the right password, and limits lifted, nothing else is refused
                self.busy += 1
                await asyncio.sleep(BUSY_SECONDS)
            else:
                raise RuntimeError(f"a sign-in was answered: {head}")

    async def _post(self, login: str) -> str:
        """The head of the answer. Each comes over a connection of its own, as people do."""
        host = f"127.0.0.1:{self.orders.port}"
        body = urlencode({"login": login, "password": PASSWORD})
        reader, writer = await asyncio.open_connection("127.0.0.1", self.orders.port)
        try:
            writer.write(
                f"POST /session/signin HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUser-Agent: bench\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
                f"Connection: close\r\n\r\n{body}".encode()
            )
            return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        finally:
            writer.close()

    def figures(self, stretch: float) -> dict[str, Any]:
        """What came of `stretch` seconds."""
        seconds = sorted(self.seconds)
        return {
            "signins": len(seconds),
            "signins_per_s": round(len(seconds) / stretch, 1),
            "signins_busy": self.busy,
            "signin_p50_ms": milliseconds(percentile(seconds, 0.50)),
            "signin_p99_ms": milliseconds(percentile(seconds, 0.99)),
        }


async def run(orders: SignInOrders) -> None:
    queue = Queue(orders)
    tell("ready")
    await asyncio.to_thread(sys.stdin.readline)
    began = time.perf_counter()
    signing_in = asyncio.create_task(queue.keep_signing_in())
    stop = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    await asyncio.wait({signing_in, stop}, return_when=asyncio.FIRST_COMPLETED)
    if signing_in.done():
        await signing_in
    tell("signed_in", **queue.figures(time.perf_counter() - began))
    # whoever started this process ends it


if __name__ == "__main__":
    uvloop.run(run(SignInOrders.read(sys.stdin.readline())))
