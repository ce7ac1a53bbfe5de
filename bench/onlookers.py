"""Chromium tabs that watch a chat while the server is killed, at full speed and slowed down."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Page, async_playwright

from bench.seeding import Town

THROTTLES = (1, 6)
"""How many times slower than this machine each browser is."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # a tab behind another is slowed down by Chromium as well, which is not what is measured
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
)

SHOWN = """() => [...document.querySelectorAll('#log [data-seq]')]
  .map((bubble) => [Number(bubble.dataset.seq), bubble.querySelector('.tx')?.textContent ?? ''])
  .filter(([seq]) => seq > 0)"""


@dataclass
class Onlooker:
    """A browser, and what it last had on screen: seq and text of each message."""

    page: Page
    throttle: int
    seen: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    async def look(self) -> list[tuple[int, str]]:
        self.seen = [(seq, text) for seq, text in await self.page.evaluate(SHOWN)]
        return self.seen


def found_chromium() -> str:
    """Where it is. Raises RuntimeError when it is nowhere."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise RuntimeError("there is no Chromium to look with")
    return found


@asynccontextmanager
async def onlookers(port: int, town: Town, wanted: bool) -> AsyncGenerator[list[Onlooker]]:
    """One browser for each throttle, at the first chat of `town`, each another of its members; none if not `wanted`."""
    if not wanted:
        yield []
        return
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found_chromium(), args=list(ARGUMENTS))
        try:
            watching: list[Onlooker] = []
            for person, throttle in enumerate(THROTTLES):
                context = await browser.new_context()
                address = f"http://localhost:{port}"
                await context.add_cookies([{"name": "sid", "value": town.cookie(person), "url": address}])
                page = await context.new_page()
                session = await context.new_cdp_session(page)
                await session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
                await page.goto(f"{address}/chat/{town.chat_id(0)}")
                await page.locator("#log [data-seq]").first.wait_for(timeout=60_000)
                watching.append(Onlooker(page, throttle))
            yield watching
        finally:
            await browser.close()
