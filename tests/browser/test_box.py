"""The box that messages are typed in: whom it offers to name, what its keys do, and what stands in it afterwards."""

from playwright.async_api import Page, expect

from chat_app.domain.chats.actions import create_group
from chat_app.domain.common.ids import ClientId
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.messages.actions import send_message
from tests.browser.friends import BOX, Friends, at_home, behind, friends, say, until, words
from tests.browser.servers import Server
from tests.browser.visits import Visits
from tests.people import confirmed

OFFERED = ".names [role=option]"
CHOSEN = ".names [aria-selected=true]"
TARGET = ".target"
ANSWERED_MS = 600
"""By then members that were asked for would be offered."""

COMPOSED = """(selector) => document.querySelector(selector).dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true })
)"""


async def hike(server: Server) -> tuple[Friends, str]:
    """Friends in a group, with somebody whose name begins with the whole of Ben's; the path of the group."""
    pair = await friends(server)
    with behind(server) as doors:
        other = await confirmed(doors, f"{pair.ben_name}x", f"+797{pair.ben_name[3:]:0>8}")
        chat = await doors.perform(pair.ada, create_group, GroupTitle("Hike"), [pair.ben.user_id, other.user_id])
    return pair, f"/chat/{chat}"


async def offers(page: Page, *names: str, chosen: str) -> None:
    await expect(page.locator(OFFERED)).to_have_count(len(names))
    for place, name in enumerate(names):
        await expect(page.locator(OFFERED).nth(place)).to_have_attribute("data-name", name)
    await expect(page.locator(CHOSEN)).to_have_count(1)
    await expect(page.locator(CHOSEN)).to_have_attribute("data-name", chosen)


async def test_arrows_choose_whom_to_name_and_a_key_puts_the_name_in(visit: Visits, server: Server) -> None:
    pair, path = await hike(server)
    ben, namesake = pair.ben_name, f"{pair.ben_name}x"
    ada = await at_home(visit, pair.ada_name, path)
    for key, text in (("Enter", "look, @be"), ("Tab", "and @be")):
        await ada.locator(BOX).press_sequentially(text)
        await offers(ada, ben, namesake, chosen=ben)
        # round and round, either way
        for arrow, name in (("Down", namesake), ("Down", ben), ("Up", namesake), ("Up", ben), ("Down", namesake)):
            await ada.press(BOX, f"Arrow{arrow}")
            await offers(ada, ben, namesake, chosen=name)
        await ada.press(BOX, key)
        await expect(ada.locator(OFFERED)).to_have_count(0)
        await expect(ada.locator(BOX)).to_be_focused()
    await expect(ada.locator(BOX)).to_have_value(f"look, @{namesake} and @{namesake} ")
    assert await words(ada) == []
    # whoever does not want it lets it be, and goes on
    await ada.fill(BOX, "")
    await ada.locator(BOX).press_sequentially("at @be")
    await offers(ada, ben, namesake, chosen=ben)
    await ada.press(BOX, "Escape")
    await expect(ada.locator(OFFERED)).to_have_count(0)
    await expect(ada.locator(BOX)).to_have_value("at @be")
    await ada.press(BOX, "Enter")
    await until(ada, ["at @be"])


async def test_a_name_that_stands_there_in_full_is_sent_by_enter(visit: Visits, server: Server) -> None:
    pair, path = await hike(server)
    ada, ben = await at_home(visit, pair.ada_name, path), await at_home(visit, pair.ben_name, path)
    await ada.locator(BOX).press_sequentially(f"@{pair.ben_name}")
    await offers(ada, pair.ben_name, f"{pair.ben_name}x", chosen=pair.ben_name)
    await ada.press(BOX, "Enter")
    await until(ben, [f"@{pair.ben_name}"])
    await expect(ben.locator(".at.mine")).to_have_count(1)
    await expect(ada.locator(BOX)).to_have_value("")
    await expect(ada.locator(OFFERED)).to_have_count(0)
    # unless another one was chosen
    await ada.locator(BOX).press_sequentially(f"@{pair.ben_name}")
    await offers(ada, pair.ben_name, f"{pair.ben_name}x", chosen=pair.ben_name)
    await ada.press(BOX, "ArrowDown")
    await ada.press(BOX, "Enter")
    await expect(ada.locator(BOX)).to_have_value(f"@{pair.ben_name}x ")
    assert await words(ben) == [f"@{pair.ben_name}"]


async def test_nobody_is_offered_for_what_was_sent_or_let_be(visit: Visits, server: Server) -> None:
    pair, path = await hike(server)
    ada = await at_home(visit, pair.ada_name, path)
    await ada.locator(BOX).press_sequentially("hi @be")
    await expect(ada.locator(OFFERED)).to_have_count(2)
    await ada.click(".send")
    await until(ada, ["hi @be"])
    await expect(ada.locator(OFFERED)).to_have_count(0)
    # sent while they are being asked for
    for pause in (0, 100, 140, 180):
        await ada.locator(BOX).press_sequentially("@be")
        await ada.wait_for_timeout(pause)
        await ada.evaluate("document.querySelector('.cin').requestSubmit()")
    await until(ada, ["hi @be", *["@be"] * 4])
    await ada.wait_for_timeout(ANSWERED_MS)
    await expect(ada.locator(OFFERED)).to_have_count(0)

    # an edit that is called off
    for let_be in ("button", "key"):
        await ada.press(BOX, "ArrowUp")
        await expect(ada.locator(BOX)).to_have_value("@be")
        await expect(ada.locator(OFFERED)).to_have_count(2)
        if let_be == "button":
            await ada.click(f"{TARGET} button")
        else:
            # of the list first
            await ada.press(BOX, "Escape")
            await expect(ada.locator(OFFERED)).to_have_count(0)
            await expect(ada.locator(TARGET)).to_have_count(1)
            await ada.press(BOX, "Escape")
        await expect(ada.locator(TARGET)).to_have_count(0)
        await expect(ada.locator(BOX)).to_have_value("")
        await ada.wait_for_timeout(ANSWERED_MS)
        await expect(ada.locator(OFFERED)).to_have_count(0)


async def test_nobody_is_offered_in_the_chat_one_goes_to(visit: Visits, server: Server) -> None:
    pair, path = await hike(server)
    with behind(server) as doors:
        await doors.perform(pair.ada, send_message, pair.chat_id, ClientId("one"), "here")
    ada = await at_home(visit, pair.ada_name, path)
    await ada.locator(BOX).press_sequentially("hi @be")
    await expect(ada.locator(OFFERED)).to_have_count(2)
    await ada.locator("a.chat", has_text="here").click()
    await until(ada, ["here"])
    await expect(ada.locator(OFFERED)).to_have_count(0)
    # nor while they are still being asked for
    await ada.locator("a.chat", has_text="Hike").click()
    await expect(ada.locator(BOX)).to_have_value("hi @be")
    await ada.locator(BOX).press_sequentially("n")
    await ada.press(BOX, "Alt+ArrowUp")
    await until(ada, ["here"])
    await ada.wait_for_timeout(ANSWERED_MS)
    await expect(ada.locator(OFFERED)).to_have_count(0)


async def test_the_last_message_is_said_better_again_and_again(visit: Visits, server: Server) -> None:
    pair = await friends(server)
    ada, ben = await at_home(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    await say(ada, "first")
    await say(ada, "one")
    await until(ben, ["first", "one"])
    before = "one"
    for after in ("two", "three", "four"):
        await expect(ada.locator(".b .i-clock")).to_have_count(0)
        await ada.press(BOX, "ArrowUp")
        await expect(ada.locator(BOX)).to_have_value(before)
        await ada.fill(BOX, after)
        await ada.press(BOX, "Enter")
        await until(ben, ["first", after])
        await expect(ada.locator(TARGET)).to_have_count(0)
        await expect(ada.locator(BOX)).to_have_value("")
        before = after
        if after == "three":
            # and what was loaded, not heard of
            await ada.reload()
            await until(ada, ["first", "three"])
    await expect(ada.locator(".toast")).to_have_count(0)


async def test_shift_and_enter_break_the_line_and_enter_may_choose_a_word(visit: Visits, server: Server) -> None:
    pair = await friends(server)
    ada = await at_home(visit, pair.ada_name, pair.path)
    await ada.locator(BOX).press_sequentially("one")
    await ada.press(BOX, "Shift+Enter")
    await ada.locator(BOX).press_sequentially("two")
    # of an input method
    await ada.evaluate(COMPOSED, BOX)
    await expect(ada.locator(BOX)).to_have_value("one\ntwo")
    assert await words(ada) == []
    await ada.press(BOX, "Enter")
    await until(ada, ["one\ntwo"])
