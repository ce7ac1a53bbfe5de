"""For whoever sees, hears or moves otherwise: names, focus, stillness."""

from playwright.async_api import Page, expect

from tests.browser.friends import at_home, friends
from tests.browser.servers import Server
from tests.browser.test_groups import choose, hike, panel
from tests.browser.visits import Visits

NAMELESS = """() => [...document.querySelectorAll("button, a[href], input, textarea, select, [role=option], summary")]
  .filter((each) => each.checkVisibility() && each.type !== "hidden")
  .filter((each) => {
    const labels = [...(each.labels ?? []), ...(each.getAttribute("aria-labelledby") ?? "").split(" ")
      .map((id) => id && document.getElementById(id))];
    const words = [each.ariaLabel, each.title, each.textContent, ...labels.map((label) => label?.textContent)];
    return !words.some((text) => text?.trim());
  })
  .map((each) => each.outerHTML.slice(0, 200))"""

MOVING = """() => [...document.querySelectorAll("*")].filter((each) => {
  const { transitionDuration, animationDuration } = getComputedStyle(each);
  return `${transitionDuration},${animationDuration}`.split(",").some((time) => parseFloat(time) > 0.01);
}).length"""


async def nameless(page: Page) -> list[str]:
    return await page.evaluate(NAMELESS)


async def test_all_that_can_be_pressed_has_a_name(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    ada = await at_home(visit, trip.names[0], trip.path)
    await ada.fill("#message", "hello")
    await ada.keyboard.press("Enter")
    await panel(ada)
    assert await nameless(ada) == []
    await ada.locator(".b").click(button="right")
    await expect(ada.get_by_role("menuitem", name="Ответить")).to_be_visible()
    assert await nameless(ada) == []
    await ada.keyboard.press("Escape")
    await ada.keyboard.press("Control+K")
    await ada.fill("#search", "hello")
    await expect(ada.locator("#found [role=option]")).to_have_count(1)
    assert await nameless(ada) == []
    await ada.goto(f"{visit.url}/settings")
    await expect(ada.locator("#profile-username")).to_have_value(trip.names[0])
    assert await nameless(ada) == []


async def test_the_focus_comes_back_from_what_was_asked(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    ada = await at_home(visit, trip.names[0], trip.path)
    await ada.fill("#message", "hello")
    await ada.keyboard.press("Enter")
    await expect(ada.locator(".b .i-check")).to_have_count(1)
    for words in ("Удалить", "Переслать"):
        await ada.locator(".b").click(button="right")
        await ada.get_by_role("menuitem", name=words).click()
        await expect(ada.get_by_role("dialog")).to_be_visible()
        await ada.keyboard.press("Escape")
        await expect(ada.get_by_role("dialog")).to_have_count(0)
        await expect(ada.locator(".b .hov [aria-label='Действия с сообщением']")).to_be_focused()
    await panel(ada)
    await choose(ada, trip.names[1], "Исключить из группы")
    await expect(ada.get_by_role("dialog")).to_be_visible()
    await ada.keyboard.press("Escape")
    await expect(ada.get_by_role("dialog")).to_have_count(0)
    await expect(ada.locator(".details .ur", has_text=trip.names[1]).locator("summary")).to_be_focused()


async def test_whoever_wants_no_movement_sees_none(visit: Visits, server: Server) -> None:
    pair = await friends(server, said=60)
    ben = await at_home(visit, pair.ben_name, pair.path, reduced_motion="reduce")
    await expect(ben.locator(".b").last).to_be_visible()
    assert await ben.evaluate(MOVING) == 0
    await ben.evaluate("() => { document.getElementById('log').scrollTop = 0 }")
    await ben.locator(".jump").click()
    # there at once: where it was is not passed
    assert await ben.evaluate("() => log.scrollHeight - log.scrollTop - log.clientHeight") < 2


async def test_with_no_chats_there_is_what_to_do(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    cleo = await at_home(visit, (await friends(server)).ben_name)
    await expect(cleo.locator(".keyhints")).to_contain_text("Ctrl")
    await cleo.get_by_role("navigation").get_by_role("button", name="Найти людей").click()
    await expect(cleo.locator("#search")).to_be_focused()
    # and in a new group, how others come into it
    ada = await at_home(visit, trip.names[0], trip.path)
    await ada.get_by_role("button", name="Пригласить по ссылке").click()
    await expect(ada.get_by_role("button", name="Создать ссылку")).to_be_visible()
    await ada.get_by_role("button", name="Создать ссылку").click()
    await expect(ada.locator(".sys").last).to_have_text(f"{trip.names[0]}: новая ссылка-приглашение")
    ben = await at_home(visit, trip.names[1], trip.path)
    await expect(ben.get_by_role("button", name="Пригласить по ссылке")).to_have_count(0)
