"""Two people see of each other whether they are here and type, and order their lists."""

from playwright.async_api import Page, expect

from chat_app.domain.chats.actions import open_direct_chat
from chat_app.domain.common.ids import ClientId
from chat_app.domain.messages.actions import send_message
from tests.browser.friends import BOX, Friends, at_home, behind, friends, say, until
from tests.browser.servers import Server
from tests.browser.visits import Visits
from tests.people import confirmed

HEAD = ".head .sub"
GRACE_MS = 30_000
"""Longer than somebody without a tab counts as here."""

FORGET_MS = 15_000
"""Longer than somebody counts as typing."""


async def both(visit: Visits, pair: Friends) -> tuple[Page, Page]:
    ada, ben = await at_home(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    await until(ada, ["word 1"])
    await until(ben, ["word 1"])
    return ada, ben


async def menu(page: Page, name: str) -> None:
    """Choose from the menu of the only chat in the list."""
    await page.locator(".crow").click(button="right")
    await page.get_by_role("menuitem", name=name, exact=True).click()
    await expect(page.locator("#chat-menu")).to_be_hidden()


async def test_typing_is_seen_and_gone_with_the_message_and_without_one(visit: Visits, server: Server):
    ada, ben = await both(visit, await friends(server, said=1))
    await ben.locator(BOX).press_sequentially("Хоч")
    await expect(ada.locator(f"{HEAD} .typing")).to_contain_text("печатает")
    await expect(ada.locator(".crow .typing")).to_contain_text("печатает")
    # not said to whoever types
    await expect(ben.locator(".typing")).to_have_count(0)
    await say(ben, "Хочу чаю")
    await until(ada, ["word 1", "Хочу чаю"])
    await expect(ada.locator(".typing")).to_have_count(0)
    # and it is forgotten when nothing comes of it
    await ben.locator(BOX).press_sequentially("И")
    await expect(ada.locator(f"{HEAD} .typing")).to_be_visible()
    await expect(ada.locator(".typing")).to_have_count(0, timeout=FORGET_MS)


async def test_a_dot_while_ben_is_here_and_since_when_he_is_not(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    ada = await at_home(visit, pair.ada_name, pair.path)
    await until(ada, ["word 1"])
    await expect(ada.locator(".dotted.on")).to_have_count(0)
    ben = await at_home(visit, pair.ben_name)
    await expect(ada.locator(HEAD)).to_have_text("в сети")
    await expect(ada.locator(".head .dotted.on")).to_be_visible()
    await expect(ada.locator(".crow .dotted.on")).to_be_visible()
    await ben.close()
    await expect(ada.locator(HEAD)).to_have_text("был(а) только что", timeout=GRACE_MS)
    await expect(ada.locator(".dotted.on")).to_have_count(0)
    # and the database knows it for whoever comes later
    await ada.wait_for_timeout(3000)
    await ada.reload()
    await expect(ada.locator(HEAD)).to_contain_text("был(а)")


async def test_the_title_counts_what_is_not_muted(visit: Visits, server: Server):
    pair = await friends(server, said=0)
    ada, ben = await at_home(visit, pair.ada_name), await at_home(visit, pair.ben_name, pair.path)
    await say(ben, "раз")
    await expect(ada).to_have_title("(1) Chat")
    await expect(ada.locator("link[rel=icon]")).to_have_attribute("href", "/favicon-dot.svg")
    await menu(ada, "Без звука на час")
    await expect(ada.locator(".crow .pill.q")).to_have_text("1")
    await expect(ada.locator(".crow .i-bell-off")).to_be_visible()
    await expect(ada).to_have_title("Chat")
    await say(ben, "два")
    await expect(ada.locator(".crow .pill.q")).to_have_text("2")
    await expect(ada).to_have_title("Chat")
    await menu(ada, "Включить уведомления")
    await expect(ada).to_have_title("(2) Chat")
    await ada.locator("a.chat").click()
    await expect(ada).to_have_title("Chat")
    await expect(ada.locator("link[rel=icon]")).to_have_attribute("href", "/favicon.svg")


async def test_an_archived_chat_comes_back_with_the_next_message(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    ada, ben = await at_home(visit, pair.ada_name), await at_home(visit, pair.ben_name, pair.path)
    await menu(ada, "В архив")
    await expect(ada.locator("a.chat")).to_have_count(0)
    await ada.click(".shelf:has-text('Архив (1)')")
    await expect(ada.locator("a.chat")).to_have_count(1)
    await ada.click(".shelf:has-text('Все чаты')")
    await expect(ada.locator("a.chat")).to_have_count(0)
    await say(ben, "ау")
    await expect(ada.locator("a.chat")).to_contain_text("ау")
    await expect(ada.locator(".shelf")).to_have_count(0)


async def test_ada_blocks_ben_and_hears_nothing_of_him_until_she_lifts_it(visit: Visits, server: Server):
    ada, ben = await both(visit, await friends(server, said=1))
    await expect(ada.locator(HEAD)).to_have_text("в сети")
    await ada.click(".head [data-menu]")
    await ada.get_by_role("menuitem", name="Заблокировать").click()
    await expect(ada.locator(".blockbar")).to_be_visible()
    await expect(ada.locator(BOX)).to_be_hidden()
    await expect(ada.locator(".dotted.on")).to_have_count(0)
    await expect(ben.locator(".dotted.on")).to_have_count(0)
    await ada.click(".blockbar button")
    await expect(ada.locator(HEAD)).to_have_text("в сети")
    await say(ada, "снова здесь")
    await until(ben, ["word 1", "снова здесь"])


async def test_the_keyboard_goes_to_what_is_unread(visit: Visits, server: Server):
    pair, others = await friends(server), await friends(server)
    with behind(server) as doors:
        oldest = await doors.perform(others.ada, open_direct_chat, pair.ben.user_id)
        await doors.perform(others.ada, send_message, oldest, ClientId("one"), "unread")
        between = await doors.perform(pair.ben, open_direct_chat, others.ben.user_id)
        await doors.perform(pair.ben, send_message, between, ClientId("two"), "read")
        await doors.perform(pair.ada, send_message, pair.chat_id, ClientId("three"), "unread")
    ben = await at_home(visit, pair.ben_name)
    await expect(ben.locator("a.chat")).to_have_count(3)
    await ben.keyboard.press("Alt+Shift+ArrowDown")
    await ben.wait_for_url(f"**{pair.path}")
    await expect(ben.locator(".crow .pill")).to_have_count(1)
    # past the one that is read
    await ben.keyboard.press("Alt+Shift+ArrowDown")
    await ben.wait_for_url(f"**/chat/{oldest}")
    await expect(ben.locator(".crow .pill")).to_have_count(0)
    await ben.keyboard.press("Alt+ArrowUp")
    await ben.wait_for_url(f"**/chat/{between}")
    # up again to what came meanwhile
    ada = await at_home(visit, pair.ada_name, pair.path)
    await say(ada, "once more")
    await expect(ben.locator(".crow .pill")).to_have_count(1)
    await ben.keyboard.press("Alt+Shift+ArrowUp")
    await ben.wait_for_url(f"**{pair.path}")


async def test_the_keyboard_goes_from_chat_to_chat_and_says_how(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    with behind(server) as doors:
        cleo = await confirmed(doors, f"cleo{pair.ben_name[3:]}", f"+793{pair.ben_name[3:]:0>7}"[:12])
        other = await doors.perform(cleo, open_direct_chat, pair.ben.user_id)
        await doors.perform(cleo, send_message, other, ClientId("one"), "привет")
    ben = await at_home(visit, pair.ben_name)
    await expect(ben.locator("a.chat")).to_have_count(2)
    await ben.keyboard.press("Alt+ArrowDown")
    await ben.wait_for_url(f"**/chat/{other}")
    await ben.keyboard.press("Alt+ArrowDown")
    await ben.wait_for_url(f"**{pair.path}")
    await until(ben, ["word 1"])
    await ben.keyboard.press("Control+Slash")
    await expect(ben.get_by_role("dialog")).to_contain_text("Клавиши")
    await ben.keyboard.press("Escape")
    await expect(ben.get_by_role("dialog")).to_have_count(0)
    # the menu opens by its own key, and gives the focus back
    await ben.locator("a.chat").first.focus()
    await ben.keyboard.press("Tab")
    await ben.keyboard.press("Enter")
    await expect(ben.get_by_role("menuitem", name="Закрепить")).to_be_focused()
    await ben.keyboard.press("Escape")
    await expect(ben.locator(".crow .more").first).to_be_focused()
