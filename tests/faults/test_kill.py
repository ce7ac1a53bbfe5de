"""The server dies while people talk: nothing that was acknowledged is lost, nothing is stored twice."""

import json
import os
import subprocess
import sys

import pytest

from bench.server import PROJECT
from tests.services import POSTGRES

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "database", ["", pytest.param(POSTGRES, marks=pytest.mark.postgres)], ids=["sqlite", "postgres"]
)
def test_three_kills_lose_nothing_and_everybody_converges(database: str):
    command = [sys.executable, "-m", "bench.kill", "--kills", "3", "--json"]
    environ = os.environ | {"CHAT_DATABASE_URL": database}
    run = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, timeout=300, check=False)
    found = json.loads(run.stdout.splitlines()[-1]) if run.stdout else {}
    assert run.returncode == 0, run.stderr
    assert found["kills"] == 3
    # else it would have killed a server that was doing nothing
    assert found["in_flight"] > 0
    assert found["said_again"] > 0
    assert found["acknowledged"] == found["said"] == found["stored"] > 100
    assert (found["lost"], found["duplicates"], found["gaps"], found["diverged"]) == (0, 0, 0, 0)
