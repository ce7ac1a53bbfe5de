"""Several messages chosen and passed on together, in a browser."""

from playwright.async_api import Locator, Page, expect

from chat_app.domain.chats.actions import open_direct_chat
from chat_app.domain.common.ids import ClientId
from chat_app.domain.messages.actions import send_message
from tests.browser.friends import BOX, at_home, behind, friends, until
from tests.browser.servers import Server
from tests.browser.visits import Visits

BAR = ".chosenbar"


def choice(page: Page, words: str) -> Locator:
    return page.locator(".grp", has_text=words).get_by_role("checkbox")


async def choose_from(page: Page, words: str) -> None:
    await page.locator(".b", has_text=words).click(button="right")
    await page.get_by_role("menuitem", name="Выбрать").click()
    await expect(page.locator(BAR)).to_contain_text("Выбрано: 1")


async def test_three_messages_go_to_another_chat_in_their_order(visit: Visits, server: Server):
    pair, other = await friends(server), await friends(server)
    with behind(server) as doors:
        for words in ("tent", "stove", "rope", "map"):
            await doors.perform(pair.ada, send_message, pair.chat_id, ClientId(words), words)
        there = await doors.perform(pair.ben, open_direct_chat, other.ada.user_id)
        await doors.perform(pair.ben, send_message, there, ClientId("hello"), "hello")
    ben = await at_home(visit, pair.ben_name, pair.path)
    cleo = await at_home(visit, other.ada_name, f"/chat/{there}")
    await choose_from(ben, "map")
    await expect(ben.locator(BOX)).to_be_hidden()
    await choice(ben, "tent").click()
    await choice(ben, "stove").click()
    # one more and one less
    await choice(ben, "rope").focus()
    await ben.keyboard.press("Space")
    await expect(ben.locator(BAR)).to_contain_text("Выбрано: 4")
    await ben.keyboard.press("Space")
    await expect(ben.locator(BAR)).to_contain_text("Выбрано: 3")
    await expect(choice(ben, "rope")).not_to_be_checked()
    await ben.locator(BAR).get_by_role("button", name="Переслать").click()
    await ben.get_by_role("dialog").get_by_role("button", name=other.ada_name).click()
    await ben.wait_for_url(f"**/chat/{there}")
    for page in (ben, cleo):
        await until(page, ["hello", "tent", "stove", "map"])
        await expect(page.locator(".fwd")).to_have_count(3)
    await expect(ben.locator(BAR)).to_have_count(0)
    await expect(ben.locator(BOX)).to_be_visible()


async def test_choosing_ends_with_escape_with_the_last_and_with_the_chat(visit: Visits, server: Server):
    pair = await friends(server, said=3)
    ben = await at_home(visit, pair.ben_name, pair.path)
    ada = await at_home(visit, pair.ada_name, pair.path)
    await ben.fill(BOX, "not said yet")
    await choose_from(ben, "word 2")
    await ben.keyboard.press("Escape")
    await expect(ben.locator(BAR)).to_have_count(0)
    await choose_from(ben, "word 2")
    await choice(ben, "word 2").click()
    await expect(ben.locator(BAR)).to_have_count(0)
    # what is erased is chosen no more
    await choose_from(ben, "word 2")
    await choice(ben, "word 3").click()
    await ada.locator(".b", has_text="word 2").click(button="right")
    await ada.get_by_role("menuitem", name="Удалить").click()
    await ada.get_by_role("dialog").get_by_role("button", name="Удалить").click()
    await expect(ben.locator(BAR)).to_contain_text("Выбрано: 1")
    await ben.goto(visit.url)
    await ben.locator("a.chat").click()
    await expect(ben.locator(BOX)).to_have_value("not said yet")
    await expect(ben.locator(BAR)).to_have_count(0)
