"""`doctor` finds nothing wrong with a healthy installation, and of one that is broken in one way names just that."""

import os
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest

from chat_app import build
from chat_app.commands import doctor
from chat_app.commands.checks import machine
from chat_app.commands.findings import Finding
from chat_app.domain.common.tables import EPOCH
from chat_app.infrastructure.clock import SystemClock
from chat_app.infrastructure.migrations import downgrade
from chat_app.infrastructure.secret_file import generated_secret
from tests.bucket import bucket_service
from tests.carriers import AUTHORITY, Gateway, PostOffice, answering, free_port, opened, server_tls
from tests.services import REDIS
from tests.test_cli import chat

SECRET = "0123456789abcdef" * 4


class House:
    """An installation that lacks nothing, until somebody breaks it."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch, stack: ExitStack) -> None:
        self.place, self.monkeypatch, self._stack = place, monkeypatch, stack
        self.data_dir = place / "data"
        self.database = self.data_dir / "chat.sqlite3"
        self.office, self.gateway = PostOffice(), Gateway()
        port = free_port()
        self.environ = {"CHAT_DATA_DIR": str(self.data_dir), "PORT": str(port), "CHAT_MAIL_FROM": "chat@example.org"}
        self.build(f"http://localhost:{port}")

    def build(self, address: str) -> None:
        (self.place / "stamp").write_text(build.source_digest(address))

    def name_carriers(self) -> None:
        self._stack.enter_context(opened(self.office, tls_context=server_tls()))
        self._stack.enter_context(answering(self.gateway))
        self.environ |= {"CHAT_SMTP_URL": self.office.url("smtp+starttls"), "CHAT_SMS_URL": self.gateway.url}

    def produce(self) -> None:
        """Run in production."""
        self.name_carriers()
        address = f"https://localhost:{self.environ['PORT']}"
        self.environ |= {"CHAT_ENV": "production", "CHAT_BASE_URL": address, "CHAT_SECRET": SECRET}
        self.environ |= {"CHAT_TRUSTED_PROXIES": "1"}
        self.build(address)
        (self.place / ".env").touch(0o600)

    def serve(self, status: int, answer: str | dict[str, object]) -> None:
        """Have somebody answer at our port."""
        there = Gateway(status=status, answer=answer)
        self._stack.enter_context(answering(there))
        port = there.url.split(":")[2].removesuffix("/send")
        self.environ["PORT"] = port
        self.build(f"http://localhost:{port}")

    def write(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(statement, values)

    def findings(self) -> list[Finding]:
        found = list(doctor.findings(self.environ))
        for finding in found:
            [line] = str(finding).splitlines()
            assert not any(secret in line for secret in (SECRET, "p@ss:word", "p%40ss", "hidden-one"))
        return found

    def complaints(self) -> list[Finding]:
        return [finding for finding in self.findings() if finding.level != "ok"]


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    # where a `.env` would be looked for
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(build, "STAMP", tmp_path / "stamp")
    # the machine of the tests is what it is
    monkeypatch.setattr(machine.resource, "getrlimit", lambda _what: (65536, 65536))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(100, 50, 50))
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with ExitStack() as stack:
        house = House(tmp_path, monkeypatch, stack)
        generated_secret(house.data_dir)
        shutil.copy(sqlite_template, house.database)
        yield house


def test_a_healthy_house_is_well_everywhere(house: House) -> None:
    house.name_carriers()
    found = house.findings()
    assert [finding for finding in found if finding.level != "ok"] == []
    assert {finding.about for finding in found} >= {"Python", "Node", "database", "pages", "mail server", "clock"}
    # mail and SMS are tried without sending any
    assert house.office.mail == house.gateway.calls == []


def test_so_is_one_in_production(house: House) -> None:
    house.produce()
    assert house.complaints() == []


def test_so_is_one_that_nobody_served_yet(house: House) -> None:
    (house.data_dir / "secret").unlink()
    assert house.complaints() == []


def test_so_is_one_that_is_being_served(house: House) -> None:
    house.serve(HTTPStatus.OK, {"status": "ok", "waiting": 0, "mail": {}, "sms": {}})
    found = {finding.about: finding for finding in house.findings()}
    assert found[f"port {house.environ['PORT']}"] == Finding("ok", f"port {house.environ['PORT']}", "Chat serves there")
    assert {finding.level for finding in found.values()} == {"ok"}


@pytest.mark.redis
def test_so_is_one_with_redis(house: House) -> None:
    house.environ["CHAT_REDIS_URL"] = REDIS
    assert house.complaints() == []


def test_a_bucket_is_tried_and_its_secret_never_told(house: House) -> None:
    with bucket_service() as service:
        house.environ["CHAT_FILES_URL"] = service.url()
        assert house.complaints() == []
        for url, why in (
            (service.url(secret="the-wrong-one"), "secret is wrong"),
            (service.url("no-such-bucket"), "no such bucket"),
            (f"s3+http://some-key:hidden-one@127.0.0.1:{free_port()}/chat", "cannot be reached"),
        ):
            house.environ["CHAT_FILES_URL"] = url
            [complaint] = house.complaints()
            assert (complaint.about, complaint.level) == ("files", "fault")
            assert why in complaint.text
            assert not any(word in str(complaint) for word in ("the-wrong-one", service.key, "hidden-one"))


@pytest.mark.postgres
def test_so_is_one_with_postgresql(house: House, postgres_url: str) -> None:
    house.environ["CHAT_DATABASE_URL"] = postgres_url
    house.database.unlink()
    assert house.complaints() == []
    downgrade(postgres_url, "0002")
    [complaint] = house.complaints()
    assert (complaint.about, complaint.level) == ("database", "fault")
    assert "0002" in complaint.text


def cannot(*_arguments: object, **_options: object) -> None:
    raise OSError(30, "Read-only file system")


def no_data(house: House) -> None:
    shutil.rmtree(house.data_dir)


def open_to_others(house: House) -> None:
    house.data_dir.chmod(0o750)


def anothers(house: House) -> None:
    house.monkeypatch.setattr(os, "geteuid", lambda: 54321)


def read_only(house: House) -> None:
    house.monkeypatch.setattr(tempfile, "TemporaryFile", cannot)


def full(house: House) -> None:
    house.monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(100, 96, 4))


def readable_secret(house: House) -> None:
    (house.data_dir / "secret").chmod(0o640)


def short_secret(house: House) -> None:
    (house.data_dir / "secret").write_text("short")


def lost_secret(house: House) -> None:
    names = "user_id, public_id, username, username_key, username_folded, name, name_key, password_hash, language"
    house.write(f"INSERT INTO users ({names}, created_at) VALUES ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'ru', 0)")
    (house.data_dir / "secret").unlink()


def no_database(house: House) -> None:
    house.database.unlink()


def empty_database(house: House) -> None:
    house.database.write_bytes(b"")


def no_database_at_all(house: House) -> None:
    house.database.write_bytes(b"something else" * 1000)


def damaged_database(house: House) -> None:
    content = bytearray(house.database.read_bytes())
    content[8192:20480] = b"x" * 12288
    house.database.write_bytes(content)


def older_tables(house: House) -> None:
    downgrade(f"sqlite:///{house.database}", "0001")


def newer_tables(house: House) -> None:
    house.write("UPDATE alembic_version SET version_num = '9999'")


def failing_mail(house: House) -> None:
    house.write("UPDATE channels SET failing_since = 1000000 WHERE name = 'mail'")


def job(house: House, moment: int, dead: int | None) -> None:
    columns = "kind, payload, created_at, run_at, tries, dead_at, failed_channel"
    house.write(f"INSERT INTO jobs ({columns}) VALUES ('send_code', '{{}}', ?, 0, 12, ?, NULL)", moment, dead)


def dead_jobs(house: House) -> None:
    job(house, 0, 1)
    job(house, 0, 1)
    job(house, 0, None)


def clock_behind(house: House) -> None:
    job(house, (SystemClock().now() + timedelta(days=2) - EPOCH) // timedelta(microseconds=1), None)


def not_built(house: House) -> None:
    build.STAMP.unlink()


def built_for_another(house: House) -> None:
    house.build("https://other.example")


def strange_python(house: House) -> None:
    house.monkeypatch.setattr(machine, "PYTHONS", ((3, 99),))


def no_node(house: House) -> None:
    house.monkeypatch.setattr(machine.shutil, "which", lambda _name, path="": None)


def old_node(house: House) -> None:
    house.monkeypatch.setattr(machine, "NODE", 99)


def few_files(house: House) -> None:
    house.monkeypatch.setattr(machine.resource, "getrlimit", lambda _what: (1024, 4096))


def another_program(house: House) -> None:
    house.serve(HTTPStatus.OK, "<html>")


def another_json(house: House) -> None:
    house.serve(HTTPStatus.OK, {"status": "ok"})


def ours_unwell(house: House) -> None:
    house.serve(HTTPStatus.SERVICE_UNAVAILABLE, {"code": "database_unreachable"})


def no_such_address(house: House) -> None:
    house.environ["CHAT_HOST"] = "192.0.2.1"
    house.monkeypatch.setattr(machine, "_called", lambda _host: "127.0.0.1")


def no_redis(house: House) -> None:
    house.environ["CHAT_REDIS_URL"] = f"redis://:hidden-one@127.0.0.1:{free_port()}"


def no_postgres(house: House) -> None:
    house.environ["CHAT_DATABASE_URL"] = f"postgresql://chat:hidden-one@127.0.0.1:{free_port()}/chat"


def wrong_mail_password(house: House) -> None:
    house.name_carriers()
    house.environ["CHAT_SMTP_URL"] = house.office.url("smtp+starttls", password="hidden-one")


def unknown_authority(house: House) -> None:
    house.name_carriers()
    house.monkeypatch.delenv("SSL_CERT_FILE")


def no_mail_server(house: House) -> None:
    house.environ["CHAT_SMTP_URL"] = f"smtps://chat:hidden-one@127.0.0.1:{free_port()}"


def no_gateway(house: House) -> None:
    house.environ["CHAT_SMS_URL"] = f"https://127.0.0.1:{free_port()}/hidden-one"


def no_tls_at_the_gateway(house: House) -> None:
    house.name_carriers()
    house.environ["CHAT_SMS_URL"] = house.gateway.url.replace("http:", "https:")


def bare_http(house: House) -> None:
    address = f"http://localhost:{house.environ['PORT']}"
    house.environ["CHAT_BASE_URL"] = address


def name_that_leads_nowhere(house: House) -> None:
    # as DNS would say, without asking it
    known = socket.getaddrinfo

    def asked(host: str, *rest: object, **more: object) -> object:
        if host == "chat.example":
            raise socket.gaierror(-2, "Name or service not known")
        return known(host, *rest, **more)  # pyright: ignore

    house.monkeypatch.setattr(socket, "getaddrinfo", asked)
    house.environ["CHAT_BASE_URL"] = "https://chat.example"
    house.build("https://chat.example")


def no_proxy(house: House) -> None:
    house.produce()
    del house.environ["CHAT_TRUSTED_PROXIES"]


def no_limits(house: House) -> None:
    house.produce()
    house.environ["CHAT_LIMITS"] = "off"


def sender_at_localhost(house: House) -> None:
    house.produce()
    del house.environ["CHAT_MAIL_FROM"]


def readable_settings(house: House) -> None:
    house.produce()
    (house.place / ".env").chmod(0o644)


def no_secret(house: House) -> None:
    house.produce()
    del house.environ["CHAT_SECRET"]


def misspelt(house: House) -> None:
    house.environ["CHAT_BSE_URL"] = "https://chat.example"


def bad_port(house: House) -> None:
    house.environ["PORT"] = "many"


BROKEN: list[tuple[Callable[[House], None], str, str]] = [
    (misspelt, "settings", "CHAT_BSE_URL: no such setting, did you mean CHAT_BASE_URL?"),
    (bad_port, "settings", "PORT: "),
    (no_secret, "settings", "CHAT_SECRET: "),
    (strange_python, "Python", "was not tried"),
    (no_node, "Node", "is missing"),
    (old_node, "Node", "is too old"),
    (no_data, "data directory", "is not there"),
    (open_to_others, "data directory", "its mode is 0750"),
    (anothers, "data directory", "belongs to"),
    (read_only, "data directory", "nothing can be written"),
    (full, "disk", "4% is free"),
    (readable_secret, "secret", "others may read"),
    (short_secret, "secret", "is cut short"),
    (lost_secret, "secret", "there are accounts"),
    (no_database, "database", "there is no database"),
    (empty_database, "database", "is empty"),
    (no_database_at_all, "database", "is damaged"),
    (damaged_database, "database", "is damaged"),
    (older_tables, "database", "are of 0001"),
    (newer_tables, "database", "newer tables (9999)"),
    (no_postgres, "database", "does not answer"),
    (failing_mail, "mail queue", "fails since 1970-01-01T00:00:01"),
    (clock_behind, "clock", "the newest row is of"),
    (not_built, "pages", "are not built"),
    (built_for_another, "pages", "for another address"),
    (another_program, "port", "another program"),
    (another_json, "port", "another program"),
    (ours_unwell, "port", "cannot reach its database"),
    (no_such_address, "port", "cannot be listened on at 192.0.2.1"),
    (no_redis, "Redis", "does not answer"),
    (wrong_mail_password, "mail server", "refuses user or password"),
    (unknown_authority, "mail server", "certificate"),
    (no_mail_server, "mail server", "nobody listens"),
    (no_gateway, "SMS gateway", "nobody listens"),
    (no_tls_at_the_gateway, "SMS gateway", "does not speak TLS"),
    (no_proxy, "production", "CHAT_TRUSTED_PROXIES is 0"),
    (no_limits, "production", "CHAT_LIMITS is off"),
    (sender_at_localhost, "production", "chat@localhost"),
    (readable_settings, "production", "others may read the secrets"),
]
WORRIED: list[tuple[Callable[[House], None], str, str]] = [
    (few_files, "open files", "up to 1024"),
    (dead_jobs, "jobs", "given up: 2 of send_code"),
    (bare_http, "address", "is not https"),
    (name_that_leads_nowhere, "address", "chat.example leads nowhere"),
]


@pytest.mark.parametrize(("broken", "about", "words"), BROKEN, ids=lambda given: getattr(given, "__name__", ""))
def test_one_fault_is_named_and_nothing_else(
    house: House, broken: Callable[[House], None], about: str, words: str
) -> None:
    broken(house)
    [complaint] = house.complaints()
    assert complaint.level == "fault"
    assert complaint.about.startswith(about)
    assert words in complaint.text
    assert complaint.to_do


@pytest.mark.parametrize(("odd", "about", "words"), WORRIED, ids=lambda given: getattr(given, "__name__", ""))
def test_a_warning_is_no_fault(
    house: House, odd: Callable[[House], None], about: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd(house)
    [complaint] = house.complaints()
    assert (complaint.level, complaint.about) == ("warning", about)
    assert words in complaint.text
    monkeypatch.setattr(doctor, "findings", lambda: iter([complaint]))
    assert doctor.doctor() == 0


def test_all_faults_are_named_at_once(house: House) -> None:
    house.environ |= {"CHAT_PHONE": "maybe", "CHAT_SMTP_URL": "pigeon://hidden-one", "CHAT_HSOT": "x"}
    readable_secret(house)
    full(house)
    complaints = house.complaints()
    assert sorted(complaint.about for complaint in complaints) == ["disk", "secret", *["settings"] * 3]


def test_a_check_that_breaks_keeps_no_other_from_being_made(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.subprocess, "run", cannot)
    [complaint] = house.complaints()
    assert (complaint.about, complaint.text) == ("node", "could not be looked at: OSError")


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    here = {"CHAT_DATA_DIR": str(tmp_path / "data"), "REFLEX_WEB_WORKDIR": str(tmp_path / "web")}
    # and a terminal of few letters is no obstacle
    done = chat("doctor", PYTHONIOENCODING="ascii", **here)
    assert done.returncode == 1
    assert done.stderr == ""
    kinds = {line.partition(":")[0] for line in done.stdout.splitlines()}
    assert kinds <= {"ok", "warning", "fault"}
    assert list(tmp_path.iterdir()) == []
