"""People come by https, through the nginx that is shipped, to a server in production."""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, WebSocket, async_playwright, expect
from sqlmodel import select

from chat_app.api.app import BODY_BYTES
from chat_app.domain.chats.actions import create_group
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import SYSTEM
from chat_app.domain.users.rules import MOST_PICTURE_BYTES
from chat_app.domain.users.tables import SignIn
from chat_app.infrastructure.tokens import token_hash
from tests.browser.conftest import QUIET
from tests.browser.friends import behind, say, until
from tests.browser.strangers import sign_up
from tests.browser.visits import PHONE, Visits
from tests.deploy.conftest import Site
from tests.deploy.edge import NAME, TO_THIS_MACHINE, edge_before
from tests.live_server import Tab, free_port
from tests.people import PASSWORD, again, cookie_of, row_of
from tests.pictures import photo
from tests.services import chromium

pytestmark = [pytest.mark.slow, pytest.mark.nginx]

MB = 1024 * 1024
FORGED = "203.0.113.66"
SESSION = "__Host-sid"
ONCE_ON_EVERY_ANSWER = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def test_http_leads_to_https_and_certbot_still_finds_its_proof(site: Site) -> None:
    proof = site.edge.directory / "www/.well-known/acme-challenge/proof"
    proof.parent.mkdir(parents=True)
    proof.write_text("ours")
    with site.edge.client() as browser:
        answer = browser.get(f"{site.edge.http_url}/chat/abc?from=mail")
        assert (answer.status_code, answer.headers["location"]) == (301, f"{site.edge.url}/chat/abc?from=mail")
        assert browser.get(f"{site.edge.http_url}/.well-known/acme-challenge/proof").text == "ours"


async def test_ada_signs_in_and_her_cookie_is_for_this_host_by_https_only(site: Site) -> None:
    await site.settle("ada", "+79161110001")
    with site.edge.client() as browser:
        answer = browser.post("/session/signin", data={"login": "ada", "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = session_cookie(answer)
        assert cookie["secure"]
        assert cookie["httponly"]
        assert (cookie["samesite"].lower(), cookie["path"], cookie["domain"]) == ("lax", "/", "")
        assert_headers(answer)
        assert browser.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/signin", "/healthz", "/nothing", "/users/nobody", "/_upload", "/styles.css"])
def test_every_answer_carries_the_servers_headers_once(site: Site, path: str) -> None:
    with site.edge.client() as browser:
        answer = browser.get(path)
    assert_headers(answer)
    if answer.headers["content-type"].startswith("text/html"):
        socket_source = f"connect-src 'self' wss://{NAME}:{site.edge.https_port};"
        assert socket_source in answer.headers["content-security-policy"]


def test_what_the_server_compressed_arrives_so(site: Site) -> None:
    with site.edge.client() as browser:
        page = browser.get("/signin").text
        script = page.partition('href="/assets/')[2].partition('"')[0]
        answer = browser.get(f"/assets/{script}")
    assert answer.headers.get_list("content-encoding") == ["gzip"]
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/signin/", "//signin", "/healthz/", "/session/signin/", "/_event", "/assets"])
def test_nobody_is_led_back_to_http(site: Site, path: str) -> None:
    with site.edge.client() as browser:
        assert not browser.get(path).headers.get("location", "/").startswith("http:")


@pytest.mark.browser
async def test_ada_and_ben_sign_up_with_codes_from_mail_and_sms_and_talk_live(site: Site, browser: Browser) -> None:
    visits = Visits(browser, site.edge.url)
    sockets: list[WebSocket] = []
    for name, view in (("ada", {}), ("ben", {"viewport": PHONE})):
        context = await visits.context(name, ignore_https_errors=True, **view)
        context.on("page", lambda page: page.on("websocket", lambda socket: sockets.append(socket)))
    ada, ben = await visits("/signup", by="ada"), await visits("/signup", by="ben")
    for page in (ada, ben):
        name = await sign_up(page)
        await confirm_both(page, site, name)
    await ada.click("#find")
    await ada.fill("#search", name)
    await ada.click(f"[role=option]:has-text('@{name}')")
    await ada.wait_for_url("**/chat/*")
    await say(ada, "Привет!")
    await ben.click("a.chat:has-text('Привет!')")
    await until(ben, ["Привет!"])
    await say(ben, "И тебе привет")
    await until(ada, ["Привет!", "И тебе привет"])

    assert sockets
    assert all(socket.url.startswith(f"wss://{NAME}:{site.edge.https_port}/_event/?") for socket in sockets)
    assert await ada.evaluate("() => document.cookie") == ""
    tokens = [httpx.URL(socket.url).params["token"] for socket in sockets]
    await visits.end()
    # nginx writes a socket down when it closes
    await logged(site, '"GET /_event/ HTTP/1.1" 101')
    assert not any(token in site.edge.logged() for token in tokens)


async def test_the_address_stored_with_a_session_is_the_clients_and_no_forgery(site: Site) -> None:
    await site.settle("cleo", "+79161110003")
    forgeries = [[], [("X-Forwarded-For", FORGED)], [("X-Forwarded-For", FORGED), ("X-Forwarded-For", "127.0.0.1")]]
    for forged in forgeries:
        with site.edge.client("127.0.0.2") as browser:
            fields = {"login": "cleo", "password": PASSWORD}
            answer = browser.post("/session/signin", data=fields, headers=[*forged, ("Origin", site.edge.url)])
        digest = token_hash(session_cookie(answer).value)
        with behind(site.server) as doors:
            stored = await doors.ask(
                SYSTEM,
                lambda reader, digest=digest: reader.session.exec(
                    select(SignIn.address).where(SignIn.token_hash == digest)
                ).one(),
            )
        assert stored == "127.0.0.2"


async def test_a_socket_is_known_by_its_own_address_too(site: Site) -> None:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1",
        site.edge.https_port,
        ssl=site.edge.trust,
        server_hostname=NAME,
        local_addr=("127.0.0.3", 0),
    )
    tab = Tab(reader, writer)
    headers = [(b"origin", site.edge.url.encode()), (b"x-forwarded-for", FORGED.encode())]
    target = f"/_event/?EIO=4&transport=websocket&token={os.urandom(8).hex()}"
    try:
        await tab.open(f"{NAME}:{site.edge.https_port}", target, headers)
        await tab.enter("/signin")
        first = await tab.hear_of("client_ip")
    finally:
        await tab.close()
    assert "127.0.0.3" in first
    assert FORGED not in first


async def test_who_guesses_is_slowed_and_dan_gets_in_from_elsewhere(site: Site) -> None:
    await site.settle("dan", "+79161110004")
    right = {"login": "dan", "password": PASSWORD}
    with site.edge.client("127.0.0.4") as guesser:
        for number in range(5):
            # a new forged address each time buys no new tries
            forged = {"X-Forwarded-For": f"203.0.113.{number}"}
            guesser.post("/session/signin", data={"login": "dan", "password": f"guess {number}"}, headers=forged)
        slowed = guesser.post("/session/signin", data=right)
        assert slowed.headers["location"] == "/signin"
        assert SESSION not in slowed.cookies
    with site.edge.client("127.0.0.5") as dan:
        entered = dan.post("/session/signin", data=right)
        assert entered.headers["location"] == "/"
        assert session_cookie(entered).value


def test_a_flood_of_forms_ends_at_nginx_and_others_are_served(site: Site) -> None:
    with site.edge.client("127.0.0.6") as flooder, ThreadPoolExecutor(10) as at_once:
        answers = list(at_once.map(lambda _: flooder.post("/session/signout").status_code, range(100)))
    assert set(answers) == {303, 429}
    assert answers.count(303) >= 60
    with site.edge.client("127.0.0.7") as other:
        assert other.post("/session/signout").status_code == 303


def test_a_body_too_large_ends_at_nginx(site: Site) -> None:
    with site.edge.client() as browser:
        assert browser.post("/session/signin", content=b"x" * (BODY_BYTES + 1)).status_code == 413


async def test_a_file_of_twenty_megabytes_goes_in_and_out_and_nginx_keeps_nothing(site: Site) -> None:
    await site.settle("gus", "+79165550011")
    with behind(site.server) as doors:
        me = await again(doors, cookie_of("gus"))
        chat = await doors.perform(me, create_group, GroupTitle("files"))
    content = os.urandom(20 * MB)
    with site.edge.client() as browser:
        browser.cookies.set(SESSION, cookie_of("gus"), domain=NAME)
        made = browser.post("/files", params={"chat": chat, "name": "a.bin"}, content=content, timeout=60)
        assert made.status_code == 201, made.text
        address = f"/files/{made.json()['attachment_id']}"
        assert browser.get(address, timeout=60).content == content
        part = browser.get(address, headers={"Range": "bytes=1000-1999"})
        assert (part.status_code, part.content) == (206, content[1000:2000])
        # one too large is the server's to refuse, in words; nginx ends what is larger still
        for size, code in ((20 * MB + 1, 413), (22 * MB, 413)):
            assert browser.post("/files", params={"chat": chat}, content=b"x" * size, timeout=60).status_code == code
        # before it was sent whole
        foreign = browser.post("/files", params={"chat": "no-such-chat"}, content=content, timeout=60)
        assert (foreign.status_code, foreign.json()["code"]) == (404, "chat_not_found")
    kept = [path for path in site.edge.directory.rglob("*") if path.is_file() and path.stat().st_size > MB]
    assert kept == []


async def test_a_picture_of_8_mb_passes_and_is_seen_and_nothing_larger(site: Site) -> None:
    await site.settle("fay", "+79161110018")
    whole = photo() + bytes(MOST_PICTURE_BYTES - len(photo()))
    with site.edge.client("127.0.0.8") as browser:
        assert browser.post("/session/signin", data={"login": "fay", "password": PASSWORD}).status_code == 303
        answer = browser.post("/session/avatar", files={"picture": whole})
        assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
        with behind(site.server) as doors:
            picture = (await row_of(doors, await again(doors, browser.cookies[SESSION]))).avatar
        seen = browser.get(f"/avatars/{picture}")
        assert (seen.status_code, seen.headers["content-type"]) == (200, "image/webp")
        assert seen.headers.get_list("cache-control") == ["private, max-age=3600"]
        assert seen.headers.get_list("cross-origin-resource-policy") == ["same-site"]
        assert browser.post("/session/avatar", files={"picture": whole + bytes(1024 * 1024)}).status_code == 413
        assert browser.post("/session/avatar-off", files={"picture": bytes(BODY_BYTES)}).status_code == 413


def test_a_strange_name_gets_no_answer(site: Site) -> None:
    with site.edge.client() as browser, pytest.raises(httpx.RemoteProtocolError):
        browser.get("/", headers={"Host": "evil.example"})
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"http://127.0.0.1:{site.edge.http_port}/")
    with pytest.raises(ssl.SSLError):
        speaking_tls(site, "evil.example")


def test_tls_is_of_today(site: Site) -> None:
    newest = speaking_tls(site, NAME, alpn="h2")
    assert newest == ("TLSv1.3", "h2")
    assert speaking_tls(site, NAME, most=ssl.TLSVersion.TLSv1_2)[0] == "TLSv1.2"
    with pytest.raises(ssl.SSLError), pytest.warns(DeprecationWarning, match="TLSv1_1"):
        speaking_tls(site, NAME, most=ssl.TLSVersion.TLSv1_1)


def test_not_even_the_fault_of_a_dead_server_writes_a_query_down(tmp_path: Path) -> None:
    with edge_before(free_port(), tmp_path) as edge, edge.client() as browser:
        for path in ("/", "/session/signin", "/_event/", "/files"):
            assert browser.get(path, params={"token": "hunter2"}).status_code == 502
        with pytest.raises(httpx.RemoteProtocolError):
            browser.get("/_event/?token=hunter2", headers={"Host": "evil.example"})
        browser.get(f"{edge.http_url}/?token=hunter2")
        logged = edge.logged()
    assert logged.count('"GET ') == 5
    assert "hunter2" not in logged


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=[*QUIET, TO_THIS_MACHINE])
        yield browser
        await browser.close()


def assert_headers(answer: httpx.Response) -> None:
    for name, value in ONCE_ON_EVERY_ANSWER.items():
        assert answer.headers.get_list(name) == [value], f"{name} of {answer.url}"
    assert len(answer.headers.get_list("content-security-policy")) == 1
    assert "unsafe-eval" not in answer.headers["content-security-policy"]


def session_cookie(answer: httpx.Response):
    [line] = [line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{SESSION}=")]
    return SimpleCookie(line)[SESSION]


async def confirm_both(page: Page, site: Site, name: str) -> None:
    """Type the codes that came by mail and by SMS."""
    await page.locator("#code").press_sequentially(await site.carriers.code_for(f"{name}@chat.example"))
    await page.wait_for_selector("#verify-title:has-text('SMS')")
    await page.locator("#code").press_sequentially(await site.carriers.code_for_phone(name.removeprefix("person")))
    await expect(page.locator("#verify-title")).to_have_count(0)


async def logged(site: Site, words: str) -> None:
    for _ in range(100):
        if words in site.edge.logged():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"the log does not hold {words}")


def speaking_tls(
    site: Site, name: str, *, alpn: str = "http/1.1", most: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
) -> tuple[str | None, str | None]:
    """The versions of TLS and HTTP that are agreed on when asking for `name`."""
    asking = site.edge.trust
    asking.set_alpn_protocols([alpn])
    if most is ssl.TLSVersion.TLSv1_1:
        # what is refused must be refused by nginx
        asking.set_ciphers("DEFAULT@SECLEVEL=0")
        asking.minimum_version = most
    asking.maximum_version = most
    line = socket.create_connection(("127.0.0.1", site.edge.https_port))
    with asking.wrap_socket(line, server_hostname=name) as secured:
        return secured.version(), secured.selected_alpn_protocol()
