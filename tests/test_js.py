"""The hand-written JavaScript, by Node's own runner."""

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
NODE = Path(sysconfig.get_path("scripts")) / "node"

# what the browser gets from React; the functions under test need none of it
REACT = "export const " + ", ".join(
    f"{name} = undefined" for name in ("createElement", "Fragment", "useEffect", "useState", "useSyncExternalStore")
)


@pytest.mark.parametrize("subject", sorted(path.name.split(".")[0] for path in Path(__file__).parent.glob("js/*.test.mjs")))
def test_script(subject: str, tmp_path: Path) -> None:
    react = tmp_path / "node_modules" / "react"
    react.mkdir(parents=True)
    (react / "package.json").write_text('{"name": "react", "type": "module", "main": "index.js"}')
    (react / "index.js").write_text(REACT)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(PROJECT / "assets" / f"{subject}.js", tmp_path)
    test = shutil.copy(PROJECT / "tests" / "js" / f"{subject}.test.mjs", tmp_path)
    ran = subprocess.run([NODE, "--test", test], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
