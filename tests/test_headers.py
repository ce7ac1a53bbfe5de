import base64
import hashlib
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from chat_app.api.headers import SecurityHeaders, script_hashes

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}
PATHS = {
    "/": HTMLResponse("<p>page"),
    "/assets/chat-1a2b3c4d.js": PlainTextResponse("code"),
    "/users/ada": Response("{}", media_type="application/json"),
    "/away": RedirectResponse("/"),
    "/own": PlainTextResponse("", headers={"Cache-Control": "public", "Referrer-Policy": "unsafe-url"}),
}


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


def client_of(*, https: bool = False) -> TestClient:
    def answer(response: Response):
        return lambda _request: response

    pages = Starlette(
        routes=[
            WebSocketRoute("/_event", greet),
            *(Route(path, answer(response)) for path, response in PATHS.items()),
        ]
    )
    app = SecurityHeaders(pages, ["'sha256-abc='"], https=https)
    return TestClient(app, base_url="http://chat.example:8000", follow_redirects=False)


@pytest.fixture
def client() -> TestClient:
    return client_of()


@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
def test_every_answer_carries_them(client: TestClient, path: str):
    headers = client.get(path).headers
    assert ALWAYS.items() <= headers.items()
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers.get_list("referrer-policy") == ["no-referrer"]


def test_the_policy_of_a_page_allows_the_builds_scripts_and_its_socket(client: TestClient):
    policy = dict(
        directive.strip().split(" ", 1) for directive in client.get("/").headers["content-security-policy"].split(";")
    )
    assert policy["script-src"] == "'self' 'sha256-abc='"
    assert policy["connect-src"] == "'self' ws://chat.example:8000"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-src"] == "'none'"


def test_a_host_that_is_none_is_left_out_of_the_policy(client: TestClient):
    policy = client.get("/", headers={"Host": "x; script-src *"}).headers["content-security-policy"]
    assert "connect-src 'self';" in policy
    assert "script-src *" not in policy


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/", "no-cache"),
        ("/assets/chat-1a2b3c4d.js", "public, max-age=31536000, immutable"),
        ("/assets/nothing.js", "no-cache"),
        ("/users/ada", "no-store"),
        ("/own", "no-cache"),
    ],
)
def test_how_long_an_answer_may_be_kept(client: TestClient, path: str, kept: str):
    assert client.get(path).headers.get_list("cache-control") == [kept]


def test_https_is_insisted_on_where_it_is_used():
    assert "strict-transport-security" not in client_of().get("/").headers
    secure = client_of(https=True).get("/").headers
    assert secure["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert "wss://chat.example:8000" in secure["content-security-policy"]


def test_a_slash_too_many_leads_to_https_whatever_the_proxy_speaks():
    secure = client_of(https=True).get("/away/", headers={"Host": "chat.example"})
    assert (secure.status_code, secure.headers["location"]) == (307, "https://chat.example/away")
    assert client_of().get("/away/").headers["location"] == "http://chat.example:8000/away"


def test_sockets_pass_untouched(client: TestClient):
    with client.websocket_connect("/_event") as socket:
        assert socket.receive_text() == "hello"


def test_hashes_are_those_of_the_inline_scripts_only(tmp_path: Path):
    script = 'let a = "<p>" && 1 < 2; // ж\n'
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/page.html").write_text(
        f'<!doctype html><script>{script}</script><script type="module">second()</script>'
        '<script src="/a.js"></script><p>no script</p><style>p {}</style>'
    )
    (tmp_path / "index.html").write_text("<script>second()</script>")
    (tmp_path / "page.txt").write_text("<script>third()</script>")

    def expected(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert script_hashes(tmp_path) == {expected(script), expected("second()")}
