import re
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from chat_app.api.front_door import API_WORDS, CLOSED_WORDS, FrontDoor, first_word


def saying(word: str):
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(f"{word} {scope['path']}")(scope, receive, send)

    return app


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    for page in ("index.html", "signin/index.html", "settings/profile/index.html"):
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / page).touch()
    return TestClient(FrontDoor(saying("api"), saying("pages"), tmp_path))


@pytest.mark.parametrize("path", ["/users", "/users/ada", "/healthz", "/users/", "/openapi.json", "/_upload"])
def test_the_apis_words_lead_to_it(client: TestClient, path: str):
    assert client.get(path).text == f"api {path}"


@pytest.mark.parametrize("path", ["/", "/chat/users", "/usersettings", "/_event", "/assets/users.js", "/nothing"])
def test_all_else_leads_to_the_pages(client: TestClient, path: str):
    assert client.get(path).text == f"pages {path}"


@pytest.mark.parametrize("path", ["/signin", "/settings/profile"])
def test_a_page_is_answered_where_it_was_asked_for(client: TestClient, path: str):
    assert client.get(path).text == f"pages {path}/"


def test_no_page_begins_with_a_word_of_the_api():
    from chat_app.chat_app import app

    routes = {first_word(route) for route in app._unevaluated_pages}
    assert routes
    assert not routes & (API_WORDS | CLOSED_WORDS)


def test_every_route_of_the_api_begins_with_one():
    from chat_app.chat_app import api

    paths = api.openapi()["paths"]
    assert "/healthz" in paths
    assert {first_word(path) for path in paths} <= API_WORDS
    assert all(re.fullmatch("[a-z.]+", word) for word in API_WORDS)
