"""Where one is in a long conversation: it stays there whatever loads or comes, and only what was seen is read."""

from typing import Any

from playwright.async_api import Page, expect

from chat_app.domain.chats.actions import change_group
from chat_app.domain.common.ids import ClientId
from chat_app.domain.common.values import GroupDescription, GroupTitle
from chat_app.domain.messages.actions import send_message
from tests.browser.friends import at_home, behind, friends, say, until, words
from tests.browser.servers import Server
from tests.browser.test_notices import RECORD
from tests.browser.visits import Visits
from tests.domain.talks import group

SEEN_MS = 1000
"""By then the server would have been told of what was seen."""

SETTLED_MS = 60
"""By then what is drawn after the page that came is drawn."""

NEAR_PX = 400
"""As `assets/reading.js` has it: this close to an end more is asked for."""

STEP = """(pixels) => {
  const log = document.getElementById("log");
  log.scrollTop += pixels;
  const all = [...log.querySelectorAll("[data-seq]")];
  const { top, bottom } = log.getBoundingClientRect();
  const eye = all.find((each) => each.getBoundingClientRect().bottom > (top + bottom) / 2);
  const below = log.scrollHeight - log.scrollTop - log.clientHeight;
  const [first, last] = [all.at(0), all.at(-1)].map((each) => Number(each.dataset.seq));
  return { eye: eye.dataset.seq, at: eye.getBoundingClientRect().top, above: log.scrollTop, below, first, last };
}"""
PLACE = "(seq) => document.querySelector(`[data-seq='${seq}']`).getBoundingClientRect().top"
ENDS = """([first, last]) => {
  const all = [...document.querySelectorAll("[data-seq]")].map((each) => Number(each.dataset.seq));
  return all.at(0) < first || all.at(-1) > last;
}"""


async def scrolled(page: Page, pixels: int, *, first: int, last: int) -> dict[str, Any]:
    """Scroll, and wait for the page that is asked for near an end of what is shown, unless it is `first` or `last`.

    What is under the eye stays there meanwhile.
    """
    now = await page.evaluate(STEP, pixels)
    near_top, near_end = now["above"] < NEAR_PX, now["below"] < NEAR_PX
    if (near_top and now["first"] > first) or (near_end and now["last"] < last):
        await page.wait_for_function(ENDS, arg=[now["first"], now["last"]])
        assert abs(await page.evaluate(PLACE, now["eye"]) - now["at"]) < 2, f"{now['eye']} jumped"
    return now


async def test_from_the_middle_one_comes_to_the_first_and_to_the_last(visit: Visits, server: Server) -> None:
    pair = await friends(server, said=300)
    ben = await at_home(visit, pair.ben_name, f"{pair.path}?m=150")
    await expect(ben.locator("[data-seq='150']")).to_be_in_viewport()
    # what is said meanwhile stands at the end, and nowhere before
    ada = await at_home(visit, pair.ada_name, pair.path)
    await say(ada, "word 301")
    await expect(ada.locator("[data-seq='301'] .i-check")).to_have_count(1)
    shown = await words(ben)
    assert shown == [f"word {at}" for at in range(int(shown[0].split()[1]), int(shown[-1].split()[1]) + 1)]
    assert "word 301" not in shown

    for pixels, end in ((-600, "above"), (600, "below")):
        for _ in range(100):
            now = await scrolled(ben, pixels, first=1, last=301)
            shown = await words(ben)
            first, last = [int(text.split()[1]) for text in (shown[0], shown[-1])]
            assert shown == [f"word {at}" for at in range(first, last + 1)]
            if now[end] < 1 and (first, last)[end == "below"] in (1, 301):
                break
    await until(ben, [f"word {at}" for at in range(1, 302)])
    await expect(ben.locator("[data-seq='301']")).to_be_in_viewport()
    # and it is read there
    await expect(ada.locator("[data-seq='301'] .i-check-check")).to_have_count(1)


async def test_of_a_very_long_history_the_page_holds_a_part(visit: Visits, server: Server) -> None:
    pair = await friends(server, said=900)
    ben = await at_home(visit, pair.ben_name, f"{pair.path}?m=450")
    await expect(ben.locator("[data-seq='450']")).to_be_in_viewport()
    most = 0
    for pixels, end in ((-900, "above"), (900, "below")):
        for _ in range(150):
            now = await scrolled(ben, pixels, first=1, last=900)
            shown = [int(text.split()[1]) for text in await words(ben)]
            assert shown == list(range(shown[0], shown[-1] + 1))
            most = max(most, len(shown))
            # what is let go at one end moves nothing either
            await ben.wait_for_timeout(SETTLED_MS)
            assert abs(await ben.evaluate(PLACE, now["eye"]) - now["at"]) < 2, f"{now['eye']} jumped"
            if now[end] < 1 and (shown[0], shown[-1])[end == "below"] in (1, 900):
                break
    assert shown[-1] == 900
    assert 300 < most <= 450
    # at the end it is a part as well, and goes on
    ada = await at_home(visit, pair.ada_name, pair.path)
    await say(ada, "word 901")
    await expect(ben.locator("[data-seq='901']")).to_be_in_viewport()


LONG = "once more, and at such a length that it stands on several lines of a narrow window: " * 3


async def test_what_loads_above_moves_nothing_in_a_window_made_narrower(visit: Visits, server: Server) -> None:
    pair = await friends(server)
    with behind(server) as doors:
        for at in range(1, 121):
            await doors.perform(pair.ada, send_message, pair.chat_id, ClientId(f"long-{at}"), f"word {at}: {LONG}")
    ben = await at_home(visit, pair.ben_name, f"{pair.path}?m=80")
    await expect(ben.locator("[data-seq='80']")).to_be_in_viewport()
    await ben.set_viewport_size({"width": 820, "height": 800})
    while (await scrolled(ben, -300, first=1, last=120))["first"] > 1:
        pass
    await expect(ben.locator("[data-seq='1']")).to_have_count(1)


async def test_lines_of_the_system_that_load_above_move_nothing(visit: Visits, server: Server) -> None:
    pair = await friends(server)
    with behind(server) as doors:
        chat = await group(doors, pair.ada, pair.ben)
        for at in range(110):
            await doors.perform(pair.ada, change_group, chat, GroupTitle(f"Hike {at}"), GroupDescription(""))
        for at in range(20):
            await doors.perform(pair.ada, send_message, chat, ClientId(f"word-{at}"), f"word {at}")
    ada = await at_home(visit, pair.ada_name, f"/chat/{chat}")
    await expect(ada.locator(".sys")).to_have_count(30)
    while (await scrolled(ada, -300, first=1, last=132))["first"] > 1:
        pass
    await expect(ada.locator(".sys")).to_have_count(112)


async def test_nothing_is_read_while_one_reads_above(visit: Visits, server: Server) -> None:
    pair = await friends(server, said=80)
    ada, ben = await at_home(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    await ben.click(".jump")
    await expect(ben.locator(".jump")).to_have_count(0)
    await expect(ada.locator("[data-seq='80'] .i-check-check")).to_have_count(1)

    await ben.evaluate("document.getElementById('log').scrollTop -= 700")
    await expect(ben.locator(".jump")).to_be_visible()
    await expect(ben.locator(".jump .pill")).to_have_count(0)
    now = await ben.evaluate(STEP, 0)
    for at in (1, 2, 3):
        await say(ada, f"one more {at}")
        await expect(ben.locator(".jump .pill")).to_have_text(f"{at}")
    await expect(ben.locator("a.chat .pill")).to_have_text("3")
    await ben.wait_for_timeout(SEEN_MS)
    assert await ben.evaluate(PLACE, now["eye"]) == now["at"]
    for seq in (81, 82, 83):
        await expect(ada.locator(f"[data-seq='{seq}'] .i-check")).to_have_count(1)
    await expect(ada.locator("[data-seq='80'] .i-check-check")).to_have_count(1)

    await ben.click(".jump")
    await expect(ben.locator("[data-seq='83']")).to_be_in_viewport()
    await expect(ben.locator(".jump")).to_have_count(0)
    await expect(ben.locator("a.chat .pill")).to_have_count(0)
    for seq in (81, 82, 83):
        await expect(ada.locator(f"[data-seq='{seq}'] .i-check-check")).to_have_count(1)


async def test_nothing_is_read_in_a_tab_that_nobody_sees(visit: Visits, server: Server) -> None:
    pair = await friends(server, said=1)
    await (await visit.context(pair.ben_name)).add_init_script(RECORD)
    ada, ben = await at_home(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    await expect(ada.locator("[data-seq='1'] .i-check-check")).to_have_count(1)
    await ben.evaluate("look(false)")
    await say(ada, "are you there?")
    await until(ben, ["word 1", "are you there?"])
    await expect(ben.locator("a.chat .pill")).to_have_text("1")
    await ben.wait_for_timeout(SEEN_MS)
    await expect(ada.locator("[data-seq='2'] .i-check")).to_have_count(1)
    await expect(ben.locator("a.chat .pill")).to_have_text("1")
    await ben.evaluate("look(true)")
    await expect(ada.locator("[data-seq='2'] .i-check-check")).to_have_count(1)
    await expect(ben.locator("a.chat .pill")).to_have_count(0)
