"""What people see when the server dies, or forgets them."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.friends import Friends, at_home, friends, say, until, words
from tests.browser.servers import Server, serving, start
from tests.browser.visits import Visits

WATCH_FOR_BLANKS = """() => {
  window.blanks = 0;
  const title = () => document.querySelector('.head h1')?.textContent ?? '';
  const bubbles = () => document.querySelectorAll('.b').length;
  const look = () => (title() && bubbles() || (window.blanks += 1));
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


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
