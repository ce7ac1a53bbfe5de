"""What people see when the server dies, or forgets them."""

import os
import signal
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.friends import BOX, Friends, at_home, friends, say, until, words
from tests.browser.servers import Server, serving, start
from tests.browser.visits import Visits

WATCH_FOR_BLANKS = """() => {
  window.blanks = 0;
  const title = () => document.querySelector('.head h1')?.textContent ?? '';
  const bubbles = () => document.querySelectorAll('.b').length;
  const look = () => (title() && bubbles() || (window.blanks += 1));
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""

CLOCK_AHEAD = """
const now = Date.now;
globalThis.ahead = 0;
Date.now = () => now() + ahead;
"""


@pytest.mark.parametrize("slowed", [1, 6])
async def test_after_a_kill_both_screens_converge_by_themselves(
    built_pages: None, browser, tmp_path: Path, slowed: int
) -> None:
    server = start(tmp_path, CHAT_LIMITS="off")
    visits = Visits(browser, server.url)
    visits.forgive("ERR_CONNECTION|WebSocket|Failed to load")
    try:
        pair = await friends(server)
        ada = await at_home(visits, pair.ada_name, pair.path)
        ben = await at_home(visits, pair.ben_name, pair.path, slowed=slowed)
        texts = [f"word {at}" for at in range(30)]
        for text in texts[:10]:
            await say(ada, text)
        server.kill()
        for text in texts[10:20]:
            await say(ada, text)
        await expect(ada.locator(".netbar")).to_be_visible()
        server = start(tmp_path, port=int(server.url.rpartition(":")[2]), CHAT_LIMITS="off")
        for text in texts[20:]:
            await say(ada, text)
        await until(ada, texts, 60)
        await until(ben, texts, 60)
        await expect(ada.locator(".i-clock")).to_have_count(0)
        await expect(ben.locator(".netbar")).to_be_hidden()
    finally:
        await visits.end()
        server.stop()


async def test_what_a_server_that_hangs_did_not_take_is_sent_once_when_it_is_asked_to(
    built_pages: None, browser, tmp_path: Path
) -> None:
    with serving(tmp_path, CHAT_LIMITS="off") as server:
        visits = Visits(browser, server.url)
        try:
            await _talk_while_it_hangs(visits, server, await friends(server))
        finally:
            await visits.end()


async def _talk_while_it_hangs(visits: Visits, server: Server, pair: Friends) -> None:
    await (await visits.context(pair.ada_name)).add_init_script(CLOCK_AHEAD)
    ada, ben = await at_home(visits, pair.ada_name, pair.path), await at_home(visits, pair.ben_name, pair.path)
    await say(ada, "before")
    await until(ben, ["before"])
    os.killpg(server.process.pid, signal.SIGSTOP)
    try:
        await say(ada, "hello")
        await expect(ada.locator(".b .i-clock")).to_have_count(1)
        await _given_up(ada)
        await expect(ada.locator(".failrow")).to_contain_text("Не отправлено")
        await expect(ada.locator(BOX)).to_have_value("")
        await ada.get_by_role("button", name="Повторить").click()
        await expect(ada.locator(".failrow")).to_have_count(0)
        await expect(ada.locator(".b .i-clock")).to_have_count(1)
    finally:
        os.killpg(server.process.pid, signal.SIGCONT)
    for page in (ben, ada):
        await until(page, ["before", "hello"])
    await expect(ada.locator(".b .i-check-check")).to_have_count(2)
    await say(ada, "after")
    await until(ben, ["before", "hello", "after"])
    await ada.reload()
    await until(ada, ["before", "hello", "after"])
    await expect(ada.locator(".failrow")).to_have_count(0)


async def _given_up(page: Page) -> None:
    """Let the time pass after which a message without an answer counts as not sent."""
    await page.evaluate("globalThis.hurry = setInterval(() => (ahead += 9000), 1000)")
    await expect(page.locator(".b.fail")).to_have_count(1, timeout=30_000)
    await page.evaluate("clearInterval(hurry)")


async def test_a_state_that_expired_under_a_live_tab_repaints_nothing(
    built_pages: None, browser, tmp_path: Path
) -> None:
    with serving(tmp_path, CHAT_LIMITS="off", REFLEX_REDIS_TOKEN_EXPIRATION="2") as server:
        visits = Visits(browser, server.url)
        try:
            await _talk_past_expiry(visits, server, await friends(server, said=3))
        finally:
            await visits.end()


async def _talk_past_expiry(visits: Visits, server: Server, pair: Friends) -> None:
    ada, ben = await at_home(visits, pair.ada_name, pair.path), await at_home(visits, pair.ben_name, pair.path)
    await until(ben, ["word 1", "word 2", "word 3"])
    await ben.evaluate(WATCH_FOR_BLANKS)
    await ben.wait_for_timeout(5000)
    await say(ada, "a push")
    await until(ben, ["word 1", "word 2", "word 3", "a push"])
    await say(ben, "a click")
    await until(ada, ["word 1", "word 2", "word 3", "a push", "a click"])
    assert await words(ben) == ["word 1", "word 2", "word 3", "a push", "a click"]
    assert ben.url == f"{server.url}{pair.path}"
    assert await ben.evaluate("() => window.blanks") == 0
