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
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import uvloop

from bench.seeding import Town
from bench.server import cpu_seconds
from bench.tab import FEED, MAIN_STATE, Pages, Tab, open_tab

BODY = "Something one person says to a few others, as long as most are."
SEND = f"{MAIN_STATE}.send"
TYPING = f"{MAIN_STATE}.typing"

AT_ONCE = 1000
"""Tabs that connect at the same time; the next one follows when one is served."""

TRIES = 10
RETRY_SECONDS = 0.2
"""As Reflex's client: a failed attempt waits this long, times the number of failures."""

LATE_SECONDS = 15
"""How long messages still on their way are waited for after the last was due."""

AHEAD_SECONDS = 1.0
"""How long before a message its author is seen typing."""

PASS_EVERY = 1000
"""Of so many people, one comes or goes each second."""

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
    typing: bool = False
    """Then the same once more, with a notice of typing before each message."""
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
        self.typed = 0
        """Notices of typing that were sent."""
        self.seen_typing = 0
        self.seen_passing = 0
        """Updates that told of somebody who came or went."""
        self.arrivals = 0
        """First arrivals at any socket, its author's included."""
        self._heard: list[bytearray] = []
        self._messages = array("l")
        self._latencies = array("d")
        self._chance = random.Random(1)
        self._talking = self.town.talking
        self._prefix = f"b{uuid.uuid4().hex[:8]}-"

    async def connect(self) -> float:
        """Open every tab; the seconds that took."""
        began = time.perf_counter()
        waiting = iter(self._talking)
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

    async def speak(self, rate: float, seconds: float, *, typing: bool = False) -> int:
        """Send `rate` messages a second, by people chosen at random, who may be seen typing first; returns after the
        last, with its number."""
        first, count = len(self.due), round(rate * seconds)
        speakers = [self._chance.choice(self._talking) for _ in range(count)]
        typists = iter(speakers if typing else ())
        for speaker in islice(typists, round(rate * AHEAD_SECONDS)):
            self._type(speaker)
        began = time.perf_counter()
        for number, speaker in enumerate(speakers):
            due = began + number / rate
            # several may be due at once: nothing is put off, nothing is left out
            if (ahead := due - time.perf_counter()) > 0:
                await asyncio.sleep(ahead)
            if (typist := next(typists, None)) is not None:
                self._type(typist)
            self._say(due, speaker)
        await asyncio.sleep(max(0.0, began + seconds - time.perf_counter()))
        return first + count

    async def pass_by(self) -> None:
        """Have people come and go, until cancelled."""
        passing = [person for person in range(self.town.people) if self.town.passes(person)]
        wait = PASS_EVERY / self.town.people
        while passing:
            for person in passing:
                await asyncio.sleep(wait)
                tab = self.tabs[person]
                if tab is not None and not tab.closed:  # pyright: ignore[reportUnnecessaryComparison]  # who has not come yet has none
                    tab.close()
                    continue
                self.tabs[person] = tab = CrowdTab(self, person)
                with suppress(OSError, TimeoutError):
                    await open_tab(tab, self.orders.port)

    def _type(self, speaker: int) -> None:
        self.typed += 1
        self.tabs[speaker].send_event(TYPING, {"chat_id": self.town.chat_id(self.town.room_of(speaker))})

    def _say(self, due: float, speaker: int) -> None:
        number = len(self.due)
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
        elif b'"typing_' in update[:160]:
            self.crowd.seen_typing += 1
        elif b'"presence_' in update[:160]:
            self.crowd.seen_passing += 1
        elif b'"refused_' in update[:160]:
            self.crowd.refused += 1

    def lost(self) -> None:
        if self.ready.done() and not self.ready.exception() and not self.crowd.town.passes(self.person):
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
        measured = await measure(crowd)
        if orders.typing or orders.town.passing:
            measured |= await measure_more(crowd, measured["cpu_us_per_message"])
        tell("measured", **measured)
        if orders.saturate:
            tell("saturated", **await saturate(crowd))
    await asyncio.Event().wait()


async def measure(crowd: Crowd, *, typing: bool = False) -> dict[str, Any]:
    """The figures of one stretch at a steady rate."""
    orders = crowd.orders
    # what connecting left behind settles first
    await asyncio.sleep(1)
    first, acknowledged, was_bytes, was_arrivals = len(crowd.due), crowd.acknowledged, crowd.bytes, crowd.arrivals
    server_cpu, own_cpu, began = cpu_seconds(orders.server_pid), time.process_time(), time.perf_counter()
    end = await crowd.speak(orders.rate, orders.seconds, typing=typing)
    await crowd.wait_for(first, end, LATE_SECONDS)
    server_cpu, own_cpu = cpu_seconds(orders.server_pid) - server_cpu, time.process_time() - own_cpu
    took = time.perf_counter() - began

    window = crowd.window(first, end)
    return {
        "sent": window.sent,
        "acknowledged": crowd.acknowledged - acknowledged,
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
        "bytes_per_delivery": round((crowd.bytes - was_bytes) / max(1, crowd.arrivals - was_arrivals)),
        "dropped": crowd.dropped,
    }


async def measure_more(crowd: Crowd, plain_cpu: int) -> dict[str, Any]:
    """The same once more while people type, come and go: what that adds, and what was seen of it."""
    orders, passing = crowd.orders, asyncio.create_task(crowd.pass_by())
    figures = await measure(crowd, typing=orders.typing)
    passing.cancel()
    kept = ("expected", "delivered", "p50_ms", "p95_ms", "p99_ms", "max_ms", "cpu_us_per_message", "dropped")
    more = {f"busy_{name}": figures[name] for name in kept}
    return more | {
        "busy_cpu_ratio": round(figures["cpu_us_per_message"] / max(1, plain_cpu), 2),
        "typed": crowd.typed,
        "seen_typing": crowd.seen_typing,
        "seen_passing": crowd.seen_passing,
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
