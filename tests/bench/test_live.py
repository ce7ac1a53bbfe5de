"""The measurement itself, very small: it says what it promises, and hears every message it sent."""

import json
import os
import subprocess
import sys

import pytest

from bench.server import PROJECT
from bench.tab import FEED, MAIN_STATE
from chat_app.pages.main.state import MainState
from chat_app.realtime.push import Feed
from tests.services import POSTGRES

PROMISED = [
    "sockets",
    "room_size",
    "rate",
    "seconds",
    "sent",
    "expected",
    "delivered",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "max_ms",
    "cpu_us_per_message",
    "cpu_us_per_delivery",
    "rss_kb_per_socket",
    "rss_after_kb_per_socket",
    "bytes_per_delivery",
    "connects_per_s",
    "reconnect_s",
    "recover_ms",
    "load_before",
    "python",
]

SMALL = ("--sockets", "20", "--room-size", "4", "--rate", "10", "--seconds", "5", "--json")


def measured(*options: str, **environ: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.live", *SMALL, *options]
    run = subprocess.run(
        command, cwd=PROJECT, env=os.environ | environ, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "limits" in run.stderr.lower(), "a run says that it lifted them"
    return json.loads(run.stdout.splitlines()[-1])


def test_the_tabs_speak_to_the_states_there_are():
    assert MainState.get_full_name() == MAIN_STATE
    assert Feed.get_full_name() == FEED


@pytest.mark.slow
def test_a_small_run_hears_all_it_sent_and_says_all_it_promised():
    figures = measured()
    assert set(PROMISED) <= set(figures)
    assert figures["sent"] == figures["acknowledged"] == figures["stored"] == 50
    # everybody else in a chat of four
    assert figures["delivered"] == figures["expected"] == 150
    assert 0 < figures["p50_ms"] <= figures["p95_ms"] <= figures["p99_ms"] <= figures["max_ms"] < 5000
    assert figures["bytes_per_delivery"] > 100
    assert figures["connects_per_s"] > 0
    assert figures["recover_ms"] > 0


@pytest.mark.slow
def test_people_sign_in_meanwhile():
    figures = measured("--signins", "2")
    assert figures["delivered"] == figures["expected"] == 150
    assert figures["signins"] > 0
    assert figures["signins_per_s"] > 0
    assert figures["signins_busy"] == 0
    assert 0 < figures["signin_p50_ms"] <= figures["signin_p99_ms"]


@pytest.mark.slow
def test_people_type_come_and_go_meanwhile():
    figures = measured("--typing", "--presence", "--sockets", "40", "--chats-per-person", "8")
    # one room of ten is of those who come and go
    assert figures["sent"] == 50
    assert figures["delivered"] == figures["expected"] == figures["busy_delivered"] == figures["busy_expected"] == 150
    assert figures["typed"] == 50
    # not all: who types again and again at once is not seen each time
    assert 0 < figures["seen_typing"] <= 150
    assert figures["busy_cpu_ratio"] > 0
    assert figures["dropped"] == 0


@pytest.mark.slow
@pytest.mark.postgres
def test_it_runs_beside_the_database_that_is_named():
    figures = measured(CHAT_DATABASE_URL=POSTGRES)
    assert figures["database"] == "postgresql+psycopg"
    assert figures["delivered"] == figures["expected"] == 150
