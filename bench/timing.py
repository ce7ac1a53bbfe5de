"""Whether the time of an answer tells who has an account: `python -m bench.timing --answers 200`.

Starts the real server on a temporary database and posts each form with addresses that are known and addresses that
are not, in pairs, the order within each left to chance. Over one connection, one at a time: nothing is quieter, so
nobody on the network can measure better. Then it guesses, from the time alone, which of the two each answer was.
"""

import argparse
import json
import os
import platform
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.live import end_properly, positive, running, say
from bench.seeding import Town, new_town, settle, temporary_database
from bench.server import Server, build_pages

WARM_UP = 5
"""Pairs of each form that are not counted: what is done once is done in them."""

REPEATS = 5
"""How often the answers are divided anew into those that are learned from and those that are guessed."""

WRONG_PASSWORD = "seven wrong lanterns"
ANSWER_SECONDS = 30

Rule = Callable[[float], bool]
"""Whether an answer that took so long was about somebody known."""


@dataclass(frozen=True)
class Caller:
    """Who fills in a form. `number` is nobody else's."""

    email: str
    number: int


@dataclass(frozen=True)
class Form:
    """One form, the page its answer leads to, and what is typed into it."""

    name: str
    leads_to: str
    fields: Callable[[Caller], dict[str, str]]


def sign_in(caller: Caller) -> dict[str, str]:
    return {"login": caller.email, "password": WRONG_PASSWORD}


def sign_up(caller: Caller) -> dict[str, str]:
    return {
        "email": caller.email,
        # only the email may be somebody's already
        "username": f"new{caller.number:07d}",
        "phone": f"+7901{caller.number:07d}",
        "password": WRONG_PASSWORD,
        "password_again": WRONG_PASSWORD,
        "adult": "on",
    }


def forgot(caller: Caller) -> dict[str, str]:
    return {"email": caller.email}


FORMS = (Form("signin", "/signin", sign_in), Form("signup", "/", sign_up), Form("forgot", "/forgot?sent=1", forgot))


@dataclass(frozen=True)
class Pair:
    """How long, in µs, the answers about somebody known and somebody unknown took."""

    known: float
    unknown: float


def main() -> int:
    options = parser().parse_args()
    end_properly()
    try:
        figures = timing(options)
    except KeyboardInterrupt:
        return 130
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:28} {value}")
    return 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.timing", description=__doc__)
    parser.add_argument("--answers", type=positive(int), default=200, help="of each form, for known and for unknown")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser


def timing(options: argparse.Namespace) -> dict[str, Any]:
    """How well the answers of each form can be told apart. Raises RuntimeError when they differ in more than time."""
    load_before = os.getloadavg()[0]
    build_pages()
    pairs = WARM_UP + options.answers
    # known people of their own for each form: none learns of what was done with another
    town = new_town(len(FORMS) * pairs, room_size=4)
    figures: dict[str, Any] = {"answers": options.answers}
    with tempfile.TemporaryDirectory(prefix="chat-bench-") as place, temporary_database(Path(place)) as database:
        settle(database, town, chats_per_person=1)
        with running(Server(Path(place), database)) as server:
            say("Limits per person are lifted (CHAT_LIMITS=off).")
            for number, form in enumerate(FORMS):
                caller = Post(server.port, form)
                if not caller.exists():
                    say(f"There is no form {form.name} yet: it is left out.")
                    continue
                measured = caller.pairs(town, range(number * pairs, (number + 1) * pairs))
                figures |= {f"{form.name}_{name}": value for name, value in judged(measured[WARM_UP:]).items()}
                say(f"{form.name}: {figures[f'{form.name}_told_apart_percent']} % guessed right")
        figures["database"] = database.partition(":")[0]
    return figures | {"limits": "off", "load_before": round(load_before, 2), "python": platform.python_version()}


class Post:
    """Posts one form again and again, over one connection."""

    def __init__(self, port: int, form: Form) -> None:
        self._form = form
        self._path = f"/session/{form.name}"
        self._connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        self._headers = {
            "Origin": f"http://127.0.0.1:{port}",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "bench",
        }
        self._looks: set[str] = set()
        """How the answers look, apart from what is random in each."""

    def exists(self) -> bool:
        """There is a form to be posted: an empty one is answered otherwise than "not found"."""
        return self._answer(b"")[0] != 404

    def pairs(self, town: Town, people: range) -> list[Pair]:
        """The answers about each of `people`, and about as many strangers."""
        return [self._pair(town.email(person), person) for person in people]

    def _pair(self, email: str, number: int) -> Pair:
        # as long as the known one
        stranger = email.replace("bench", "guest")
        first, second = random.sample((0, 1), 2)
        callers = [("known", Caller(email, 2 * number + first)), ("unknown", Caller(stranger, 2 * number + second))]
        random.shuffle(callers)
        return Pair(**{name: self._timed(caller) for name, caller in callers})

    def _timed(self, caller: Caller) -> float:
        body = urlencode(self._form.fields(caller)).encode()
        began = time.perf_counter()
        status, headers = self._answer(body)
        took = (time.perf_counter() - began) * 1e6

        if headers["location"] != self._form.leads_to:
            raise RuntimeError(f"{self._path} answered {status} and led to {headers['location']}")
        self._looks.add(look(status, headers))
        if len(self._looks) > 1:
            raise RuntimeError(f"{self._path} does not answer everybody alike: {sorted(self._looks)}")
        return took

    def _answer(self, body: bytes) -> tuple[int, HTTPMessage]:
        self._connection.request("POST", self._path, body, self._headers)
        response = self._connection.getresponse()
        response.read()
        return response.status, response.headers


def look(status: int, headers: HTTPMessage) -> str:
    """Everything of an answer but its date and the values of its cookies, of which only the lengths count."""
    lines = [f"{status}"]
    for name, value in headers.items():
        if name == "set-cookie":
            value = re.sub(r"=[^;]*", lambda found: f"=<{len(found[0]) - 1}>", value)
        if name != "date":
            lines.append(f"{name}: {value}")
    return "\n".join(lines)


def judged(pairs: Sequence[Pair]) -> dict[str, float]:
    """The figures of one form: the medians, and how many answers the better rule guesses right."""
    return {
        "told_apart_percent": round(100 * max(right(pairs, learn) for learn in (threshold, nearest_median)), 1),
        "known_us": round(statistics.median(pair.known for pair in pairs)),
        "unknown_us": round(statistics.median(pair.unknown for pair in pairs)),
    }


def right(pairs: Sequence[Pair], learn: Callable[[Sequence[Pair]], Rule]) -> float:
    """The share of answers guessed right that were not learned from: the mean of all foldings, each used both ways.

    One folding of 200 pairs gives 45 to 55 % for noise; the mean of several strays less.
    """
    chance = random.Random(1)
    shares: list[float] = []
    for _ in range(REPEATS):
        mixed = chance.sample(pairs, len(pairs))
        halves = mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]
        for learned, guessed in (halves, halves[::-1]):
            known = learn(learned)
            shares.append(statistics.mean((known(pair.known) + (not known(pair.unknown))) / 2 for pair in guessed))
    return statistics.mean(shares)


def threshold(pairs: Sequence[Pair]) -> Rule:
    """The one time that divides known and unknown best, whichever of them is faster."""
    times = sorted([(pair.known, 1) for pair in pairs] + [(pair.unknown, -1) for pair in pairs])
    best, cut, below = 0, 0.0, 0
    for time_taken, sign in times:
        below += sign
        if abs(below) > abs(best):
            best, cut = below, time_taken
    return lambda taken: (taken <= cut) == (best > 0)


def nearest_median(pairs: Sequence[Pair]) -> Rule:
    """Whichever median is nearer."""
    known = statistics.median(pair.known for pair in pairs)
    unknown = statistics.median(pair.unknown for pair in pairs)
    return lambda taken: abs(taken - known) < abs(taken - unknown)


if __name__ == "__main__":
    sys.exit(main())
