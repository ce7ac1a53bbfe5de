"""Files go from one browser to another: dropped, chosen, pasted, retried, looked at; and nobody else gets them."""

import asyncio
import base64
import io
import os
import socket
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, Route, expect

from chat_app.domain.users.actions import block
from tests.browser.friends import BOX, at_home, behind, friends, say, until
from tests.browser.servers import Server
from tests.browser.visits import PHONE, Visits
from tests.people import cookie_of
from tests.pictures import flag, opened, saved

PICTURE = ".pics .pic1"
LOADED = "img => img.complete && img.naturalWidth > 0"

GIVE = """([selector, event, files]) => {
  const data = new DataTransfer();
  for (const [name, type, content] of files)
    data.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name, { type }));
  const how = event === "paste" ? new ClipboardEvent(event, { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true });
  document.querySelector(selector).dispatchEvent(how);
}"""

LAKE = saved(flag((1200, 600)), "PNG")
NOTES = b"remember the tent\n" * 200


async def give(page: Page, event: str, *files: tuple[str, str, bytes], selector: str = ".log") -> None:
    """Drag files over the page, drop them, or paste them."""
    packed = [(name, kind, base64.b64encode(content).decode()) for name, kind, content in files]
    await page.evaluate(GIVE, [selector, event, packed])


async def drop(page: Page, *files: tuple[str, str, bytes]) -> None:
    await give(page, "dragenter", *files)
    await expect(page.locator(".drop")).to_be_visible()
    await give(page, "drop", *files)
    await expect(page.locator(".drop")).to_be_hidden()


async def uploaded(page: Page, count: int) -> None:
    await expect(page.locator(".upl .up")).to_have_count(count)


async def test_what_ada_drops_ben_sees_and_saves_and_cleo_does_not_get(visit: Visits, server: Server):
    pair, others = await friends(server), await friends(server)
    ada = await at_home(visit, pair.ada_name, pair.path)
    ben = await at_home(visit, pair.ben_name, pair.path)
    await drop(ada, ("the lake.png", "image/png", LAKE), ("заметки.txt", "text/plain", NOTES))
    await uploaded(ada, 2)
    await say(ada, "Вот это озеро")

    for page in (ada, ben):
        picture = page.locator(f"{PICTURE} img")
        await expect(picture).to_have_count(1)
        await picture.evaluate(LOADED)
        await expect(page.locator(".file")).to_contain_text("заметки.txt")
        await expect(page.locator(".b.pic .tx")).to_have_text("Вот это озеро")
    await expect(ada.locator(".upl")).to_have_count(0)
    await expect(ben.locator("a.chat .l2")).to_contain_text("Вот это озеро")

    async with ben.expect_download() as saving:
        await ben.click(".file")
    download = await saving.value
    assert download.suggested_filename == "заметки.txt"
    assert Path(await download.path()).read_bytes() == NOTES  # noqa: ASYNC240

    await ben.click(PICTURE)
    await expect(ben.locator(".viewer img")).to_be_visible()
    await expect(ben.locator(".viewer h2")).to_have_text("the lake.png")
    source = await ben.locator(".viewer img").get_attribute("src")
    async with ben.expect_download() as saving:
        await ben.click(".viewer a")
    content = Path(await (await saving.value).path()).read_bytes()  # noqa: ASYNC240
    assert opened(content).size == (1200, 600)
    await ben.keyboard.press("Escape")
    await expect(ben.locator(".viewer")).to_have_count(0)
    # where it was opened from
    await expect(ben.locator(PICTURE)).to_be_focused()

    # an answer shows a small one of it
    row = ben.locator(".b.pic")
    await row.hover()
    await ben.locator("[data-seq='1'] [aria-label=Ответить]").click()
    assert await row.evaluate("bubble => bubble.scrollLeft") == 0
    await say(ben, "Ночуем здесь")
    for page in (ada, ben):
        small = page.locator(".qt img")
        await expect(small).to_have_attribute("src", f"{source}/thumbnail")
        await page.wait_for_function(LOADED, arg=await small.element_handle())

    assert source
    cleo = await at_home(visit, others.ada_name)
    for address in (source, f"{source}/thumbnail", f"{source}?download=1", f"{visit.url}/files/nothing"):
        assert (await cleo.request.get(address)).status == 404
    assert (await ben.request.get(source)).status == 200


async def test_pictures_alone_are_a_message_and_arrow_keys_turn_them_over(visit: Visits, server: Server):
    pair = await friends(server)
    ada = await at_home(visit, pair.ada_name, pair.path)
    ben = await at_home(visit, pair.ben_name, viewport=PHONE)
    await ada.set_input_files("#attach", [{"name": f"{n}.png", "mimeType": "image/png", "buffer": LAKE} for n in "123"])
    await uploaded(ada, 3)
    await ada.click(".send")
    await expect(ben.locator("a.chat .l2")).to_contain_text("Фотография")
    await ben.click("a.chat")
    await expect(ben.locator(PICTURE)).to_have_count(3)
    await ben.locator(PICTURE).nth(2).click()
    name = ben.locator(".viewer h2")
    await expect(name).to_have_text("3.png")
    await ben.keyboard.press("ArrowRight")
    await expect(name).to_have_text("1.png")
    await ben.keyboard.press("ArrowLeft")
    await expect(name).to_have_text("3.png")


async def test_what_is_sent_while_it_goes_up_waits_for_it(visit: Visits, server: Server):
    pair = await friends(server)
    ada, ben = await at_home(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    held: list[Route] = []
    await ada.route("**/files?**", lambda route: held.append(route))
    await give(ada, "paste", ("cat.png", "image/png", LAKE), selector=BOX)
    await expect(ada.locator(".upl img")).to_have_count(1)
    await say(ada, "кот")
    await say(ada, "и ещё")
    # seen at once, with how far it is, and nothing overtakes it
    await expect(ada.locator(f"{PICTURE} .ring")).to_have_count(1)
    await expect(ada.locator(".b .i-clock")).to_have_count(2)
    await expect(ben.locator(".b")).to_have_count(0)
    await held[0].continue_()
    await expect(ben.locator(f"{PICTURE} img")).to_have_count(1)
    await expect(ben.locator(".b .tx")).to_have_text(["кот", "и ещё"])
    await expect(ada.locator(".b .i-clock")).to_have_count(0)


async def test_what_broke_off_is_tried_again_and_what_never_fits_says_so(visit: Visits, server: Server):
    pair = await friends(server)
    ada = await at_home(visit, pair.ada_name, pair.path)
    visit.forgive(r"422 \(Unprocessable|ERR_FAILED")
    await drop(ada, ("cut.png", "image/png", LAKE[:-60]), ("nothing.txt", "text/plain", b""))
    failed = ada.locator(".upl.fail")
    await expect(failed).to_have_count(2)
    await expect(failed.nth(0)).to_contain_text("повреждена")
    await expect(failed.nth(1)).to_contain_text("пустой")
    # nothing that could be sent
    await ada.click(".send")
    await expect(ada.locator(".b")).to_have_count(0)
    for _ in range(2):
        await ada.locator(".upl .i-x").first.click()
    await expect(ada.locator(".upl")).to_have_count(0)

    big = Path(server.data_dir) / "big.bin"
    big.write_bytes(os.urandom(21 * 1024 * 1024))
    asked: list[str] = []
    ada.on("request", lambda request: asked.append(request.method) if "/files?" in request.url else None)
    await ada.set_input_files("#attach", big)
    await expect(failed).to_contain_text("до 20 МБ")
    assert asked == []
    await ada.locator(".upl .i-x").click()

    broken = [True]

    async def once(route: Route) -> None:
        await (route.abort() if broken.pop() else route.continue_()) if broken else await route.continue_()

    await ada.route("**/files?**", once)
    await drop(ada, ("notes.txt", "text/plain", NOTES))
    await uploaded(ada, 1)
    await ada.click(".send")
    await expect(ada.locator(".file")).to_contain_text("notes.txt")
    await expect(ada.locator("a.chat .l2")).to_contain_text("Файл")


async def test_what_failed_goes_up_when_it_is_asked_to_and_is_sent_once(visit: Visits, server: Server):
    pair = await friends(server)
    ada, ben = await at_home(visit, pair.ada_name, pair.path), await at_home(visit, pair.ben_name, pair.path)
    visit.forgive("400")
    failing, held = [True], list[Route]()

    async def cut(route: Route) -> None:
        if failing[0]:
            await route.fulfill(status=400, json={"code": "file_cut"})
        else:
            held.append(route)

    await ada.route("**/files?**", cut)
    # above the box
    await drop(ada, ("the lake.png", "image/png", LAKE))
    await expect(ada.locator(".upl.fail")).to_contain_text("не до конца")
    await say(ada, "")
    await expect(ada.locator(".b")).to_have_count(0)
    failing[0] = False
    await ada.get_by_role("button", name="Загрузить ещё раз").click()
    await expect(ada.locator(".upl.fail")).to_have_count(0)
    # and in its message, which was sent before it was up
    await say(ada, "озеро")
    await expect(ada.locator(f"{PICTURE} .ring")).to_have_count(1)
    await until_true(lambda: len(held) == 1)
    await held.pop().fulfill(status=400, json={"code": "file_cut"})
    await expect(ada.locator(".b.fail")).to_have_count(1)
    await expect(ada.locator(".failrow")).to_contain_text("не до конца")
    await say(ada, "и ещё")
    await until(ben, ["и ещё"])
    await ada.locator(".failrow").get_by_role("button", name="Повторить").click()
    await expect(ada.locator(".failrow")).to_have_count(0)
    await until_true(lambda: len(held) == 1)
    await held.pop().continue_()
    for page in (ada, ben):
        await until(page, ["и ещё", "озеро"])
        await expect(page.locator(f"{PICTURE} img")).to_have_count(1)
    await expect(ada.locator(".b .i-clock")).to_have_count(0)
    await ada.reload()
    await until(ada, ["и ещё", "озеро"])
    await expect(ada.locator(f"{PICTURE} img")).to_have_count(1)
    assert held == []


async def test_eleven_are_one_too_many(visit: Visits, server: Server):
    pair = await friends(server)
    ada = await at_home(visit, pair.ada_name, pair.path)
    dot = io.BytesIO()
    Image.new("RGB", (8, 8)).save(dot, "PNG")
    await drop(ada, *[(f"{number}.png", "image/png", dot.getvalue()) for number in range(11)])
    await expect(ada.locator(".upl")).to_have_count(10)
    await expect(ada.locator(".upnote")).to_contain_text("до 10 файлов")
    await uploaded(ada, 10)
    await ada.click(".send")
    await expect(ada.locator(PICTURE)).to_have_count(10)
    await ada.reload()
    await expect(ada.locator(f"{PICTURE} img")).to_have_count(10)


async def test_what_was_still_going_up_when_the_page_was_closed_says_so(visit: Visits, server: Server):
    pair = await friends(server)
    ada = await at_home(visit, pair.ada_name, pair.path)
    await ada.route("**/files?**", lambda route: None)
    await give(ada, "paste", ("cat.png", "image/png", LAKE), selector=BOX)
    await say(ada, "кот")
    await expect(ada.locator(f"{PICTURE} .ring")).to_have_count(1)
    await ada.reload()
    await expect(ada.locator(".failrow")).to_contain_text("Прикрепите их заново")
    await ada.click(".failrow button")
    await expect(ada.locator(".b")).to_have_count(0)


async def test_what_is_refused_before_it_is_up_is_told_by_its_reason(visit: Visits, server: Server):
    pair = await friends(server)
    ada = await at_home(visit, pair.ada_name, pair.path)
    with behind(server) as doors:
        await doors.perform(pair.ben, block, pair.ada.user_id)
    visit.forgive("403")
    large = Path(server.data_dir) / "large.bin"
    large.write_bytes(os.urandom(15 * 1024 * 1024))
    await ada.set_input_files("#attach", large)
    await expect(ada.locator(".upl.fail")).to_contain_text("не принимает")


def lines_of(who: str, chat: str, length: str, server: Server) -> bytes:
    host = server.url.removeprefix("http://")
    return (
        f"POST /files?chat={chat}&name=a.bin HTTP/1.1\r\nHost: {host}\r\nOrigin: {server.url}\r\n"
        f"Cookie: sid={cookie_of(who)}\r\n{length}\r\n\r\n"
    ).encode()


def raw(server: Server, sent: bytes) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=10)
    line.sendall(sent)
    return line


async def test_what_is_cut_on_the_line_leaves_nothing(server: Server):
    pair = await friends(server)
    folder = server.data_dir / ".uploads"
    before = len(list((server.data_dir / "files").rglob("*")))
    line = raw(server, lines_of(pair.ada_name, pair.chat_id, "Content-Length: 1000000", server) + b"x" * 400_000)
    await until_true(lambda: any(folder.iterdir()))
    line.close()
    await until_true(lambda: not any(folder.iterdir()))
    # two lengths that differ, one that is none, none at all
    for length in ("Content-Length: 5\r\nContent-Length: 6", "Content-Length: -5", "Transfer-Encoding: chunked"):
        with raw(server, lines_of(pair.ada_name, pair.chat_id, length, server) + b"5\r\nhello\r\n0\r\n\r\n") as line:
            assert line.recv(100).split()[1] in (b"400", b"411")
    # what is longer than it says is no part of it
    with raw(server, lines_of(pair.ada_name, pair.chat_id, "Content-Length: 5", server) + b"hello, and more") as line:
        answer = b"".join(iter(lambda: line.recv(4096), b""))
    assert b"201 Created" in answer
    assert b'"size":5,' in answer
    assert len([path for path in (server.data_dir / "files").rglob("*") if path.is_file()]) >= 1
    assert list(folder.iterdir()) == []
    assert len(list((server.data_dir / "files").rglob("*"))) <= before + 2


async def until_true(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # what is waited for happens in another process
            await asyncio.sleep(0.02)
