import os
import subprocess
import sys
from pathlib import Path


def chat(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
    return subprocess.run(
        [sys.executable, "-m", "chat_app", *arguments],
        env=environ | settings,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_bad_settings_stop_the_start_with_a_line_each():
    done = chat("serve", CHAT_PHONE="maybe", CHAT_BSE_URL="x")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2
    assert "CHAT_PHONE: " in done.stderr
    assert "did you mean CHAT_BASE_URL?" in done.stderr


def test_bad_settings_stop_reflex_the_same_way():
    environ = os.environ | {"CHAT_PHONE": "maybe"}
    done = subprocess.run(
        [sys.executable, "-m", "reflex", "run"], env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("CHAT_PHONE: ")


def test_the_readme_names_every_command():
    usage = chat("--help").stdout
    commands = set(usage.partition("{")[2].partition("}")[0].split(","))
    named = {line.split("`")[1].split()[0] for line in Path("README.md").read_text().splitlines() if line[:3] == "| `"}
    assert "doctor" in commands
    assert commands <= named


def test_migrate_makes_the_database_for_its_owner_only(tmp_path: Path):
    data_dir = tmp_path / "data"
    assert chat("migrate", CHAT_DATA_DIR=str(data_dir)).returncode == 0
    assert chat("migrate", CHAT_DATA_DIR=str(data_dir)).returncode == 0
    assert (data_dir / "chat.sqlite3").exists()
    assert data_dir.stat().st_mode & 0o077 == 0


def test_serving_unbuilt_pages_says_how_to_build_them(tmp_path: Path):
    done = chat("serve", REFLEX_WEB_WORKDIR=str(tmp_path / "web"), CHAT_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "python -m chat_app build" in done.stderr
