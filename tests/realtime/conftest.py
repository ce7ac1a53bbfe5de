"""One real server for all tests that knock at it from outside."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_app.domain.chats.actions import open_direct_chat
from chat_app.domain.common.ids import ChatId
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal, SystemClock, SystemDice
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.rate_limits import NoLimits
from chat_app.infrastructure.unit_of_work import Doors
from tests.live_server import LiveServer
from tests.people import ada, ben, cleo, pending


class House(LiveServer):
    """The server, with ada, ben, cleo and the unconfirmed eve; ada and ben have a chat."""

    chat: ChatId
    ben: str


@pytest.fixture(scope="package")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    directory = tmp_path_factory.mktemp("house")
    shutil.copy(sqlite_template, directory / "chat.sqlite3")
    house = House(directory, f"sqlite:///{directory / 'chat.sqlite3'}", CHAT_LIMITS="off")
    asyncio.run(_move_in(house, f"sqlite:///{directory / 'chat.sqlite3'}"))
    try:
        house.start()
        yield house
    finally:
        house.stop()


async def _move_in(house: House, url: str) -> None:
    # by the real clock, which the server looks at: sessions end
    clock, dice, seal = SystemClock(), SystemDice(), KeyedSeal(b"the seal of the tests, 32 bytes.")
    doors = Doors(open_database(url), clock=clock, dice=dice, seal=seal, limiter=NoLimits(), bus=LocalBus())
    a, b = await ada(doors), await ben(doors)
    await cleo(doors)
    await pending(doors, "eve")
    house.chat, house.ben = await doors.perform(a, open_direct_chat, b.user_id), b.user_id
    doors.close()
