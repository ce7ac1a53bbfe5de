import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.testclient import TestClient

from chat_app.api.app import BODY_BYTES, create_api
from chat_app.api.problems import answer_with_problems
from chat_app.domain.common.errors import (
    Busy,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotConfirmed,
    NotFound,
    NotSignedIn,
    Refusal,
    TooMany,
)
from chat_app.realtime.origins import Origins


class WrongCode(Invalid):
    pass


class Password(BaseModel):
    password: int


def api_that_refuses(refusal: Exception) -> TestClient:
    api = FastAPI()
    answer_with_problems(api)

    @api.get("/")
    def refuse() -> None:
        raise refusal

    @api.post("/")
    def take(body: Password) -> None:
        raise AssertionError(body)

    return TestClient(api, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Invalid(), 422),
        (NotSignedIn(), 401),
        (Forbidden(), 403),
        (NotConfirmed(), 403),
        (NotFound(), 404),
        (Conflict(), 409),
        (Gone(), 410),
        (TooMany(wait_s=7), 429),
        (Busy(), 429),
    ],
)
def test_each_family_has_its_status(refusal: Refusal, status: int):
    answer = api_that_refuses(refusal).get("/")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["code"] == refusal.code


def test_a_problem_tells_the_facts_and_the_field():
    body = api_that_refuses(WrongCode("code", tries_left=2)).get("/").json()
    assert body == {
        "type": "about:blank",
        "title": body["title"],
        "status": 422,
        "code": "wrong_code",
        "params": {"tries_left": 2},
        "field": "code",
    }


def test_too_many_says_when_to_come_back():
    assert api_that_refuses(TooMany(wait_s=40)).get("/").headers["retry-after"] == "40"


def test_wrong_input_names_the_field_and_not_what_it_held():
    answer = api_that_refuses(NotFound()).post("/", json={"password": "hunter2"})
    assert answer.status_code == 422
    assert answer.json()["field"] == "password"
    assert "hunter2" not in answer.text


def test_our_own_fault_gives_a_reference_and_no_detail(caplog: pytest.LogCaptureFixture):
    answer = api_that_refuses(RuntimeError("the secret plan")).get("/")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert answer.json()["params"]["reference"] in caplog.text


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_api(Origins(["https://app.example"])), base_url="http://chat.example")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/users/nobody/at/all", 404, "not_found"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("GET", "/docs", 404, "not_found"),
        ("GET", "/redoc", 404, "not_found"),
    ],
)
def test_unknown_paths_and_methods_are_problems(client: TestClient, method: str, path: str, status: int, code: str):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://chat.example.evil.example", "", "file://"])
def test_a_foreign_page_may_not_post(client: TestClient, origin: str):
    answer = client.post("/healthz", headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.json()["code"] == "foreign_origin"


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://chat.example"}, {"Origin": "https://app.example"}])
def test_our_own_and_named_pages_may(client: TestClient, headers: dict[str, str]):
    assert client.post("/healthz", headers=headers).status_code == 405


def test_a_body_too_large_is_refused_before_it_is_read(client: TestClient):
    answer = client.post("/healthz", content=b"x" * (BODY_BYTES + 1))
    assert answer.status_code == 413
    assert answer.json() == answer.json() | {"code": "too_large", "params": {"max_bytes": BODY_BYTES}}


def test_a_body_without_end_is_refused(client: TestClient):
    assert client.post("/healthz", content=iter([b"x"])).status_code == 411
