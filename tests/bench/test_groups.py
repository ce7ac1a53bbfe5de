"""The measurement of a large group, very small: every change reaches everybody, and is counted."""

import json
import subprocess
import sys

import pytest

from bench.groups import GROUP_STATE
from bench.server import PROJECT
from chat_app.pages.main.group_state import GroupState


def test_the_owner_speaks_to_the_state_there_is():
    assert GroupState.get_full_name() == GROUP_STATE


@pytest.mark.slow
def test_a_small_run_says_how_long_each_change_took():
    command = [sys.executable, "-m", "bench.groups", "--members", "12", "--rounds", "2", "--json"]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    figures = json.loads(run.stdout.splitlines()[-1])
    for change in ("added", "renamed", "excluded"):
        assert 0 < figures[f"{change}_p50_ms"] <= figures[f"{change}_max_ms"]
    assert (figures["members"], figures["dropped"]) == (12, 0)
