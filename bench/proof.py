"""The figures and faults this product promises, at full size, one after the other: `python -m bench.proof`.

About half an hour on two cores that do nothing else; the load before each run is printed beside its figures.
Ends with status 1 if a bar is missed.
"""

import argparse
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench import groups, kill, live, page, queries, timing
from bench.load import raise_open_files

Figures = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """A figure and what it must be."""

    name: str
    figure: Callable[[Figures], float]
    limit: Callable[[Figures], float]
    least: bool = False
    unit: str = ""

    def line(self, figures: Figures) -> tuple[str, bool]:
        """How it stands, and whether it is met."""
        figure, limit = self.figure(figures), self.limit(figures)
        met = figure >= limit if self.least else figure <= limit
        sign = "≥" if self.least else "≤"
        return f"{self.name:54} {figure:>10g}  {sign} {limit:<8g} {self.unit:10} {'ok' if met else 'MISSED'}", met


def at_most(name: str, key: str, limit: float, unit: str = "") -> Bar:
    # what was not measured meets nothing
    return Bar(name, lambda figures: figures.get(key, math.nan), lambda _: limit, unit=unit)


def at_least(name: str, key: str, limit: float, unit: str = "") -> Bar:
    return Bar(name, lambda figures: figures[key], lambda _: limit, least=True, unit=unit)


def all_delivered(name: str) -> Bar:
    return Bar(name, lambda figures: figures["delivered"], lambda figures: figures["expected"], least=True)


def of_figures(name: str, key: str, other: str, *, times: float = 1) -> Bar:
    """One figure is at least another, so many times."""
    return Bar(name, lambda figures: figures[key], lambda figures: round(times * figures[other]), least=True)


@dataclass(frozen=True)
class Trial:
    """One run and its bars."""

    name: str
    run: Callable[[], Figures]
    bars: tuple[Bar, ...]


def bench_live(arguments: str) -> Callable[[], Figures]:
    return lambda: live.live(live.parser().parse_args(arguments.split()))


def bench_kill(arguments: str) -> Callable[[], Figures]:
    return lambda: kill.kill(kill.parser().parse_args(arguments.split()))


def bench_queries(arguments: str) -> Callable[[], Figures]:
    return lambda: queries.queries(queries.parser().parse_args(arguments.split()))


def bench_timing(arguments: str) -> Callable[[], Figures]:
    return lambda: timing.timing(timing.parser().parse_args(arguments.split()))


def bench_groups(arguments: str) -> Callable[[], Figures]:
    return lambda: groups.groups(groups.parser().parse_args(arguments.split()))


def at_length(test: str) -> Callable[[], Figures]:
    """A test that is short in the suite, as long as it can be."""

    def run() -> Figures:
        command = [sys.executable, "-m", "pytest", "-q", "-o", "faulthandler_timeout=3600", test]
        return {"failed": subprocess.run(command, env=os.environ | {"CHAT_LONG_TESTS": "1"}, check=False).returncode}

    return run


READ = {
    "open_chat": "a chat is opened",
    "history_page": "a page of history",
    "around_message": "a message with what stands around it",
    "list_500": "the list of 500 chats",
    "people_2_letters": "people by two letters",
    "search_rare": "messages by a rare word",
    "search_common": "messages by a common one",
    "search_inflected": "messages by another form of a word",
}
"""What a tab asks for, by the names of `bench.queries`."""


def read_bars(engine: str) -> tuple[Bar, ...]:
    """A median of 20 ms at full size and at a tenth of it, and hardly more at the one than at the other."""
    at_full = [at_most(what, f"{engine}_{name}_ms", 20, "ms") for name, what in READ.items()]
    at_tenth = [at_most(f"{what}, a tenth", f"{engine}_{name}_tenth_ms", 20, "ms") for name, what in READ.items()]
    grown = [_grown(f"{what}, against a tenth", f"{engine}_{name}") for name, what in READ.items()]
    # the one that grows: docs/queries.md says why
    worst = at_most("words of others that none of mine has", f"{engine}_search_others_only_ms", 300, "ms")
    return (*at_full, *at_tenth, *grown, worst)


def _grown(name: str, key: str) -> Bar:
    # what takes a few milliseconds takes a few more now and then
    return Bar(
        name,
        lambda figures: figures[f"{key}_ms"],
        lambda figures: round(max(2 * figures[f"{key}_tenth_ms"], figures[f"{key}_tenth_ms"] + 5), 1),
        unit="ms",
    )


TRIALS = (
    Trial(
        "10,000 sockets, chats of 4, 150 messages/s for 60 s",
        bench_live("--sockets 10000 --room-size 4 --rate 150 --seconds 60"),
        (
            all_delivered("delivered"),
            at_most("slowest hundredth (p99)", "p99_ms", 100, "ms"),
            at_most("slowest of all", "max_ms", 1000, "ms"),
            at_most("server memory", "rss_mb", 2.4 * 1024, "MiB"),
            Bar(
                "server memory after all came back",
                lambda figures: figures["rss_after_mb"],
                lambda figures: round(1.3 * figures["rss_mb"], 1),
                unit="MiB",
            ),
            at_most("a delivery", "bytes_per_delivery", 800, "bytes"),
            at_most("a fresh tab is served in 100 ms, after the drop", "recover_ms", 2000, "ms"),
            at_most("all are back, hydrated and in their chats", "reconnect_s", 75, "s"),
        ),
    ),
    Trial(
        "a hall of 1,000, one message/s for 60 s",
        bench_live("--sockets 1000 --room-size 1000 --rate 1 --seconds 60"),
        (
            all_delivered("delivered"),
            at_most("slowest hundredth (p99)", "p99_ms", 250, "ms"),
            at_most("a delivery", "bytes_per_delivery", 800, "bytes"),
        ),
    ),
    Trial(
        "a group of 1,000 online that changes 60 times",
        bench_groups("--members 1000 --rounds 20"),
        (
            at_most("adding somebody, at the last of them", "added_max_ms", 300, "ms"),
            at_most("another title", "renamed_max_ms", 300, "ms"),
            at_most("excluding somebody", "excluded_max_ms", 300, "ms"),
        ),
    ),
    Trial(
        "1,000 sockets in chats of 4, more and more messages",
        bench_live("--sockets 1000 --room-size 4 --rate 300 --seconds 20 --saturate"),
        (
            at_least("committed with a p99 of at most 1 s", "saturation_per_s", 450, "messages/s"),
            at_most("a delivery, at 300 messages/s", "bytes_per_delivery", 800, "bytes"),
        ),
    ),
    Trial(
        "1,000 sockets in chats of 4, 50 messages/s for 30 s, while 20 people at a time sign in",
        bench_live("--sockets 1000 --room-size 4 --rate 50 --seconds 30 --signins 20"),
        (
            all_delivered("delivered"),
            at_most("slowest hundredth (p99)", "p99_ms", 150, "ms"),
            at_least("people who signed in meanwhile", "signins", 20),
        ),
    ),
    Trial(
        "10,000 sockets, chats of 4, 150 messages/s for 30 s, and again while each author is seen typing",
        bench_live("--sockets 10000 --room-size 4 --rate 150 --seconds 30 --typing --presence"),
        (
            Bar(
                "delivered",
                lambda figures: figures["busy_delivered"],
                lambda figures: figures["busy_expected"],
                least=True,
            ),
            at_most("slowest hundredth (p99)", "busy_p99_ms", 100, "ms"),
            at_most("slowest of all", "busy_max_ms", 1000, "ms"),
            at_most("processor per message, against without", "busy_cpu_ratio", 1.7, "×"),
            Bar(
                "typing was seen by as many",
                lambda figures: figures["seen_typing"],
                lambda figures: 2.7 * figures["typed"],
                least=True,
            ),
        ),
    ),
    Trial(
        "1,000,000 messages in 10,000 chats, and a tenth of both, on SQLite",
        bench_queries("--engines sqlite"),
        read_bars("sqlite"),
    ),
    Trial(
        "the same on PostgreSQL",
        bench_queries("--engines postgresql"),
        read_bars("postgresql"),
    ),
    Trial(
        "400 answers each about people known and unknown, told apart by their time",
        bench_timing("--answers 400"),
        (
            at_most("guessed right, sign-in", "signin_told_apart_percent", 55, "%"),
            at_most("guessed right, sign-up", "signup_told_apart_percent", 55, "%"),
            at_most("guessed right, reset of a password", "forgot_told_apart_percent", 55, "%"),
        ),
    ),
    Trial(
        "the sign-in page in Chromium, for the first time",
        lambda: page.page(page.parser().parse_args([])),
        (
            at_most("compressed script", "script_kib", 320, "KiB"),
            at_most("compressed styles", "style_kib", 24, "KiB"),
            at_most("first contentful paint, the slowest of nine", "first_paint_max_ms", 1500, "ms"),
        ),
    ),
    Trial(
        "20 times kill -9 under load, two browsers watching (1× and 6× throttle)",
        bench_kill("--kills 20 --browsers"),
        (
            at_least("kills", "kills", 20),
            at_least("messages caught without an answer", "in_flight", 20),
            at_most("acknowledged and lost", "lost", 0),
            at_most("never answered", "unanswered", 0),
            at_most("stored twice", "duplicates", 0),
            at_most("chats with a gap in seq", "gaps", 0),
            at_most("tabs that differ from the database", "diverged", 0),
            at_most("browsers that differ from the database", "browsers_diverged", 0),
        ),
    ),
    Trial(
        "10,000 steps of four people in a group, on each engine",
        at_length("tests/domain/test_unread.py"),
        (at_most("steps after which something unread is not as in the model", "failed", 0),),
    ),
    Trial(
        "3,000 steps of four people who come, go, hide and block each other, in two processes",
        at_length("tests/realtime/test_seen.py"),
        (at_most("steps after which a tab does not show who is here as a fresh one does", "failed", 0),),
    ),
)


def main() -> int:
    options = parser().parse_args()
    live.end_properly()
    raise_open_files(65_536)
    chosen = [trial for number, trial in enumerate(TRIALS, 1) if not options.only or number in options.only]
    try:
        met = [met for trial in chosen for met in prove(trial)]
    except KeyboardInterrupt:
        return 130
    print(f"\n{sum(met)} of {len(met)} bars met")
    return 0 if all(met) else 1


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.proof", description=__doc__)
    parser.add_argument("--only", type=int, nargs="+", help="these trials only, counted from 1")
    return parser


def prove(trial: Trial) -> Iterator[bool]:
    """Run a trial and print how each of its bars stands."""
    loads = " ".join(f"{load:.2f}" for load in os.getloadavg())
    print(f"\n{trial.name} (load before: {loads})", flush=True)
    try:
        figures = trial.run()
    except Exception as error:
        # one that cannot be run has met nothing; the others are still worth seeing
        print(f"  did not come to its end: {error}", flush=True)
        yield False
        return
    for bar in trial.bars:
        line, met = bar.line(figures)
        print(f"  {line}", flush=True)
        yield met
    print("  " + ", ".join(f"{name} {value}" for name, value in figures.items() if name != "steps"), flush=True)


if __name__ == "__main__":
    sys.exit(main())
