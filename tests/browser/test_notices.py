"""What is told outside of the page: once on a device, of what was chosen, and only while nobody looks."""

import re
from collections.abc import Sequence

import pytest
from playwright.async_api import Page, expect

from chat_app.domain.chats.actions import create_group, mute_chat, set_level
from chat_app.domain.chats.rules import FOREVER, Level
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.users.actions import save_preferences
from chat_app.domain.users.rules import Choices
from tests.browser.friends import Friends, at_home, behind, friends, say, until
from tests.browser.servers import Server
from tests.browser.test_avatars import chosen
from tests.browser.visits import Visits
from tests.pictures import photo

SETTLED_MS = 300
"""What is told is told in the moment it comes, once the browser was asked what other tabs show."""

RECORD = """
globalThis.told = [];
globalThis.tones = 0;
globalThis.Notification = class {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(title, { body, tag }) {
    Object.assign(this, { title, body, tag, open: true });
    told.push(this);
  }
  close() {
    this.open = false;
    this.onclose?.();
  }
};
globalThis.AudioContext = class extends AudioContext {
  constructor() {
    super();
    tones += 1;
  }
};
let looks = "visible";
Object.defineProperty(document, "visibilityState", { get: () => looks });
Object.defineProperty(document, "hidden", { get: () => looks === "hidden" });
globalThis.look = (on) => {
  looks = on ? "visible" : "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
};
"""


async def listening(visit: Visits, name: str, path: str = "/", *, tabs: int = 1) -> list[Page]:
    """Tabs of somebody who looks at none of them, and records what a browser would show."""
    context = await visit.context(name)
    await context.add_init_script(RECORD)
    pages = [await at_home(visit, name, path) for _ in range(tabs)]
    for page in pages:
        await page.evaluate("look(false)")
    return pages


async def told(pages: Sequence[Page]) -> list[tuple[str, str]]:
    """Titles and words of all notices that are open."""
    open_ = [await page.evaluate("told.filter(({ open }) => open).map((it) => [it.title, it.body])") for page in pages]
    return [(title, body) for shown in open_ for title, body in shown]


async def tones(pages: Sequence[Page]) -> int:
    return sum([await page.evaluate("tones") for page in pages])


async def heard(page: Page, count: int) -> None:
    """Wait until so many unread messages are known to a tab."""
    await expect(page.locator(".crow .pill").last).to_have_text(f"{count}")
    await page.wait_for_timeout(SETTLED_MS)


async def test_of_two_tabs_one_tells_it_and_a_click_leads_there(visit: Visits, server: Server) -> None:
    pair = await friends(server)
    with behind(server) as doors:
        await doors.perform(pair.ada, save_preferences, Choices(sound=True))
    tabs, ben = await listening(visit, pair.ada_name, tabs=2), await at_home(visit, pair.ben_name, pair.path)
    await say(ben, "the **secret**")
    for tab in tabs:
        await heard(tab, 1)
    assert await told(tabs) == [(pair.ben_name, "the secret")]
    assert await tones(tabs) == 1
    await expect(tabs[0]).to_have_title("(1) Chat")
    (teller,) = [tab for tab in tabs if await tab.evaluate("told.length")]
    await teller.evaluate("look(true)")
    await teller.evaluate("told[0].onclick()")
    await teller.wait_for_url(f"**{pair.path}")
    await until(teller, ["the secret"])
    # read, it counts nowhere any more
    for tab in tabs:
        await expect(tab).to_have_title("Chat")
    assert await told(tabs) == []


async def test_whoever_looks_is_told_nothing(visit: Visits, server: Server) -> None:
    pair = await friends(server)
    with behind(server) as doors:
        await doors.perform(pair.ada, save_preferences, Choices(sound=True))
    (ada,), ben = await listening(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    await ada.evaluate("look(true)")
    await say(ben, "hello")
    await until(ada, ["hello"])
    await ada.wait_for_timeout(SETTLED_MS)
    # nor of what one says oneself
    await ada.evaluate("look(false)")
    await say(ada, "my own")
    await until(ben, ["hello", "my own"])
    await ada.wait_for_timeout(SETTLED_MS)
    assert (await told([ada]), await tones([ada])) == ([], 0)


async def test_what_is_erased_is_in_no_notice_any_more(visit: Visits, server: Server) -> None:
    pair = await friends(server)
    (ada,), ben = await listening(visit, pair.ada_name), await at_home(visit, pair.ben_name, pair.path)
    for number, text in enumerate(("stays", "never mind"), 1):
        await say(ben, text)
        await heard(ada, number)
    assert [body for _, body in await told([ada])] == ["stays", "never mind"]
    await ben.locator(".b .tx", has_text="never mind").click(button="right")
    await ben.get_by_role("menuitem", name="Удалить").click()
    await ben.get_by_role("dialog").get_by_role("button", name="Удалить").click()
    await expect(ada.locator(".crow")).to_contain_text("Сообщение удалено")
    assert [body for _, body in await told([ada])] == ["stays"]


async def test_a_photo_without_words_says_so(visit: Visits, server: Server) -> None:
    pair = await friends(server)
    (ada,), ben = await listening(visit, pair.ada_name), await at_home(visit, pair.ben_name, pair.path)
    await ben.set_input_files("#attach", [chosen(photo())])
    await expect(ben.locator(".upl .up")).to_have_count(1)
    await ben.press("#message", "Enter")
    await heard(ada, 1)
    assert await told([ada]) == [(pair.ben_name, "Фотография")]


QUIET = ["muted", "level", "settings"]


@pytest.mark.parametrize("why", QUIET)
async def test_what_ada_does_not_want_to_hear_of_is_not_told(visit: Visits, server: Server, why: str) -> None:
    pair = await friends(server)
    with behind(server) as doors:
        if why == "muted":
            await doors.perform(pair.ada, mute_chat, pair.chat_id, until=FOREVER)
        elif why == "level":
            await doors.perform(pair.ada, set_level, pair.chat_id, Level.NONE)
        else:
            await doors.perform(pair.ada, save_preferences, Choices(notify_direct=False, sound=True))
    (ada,), ben = await listening(visit, pair.ada_name), await at_home(visit, pair.ben_name, pair.path)
    await say(ben, "hello")
    await heard(ada, 1)
    assert (await told([ada]), await tones([ada])) == ([], 0)


async def test_sound_is_for_those_who_want_it(visit: Visits, server: Server) -> None:
    pair = await friends(server)
    (ada,), ben = await listening(visit, pair.ada_name), await at_home(visit, pair.ben_name, pair.path)
    await say(ben, "hello")
    await heard(ada, 1)
    assert (len(await told([ada])), await tones([ada])) == (1, 0)


async def in_a_group(server: Server, pair: Friends) -> str:
    with behind(server) as doors:
        return await doors.perform(pair.ada, create_group, GroupTitle("Walks"), [pair.ben.user_id])


async def test_of_a_group_what_names_her_is_told_though_it_is_muted(visit: Visits, server: Server) -> None:
    pair = await friends(server)
    chat = await in_a_group(server, pair)
    (ada,), ben = await listening(visit, pair.ada_name), await at_home(visit, pair.ben_name, f"/chat/{chat}")
    await ada.evaluate("look(true)")
    await ada.locator("a.chat").click()
    await ada.wait_for_url("**/chat/*")
    await ada.goto(visit.url)
    await ada.evaluate("look(false)")
    await ada.locator(".crow").click(button="right")
    await ada.get_by_role("menuitem", name="Без звука насовсем").click()
    await expect(ada.locator(".crow .i-bell-off")).to_be_visible()
    await say(ben, "to nobody")
    await heard(ada, 1)
    assert await told([ada]) == []
    await say(ben, f"to you, @{pair.ada_name}")
    await heard(ada, 2)
    assert await told([ada]) == [("Walks", f"{pair.ben_name}: to you, @{pair.ada_name}")]
    # it is marked in the list, and counts in the title, muted as the chat is
    await expect(ada.locator(".crow .pill").first).to_have_text("@")
    await expect(ada).to_have_title(re.compile(r"^\(2\) "))
    # named by a change of what was said, she is told as well, and once
    await say(ben, "well")
    await heard(ada, 3)
    for words in (f"well, @{pair.ada_name}", f"well then, @{pair.ada_name}"):
        await ben.press("#message", "ArrowUp")
        await ben.fill("#message", words)
        await ben.press("#message", "Enter")
        await expect(ben.locator(".b .tx").last).to_have_text(words)
    await ada.wait_for_timeout(SETTLED_MS)
    assert [body for _, body in await told([ada])][1:] == [f"{pair.ben_name}: well, @{pair.ada_name}"]


async def test_ada_sees_who_has_read_it_but_not_who_does_not_say(visit: Visits, server: Server) -> None:
    pair, other = await friends(server), await friends(server)
    with behind(server) as doors:
        people = [pair.ben.user_id, other.ada.user_id]
        chat = await doors.perform(pair.ada, create_group, GroupTitle("Walks"), people)
        await doors.perform(other.ada, save_preferences, Choices(receipts=False))
    names = (pair.ada_name, pair.ben_name, other.ada_name)
    ada, ben, cleo = [await at_home(visit, name, f"/chat/{chat}") for name in names]
    await say(ada, "who comes?")
    for page in (ben, cleo):
        await until(page, ["who comes?"])
    await ada.locator(".seers").click()
    await expect(ada.locator(".readers li")).to_have_count(1)
    await expect(ada.locator(".readers li")).to_contain_text(pair.ben_name)
    # who does not tell it is not told either
    await say(cleo, "I do")
    await until(ada, ["who comes?", "I do"])
    await expect(cleo.locator(".seers")).to_have_count(0)


@pytest.mark.parametrize(
    ("level", "counted"), [(Level.ALL, ["plain", "naming"]), (Level.MENTIONS, ["naming"]), (Level.NONE, [])]
)
async def test_of_a_group_is_told_what_was_chosen_for_it(
    visit: Visits, server: Server, level: Level, counted: list[str]
) -> None:
    pair = await friends(server)
    chat = await in_a_group(server, pair)
    with behind(server) as doors:
        await doors.perform(pair.ada, set_level, chat, level)
        await doors.perform(pair.ada, save_preferences, Choices(sound=True))
    (ada,), ben = await listening(visit, pair.ada_name), await at_home(visit, pair.ben_name, f"/chat/{chat}")
    said = {"plain": "to nobody", "naming": f"to you, @{pair.ada_name}"}
    for number, text in enumerate(said.values(), 1):
        await say(ben, text)
        await heard(ada, number)
    assert [body for _, body in await told([ada])] == [f"{pair.ben_name}: {said[which]}" for which in counted]
    assert await tones([ada]) == len(counted)
    # whatever is told, it waits to be read
    await expect(ada).to_have_title("(2) Chat")


async def test_what_ada_says_in_one_tab_is_no_news_in_another(visit: Visits, server: Server) -> None:
    pair = await friends(server)
    with behind(server) as doors:
        await doors.perform(pair.ada, save_preferences, Choices(sound=True))
    (first,), ben = await listening(visit, pair.ada_name), await at_home(visit, pair.ben_name, pair.path)
    second = await at_home(visit, pair.ada_name, pair.path)
    await second.evaluate("look(false)")
    tabs = [first, second]

    await say(second, "where are you?")
    await until(ben, ["where are you?"])
    await expect(first.locator(".crow")).to_contain_text("where are you?")
    await first.wait_for_timeout(SETTLED_MS)
    await expect(first.locator(".crow .pill")).to_have_count(0)
    await expect(first).to_have_title("Chat")
    assert (await told(tabs), await tones(tabs)) == ([], 0)

    await say(ben, "on my way")
    for tab in tabs:
        await heard(tab, 1)
    await expect(first).to_have_title("(1) Chat")
    assert (await told(tabs), await tones(tabs)) == ([(pair.ben_name, "on my way")], 1)
    # who answers has read what stands before it, in all tabs
    await say(second, "good")
    await expect(first.locator(".crow")).to_contain_text("good")
    await expect(first.locator(".crow .pill")).to_have_count(0)
    await expect(first).to_have_title("Chat")
    await first.wait_for_timeout(SETTLED_MS)
    assert (sum([await tab.evaluate("told.length") for tab in tabs]), await tones(tabs)) == (1, 1)
