"""How the whole server does under people who talk: `python -m bench.live --sockets 1000 --room-size 4 --rate 50`.

Starts the real server on a temporary database full of people, lets a process of tabs connect and talk, kills that
process, and watches how the server takes it and how fast everybody is back. README.md says what each figure means.
"""

import argparse
import asyncio
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvloop

from bench.load import Orders, raise_open_files
from bench.seeding import Town, new_town, settle, stored_messages, temporary_database
from bench.server import PROJECT, SERVE, Server, build_pages, compiled_state, rss_kb
from bench.sign_ins import SignInOrders
from bench.tab import Pages, Tab, open_tab

SERVED_FAST_SECONDS = 0.1
"""What "served" means to a fresh tab after the others dropped: connected, hydrated and in its chats by then."""

PASSING = 10
"""With `--presence`: of every so manyth room the people come and go."""

PROBE_EVERY_SECONDS = 0.1
RECOVERY_SECONDS = 120
"""How long the server may take to recover before the run is given up."""


def main() -> int:
    options = parser().parse_args()
    end_properly()
    try:
        figures = live(options)
    except KeyboardInterrupt:
        return 130
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:28} {value}")
    return 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--sockets", type=positive(int), default=1000, help="tabs that are open, one for each person")
    parser.add_argument("--room-size", type=positive(int), default=4, help="members of each chat that is spoken in")
    parser.add_argument("--rate", type=positive(float), default=50, help="messages a second, of all together")
    parser.add_argument("--seconds", type=positive(float), default=20, help="how long they talk")
    parser.add_argument("--chats-per-person", type=positive(int), default=20, help="chats in everybody's list")
    parser.add_argument(
        "--signins", type=positive(int), default=0, help="people who sign in at a time, while the others talk"
    )
    parser.add_argument("--typing", action="store_true", help="then the same again, with typing before each message")
    parser.add_argument("--presence", action="store_true", help="then the same again, while a tenth comes and goes")
    parser.add_argument("--saturate", action="store_true", help="then raise the rate until the server cannot follow")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--port", type=int, default=0, help="the server's; a free one by itself")
    parser.add_argument("--server", default="", help="serve otherwise, to compare: see bench/servers.py")
    return parser


def positive(kind: type[int] | type[float]) -> Any:
    def parse(given: str) -> float:
        value = kind(given)
        if value <= 0:
            raise argparse.ArgumentTypeError(f"{given} is not more than 0")
        return value

    return parse


def live(options: argparse.Namespace) -> dict[str, Any]:
    """One whole run; its figures."""
    load_before = os.getloadavg()[0]
    raise_open_files(65_536)
    build_pages()
    pages = Pages(*compiled_state())
    town = new_town(options.sockets, options.room_size, PASSING if options.presence else 0)
    module = ("bench.servers", options.server) if options.server else SERVE
    with tempfile.TemporaryDirectory(prefix="chat-bench-") as place, temporary_database(Path(place)) as database:
        began = time.monotonic()
        settle(database, town, options.chats_per_person)
        say(f"{town.people} people in {options.chats_per_person} chats each: {time.monotonic() - began:.1f} s")
        with running(Server(Path(place), database, options.port, module)) as server:
            # on request, each figure is measured of a server that has limits per person and action switched off
            say("Limits per person are lifted (CHAT_LIMITS=off); every socket's own, 20 events a second, stays.")
            idle_kb = rss_kb(server.pid)
            pace = options.rate, options.seconds, options.saturate, options.typing
            orders = Orders(town, pages, server.port, server.pid, *pace)
            figures = talk(orders, server, options.signins)
            figures["rss_idle_mb"] = round(idle_kb / 1024, 1)
        figures["stored"] = sum(1 for message in stored_messages(database) if message.seq > 1)
    return {
        "sockets": options.sockets,
        "room_size": options.room_size,
        "rate": options.rate,
        "seconds": options.seconds,
        **figures,
        "limits": "off",
        "database": database.partition(":")[0],
        "load_before": round(load_before, 2),
        "python": platform.python_version(),
    }


@contextmanager
def running(server: Server) -> Generator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.stop()


def talk(orders: Orders, server: Server, sign_ins: int) -> dict[str, Any]:
    """Connect, talk while others sign in, drop, recover, come back."""
    with loading("bench.load", orders) as crowd, signing_in(orders, sign_ins) as queue:
        connected = hear(crowd, "connected")
        say(f"{len(orders.town.talking)} tabs in {connected['seconds']:.1f} s")
        if queue:
            hear(queue, "ready")
            go_on(queue)
        measured = hear(crowd, "measured")
        if queue:
            go_on(queue)
            measured |= hear(queue, "signed_in")
            say(f"{measured['signins']} signed in meanwhile, half of them in {measured['signin_p50_ms']} ms")
        memory = rss_kb(server.pid)
        say(f"{measured['delivered']} of {measured['expected']} delivered, p99 {measured['p99_ms']} ms")
        if "busy_cpu_ratio" in measured:
            plain, busy = measured["cpu_us_per_message"], measured["busy_cpu_us_per_message"]
            say(f"while people type, come and go: {busy} µs per message instead of {plain}")
        saturated = hear(crowd, "saturated") if orders.saturate else {}
        recovered = uvloop.run(recover(orders, crowd))
        say(f"after the drop a fresh tab is served in {SERVED_FAST_SECONDS * 1000:.0f} ms within {recovered:.0f} ms")

    with loading("bench.load", replace(orders, rate=0, saturate=False, typing=False, again=True)) as crowd:
        back = hear(crowd, "connected")
        memory_after = rss_kb(server.pid)
        say(f"all are back in {back['seconds']:.1f} s")

    people = len(orders.town.talking)
    return {
        **measured,
        "rss_kb_per_socket": round(memory / people, 1),
        "rss_after_kb_per_socket": round(memory_after / people, 1),
        "rss_mb": round(memory / 1024, 1),
        "rss_after_mb": round(memory_after / 1024, 1),
        "connects_per_s": round(people / connected["seconds"], 1),
        "connect_retries": connected["retries"],
        "recover_ms": round(recovered, 1),
        "reconnect_s": round(back["seconds"], 2),
        "reconnect_retries": back["retries"],
        **saturated,
    }


def signing_in(orders: Orders, at_once: int) -> AbstractContextManager[subprocess.Popen[str] | None]:
    """A process of people who sign in, so many at a time; none if there are to be none."""
    # started with the tabs, so that its own start is over when they talk
    return loading("bench.sign_ins", SignInOrders(orders.town, orders.port, at_once)) if at_once else nullcontext()


@contextmanager
def loading(module: str, orders: Orders | SignInOrders) -> Generator[subprocess.Popen[str]]:
    """A process of load at work; dead afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdin
        process.stdin.write(orders.line())
        process.stdin.flush()
        yield process
    finally:
        process.kill()
        process.communicate()


def go_on(process: subprocess.Popen[str]) -> None:
    """Let a process that waits for a line have it."""
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    """The next line of a load process, which must tell of `event`."""
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"the load process ended before it was {event}")
    facts = json.loads(line)
    assert facts.pop("event") == event, line
    return facts


async def recover(orders: Orders, crowd: subprocess.Popen[str]) -> float:
    """Kill the load process; the milliseconds until a tab that is opened then is served at once."""
    # the first takes longer, for reasons of our own
    await probe(orders)
    crowd.kill()
    killed = time.perf_counter()
    probes: set[asyncio.Task[float]] = set()
    try:
        while time.perf_counter() - killed < RECOVERY_SECONDS:
            probes.add(asyncio.create_task(probe(orders)))
            done, probes = await asyncio.wait(probes, timeout=PROBE_EVERY_SECONDS)
            for task in done:
                if not task.exception() and task.result() <= SERVED_FAST_SECONDS:
                    return (time.perf_counter() - killed) * 1000
            if done:
                await asyncio.sleep(PROBE_EVERY_SECONDS)
        raise RuntimeError(f"no fresh tab was served in {SERVED_FAST_SECONDS} s, {RECOVERY_SECONDS} s after the drop")
    finally:
        for task in probes:
            task.cancel()
        await asyncio.gather(*probes, return_exceptions=True)


async def probe(orders: Orders) -> float:
    """Open a fresh tab and see it served: connection, first state, list of chats, open page. The seconds it took."""
    town: Town = orders.town
    tab = Tab(orders.pages, town.cookie(0), town.chat_id(town.room_of(0)))
    began = time.perf_counter()
    try:
        await open_tab(tab, orders.port)
        return time.perf_counter() - began
    finally:
        tab.close()


def end_properly() -> None:
    """Have SIGTERM end this process as Ctrl+C does: with everything put away."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def say(line: str) -> None:
    """Progress goes to stderr: stdout is for the figures."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
