"""The files of `deploy/` say the same as each other and as the code."""

import re
import subprocess
from pathlib import Path

import pytest
from dotenv import dotenv_values

from chat_app.api.app import BODY_BYTES, LARGER_BODIES
from chat_app.cli import DRAIN_SECONDS
from chat_app.realtime.socket_server import PING_INTERVAL, PING_TIMEOUT
from chat_app.settings import PROJECT, BadSettings, Settings, variables

DEPLOY = PROJECT / "deploy"
EXAMPLE = DEPLOY / "env.example"
HOME = "/srv/chat/app"

YOURS = {
    "CHAT_SECRET": "0123456789abcdef" * 4,
    "CHAT_SMTP_URL": "smtps://user:password@mail.example",
    "CHAT_SMS_URL": "https://sms.example/send",
}
"""What the example leaves for the operator to write."""


def test_every_variable_of_the_example_is_a_setting() -> None:
    assert set(dotenv_values(EXAMPLE)) <= set(variables().values())


def test_the_example_stops_the_start_until_what_is_the_operators_is_written() -> None:
    with pytest.raises(BadSettings) as bad:
        Settings.from_env({}, EXAMPLE)
    assert {fault.partition(":")[0] for fault in bad.value.faults} == set(YOURS)
    settings = Settings.from_env(YOURS, EXAMPLE)
    assert settings.production
    assert settings.base_url == "https://chat.example"


def test_systemd_reads_the_example_as_the_server_does() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    as_systemd = dict(re.fullmatch(r"(\w+)=('[^']*'|[^\s'\"#\\]*)", line).groups() for line in lines)
    assert {name: value.strip("'") for name, value in as_systemd.items()} == dotenv_values(EXAMPLE)


def test_nginx_finds_the_server_and_is_the_one_proxy_it_trusts() -> None:
    settings = Settings.from_env(YOURS, EXAMPLE)
    site = (DEPLOY / "nginx.conf").read_text()
    assert f"server {settings.host}:{settings.port};" in site
    assert settings.trusted_proxies == 1
    # in place of what the client says, in every location that leads to the server
    assert site.count("proxy_set_header X-Forwarded-For $remote_addr;") == site.count("proxy_pass ") == 6


def test_nginx_waits_longer_than_a_socket_may_be_silent_and_takes_what_the_server_takes() -> None:
    site = (DEPLOY / "nginx.conf").read_text()
    _, _, events = site.partition("location /_event/")
    [patience] = re.findall(r"proxy_read_timeout (\d+)s;", events)
    assert int(patience) > PING_INTERVAL + PING_TIMEOUT
    assert f"client_max_body_size {BODY_BYTES // 1024}k;" in site
    for path, most in LARGER_BODIES.items():
        _, _, there = site.partition(f"location = {path} {{")
        # a little more: what is too large the server says better
        [megabytes] = re.findall(r"client_max_body_size (\d+)m;", there.partition("}")[0])
        assert most < int(megabytes) * 1024 * 1024 < most + 2 * 1024 * 1024


def test_nginx_lets_through_the_largest_file_and_keeps_none_of_it() -> None:
    settings = Settings.from_env(YOURS, EXAMPLE)
    _, _, files = (DEPLOY / "nginx.conf").read_text().partition("location /files ")
    files, _, _ = files.partition("}")
    assert f"client_max_body_size {settings.upload_mb + 1}m;" in files
    assert {"proxy_request_buffering off;", "proxy_max_temp_file_size 0;"} <= {
        line.strip() for line in files.split("\n")
    }


def test_the_unit_lets_the_server_write_where_its_data_is_and_stop_in_peace() -> None:
    unit = unit_lines()
    data_dir = str(Settings.from_env(YOURS, EXAMPLE).data_dir)
    assert unit["ReadWritePaths"] == f"/var/lib/{unit['StateDirectory']}" == data_dir
    assert unit["ProtectSystem"] == "strict"
    assert unit["NoNewPrivileges"] == "yes"
    assert unit["EnvironmentFile"] == f"{HOME}/.env"
    assert unit["ExecStart"] == f"{HOME}/.venv/bin/python -m chat_app serve"
    assert int(unit["TimeoutStopSec"]) > 2 * DRAIN_SECONDS


@pytest.mark.systemd
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    # it looks whether the program is there
    here = tmp_path / "chat.service"
    here.write_text((DEPLOY / "chat.service").read_text().replace(HOME, str(PROJECT)))
    done = subprocess.run(["systemd-analyze", "verify", str(here)], capture_output=True, text=True, timeout=30)
    assert (done.returncode, [line for line in done.stderr.splitlines() if here.name in line]) == (0, [])


def test_the_steps_take_the_files_that_are_there() -> None:
    steps = (DEPLOY / "README.md").read_text()
    assert set(re.findall(r"deploy/([\w.-]+)", steps)) == {"env.example", "chat.service", "nginx.conf"}
    assert HOME in steps


def unit_lines() -> dict[str, str]:
    lines = (DEPLOY / "chat.service").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
