"""Two people do with messages what can be done with them, in two browsers."""

from playwright.async_api import Locator, Page, expect

from chat_app.domain.chats.actions import create_group
from chat_app.domain.common.ids import ClientId
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.messages.actions import send_message
from chat_app.domain.users.actions import block
from tests.browser.friends import BOX, at_home, behind, friends, say, until, words
from tests.browser.servers import Server
from tests.browser.visits import PHONE, Visits
from tests.domain.talks import group
from tests.domain.talks import say as say_behind


def bubble(page: Page, text: str) -> Locator:
    return page.locator(".grp", has_text=text).locator(".b").first


async def menu(page: Page, text: str) -> Locator:
    """The open menu of the message that says this."""
    await bubble(page, text).click(button="right", position={"x": 8, "y": 8})
    await expect(page.locator("#popup")).to_be_visible()
    return page.locator("#popup")


async def test_what_ben_said_is_edited_answered_and_taken_back(visit: Visits, server: Server):
    pair = await friends(server)
    ada, ben = await at_home(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    await say(ben, "see you at sevn")
    await until(ada, ["see you at sevn"])
    await expect(ben.locator(".b .i-check, .b .i-check-check")).to_have_count(1)

    # ↑ in the empty box changes the last
    await ben.press(BOX, "ArrowUp")
    await expect(ben.locator(BOX)).to_have_value("see you at sevn")
    await expect(ben.locator(".target")).to_be_visible()
    await ben.fill(BOX, "see you at **seven**")
    await ben.press(BOX, "Enter")
    await until(ada, ["see you at seven"])
    await expect(ada.locator(".tx strong")).to_have_text("seven")
    await expect(ada.locator(".m")).to_contain_text("изм.")
    await expect(ben.locator(BOX)).to_have_value("")
    await expect(ben.locator(".target")).to_have_count(0)

    # an answer shows what it answers, and is shown at once
    row = bubble(ada, "seven")
    await row.hover()
    await row.locator("[aria-label=Ответить]").click()
    await expect(ada.locator(".target")).to_contain_text(pair.ben_name)
    await say(ada, "fine")
    await expect(ada.locator(".target")).to_have_count(0)
    await until(ben, ["see you at seven", "fine"])
    await expect(ben.locator(".qt")).to_contain_text("see you at seven")

    # taken back, the answer quotes it no more
    await (await menu(ben, "seven")).get_by_role("menuitem", name="Удалить").click()
    await ben.locator("dialog .btn.bad").click()
    await until(ada, ["Сообщение удалено", "fine"])
    await expect(ada.locator(".qt")).to_contain_text("Сообщение удалено")
    await expect(bubble(ada, "удалено").locator(".hov")).to_have_count(0)


async def test_whoever_did_not_say_it_is_offered_neither_to_edit_nor_to_delete(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    ben = await at_home(visit, pair.ben_name, pair.path)
    popup = await menu(ben, "word 1")
    await expect(popup.get_by_role("menuitem", name="Ответить")).to_be_visible()
    for forbidden in ("Изменить", "Удалить"):
        await expect(popup.get_by_role("menuitem", name=forbidden)).to_have_count(0)
    await ben.keyboard.press("Escape")
    await expect(popup).to_have_count(0)


async def test_esc_gives_back_what_was_being_typed_before_an_edit(visit: Visits, server: Server):
    pair = await friends(server, said=2)
    ada = await at_home(visit, pair.ada_name, pair.path)
    await ada.fill(BOX, "half a thou")
    await (await menu(ada, "word 1")).get_by_role("menuitem", name="Изменить").click()
    await expect(ada.locator(BOX)).to_have_value("word 1")
    await ada.fill(BOX, "word one")
    await ada.press(BOX, "Escape")
    await expect(ada.locator(BOX)).to_have_value("half a thou")
    assert await words(ada) == ["word 1", "word 2"]


async def test_a_reaction_is_given_seen_and_taken_back(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    ada, ben = await at_home(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    await (await menu(ben, "word 1")).get_by_role("menuitem", name="👍").click()
    pill = ada.locator(".rx button")
    await expect(pill).to_have_text("👍1")
    await expect(pill).to_have_attribute("aria-pressed", "false")
    await expect(pill).to_have_attribute("title", pair.ben_name)
    await pill.click()
    await expect(ben.locator(".rx button")).to_have_text("👍2")
    await expect(pill).to_have_attribute("aria-pressed", "true")
    await pill.click()
    await ben.locator(".rx button").click()
    await expect(ada.locator(".rx")).to_have_count(0)


async def test_what_is_pinned_stands_on_top_and_leads_there(visit: Visits, server: Server):
    pair = await friends(server, said=120)
    ada, ben = await at_home(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    await ben.locator("#log").evaluate("log => log.scrollTop = 0")
    await (await menu(ben, "word 72")).get_by_role("menuitem", name="Закрепить").click()
    bar = ada.locator(".pinbar")
    await expect(bar).to_contain_text("word 72")
    await expect(ada.locator(".sys")).to_contain_text(pair.ben_name)
    await bar.locator("button").first.click()
    await expect(ada.locator("[data-seq='72']")).to_be_in_viewport()
    # it is there after a reload, from the server
    await ada.reload()
    await expect(bar).to_contain_text("word 72")
    await bar.locator("button").first.click()
    await (await menu(ada, "word 72")).get_by_role("menuitem", name="Открепить").click()
    await expect(bar).to_have_count(0)
    await expect(ben.locator(".pinbar")).to_have_count(0)


async def test_a_link_to_a_message_opens_it_among_its_neighbours(visit: Visits, server: Server):
    pair = await friends(server, said=200)
    ada = await at_home(visit, pair.ada_name, pair.path)
    context = await visit.context(pair.ada_name)
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await (await menu(ada, "word 200")).get_by_role("menuitem", name="Копировать ссылку").click()
    await expect(ada.locator(".toast")).to_have_text("Ссылка скопированаЗакрыть")
    link = await ada.evaluate("() => navigator.clipboard.readText()")
    assert link == f"{visit.url}{pair.path}?m=200"

    await ada.goto(link.replace("m=200", "m=20"))
    await expect(ada.locator("[data-seq='20']")).to_be_in_viewport()
    assert "word 1" in await words(ada)
    assert "word 200" not in await words(ada)
    await ada.locator(".jump").click()
    await expect(ada.locator("[data-seq='200']")).to_be_in_viewport()
    # one that is not there opens the chat as ever
    await ada.goto(f"{visit.url}{pair.path}?m=9999")
    await expect(ada.locator("[data-seq='200']")).to_be_in_viewport()


async def test_a_quote_leads_to_what_it_quotes_however_far_that_is(visit: Visits, server: Server):
    pair = await friends(server, said=150)
    with behind(server) as doors:
        await say_behind(doors, pair.ada, pair.chat_id, "as I said", 3)
    ada = await at_home(visit, pair.ada_name, pair.path)
    await ada.locator(".qt").click()
    await expect(ada.locator("[data-seq='3']")).to_be_in_viewport()
    await expect(ada.locator("[data-seq='3'].lit")).to_have_count(1)


async def test_words_are_passed_on_to_another_chat(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    ada = await at_home(visit, pair.ada_name, pair.path)
    await (await menu(ada, "word 1")).get_by_role("menuitem", name="Переслать").click()
    # narrowed by what is typed
    await ada.get_by_role("dialog").get_by_role("searchbox").fill("nobody")
    await expect(ada.locator("dialog .chat")).to_have_count(0)
    await ada.get_by_role("dialog").get_by_role("searchbox").fill(pair.ben_name[:4].upper())
    await ada.locator("dialog .chat").click()
    await until(ada, ["word 1", "word 1"])
    await expect(ada.locator(".fwd")).to_have_text(f"Переслано от {pair.ada_name}")


async def test_a_member_is_named_by_a_few_letters_and_sees_it(visit: Visits, server: Server):
    pair = await friends(server)
    with behind(server) as doors:
        chat = await group(doors, pair.ada, pair.ben)
    ada = await at_home(visit, pair.ada_name, f"/chat/{chat}")
    ben = await at_home(visit, pair.ben_name, f"/chat/{chat}")
    await ada.locator(BOX).press_sequentially("look, @be")
    await expect(ada.locator(".names [aria-selected=true]")).to_contain_text(pair.ben_name)
    await ada.press(BOX, "Enter")
    await expect(ada.locator(BOX)).to_have_value(f"look, @{pair.ben_name} ")
    await expect(ada.locator(".names")).to_have_count(0)
    await ada.press(BOX, "Enter")
    await expect(ben.locator(".at.mine")).to_have_text(f"@{pair.ben_name}")
    await expect(ada.locator(".at")).to_have_text(f"@{pair.ben_name}")
    await expect(ada.locator(".at.mine")).to_have_count(0)
    # an address is nobody's name
    await ada.locator(BOX).press_sequentially("x@be")
    await expect(ada.locator(".names")).to_have_count(0)


async def test_a_long_press_opens_the_menu_on_a_phone(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    ada = await at_home(visit, pair.ada_name, pair.path, viewport=PHONE, has_touch=True, is_mobile=True)
    box = await bubble(ada, "word 1").bounding_box()
    assert box is not None
    session = await ada.context.new_cdp_session(ada)
    touch = {"x": box["x"] + 10, "y": box["y"] + 10}
    await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [touch]})
    await expect(ada.locator("#popup")).to_be_visible()
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect(ada.locator("#popup")).to_be_visible()


async def test_a_keyboard_reaches_the_menu_and_comes_back(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    ada = await at_home(visit, pair.ada_name, pair.path)
    more = ada.locator(".hov [aria-haspopup=menu]")
    await more.focus()
    await expect(ada.locator(".hov")).to_have_css("opacity", "1")
    await ada.keyboard.press("Enter")
    await expect(ada.locator("#popup button").first).to_be_focused()
    await ada.keyboard.press("End")
    await expect(ada.locator("#popup .mi.bad")).to_be_focused()
    await ada.keyboard.press("Escape")
    await expect(more).to_be_focused()


async def test_what_was_typed_in_the_place_of_what_is_gone_is_kept(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    one = await at_home(visit, pair.ada_name, pair.path)
    other = await visit(pair.path, by=pair.ada_name)
    await (await menu(one, "word 1")).get_by_role("menuitem", name="Изменить").click()
    await one.fill(BOX, "a long story")
    await (await menu(other, "word 1")).get_by_role("menuitem", name="Удалить").click()
    await other.get_by_role("dialog").get_by_role("button", name="Удалить").click()
    await expect(one.locator(".target")).to_have_count(0)
    await expect(one.locator(BOX)).to_have_value("a long story")
    await one.press(BOX, "Enter")
    await until(other, ["Сообщение удалено", "a long story"])


async def test_alt_and_an_arrow_leave_the_last_message_alone(visit: Visits, server: Server):
    pair = await friends(server, said=2)
    ada = await at_home(visit, pair.ada_name, pair.path)
    await ada.press(BOX, "Alt+ArrowUp")
    await expect(ada.locator(".target")).to_have_count(0)
    await ada.press(BOX, "ArrowUp")
    await expect(ada.locator(".target")).to_have_count(1)


async def test_on_glass_enter_breaks_the_line(visit: Visits, server: Server):
    pair = await friends(server)
    ada = await at_home(visit, pair.ada_name, pair.path, viewport=PHONE, has_touch=True, is_mobile=True)
    await ada.locator(BOX).tap()
    await ada.keyboard.type("one")
    await ada.keyboard.press("Enter")
    await ada.keyboard.type("two")
    await expect(ada.locator(BOX)).to_have_value("one\ntwo")
    await ada.get_by_role("button", name="Отправить").tap()
    await until(ada, ["one\ntwo"])


async def test_emoji_alone_are_large(visit: Visits, server: Server):
    pair = await friends(server)
    ada = await at_home(visit, pair.ada_name, pair.path)
    for text in ("👍🏽❤️", "👍 yes"):
        await say(ada, text)
    await until(ada, ["👍🏽❤️", "👍 yes"])
    assert await ada.locator(".b .tx").evaluate_all("all => all.map(tx => tx.classList.contains('big'))") == [
        True,
        False,
    ]


async def test_what_somebody_blocked_says_in_a_group_is_shown_on_request(visit: Visits, server: Server):
    pair = await friends(server)
    with behind(server) as doors:
        chat = await doors.perform(pair.ada, create_group, GroupTitle("Walks"), [pair.ben.user_id])
        await doors.perform(pair.ben, send_message, chat, ClientId("one"), "you there")
        await doors.perform(pair.ada, block, pair.ben.user_id)
    ada, ben = [await at_home(visit, name, f"/chat/{chat}") for name in (pair.ada_name, pair.ben_name)]
    await until(ben, ["you there"])
    await expect(ada.locator(".b .tx")).to_contain_text("Сообщение от того, кого вы заблокировали")
    await expect(ada.locator(".b")).not_to_contain_text("you there")
    await ada.get_by_role("button", name="Показать").click()
    await until(ada, ["you there"])


async def test_the_list_stays_where_it_was_on_a_phone(visit: Visits, server: Server):
    pair = await friends(server)
    with behind(server) as doors:
        for number in range(20):
            await doors.perform(pair.ada, create_group, GroupTitle(f"Group {number}"))
    ada = await at_home(visit, pair.ada_name, viewport=PHONE)
    await ada.wait_for_selector(".list .chat >> nth=15")
    await ada.evaluate("document.querySelector('.list').scrollTop = 600")
    await ada.wait_for_timeout(100)
    await ada.locator(".list .chat", has_text="Group 9").click()
    await ada.wait_for_selector(BOX)
    await ada.locator("header.head .phone-only").click()
    await expect(ada.locator(".list .chat", has_text="Group 9")).to_be_in_viewport()
    assert await ada.evaluate("document.querySelector('.list').scrollTop") == 600
