"""A picture of oneself: put up, seen by others, taken off."""

import asyncio
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page, expect

from chat_app.domain.users.actions import save_preferences, set_avatar
from chat_app.domain.users.rules import MOST_PICTURE_BYTES, Audience, Choices
from tests.browser.friends import at_home, behind, friends, look_for
from tests.browser.servers import Server
from tests.browser.visits import PHONE, Visits
from tests.pictures import BLUE, RED, alike, photo

PICK = "input[type=file]"
MIDDLE = """async (image) => {
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const paper = canvas.getContext("2d");
  paper.drawImage(image, image.naturalWidth / 2, image.naturalHeight / 2, 1, 1, 0, 0, 1, 1);
  return [...paper.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""


def chosen(content: bytes) -> Any:
    return {"name": "my cat.jpg", "mimeType": "image/jpeg", "buffer": content}


async def shows(avatar: Locator, colour: tuple[int, ...]) -> None:
    """Wait until a picture is over the letters, and see that it is of this colour."""
    image = avatar.locator("img.there")
    await expect(image).to_have_css("opacity", "1")
    # after a reload the picture before is there until the page was read anew
    async with asyncio.timeout(10):
        while not alike(tuple(await image.evaluate(MIDDLE)), colour):  # noqa: ASYNC110  # a canvas tells nobody
            await asyncio.sleep(0.05)


async def letters_alone(avatar: Locator) -> None:
    await expect(avatar).to_have_text("A")
    await expect(avatar.locator("img")).to_have_count(0)


async def in_settings(visit: Visits, name: str) -> Page:
    page = await at_home(visit, name, "/settings")
    await expect(page.locator("#profile-username")).to_have_value(name)
    return page


async def upload(page: Page, content: bytes) -> None:
    async with page.expect_navigation(url="**/settings*"):
        await page.set_input_files(PICK, chosen(content))


async def test_ada_puts_up_a_picture_ben_sees_it_and_she_takes_it_off(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    ada = await in_settings(visit, pair.ada_name)
    mine = ada.locator("#profile .av")
    await letters_alone(mine)
    await upload(ada, photo())
    await shows(mine, RED)

    ben = await at_home(visit, pair.ben_name, pair.path, viewport=PHONE)
    await shows(ben.locator("header.head .av"), RED)
    await ben.click("header.head h1 button")
    await shows(ben.locator("dialog.card .av"), RED)
    await ben.keyboard.press("Escape")
    await expect(ben.locator("dialog.card")).to_have_count(0)
    await ben.goto(f"{visit.url}/")
    await shows(ben.locator("a.chat .av"), RED)
    await look_for(ben, pair.ada_name)
    await shows(ben.locator("#found-people ~ button .av"), RED)
    await ben.keyboard.press("Escape")

    await upload(ada, photo(BLUE))
    await shows(mine, BLUE)
    async with ada.expect_navigation(url="**/settings*"):
        await ada.click("text=Убрать")
    await letters_alone(mine)
    await ben.goto(f"{visit.url}/")
    await letters_alone(ben.locator("a.chat .av"))


async def test_what_is_no_picture_is_refused_where_it_was_chosen(visit: Visits, server: Server):
    pair = await friends(server)
    page = await in_settings(visit, pair.ada_name)
    await upload(page, b"<script>alert(1)</script>")
    await expect(page.locator("#picture-fault")).to_contain_text("не открывается как картинка")
    # and with a picture it goes on
    await upload(page, photo())
    await shows(page.locator("#profile .av"), RED)
    await expect(page.locator("#picture-fault")).to_be_empty()


async def test_what_is_too_large_is_refused_before_it_is_sent(visit: Visits, server: Server, tmp_path: Path):
    pair = await friends(server)
    page = await in_settings(visit, pair.ada_name)
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    large = tmp_path / "large.jpg"
    large.write_bytes(photo() + bytes(MOST_PICTURE_BYTES))
    await page.set_input_files(PICK, large)
    said = page.locator("#picture-too-large")
    await expect(said).to_have_text("Картинка слишком большая. Подойдёт до 8 МБ и 50 Мп")
    await expect(said).to_be_visible()
    assert posted == []
    await upload(page, photo())
    await shows(page.locator("#profile .av"), RED)
    await expect(said).to_be_hidden()


async def test_a_picture_is_chosen_with_the_keyboard_alone(visit: Visits, server: Server):
    pair = await friends(server)
    page = await in_settings(visit, pair.ada_name)
    # the driver must know of it well before it opens
    async with page.expect_file_chooser() as choosing:
        await page.focus("#profile-birth_date")
        for _ in range(8):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.type") == "file":
                break
        await page.keyboard.press("Enter")
    async with page.expect_navigation(url="**/settings*"):
        await (await choosing.value).set_files(chosen(photo()))
    await shows(page.locator("#profile .av"), RED)


async def test_ben_whom_ada_does_not_let_see_hers_sees_letters(visit: Visits, server: Server):
    pair = await friends(server, said=1)
    await upload(await in_settings(visit, pair.ada_name), photo())
    with behind(server) as doors:
        await doors.perform(pair.ada, save_preferences, Choices(sees_avatar=Audience.NOBODY))
    ben = await at_home(visit, pair.ben_name, pair.path)
    await letters_alone(ben.locator("header.head .av"))
    await letters_alone(ben.locator("a.chat .av"))


async def test_where_a_picture_cannot_be_had_the_letters_stay(visit: Visits, server: Server):
    pair, lost = await friends(server, said=1), "a" * 22
    with behind(server) as doors:
        await doors.perform(pair.ada, set_avatar, lost)
    visit.forgive(f"404.*{lost}")
    ben = await at_home(visit, pair.ben_name, pair.path)
    async with ben.expect_response(f"**/avatars/{lost}"):
        await ben.reload()
    avatar = ben.locator("header.head .av")
    await expect(avatar.locator("img")).to_have_css("opacity", "0")
    await expect(avatar).to_have_text("A")
