"""Finding what was said, in a browser."""

from playwright.async_api import Page, expect

from chat_app.domain.chats.actions import open_direct_chat
from chat_app.domain.common.ids import ClientId
from chat_app.domain.messages.actions import send_message
from tests.browser.friends import BOX, at_home, behind, friends, look_for
from tests.browser.servers import Server
from tests.browser.visits import PHONE, Visits

OPTION = "#found [role=option]"
CHOSEN = f"{OPTION}[aria-selected=true]"


async def in_view(page: Page, seq: int) -> None:
    await page.wait_for_function(
        """seq => {
          const [log, it] = [document.getElementById("log"), document.querySelector(`[data-seq="${seq}"]`)];
          if (!log || !it) return false;
          const [around, at] = [log.getBoundingClientRect(), it.getBoundingClientRect()];
          return at.top >= around.top && at.bottom <= around.bottom;
        }""",
        arg=seq,
    )


async def test_another_form_of_a_word_leads_into_the_middle_of_a_long_chat(visit: Visits, server: Server):
    pair, stranger = await friends(server), await friends(server)
    with behind(server) as doors:
        for at in range(1, 301):
            body = "Поход: **суббота**, 7 утра" if at == 90 else f"word {at}"
            await doors.perform(pair.ada, send_message, pair.chat_id, ClientId(f"w{at}"), body)
        other = await doors.perform(pair.ben, open_direct_chat, stranger.ada.user_id)
        await doors.perform(pair.ben, send_message, other, ClientId("o"), "ничего такого")

    # from the list
    ben = await at_home(visit, pair.ben_name)
    await ben.keyboard.press("Control+K")
    await expect(ben.locator("#search")).to_be_focused()
    await ben.keyboard.type("субботу")
    await expect(ben.locator(OPTION)).to_have_count(1)
    await expect(ben.locator(f"{OPTION} mark")).to_have_text("суббо")
    await expect(ben.locator(CHOSEN)).to_have_count(1)
    await ben.keyboard.press("Enter")
    await ben.wait_for_url(f"**{pair.path}?m=90")
    await expect(ben.locator("#search")).to_have_count(0)
    await in_view(ben, 90)
    await expect(ben.locator('[data-seq="300"]')).to_have_count(0)

    # from within the chat, where the same address may be shown already
    for _ in range(2):
        await ben.evaluate("() => document.getElementById('log').scrollTop = 0")
        await look_for(ben, "word 200")
        await ben.click(OPTION)
        await in_view(ben, 200)

    # who has nothing to do with it finds nothing, and is told for what
    eve = await at_home(visit, stranger.ada_name)
    await look_for(eve, "субботу")
    await expect(eve.locator(".pnone")).to_contain_text("«субботу»")
    await expect(eve.locator(OPTION)).to_have_count(0)


async def test_arrows_and_tab_go_through_what_was_found(visit: Visits, server: Server):
    pair = await friends(server, said=3)
    ben = await at_home(visit, pair.ben_name, pair.path)
    await expect(ben.locator(BOX)).to_be_focused()
    await look_for(ben, "word")
    await expect(ben.locator(OPTION)).to_have_count(3)
    await ben.keyboard.press("ArrowDown")
    await expect(ben.locator(OPTION).nth(1)).to_have_attribute("aria-selected", "true")
    chosen = await ben.locator(CHOSEN).get_attribute("id")
    await expect(ben.locator("#search")).to_have_attribute("aria-activedescendant", chosen or "")
    await ben.keyboard.press("Tab")
    await expect(ben.locator(".pch button").nth(1)).to_have_attribute("aria-pressed", "true")
    await expect(ben.locator(OPTION)).to_have_count(0)
    await ben.keyboard.press("Shift+Tab")
    await expect(ben.locator(OPTION)).to_have_count(3)
    await expect(ben.locator("#search")).to_be_focused()
    await ben.keyboard.press("Escape")
    await expect(ben.locator("#search")).to_have_count(0)


async def test_on_a_phone_the_search_fills_the_screen(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    ben = await at_home(visit, pair.ben_name, viewport=PHONE, has_touch=True, is_mobile=True)
    await ben.tap("#find")
    await expect(ben.locator("#search")).to_be_focused()
    await ben.fill("#search", pair.ada_name)
    # once it has risen
    await ben.wait_for_function(
        """([width, height]) => {
          const box = document.querySelector("dialog.pal").getBoundingClientRect();
          return box.x === 0 && box.y === 0 && box.width === width && box.height === height;
        }""",
        arg=[PHONE["width"], PHONE["height"]],
    )
    await ben.tap(f"{OPTION} >> nth=0")
    await ben.wait_for_url(f"**{pair.path}")
    await expect(ben.locator("#search")).to_have_count(0)


async def test_within_the_open_chat_nothing_of_another_is_shown(visit: Visits, server: Server):
    pair, other = await friends(server), await friends(server)
    with behind(server) as doors:
        elsewhere = await doors.perform(pair.ben, open_direct_chat, other.ada.user_id)
        await doors.perform(pair.ben, send_message, elsewhere, ClientId("e"), "суббота в другом чате")
        await doors.perform(pair.ben, send_message, pair.chat_id, ClientId("h"), "суббота здесь")
        for at in range(24):
            await doors.perform(pair.ben, send_message, pair.chat_id, ClientId(f"n{at}"), f"число {at}")
    ben = await at_home(visit, pair.ben_name, pair.path)
    await ben.locator("header.head").get_by_role("button", name="В этом чате").click()
    await ben.locator("#search").fill("субботу")
    await expect(ben.locator(OPTION)).to_have_count(1)
    await expect(ben.locator(OPTION)).to_contain_text("суббота здесь")
    await ben.get_by_role("button", name="Всё", exact=True).click()
    await expect(ben.locator(OPTION)).to_have_count(2)
    # what more there is comes on request, here as well
    await ben.get_by_role("group", name="Разделы").get_by_role("button", name="В этом чате").click()
    await expect(ben.locator(OPTION)).to_have_count(1)
    await ben.locator("#search").fill("число")
    await expect(ben.locator(OPTION)).to_have_count(20)
    await ben.locator(".pmore").click()
    await expect(ben.locator(OPTION)).to_have_count(24)
    await ben.keyboard.press("Escape")
    # with no chat open there is nothing to search within
    await ben.goto(visit.url)
    await expect(ben.locator(".chat")).to_have_count(2)
    await ben.keyboard.press("Control+K")
    await expect(ben.get_by_role("button", name="Всё", exact=True)).to_be_visible()
    await expect(ben.get_by_role("button", name="В этом чате")).to_have_count(0)
