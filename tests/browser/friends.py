"""People who have settled in already: written into the database of a running server, with cookies to prove it."""

import itertools
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.async_api import Page

from chat_app.domain.chats.actions import open_direct_chat
from chat_app.domain.common.ids import ChatId, ClientId
from chat_app.domain.common.work import Person
from chat_app.domain.messages.actions import send_message
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal, SystemClock, SystemDice
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.rate_limits import NoLimits
from chat_app.infrastructure.unit_of_work import Doors
from tests.browser.servers import Server
from tests.browser.visits import Visits
from tests.people import confirmed, cookie_of

BOX = "#message"
BUBBLE = ".b .tx"

_numbers = itertools.count(os.getpid() % 10_000 * 1000)


@contextmanager
def behind(server: Server) -> Iterator[Doors]:
    """Doors into the server's database, from outside: what goes through them is stored and not heard of."""
    doors = Doors(
        open_database(f"sqlite:///{server.data_dir / 'chat.sqlite3'}"),
        clock=SystemClock(),
        dice=SystemDice(),
        seal=KeyedSeal(b"not the server's"),
        limiter=NoLimits(),
        bus=LocalBus(),
    )
    try:
        yield doors
    finally:
        doors.close()


@dataclass
class Friends:
    """Two people who share a chat."""

    ada: Person
    ben: Person
    ada_name: str
    ben_name: str
    chat_id: ChatId

    @property
    def path(self) -> str:
        return f"/chat/{self.chat_id}"


async def friends(server: Server, *, said: int = 0) -> Friends:
    """Two new people and their direct chat, in which Ada has said `said` things: `word 1`, `word 2`…"""
    number = next(_numbers)
    with behind(server) as doors:
        ada = await confirmed(doors, f"ada{number}", f"+791{number:08d}1"[:12])
        ben = await confirmed(doors, f"ben{number}", f"+792{number:08d}2"[:12])
        chat_id = await doors.perform(ada, open_direct_chat, ben.user_id)
        for at in range(1, said + 1):
            await doors.perform(ada, send_message, chat_id, ClientId(f"word-{at}"), f"word {at}")
    return Friends(ada, ben, f"ada{number}", f"ben{number}", chat_id)


async def at_home(visit: Visits, name: str, path: str = "/", *, slowed: int = 1, **options: object) -> Page:
    """A tab of somebody who is signed in, once it is filled."""
    context = await visit.context(name, **options)
    await context.add_cookies([{"name": "sid", "value": cookie_of(name), "url": visit.url, "httpOnly": True}])
    page = await visit(path, by=name, slowed=slowed)
    await page.wait_for_function("() => /[0-9A-Z]{8}/.test(document.querySelector('.who .id')?.textContent ?? '')")
    return page


async def look_for(page: Page, text: str) -> None:
    """Open the search, if it is not, and type."""
    if not await page.locator("#search").count():
        await page.click("#find")
    await page.fill("#search", text)


async def say(page: Page, text: str) -> None:
    """Type and press Enter."""
    await page.fill(BOX, text)
    await page.press(BOX, "Enter")


async def words(page: Page) -> list[str]:
    """What the bubbles say, top to bottom."""
    return await page.locator(BUBBLE).all_inner_texts()


async def until(page: Page, texts: list[str], timeout_s: float = 30) -> None:
    """Wait until the bubbles say just this. Raises AssertionError with what they say instead."""
    try:
        await page.wait_for_function(
            "([bubble, texts]) => texts === JSON.stringify("
            "[...document.querySelectorAll(bubble)].map(b => b.innerText))",
            arg=[BUBBLE, json.dumps(texts, ensure_ascii=False, separators=(",", ":"))],
            timeout=timeout_s * 1000,
        )
    except Exception as error:
        assert await words(page) == texts, "the bubbles"
        raise error from None
