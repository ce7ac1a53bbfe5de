"""What people do before anybody knows them."""

import itertools
import os

from playwright.async_api import Page

PASSWORD = "correct horse battery staple"
ALIVE = 'form[action^="http"]'
"""The form once the page's scripts run: they say where the backend is."""

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
