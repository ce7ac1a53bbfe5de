"""The guessing from times, on times that are made up; and the measurement itself, very small, without judging it."""

import json
import random
import subprocess
import sys
from http.client import HTTPMessage

import pytest

from bench.server import PROJECT
from bench.timing import Pair, judged, look


def noise(later: float = 0.0) -> list[Pair]:
    """400 pairs of answers, the known ones `later` by so many standard deviations."""
    chance = random.Random(7)
    return [Pair(chance.gauss(1000 + 50 * later, 50), chance.gauss(1000, 50)) for _ in range(400)]


def test_noise_is_not_told_apart():
    assert 45 <= judged(noise())["told_apart_percent"] <= 55


@pytest.mark.parametrize("later", [1, -1])
def test_times_that_differ_are_told_apart_whichever_is_faster(later: float):
    figures = judged(noise(later))
    # two bells one deviation apart: 69 % at best
    assert 64 <= figures["told_apart_percent"] <= 73
    assert (figures["known_us"] > figures["unknown_us"]) == (later > 0)


def test_a_few_slow_answers_tell_nothing():
    pairs = noise()
    pairs[::40] = [Pair(90_000, 1000)] * len(pairs[::40])
    assert judged(pairs)["told_apart_percent"] <= 55


def test_answers_look_alike_whatever_is_in_their_cookies_and_not_if_one_lacks_them():
    def answer(**headers: str) -> str:
        message = HTTPMessage()
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        return look(303, message)

    one = answer(date="Mon", location="/", set_cookie="sid=abcd; Path=/; HttpOnly")
    assert one == answer(date="Tue", location="/", set_cookie="sid=efgh; Path=/; HttpOnly")
    assert one != answer(date="Mon", location="/", set_cookie="sid=abcde; Path=/; HttpOnly")
    assert one != answer(date="Mon", location="/", set_cookie="kept=abcd; Path=/; HttpOnly")
    assert one != answer(date="Mon", location="/signin", set_cookie="sid=abcd; Path=/; HttpOnly")
    assert one != answer(date="Mon", location="/")


@pytest.mark.slow
def test_a_small_run_posts_every_form_there_is():
    command = [sys.executable, "-m", "bench.timing", "--answers", "3", "--json"]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    assert "limits" in run.stderr.lower(), "a run says that it lifted them"
    figures = json.loads(run.stdout.splitlines()[-1])
    for form in ("signin", "signup"):
        assert 0 <= figures[f"{form}_told_apart_percent"] <= 100
        # a password is hashed for each
        assert figures[f"{form}_known_us"] > 10_000
        assert figures[f"{form}_unknown_us"] > 10_000
