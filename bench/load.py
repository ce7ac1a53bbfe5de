"""A process full of tabs: `python -m bench.load`, started by `live.py` and killed by it.

It reads its orders, one JSON object, from stdin, and answers in JSON lines: `connected`, then `measured`, then
`saturated` if asked to. Then it holds its sockets until it is killed.

Messages follow a schedule that waits for nobody (open loop): latency runs from the moment a message was *due* to the
moment its parsed form is there at each other member's socket, so a server that stalls cannot slow its own test down.
"""

import asyncio
import gc
import json
import math
import random
import resource
import sys
import time
import uuid
from array import array
from dataclasses import asdict, dataclass
from typing import Any

import uvloop

from bench.seeding import Town
from bench.server import cpu_seconds
from bench.tab import FEED, MAIN_STATE, Pages, Tab, open_tab

BODY = "Something one person says to a few others, as long as most are."
SEND = f"{MAIN_STATE}.send"

AT_ONCE = 1000
"""Tabs that connect at the same time; the next one follows when one is served."""

TRIES = 10
RETRY_SECONDS = 0.2
"""As Reflex's client: a failed attempt waits this long, times the number of failures."""

LATE_SECONDS = 15
"""How long messages still on their way are waited for after the last was due."""

STEP_SECONDS = 20
STEP_RATE = 25
STEP_LIMIT_SECONDS = 1.0


@dataclass(frozen=True)
class Orders:
    """What `live.py` wants of one load process. `rate` 0 sends nothing."""

    town: Town
    pages: Pages
    port: int
    server_pid: int
    rate: float = 0
    seconds: float = 0
    saturate: bool = False
    again: bool = False
    """The tabs were there before: they present the tokens they had, and ask for everything."""

    @classmethod
    def read(cls, line: str) -> "Orders":
        given = json.loads(line)
        return cls(**given | {"town": Town(**given["town"]), "pages": Pages(**given["pages"])})

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


@dataclass(frozen=True)
class Window:
    """What came of the messages due in one stretch of time."""

    sent: int
    expected: int
    delivered: int
    latencies: list[float]
    """Seconds, sorted; one that never came counts with the time it was waited for."""

    def percentile(self, share: float) -> float:
        return percentile(self.latencies, share)


class Crowd:
    """All tabs of this process, and what they heard."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.town = orders.town
        self.tabs: list[CrowdTab] = []
        self.retries = 0
        self.dropped = 0
        self.refused = 0
        self.due = array("d")
        """When each message was due."""
        self.rooms = array("l")
        self.speakers = array("l")
        self.acknowledged = 0
        self.bytes = 0
        """Of updates pushed by messages, whoever received them."""
        self.arrivals = 0
        """First arrivals at any socket, its author's included."""
        self._heard: list[bytearray] = []
        self._messages = array("l")
        self._latencies = array("d")
        self._chance = random.Random(1)
        self._prefix = f"b{uuid.uuid4().hex[:8]}-"

    async def connect(self) -> float:
        """Open every tab; the seconds that took."""
        began = time.perf_counter()
        waiting = iter(range(self.town.people))
        self.tabs = [None] * self.town.people  # pyright: ignore[reportAttributeAccessIssue]  # filled before it returns
        await asyncio.gather(*(self._connect_some(waiting) for _ in range(AT_ONCE)))
        return time.perf_counter() - began

    async def _connect_some(self, waiting: Any) -> None:
        for person in waiting:
            for failures in range(1, TRIES + 1):
                tab = CrowdTab(self, person)
                try:
                    await open_tab(tab, self.orders.port)
                    break
                except (OSError, TimeoutError):
                    if failures == TRIES:
                        raise
                    self.retries += 1
                    await asyncio.sleep(RETRY_SECONDS * failures)
            self.tabs[person] = tab

    async def speak(self, rate: float, seconds: float) -> int:
        """Send `rate` messages a second, by people chosen at random; returns after the last, with its number."""
        first, count = len(self.due), round(rate * seconds)
        began = time.perf_counter()
        for number in range(count):
            due = began + number / rate
            # several may be due at once: nothing is put off, nothing is left out
            if (ahead := due - time.perf_counter()) > 0:
                await asyncio.sleep(ahead)
            self._say(due)
        await asyncio.sleep(max(0.0, began + seconds - time.perf_counter()))
        return first + count

    def _say(self, due: float) -> None:
        number = len(self.due)
        speaker = self._chance.randrange(self.town.people)
        room = self.town.room_of(speaker)
        self.due.append(due)
        self.rooms.append(room)
        self.speakers.append(speaker)
        self._heard.append(bytearray(len(self.town.members(room))))
        message = {"chat_id": self.town.chat_id(room), "client_id": f"{self._prefix}{number}", "body": BODY}
        self.tabs[speaker].send_event(SEND, message)

    def arrived(self, tab: "CrowdTab", update: bytes) -> None:
        """A pushed update is here: parse it, and note what is new to this socket."""
        fields: dict[str, Any] = json.loads(update)["delta"][FEED]
        now = time.perf_counter()
        self.bytes += len(update)
        for field in fields.values():
            for message in field.get("messages", ()):
                name: str = message["client_id"]
                if not name.startswith(self._prefix):
                    continue
                number = int(name[len(self._prefix) :])
                heard, seat = self._heard[number], tab.person - self.town.members(self.rooms[number]).start
                if heard[seat]:
                    continue
                heard[seat] = 1
                self.arrivals += 1
                if self.speakers[number] == tab.person:
                    self.acknowledged += 1
                else:
                    self._messages.append(number)
                    self._latencies.append(now - self.due[number])

    async def wait_for(self, first: int, end: int, seconds: float) -> None:
        """Until the messages from `first` to before `end` are everywhere, at most for `seconds`."""
        give_up = time.perf_counter() + seconds
        # looked at now and then: an event set for each arrival would cost the arrivals time
        while time.perf_counter() < give_up and not all(map(all, self._heard[first:end])):  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    def window(self, first: int, end: int) -> Window:
        """What came of the messages from `first` to before `end`, as of now."""
        now = time.perf_counter()
        expected = sum(len(self._heard[number]) - 1 for number in range(first, end))
        latencies = [
            latency for number, latency in zip(self._messages, self._latencies, strict=True) if first <= number < end
        ]
        delivered = len(latencies)
        for number in range(first, end):
            heard = self._heard[number]
            if not all(heard):
                others = len(heard) - sum(heard) - (not heard[self._seat_of_speaker(number)])
                latencies += [now - self.due[number]] * others
        return Window(end - first, expected, delivered, sorted(latencies))

    def _seat_of_speaker(self, number: int) -> int:
        return self.speakers[number] - self.town.members(self.rooms[number]).start


class CrowdTab(Tab):
    """A person's tab with their room open."""

    __slots__ = ("crowd", "person")

    def __init__(self, crowd: Crowd, person: int) -> None:
        town, orders = crowd.town, crowd.orders
        token = str(uuid.uuid5(uuid.NAMESPACE_OID, town.cookie(person)))
        super().__init__(
            orders.pages, town.cookie(person), town.chat_id(town.room_of(person)), token, again=orders.again
        )
        self.crowd = crowd
        self.person = person

    def heard(self, update: bytes, pushed: bool) -> None:
        if pushed:
            self.crowd.arrived(self, update)
        elif b'"refused_' in update[:160]:
            self.crowd.refused += 1

    def lost(self) -> None:
        if self.ready.done() and not self.ready.exception():
            self.crowd.dropped += 1


async def run(orders: Orders) -> None:
    crowd = Crowd(orders)
    seconds = await crowd.connect()
    tell("connected", seconds=seconds, retries=crowd.retries)

    # the measuring process must not pause either
    gc.collect()
    gc.freeze()
    gc.disable()
    if orders.rate:
        tell("measured", **await measure(crowd))
        if orders.saturate:
            tell("saturated", **await saturate(crowd))
    await asyncio.Event().wait()


async def measure(crowd: Crowd) -> dict[str, Any]:
    """The figures of one stretch at a steady rate."""
    orders = crowd.orders
    # what connecting left behind settles first
    await asyncio.sleep(1)
    server_cpu, own_cpu, began = cpu_seconds(orders.server_pid), time.process_time(), time.perf_counter()
    end = await crowd.speak(orders.rate, orders.seconds)
    await crowd.wait_for(0, end, LATE_SECONDS)
    server_cpu, own_cpu = cpu_seconds(orders.server_pid) - server_cpu, time.process_time() - own_cpu
    took = time.perf_counter() - began

    window = crowd.window(0, end)
    return {
        "sent": window.sent,
        "acknowledged": crowd.acknowledged,
        "refused": crowd.refused,
        "expected": window.expected,
        "delivered": window.delivered,
        "p50_ms": milliseconds(window.percentile(0.50)),
        "p95_ms": milliseconds(window.percentile(0.95)),
        "p99_ms": milliseconds(window.percentile(0.99)),
        "max_ms": milliseconds(window.percentile(1.0)),
        "cpu_us_per_message": round(server_cpu * 1e6 / max(1, window.sent)),
        "cpu_us_per_delivery": round(server_cpu * 1e6 / max(1, window.delivered)),
        "server_cpu_percent": round(100 * server_cpu / took, 1),
        "load_cpu_percent": round(100 * own_cpu / took, 1),
        "bytes_per_delivery": round(crowd.bytes / max(1, crowd.arrivals)),
        "dropped": crowd.dropped,
    }


async def saturate(crowd: Crowd) -> dict[str, Any]:
    """Raise the rate step by step until the slowest hundredth takes longer than a second."""
    rate, held, committed, steps = crowd.orders.rate, 0.0, 0.0, []
    while True:
        first, acknowledged = len(crowd.due), crowd.acknowledged
        end = await crowd.speak(rate, STEP_SECONDS)
        acknowledged = (crowd.acknowledged - acknowledged) / STEP_SECONDS
        await crowd.wait_for(first, end, STEP_LIMIT_SECONDS)
        p99 = crowd.window(first, end).percentile(0.99)
        steps.append({"rate": rate, "committed_per_s": round(acknowledged, 1), "p99_ms": milliseconds(p99)})
        print(f"  {rate:g}/s: p99 {milliseconds(p99):g} ms", file=sys.stderr, flush=True)
        if p99 > STEP_LIMIT_SECONDS:
            return {"saturation_per_s": held, "saturation_committed_per_s": round(committed, 1), "steps": steps}
        held, committed = rate, acknowledged
        rate += STEP_RATE


def percentile(ascending: list[float], share: float) -> float:
    """The value that `share` of them do not exceed; 0 of none."""
    return ascending[max(0, math.ceil(len(ascending) * share) - 1)] if ascending else 0.0


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


def tell(event: str, **facts: Any) -> None:
    print(json.dumps({"event": event, **facts}), flush=True)


def raise_open_files(wanted: int) -> None:
    """Allow this process, and those it starts, that many open files, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


if __name__ == "__main__":
    raise_open_files(65_536)
    uvloop.run(run(Orders.read(sys.stdin.readline())))
