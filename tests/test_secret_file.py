import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chat_app.infrastructure.secret_file import generated_secret


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path):
    data_dir = tmp_path / "data"
    secret = generated_secret(data_dir)
    assert len(secret) == 64
    assert generated_secret(data_dir) == secret
    assert stat.S_IMODE((data_dir / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700


def test_two_installations_have_different_secrets(tmp_path: Path):
    assert generated_secret(tmp_path / "a") != generated_secret(tmp_path / "b")


def test_a_secret_that_lies_open_is_closed(tmp_path: Path):
    generated_secret(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    generated_secret(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_servers_that_start_at_once_agree(tmp_path: Path):
    with ThreadPoolExecutor(16) as threads:
        secrets = set(threads.map(generated_secret, [tmp_path / "data"] * 64))
    assert len(secrets) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret"]
