"""The first admin is made on the command line, beside a server that may be running."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlmodel import select

from chat_app.commands.create_admin import create_admin
from chat_app.domain.common.errors import Forbidden, NotConfirmed, NotFound
from chat_app.domain.common.values import Email
from chat_app.domain.common.work import SYSTEM, Work
from chat_app.domain.users.appointments import appoint
from chat_app.domain.users.events import PersonChanged
from chat_app.domain.users.rules import Role
from chat_app.domain.users.tables import User
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.faults import Fault
from chat_app.infrastructure.migrations import downgrade
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.settings import Settings
from tests.people import ada, ben, pending, row_of
from tests.test_cli import chat


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings.from_env({"CHAT_DATA_DIR": str(tmp_path), "CHAT_DATABASE_URL": database_url}, None)


async def test_ada_becomes_an_admin_and_stays_one(doors: Doors, bus: LocalBus) -> None:
    someone, email, told = await ada(doors), Email("Ada@Example.org"), []
    bus.subscribe(told.extend)
    assert await doors.perform(SYSTEM, appoint, email, Role.ADMIN) is True
    assert (await row_of(doors, someone)).role == Role.ADMIN
    assert told == [PersonChanged(someone.user_id, someone.row)]
    assert await doors.perform(SYSTEM, appoint, email, Role.ADMIN) is False
    assert len(told) == 1


async def test_whoever_has_not_confirmed_does_not(doors: Doors) -> None:
    await pending(doors, "eve")
    with pytest.raises(NotConfirmed):
        await doors.perform(SYSTEM, appoint, Email("eve@example.org"), Role.ADMIN)
    # the email is proven and the phone is not
    await ben(doors, phone_confirmed_at=None)
    with pytest.raises(NotConfirmed):
        await doors.perform(SYSTEM, appoint, Email("ben@example.org"), Role.ADMIN)


async def test_nor_does_who_only_says_that_the_email_is_theirs(doors: Doors) -> None:
    eve = await pending(doors, "eve", email="ada@example.org")
    someone = await ada(doors)
    await doors.perform(SYSTEM, appoint, Email("ada@example.org"), Role.ADMIN)
    assert (await row_of(doors, someone)).role == Role.ADMIN
    assert (await row_of(doors, eve)).role == Role.USER


def leave(work: Work) -> None:
    for user in work.session.exec(select(User)):
        user.deleted_at = work.now
        work.session.add(user)


async def test_nor_does_nobody_or_who_is_gone(doors: Doors) -> None:
    await ada(doors)
    await doors.perform(SYSTEM, leave)
    for email in ("ada@example.org", "nobody@example.org"):
        with pytest.raises(NotFound):
            await doors.perform(SYSTEM, appoint, Email(email), Role.ADMIN)


async def test_ben_cannot_appoint_himself(doors: Doors) -> None:
    himself = await ben(doors)
    with pytest.raises(Forbidden):
        await doors.perform(himself, appoint, Email("ben@example.org"), Role.ADMIN)


async def test_the_command_works_beside_a_server(
    doors: Doors, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    someone = await ada(doors)
    for said in ("Ada@example.org is an admin now.", "Ada@example.org was an admin already."):
        await asyncio.to_thread(create_admin, settings, "Ada@Example.org")
        assert capsys.readouterr().out.strip() == said
    assert (await row_of(doors, someone)).role == Role.ADMIN
    # and the server goes on writing
    await ben(doors)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_it_waits_for_whoever_writes(doors: Doors, settings: Settings) -> None:
    await ada(doors)
    with sqlite3.connect(
        settings.database_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(target=create_admin, args=(settings, "ada@example.org"))
        waiting.start()
        await asyncio.to_thread(waiting.join, 0.3)
        assert waiting.is_alive()
        other.execute("COMMIT")
    await asyncio.to_thread(waiting.join)
    assert await doors.perform(SYSTEM, appoint, Email("ada@example.org"), Role.ADMIN) is False


async def test_it_says_what_to_do_first(doors: Doors, settings: Settings) -> None:
    await pending(doors, "eve")
    for email, words in {
        "nobody@example.org": "sign up with it at http://localhost:8000 and confirm it first",
        "eve@example.org": "type the codes first",
        "eve": "write it like",
    }.items():
        with pytest.raises(Fault, match=words):
            await asyncio.to_thread(create_admin, settings, email)


def test_a_database_that_is_not_ready_is_left_alone(settings: Settings, tmp_path: Path, database_url: str) -> None:
    downgrade(database_url, "0001")
    with pytest.raises(Fault, match="chat_app migrate"):
        create_admin(settings, "ada@example.org")
    missing = Settings.from_env({"CHAT_DATA_DIR": str(tmp_path / "new")}, None)
    with pytest.raises(Fault, match="no database"):
        create_admin(missing, "ada@example.org")
    assert not missing.data_dir.exists()


def test_on_the_command_line_a_fault_is_one_line(tmp_path: Path) -> None:
    done = chat("create-admin", "ada@example.org", CHAT_DATA_DIR=str(tmp_path / "new"))
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert " → " in line
