"""What people do before anybody knows them."""

import itertools
import os

from playwright.async_api import Page

from tests.browser.servers import Server

PASSWORD = "correct horse battery staple"
ALIVE = 'form[action^="http"]'
"""The form once the page's scripts run: they say where the backend is."""

_told: set[tuple[str, str]] = set()
_numbers = itertools.count(os.getpid() % 10_000 * 100)


async def sign_up(page: Page, username: str = "") -> str:
    """Fill in the form on the sign-up page as somebody new, and wait for the dialog that asks for their codes.

    Returns the username.
    """
    number = next(_numbers)
    username = username or f"person{number}"
    await page.wait_for_selector(ALIVE)
    await page.fill("[name=email]", f"{username}@chat.example")
    await page.fill("[name=username]", username)
    await page.fill("[name=phone]", f"+7 9{number:09d}")
    await page.fill("[name=password]", PASSWORD)
    await page.fill("[name=password_again]", PASSWORD)
    await page.check("[name=adult]", force=True)
    await page.click("button[type=submit]")
    await page.wait_for_selector("#verify-title")
    return username


async def confirm_both(page: Page, server: Server, username: str) -> None:
    """Type the codes that came by mail and by SMS."""
    for step in ("email", "phone"):
        await page.wait_for_selector(f"#verify-title:has-text('{'письма' if step == 'email' else 'SMS'}')")
        channel = "mail" if step == "email" else "sms"
        code = await code_sent(page, server, username, channel)
        await page.locator("#code").press_sequentially(code)
    await page.wait_for_selector("#verify-title", state="detached")


async def code_sent(page: Page, server: Server, username: str, channel: str) -> str:
    """The latest code by `mail` or `sms` that this function has not told yet."""
    for _ in range(100):
        letters = [letter for letter in server.outbox() if letter["channel"] == channel and letter["code"]]
        mine = [letter for letter in letters if channel == "sms" or letter["to"] == f"{username}@chat.example"]
        if mine and (latest := (mine[-1]["to"], mine[-1]["code"])) not in _told:
            _told.add(latest)
            return latest[1]
        await page.wait_for_timeout(100)
    raise AssertionError(f"no {channel} came")
