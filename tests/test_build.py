from pathlib import Path

import pytest

from chat_app import build
from chat_app.build import build_is_current, source_digest

HERE = "http://localhost:8000"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("chat_app/pages/home.py", "assets/a.js", "reflex.lock/package-lock.json", "rxconfig.py", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_the_same_sources_have_the_same_digest(project: Path):
    assert source_digest(HERE, project) == source_digest(HERE, project)


@pytest.mark.parametrize(
    "name", ["chat_app/pages/home.py", "assets/a.js", "reflex.lock/package-lock.json", "rxconfig.py"]
)
def test_a_changed_source_changes_it(project: Path, name: str):
    before = source_digest(HERE, project)
    (project / name).write_text("other")
    assert source_digest(HERE, project) != before


def test_so_does_a_new_or_a_renamed_one(project: Path):
    before = source_digest(HERE, project)
    (project / "assets/b.js").touch()
    added = source_digest(HERE, project)
    (project / "assets/b.js").rename(project / "assets/c.js")
    assert len({before, added, source_digest(HERE, project)}) == 3


def test_and_so_do_the_port_and_reflex_itself(project: Path, monkeypatch: pytest.MonkeyPatch):
    before = source_digest(HERE, project)
    assert source_digest("http://localhost:9000", project) != before
    monkeypatch.setattr(build, "version", lambda _name: "9.9.9")
    assert source_digest(HERE, project) != before


def test_what_is_no_source_does_not(project: Path):
    before = source_digest(HERE, project)
    (project / "README.md").write_text("other")
    assert source_digest(HERE, project) == before


def test_a_build_is_current_until_something_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(build, "STAMP", tmp_path / "stamp")
    assert not build_is_current(HERE)
    (tmp_path / "stamp").write_text(source_digest(HERE))
    assert build_is_current(HERE)
    assert not build_is_current("http://localhost:9000")
