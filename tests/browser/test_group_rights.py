"""What each may do in a group, and who may not: Ada owns it, Ben is an admin, Cleo a member, Dan comes from outside."""

import asyncio
import re

import pytest
from playwright.async_api import Locator, Page, expect

from chat_app.domain.chats.actions import appoint_admin, make_invitation
from chat_app.domain.users.actions import block, save_preferences
from chat_app.domain.users.rules import Audience, Choices
from tests.browser.friends import BOX, at_home, behind, look_for, say, until
from tests.browser.servers import Server
from tests.browser.test_groups import LINE, Hike, choose, hike, member, panel
from tests.browser.visits import Visits
from tests.people import confirmed

MENU = "#popup"


async def led(server: Server) -> Hike:
    """A group with an admin."""
    trip = await hike(server)
    with behind(server) as doors:
        await doors.perform(trip.people[0], appoint_admin, trip.chat, trip.people[1].user_id)
    return trip


async def all_three(visit: Visits, trip: Hike) -> list[Page]:
    return [await at_home(visit, name, trip.path) for name in trip.names]


async def menu_of(page: Page, text: str) -> Locator:
    """The menu of the message that says `text`."""
    await page.locator(".b .tx", has_text=text).click(button="right")
    return page.locator(MENU)


async def offered(page: Page, name: str) -> list[str]:
    """What the menu of a member offers."""
    await member(page, name).locator("summary").click()
    shown = await member(page, name).locator(".pop button").all_inner_texts()
    await page.keyboard.press("Escape")
    return shown


async def test_roles_change_in_three_browsers_at_once(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    pages = ada, ben, cleo = await all_three(visit, trip)
    for page in pages:
        await panel(page)
    await choose(ada, trip.names[1], "Сделать админом")
    for page in (ada, cleo):
        await expect(member(page, trip.names[1]).locator(".tag")).to_have_text("Админ")
    add = ben.locator(".details").get_by_role("button", name="Добавить")
    await expect(add).to_be_visible()
    # an admin may do nothing to the owner nor to another one, and appoints nobody
    await choose(ada, trip.names[2], "Сделать админом")
    await expect(member(ben, trip.names[2]).locator(".tag")).to_have_text("Админ")
    assert await offered(ben, trip.names[0]) == ["Написать"]
    assert await offered(ben, trip.names[2]) == ["Написать"]

    # dismissed while a dialog of his was open
    await add.click()
    await ben.locator("#add-people").press_sequentially("nobody")
    await choose(ada, trip.names[1], "Снять с админов")
    for page in (ada, cleo):
        await expect(member(page, trip.names[1]).locator(".tag")).to_have_count(0)
    await expect(add).to_have_count(0)
    await expect(ben.locator(LINE).last).to_contain_text(trip.names[1])


async def test_who_is_dismissed_is_refused_what_was_on_the_screen(visit: Visits, server: Server) -> None:
    trip = await led(server)
    ada, ben, _ = await all_three(visit, trip)
    await panel(ada)
    await panel(ben)
    await choose(ben, trip.names[2], "Исключить из группы")
    await choose(ada, trip.names[1], "Снять с админов")
    await expect(member(ada, trip.names[1]).locator(".tag")).to_have_count(0)
    await ben.get_by_role("dialog").get_by_role("button", name="Исключить").click()
    await expect(ben.locator(".toast")).to_contain_text("Ваша роль в группе этого не позволяет")
    await expect(ada.locator(".details .ur")).to_have_count(3)


async def test_ben_describes_the_group_and_cleo_reads_it(visit: Visits, server: Server) -> None:
    trip = await led(server)
    _, ben, cleo = await all_three(visit, trip)
    await panel(ben)
    await panel(cleo)
    await expect(cleo.locator(".gdesc")).to_have_count(0)
    await ben.get_by_role("button", name="Изменить").click()
    await ben.fill("#group-description", "С рюкзаками")
    await ben.get_by_role("button", name="Сохранить").click()
    await expect(cleo.locator(".gdesc")).to_have_text("С рюкзаками")
    # what was written before they came, newcomers see or do not
    await ben.get_by_role("button", name="Изменить").click()
    await ben.get_by_role("switch").click()
    await expect(ben.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    await expect(cleo.locator(LINE).last).to_contain_text("новые участники")
    await expect(cleo.get_by_role("switch")).to_have_count(0)


async def test_ben_excludes_cleo_who_comes_back_by_a_link(visit: Visits, server: Server) -> None:
    trip = await led(server)
    with behind(server) as doors:
        link = await doors.perform(trip.people[0], make_invitation, trip.chat)
    _, ben, cleo = await all_three(visit, trip)
    await panel(ben)
    await choose(ben, trip.names[2], "Исключить из группы")
    await ben.get_by_role("dialog").get_by_role("button", name="Исключить").click()
    await cleo.wait_for_url(re.compile(r"/$"))
    await expect(ben.locator(".details .ur")).to_have_count(2)
    await cleo.goto(f"{visit.url}/join/{link}")
    await cleo.get_by_role("button", name="Вступить в группу").click()
    await cleo.wait_for_url(f"**{trip.path}")
    await expect(ben.locator(".details .ur")).to_have_count(3)


async def test_whoever_runs_it_erases_what_those_below_say(visit: Visits, server: Server) -> None:
    trip = await led(server)
    pages = ada, ben, cleo = await all_three(visit, trip)
    for page, text in ((ada, "by ada"), (ben, "by ben"), (cleo, "by cleo")):
        await say(page, text)
        await until(ada, [f"by {name}" for name in ("ada", "ben", "cleo")[: pages.index(page) + 1]])
    await until(cleo, ["by ada", "by ben", "by cleo"])
    await until(ben, ["by ada", "by ben", "by cleo"])
    may = {ada: ["by ada", "by ben", "by cleo"], ben: ["by ben", "by cleo"], cleo: ["by cleo"]}
    for page, texts in may.items():
        for text in ("by ada", "by ben", "by cleo"):
            menu = await menu_of(page, text)
            await expect(menu.get_by_role("menuitem", name="Ответить")).to_be_visible()
            await expect(menu.get_by_role("menuitem", name="Удалить")).to_have_count(int(text in texts))
            await page.keyboard.press("Escape")

    for page, text in ((ben, "by cleo"), (ada, "by ben")):
        await (await menu_of(page, text)).get_by_role("menuitem", name="Удалить").click()
        await page.get_by_role("dialog").get_by_role("button", name="Удалить").click()
        for each in pages:
            await expect(each.locator(".b .tx", has_text=text)).to_have_count(0)
    for page in pages:
        await expect(page.locator(".tombstone")).to_have_count(2)

    # from the moment he is dismissed
    await say(cleo, "and again")
    await until(ben, ["by ada", "Сообщение удалено", "Сообщение удалено", "and again"])
    await panel(ada)
    await choose(ada, trip.names[1], "Снять с админов")
    await expect(ben.locator(LINE).last).to_contain_text(trip.names[1])
    await expect(ben.locator(LINE)).to_have_count(3)
    await expect((await menu_of(ben, "and again")).get_by_role("menuitem", name="Удалить")).to_have_count(0)


async def test_ben_pins_what_cleo_may_not(visit: Visits, server: Server) -> None:
    trip = await led(server)
    ada, ben, cleo = await all_three(visit, trip)
    await say(cleo, "at nine")
    await until(ben, ["at nine"])
    menu = await menu_of(cleo, "at nine")
    await expect(menu.get_by_role("menuitem", name="Ответить")).to_be_visible()
    await expect(menu.get_by_role("menuitem", name="Закрепить")).to_have_count(0)
    await (await menu_of(ben, "at nine")).get_by_role("menuitem", name="Закрепить").click()
    for page in (ada, ben, cleo):
        await expect(page.locator(".pinbar")).to_contain_text("at nine")
    await (await menu_of(ben, "at nine")).get_by_role("menuitem", name="Открепить").click()
    for page in (ada, ben, cleo):
        await expect(page.locator(".pinbar")).to_have_count(0)


async def test_a_link_for_one_lets_one_in_and_is_revoked(visit: Visits, server: Server) -> None:
    trip = await hike(server, members=1)
    ada = await at_home(visit, trip.names[0], trip.path)
    await panel(ada)
    await ada.get_by_role("button", name="Все ссылки").click()
    await ada.select_option("#link-days", "1")
    await ada.select_option("#link-uses", "1")
    # pressed twice it is one link
    await ada.get_by_role("dialog").get_by_role("button", name="Создать ссылку").dblclick()
    await expect(ada.locator(".glinks li")).to_have_count(1)
    await expect(ada.locator(".glinks .dim")).to_contain_text("остался 1 человек")
    link = await ada.locator(".glinks .id").inner_text()

    ben = await at_home(visit, trip.names[1])
    await ben.goto(visit.url + link)
    await ben.get_by_role("button", name="Вступить в группу").click()
    await ben.wait_for_url(f"**{trip.path}")
    # a member has nothing of the links, nor of who may not come in
    await panel(ben)
    for words in ("Все ссылки", "Создать ссылку", "Открыть вход"):
        await expect(ben.locator(".details").get_by_role("button", name=words)).to_have_count(0)
    cleo = await at_home(visit, trip.names[2])
    await cleo.goto(visit.url + link)
    await expect(cleo.locator(".jcard h1")).to_have_text("Ссылка не действует")

    await ada.get_by_role("dialog").get_by_role("button", name="Создать ссылку").click()
    await expect(ada.locator(".glinks li")).to_have_count(1)
    another = await ada.locator(".glinks .id").inner_text()
    assert another != link
    await cleo.goto(visit.url + another)
    await expect(cleo.get_by_role("button", name="Вступить в группу")).to_be_visible()
    await ada.get_by_role("button", name="Отозвать ссылку").click()
    await expect(ada.locator(".glinks li")).to_have_count(0)
    # the page that she has open leads nowhere now
    await cleo.get_by_role("button", name="Вступить в группу").click()
    await expect(cleo.locator(".jcard h1")).to_have_text("Ссылка не действует")


REFUSED = {
    "closed": "Добавить в группу не получится",
    "blocked": "Добавить в группу не получится",
    "banned": "вход в группу закрыт",
}


@pytest.mark.parametrize("why", REFUSED)
async def test_who_cannot_be_added_is_named_and_stays_picked(visit: Visits, server: Server, why: str) -> None:
    trip = await hike(server)
    name = f"dan{trip.names[0].removeprefix('ada')}"
    with behind(server) as doors:
        dan = await confirmed(doors, name, f"+797{trip.names[0].removeprefix('ada')[-8:]:0>8}")
        if why == "closed":
            await doors.perform(dan, save_preferences, Choices(may_add=Audience.NOBODY))
    ada = await at_home(visit, trip.names[0], trip.path)
    await panel(ada)
    if why == "banned":
        await choose(ada, trip.names[2], "Исключить и закрыть вход")
        await ada.get_by_role("dialog").get_by_role("button", name="Исключить").click()
        await expect(ada.get_by_role("button", name="Открыть вход")).to_be_visible()
        name = trip.names[2]
    await ada.locator(".details").get_by_role("button", name="Добавить").click()
    await ada.locator("#add-people").press_sequentially(name)
    await ada.locator(".found .ur", has_text=name).click()
    if why == "blocked":
        with behind(server) as doors:
            await doors.perform(dan, block, trip.people[0].user_id)
    await ada.get_by_role("dialog").get_by_role("button", name="Добавить").click()
    await expect(ada.get_by_role("dialog")).to_contain_text(REFUSED[why])
    await expect(ada.locator(".chip", has_text=name)).to_be_visible()


async def test_the_owner_leaves_in_two_tabs_and_both_end_in_the_list(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    one, other = await at_home(visit, trip.names[0], trip.path), await visit(trip.path, by=trip.names[0])
    for page in (one, other):
        await panel(page)
        await page.get_by_role("button", name="Покинуть группу").click()
    leave = [page.get_by_role("dialog").get_by_role("button", name="Покинуть") for page in (one, other)]
    buttons = [await button.element_handle() for button in leave]
    await asyncio.gather(*(button.evaluate("(button) => button.click()") for button in buttons))
    for page in (one, other):
        await page.wait_for_url(re.compile(r"/$"))
        await expect(page.locator(".list .chat")).to_have_count(0)


async def test_what_cannot_be_seen_is_refused_and_marks_stay_in_their_line(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    ada, ben = await at_home(visit, trip.names[0], trip.path), await at_home(visit, trip.names[1], trip.path)
    await say(ada, "before")
    await until(ben, ["before"])
    await say(ada, "\u200b\u200b\u2060")
    await expect(ada.locator(".failrow")).to_contain_text("Напишите что-нибудь")
    await ada.locator(".failrow").get_by_role("button", name="Удалить").click()
    await until(ben, ["before"])

    heights = await ben.evaluate(HEIGHTS)
    await say(ada, "a" + "\u0301" * 4_000)
    await say(ada, "after")
    await expect(ben.locator(".b .tx", has_text="after")).to_be_visible()
    now = await ben.evaluate(HEIGHTS)
    assert (now["row"], now["bubbles"][0]) == (heights["row"], heights["bubbles"][0])
    # each a line, and nothing of one over another
    assert max(now["bubbles"]) <= 1.5 * heights["bubbles"][0]


HEIGHTS = """() => ({
  row: document.querySelector(".list .chat").offsetHeight,
  bubbles: [...document.querySelectorAll(".b")].map((bubble) => bubble.offsetHeight),
})"""


async def test_the_menu_of_a_message_goes_with_the_chat(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    ada, ben = await at_home(visit, trip.names[0], trip.path), await at_home(visit, trip.names[1], trip.path)
    await say(ada, "hello")
    await until(ben, ["hello"])
    await panel(ada)
    menu = await menu_of(ben, "hello")
    await choose(ada, trip.names[1], "Исключить из группы")
    await ada.get_by_role("dialog").get_by_role("button", name="Исключить").click()
    await ben.wait_for_url(re.compile(r"/$"))
    await expect(menu).to_have_count(0)
    await expect(ben.locator(BOX)).to_have_count(0)


async def test_words_are_found_however_they_are_written(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    ada = await at_home(visit, trip.names[0], trip.path)
    await say(ada, "Привет всем")
    await until(ada, ["Привет всем"])
    for typed, found in (("приВЕТ", 1), ("приВЕТствие", 0)):
        await look_for(ada, typed)
        await expect(ada.locator("#found [role=option]", has_text="Привет всем")).to_have_count(found)
