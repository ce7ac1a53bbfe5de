"""The hand-written JavaScript, by Node's own runner. React is that of the built pages."""

import subprocess
import sysconfig
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
NODE = Path(sysconfig.get_path("scripts")) / "node"
RESOLVE = PROJECT / "tests" / "js" / "resolve.mjs"
REACT = PROJECT / ".web" / "node_modules" / "react"


@pytest.mark.slow
@pytest.mark.parametrize("subject", sorted(path.name.split(".")[0] for path in RESOLVE.parent.glob("*.test.mjs")))
def test_script(subject: str) -> None:
    assert REACT.exists(), "build the pages first: python -m chat_app build --if-needed"
    test = RESOLVE.parent / f"{subject}.test.mjs"
    ran = subprocess.run([NODE, "--import", RESOLVE, "--test", test], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
