"""People at their browsers: each name has a browser context of its own, with its own cookies and tabs."""

import asyncio
import re
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page

DESKTOP = {"width": 1280, "height": 800}
CLOSE_SECONDS = 20
PHONE = {"width": 390, "height": 844}


class Visits:
    """`await visit("/signin")` opens a tab. Whatever the tabs complain of, CSP included, fails the test at its end."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.url = url
        self.faults: list[str] = []
        self._browser = browser
        self._contexts: dict[str, BrowserContext] = {}
        self._forgiven: list[re.Pattern[str]] = []

    async def __call__(self, path: str = "/", *, by: str = "ada", slowed: int = 1, **options: Any) -> Page:
        """A new tab of `by` at `path`, once the page talks to the server.

        `slowed` is how many times slower than this machine theirs is; `options` are those of a browser context
        (`viewport`, `locale`, `color_scheme`…) and count for a person's first tab.
        """
        page = await (await self.context(by, **options)).new_page()
        if slowed > 1:
            devtools = await page.context.new_cdp_session(page)
            await devtools.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
        await page.goto(self.url + path)
        return page

    async def context(self, by: str, **options: Any) -> BrowserContext:
        """The browser context of `by`, made at the first call."""
        if by not in self._contexts:
            options = {"viewport": DESKTOP, "locale": "ru-RU", "accept_downloads": True} | options
            context = await self._browser.new_context(**options)
            context.set_default_timeout(15_000)
            context.on("console", lambda message: self._heard(by, message))
            context.on("weberror", lambda error: self._fault(by, str(error.error)))
            self._contexts[by] = context
        return self._contexts[by]

    def forgive(self, pattern: str) -> None:
        """Expect complaints that `pattern` is found in, as when a server is stopped on purpose."""
        self._forgiven.append(re.compile(pattern))

    async def end(self) -> None:
        """Close all tabs. Raises AssertionError with every complaint that was not forgiven."""
        for context in self._contexts.values():
            try:
                await asyncio.wait_for(context.close(), CLOSE_SECONDS)
            except (Error, TimeoutError) as error:
                self._fault("closing", str(error))
        faults = [fault for fault in self.faults if not any(pattern.search(fault) for pattern in self._forgiven)]
        assert not faults, "\n".join(faults)

    def _heard(self, by: str, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._fault(by, f"{message.text} ({message.location.get('url', '')})")

    def _fault(self, by: str, text: str) -> None:
        self.faults.append(f"{by}: {text}")
