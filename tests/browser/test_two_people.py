"""Two people talk, in two browsers."""

import asyncio

import pytest
from playwright.async_api import WebSocketRoute, expect

from chat_app.domain.users.actions import save_preferences
from chat_app.domain.users.rules import Audience, Choices
from tests.browser.friends import BOX, at_home, behind, friends, look_for, say, until, words
from tests.browser.servers import Server
from tests.browser.strangers import confirm_both, sign_up
from tests.browser.visits import PHONE, Visits
from tests.people import cookie_of

CLOCK = ".i-clock"
READ = ".i-check-check"
WATCH_FOR_A_CLOCK = """() => {
  const look = () => document.querySelector(".b .i-clock") && (window.tried = true);
  new MutationObserver(look).observe(document.getElementById("log"), { subtree: true, childList: true });
}"""
HOSTILE = [
    "<img src=x onerror=window.hit=1>",
    "<script>window.hit=1</script>",
    "javascript:window.hit=1",
    "{{constructor.constructor('window.hit=1')()}}",
    "\u202egnp.elif",
    "'; DROP TABLE messages; --",
    "a" * 4096,
    "слово\nи ещё одно\n\nи всё",
    "👩‍👩‍👧‍👦 🏳️‍🌈",
    "\u0301" * 200 + "a",
]


async def test_two_strangers_sign_up_find_each_other_and_talk(visit: Visits, server: Server):
    ada, ben = await visit("/signup", by="ada"), await visit("/signup", by="ben", viewport=PHONE)
    ada_name = await sign_up(ada)
    await confirm_both(ada, server, ada_name)
    ben_name = await sign_up(ben)
    await confirm_both(ben, server, ben_name)

    await look_for(ada, ben_name[:-1])
    await ada.click(f"[role=option]:has-text('@{ben_name}')")
    await ada.wait_for_url("**/chat/*")
    await say(ada, "Привет!")
    await until(ada, ["Привет!"])

    row = ben.locator("a.chat")
    await expect(row).to_contain_text("Привет!")
    await expect(row.locator(".pill")).to_have_text("1")
    await row.click()
    await until(ben, ["Привет!"])
    await expect(ada.locator(f".b {READ}")).to_have_count(1)

    await say(ben, "И тебе привет")
    await until(ada, ["Привет!", "И тебе привет"])


async def test_cleo_outside_sees_nothing_of_their_chat(visit: Visits, server: Server):
    pair, others = await friends(server, said=1), await friends(server)
    cleo = await at_home(visit, others.ada_name, pair.path)
    await cleo.wait_for_url(f"{visit.url}/")
    await expect(cleo.locator(".notices .toast")).to_be_visible()
    assert await words(cleo) == []
    assert "word 1" not in await cleo.content()


async def test_a_visitor_is_led_to_sign_in_and_back(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    page = await visit(pair.path, by="nobody")
    await page.wait_for_url("**/signin?next=**")
    context = await visit.context("nobody")
    await context.add_cookies([{"name": "sid", "value": cookie_of(pair.ben_name), "url": visit.url}])
    await page.reload()
    await page.wait_for_url(f"**{pair.path}")
    await until(page, ["word 1"])


async def test_history_loads_upward_and_stays_where_it_is(visit: Visits, server: Server):
    pair = await friends(server, said=130)
    page = await at_home(visit, pair.ada_name, pair.path)
    await until(page, [f"word {at}" for at in range(81, 131)])
    await expect(page.locator(".grp.out")).to_have_count(50)
    before = "() => document.querySelector('[data-seq=\"81\"]').getBoundingClientRect().top"
    await page.evaluate("() => document.getElementById('log').scrollTop = 300")
    top = await page.evaluate(before)
    await until(page, [f"word {at}" for at in range(31, 131)])
    assert abs(await page.evaluate(before) - top) < 2

    await page.evaluate("() => document.getElementById('log').scrollTop = 0")
    await until(page, [f"word {at}" for at in range(1, 131)])
    await expect(page.locator(".date")).to_have_count(1)


async def test_new_messages_are_counted_marked_and_jumped_to(visit: Visits, server: Server):
    pair = await friends(server, said=60)
    ben = await at_home(visit, pair.ben_name)
    row = ben.locator("a.chat")
    await expect(row.locator(".pill")).to_have_text("60")
    await row.click()
    await expect(ben.locator("[data-kind=new]")).to_be_visible()
    await ben.click(".jump")
    await expect(ben.locator(".jump")).to_have_count(0)
    await expect(row.locator(".pill")).to_have_count(0)

    await ben.evaluate("() => document.getElementById('log').scrollTop = 200")
    await expect(ben.locator(".jump")).to_be_visible()
    ada = await at_home(visit, pair.ada_name, pair.path)
    await say(ada, "one more")
    await expect(ben.locator(".jump .pill")).to_have_text("1")


async def test_a_draft_is_there_after_a_reload_and_in_the_list(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    page = await at_home(visit, pair.ada_name, pair.path)
    await page.fill(BOX, "not yet said")
    await page.reload()
    await expect(page.locator(BOX)).to_have_value("not yet said")
    await page.goto(visit.url)
    await expect(page.locator("a.chat .draft")).to_be_visible()
    await expect(page.locator("a.chat")).to_contain_text("not yet said")


async def test_the_language_changes_without_a_reload_and_nothing_typed_is_lost(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    page = await at_home(visit, pair.ada_name, pair.path)
    await page.fill(BOX, "half a thou")
    await page.evaluate("() => { window.still = true }")
    await page.click("summary")
    await page.click("button[lang=en]")
    await expect(page.locator(BOX)).to_have_attribute("placeholder", "Message")
    await expect(page.locator(".date")).to_have_text("today")
    await expect(page.locator(BOX)).to_have_value("half a thou")
    assert await page.evaluate("() => [window.still, document.documentElement.lang]") == [True, "en"]


async def test_what_is_said_without_a_line_waits_and_is_sent_once(visit: Visits, server: Server):
    pair = await friends(server)
    visit.forgive("ERR_INTERNET_DISCONNECTED")
    ada, ben = await at_home(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    context = await visit.context(pair.ada_name)
    await context.set_offline(True)
    await expect(ada.locator(".netbar")).to_be_visible()
    await expect(ada.locator(".netbar")).to_contain_text("Нет связи")
    await expect(ada.locator(BOX)).to_have_attribute("placeholder", "Отправим, когда появится связь")
    await say(ada, "first")
    await say(ada, "second")
    await expect(ada.locator(CLOCK)).to_have_count(2)
    assert await words(ben) == []
    await context.set_offline(False)
    await until(ben, ["first", "second"])
    await expect(ada.locator(CLOCK)).to_have_count(0)
    # said for two seconds, then gone; and never said to whoever had a line all the time
    await expect(ada.locator(".netbar.ok")).to_be_visible()
    await expect(ada.locator(".netbar.ok")).to_have_text("Связь есть")
    await expect(ada.locator(".netbar")).to_be_hidden()
    await expect(ben.locator(".netbar")).to_be_hidden()


async def test_what_loads_slowly_shows_its_shape_first(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    context = await visit.context(pair.ada_name)
    await context.add_cookies([{"name": "sid", "value": cookie_of(pair.ada_name), "url": visit.url}])
    page = await context.new_page()
    loaded = asyncio.Event()

    async def hold(line: WebSocketRoute) -> None:
        await loaded.wait()
        line.connect_to_server()

    await page.route_web_socket("**/_event/**", hold)
    await page.goto(visit.url + pair.path)
    await expect(page.locator(".conv .sk.bub").first).to_be_visible()
    await expect(page.locator(".side .chat .sk").first).to_be_visible()
    await expect(page.locator(".nochats")).to_have_count(0)
    loaded.set()
    await until(page, ["word 1"])
    await expect(page.locator(".sk")).to_have_count(0)


async def test_a_message_that_is_refused_says_why_and_can_be_given_up(visit: Visits, server: Server):
    pair = await friends(server)
    ada = await at_home(visit, pair.ada_name, pair.path)
    await say(ada, "a" * 4097)
    await expect(ada.locator(".b.fail")).to_be_visible()
    await expect(ada.locator(".failrow")).to_contain_text("слишком длинное")
    await ada.click(".failrow button:has-text('Удалить')")
    await expect(ada.locator(".b")).to_have_count(0)
    await ada.reload()
    await expect(ada.locator(".b")).to_have_count(0)


async def test_whom_ben_blocked_is_told_what_any_stranger_is_and_loses_no_word(visit: Visits, server: Server):
    pair, other = await friends(server), await friends(server)
    with behind(server) as doors:
        # who lets nobody write to him refuses the first word
        await doors.perform(other.ben, save_preferences, Choices(may_write=Audience.NOBODY))
    ada, ben = await at_home(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    stranger = await at_home(visit, other.ada_name, other.path)
    await say(ada, "hello")
    await until(ben, ["hello"])
    await ben.click(".head [data-menu]")
    await ben.get_by_role("menuitem", name="Заблокировать").click()
    await expect(ben.locator(".blockbar")).to_be_visible()

    for page in (ada, stranger):
        for text in ("are you **there**?", "well"):
            await say(page, text)
        await page.fill(BOX, "not yet sa")
        await expect(page.locator(".b.fail")).to_have_count(2)
        await expect(page.locator(f".b {CLOCK}")).to_have_count(0)
    refused = [await page.locator(".failrow").first.inner_text() for page in (ada, stranger)]
    assert refused[0] == refused[1]
    assert "Не отправлено: Этот человек не принимает сообщения" in refused[0]
    # nothing of it is on his screen, and on hers all of it is, after a reload as well
    for _ in range(2):
        await expect(ada.locator(".b.fail")).to_have_count(2)
        assert await words(ada) == ["hello", "are you **there**?", "well"]
        await expect(ada.locator(BOX)).to_have_value("not yet sa")
        await expect(ada.locator(BOX)).to_be_enabled()
        await ada.reload()
        await ada.wait_for_selector(".b.fail")
    # again is refused again
    again = ada.get_by_role("button", name="Повторить")
    await ada.evaluate(WATCH_FOR_A_CLOCK)
    await again.first.click()
    await ada.wait_for_function("() => window.tried")
    await expect(again).to_have_count(2)
    assert await words(ben) == ["hello"]

    await ben.click(".blockbar button")
    await expect(ben.locator(".blockbar")).to_have_count(0)
    for left in (1, 0):
        await again.first.click()
        await expect(again).to_have_count(left)
    await until(ben, ["hello", "are you there?", "well"])
    await expect(ada.locator(f".b {READ}")).to_have_count(3)
    await ada.reload()
    await until(ada, ["hello", "are you there?", "well"])
    await expect(ada.locator(".b.fail")).to_have_count(0)
    await expect(ada.locator(BOX)).to_have_value("not yet sa")


async def test_a_key_leads_to_the_search_and_back(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    page = await at_home(visit, pair.ben_name, pair.path)
    await page.press(BOX, "Control+K")
    await expect(page.locator("#search")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#search")).to_have_count(0)
    await expect(page.locator(BOX)).to_be_focused()


async def test_hostile_text_is_text(visit: Visits, server: Server):
    pair = await friends(server)
    ada, ben = await at_home(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    for text in HOSTILE:
        await say(ada, text)
    # of marks on one letter as many are drawn as scripts write
    await until(ben, [*HOSTILE[:-1], "\u0301" * 6 + "a"])
    for page in (ada, ben):
        assert await page.evaluate("() => window.hit") is None
        assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


async def test_signing_out_in_one_tab_ends_the_others(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    first, second = await at_home(visit, pair.ada_name), await at_home(visit, pair.ada_name, pair.path)
    await first.click("summary")
    await first.click("form[action*=signout] button")
    await first.wait_for_url("**/signin")
    await second.wait_for_url("**/signin**")


@pytest.mark.parametrize("slowed", [1, 6])
async def test_a_burst_in_two_chats_ends_as_a_fresh_load_shows_it(visit: Visits, server: Server, slowed: int):
    pair = await friends(server)
    page = await at_home(visit, pair.ben_name, pair.path, slowed=slowed)
    others = await friends(server)
    senders = [await at_home(visit, pair.ada_name, pair.path), await at_home(visit, others.ada_name, others.path)]
    for at in range(1, 51):
        for sender in senders:
            await say(sender, f"burst {at}")
        if at == 25:
            # a second on_load, as a navigation makes one
            await page.locator("a.chat").first.click()
    texts = [f"burst {at}" for at in range(1, 51)]
    await until(senders[0], texts, 60)
    await until(page, texts, 60)
    await page.reload()
    await until(page, texts, 60)


async def test_a_tab_that_was_copied_shows_its_own_chat(visit: Visits, server: Server):
    pair = await friends(server, said=2)
    first = await at_home(visit, pair.ben_name, pair.path)
    token = await first.evaluate("() => sessionStorage.getItem('token')")
    context = await visit.context(pair.ben_name)
    copy = await context.new_page()
    await copy.add_init_script(f"sessionStorage.setItem('token', '{token}')")
    await copy.goto(visit.url + pair.path)
    await until(copy, ["word 1", "word 2"])
    await say(copy, "from the copy")
    await until(first, ["word 1", "word 2", "from the copy"])
    assert await copy.evaluate("() => sessionStorage.getItem('token')") != token


async def test_what_was_stored_unheard_is_there_after_the_next_message(visit: Visits, server: Server):
    """A hole: the bus lost the news of three messages."""
    from chat_app.domain.common.ids import ClientId
    from chat_app.domain.messages.actions import send_message

    pair = await friends(server, said=1)
    ben = await at_home(visit, pair.ben_name, pair.path)
    await until(ben, ["word 1"])
    with behind(server) as doors:
        for at in range(3):
            await doors.perform(pair.ada, send_message, pair.chat_id, ClientId(f"unheard-{at}"), f"unheard {at}")
    ada = await at_home(visit, pair.ada_name, pair.path)
    await say(ada, "heard")
    await until(ben, ["word 1", "unheard 0", "unheard 1", "unheard 2", "heard"])
