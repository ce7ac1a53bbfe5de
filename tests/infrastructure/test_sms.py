"""SMS through a real gateway on this machine: one described in full, and those of the presets."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chat_app.domain.common.channels import channels
from chat_app.domain.common.work import SYSTEM
from chat_app.domain.users.actions import confirm
from chat_app.infrastructure.channels import Watched
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.delivery import Delivery
from chat_app.infrastructure.jobs import JobRunner
from chat_app.infrastructure.letters import Letter
from chat_app.infrastructure.sms import GatewayRefused, HttpSms
from chat_app.infrastructure.sms_presets import SMSRU, TWILIO
from chat_app.infrastructure.sms_presets import gateway as gateway_of
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.settings import Settings
from tests.carriers import Gateway
from tests.guests import FixedClock, LoadedDice
from tests.people import code_of, pending

JSON_BODY = '{"to": "{phone}", "text": "{text}"}'
NUMBER = "+79161110001"


class Nobody:
    """Takes mail and forgets it."""

    async def send(self, to: str, letter: Letter) -> None:
        return


async def test_eve_gets_her_second_code_by_sms_and_a_dead_gateway_only_delays_it(
    doors: Doors, dice: LoadedDice, seal: KeyedSeal, gateway: Gateway, clock: FixedClock
) -> None:
    sms = HttpSms(gateway.url, headers={"Authorization": "Bearer x"}, body=JSON_BODY)
    jobs = JobRunner(doors, dice, Delivery(doors, seal, Nobody(), Watched("sms", sms, doors)).handlers)
    eve = await pending(doors, "eve")
    await jobs.run_due()
    gateway.status = 503
    await doors.perform(eve, confirm, await code_of(doors, seal, eve))
    assert await jobs.run_due() == 1
    state = await doors.ask(SYSTEM, channels)
    assert (state["sms"].failing_since, state["sms"].waiting) == (clock.now(), 1)
    assert state["mail"].failing_since is None

    gateway.status = 200
    clock.tick(seconds=5)
    assert await jobs.run_due() == 1
    assert (await doors.ask(SYSTEM, channels))["sms"].failing_since is None
    _, (method, _, authorization, body) = gateway.calls
    assert (method, authorization) == ("POST", "Bearer x")
    sent = json.loads(body)
    assert sent["to"] == "+79161110009"
    assert await code_of(doors, seal, eve) in sent["text"]


async def test_what_is_put_into_an_sms_stays_what_it_is(gateway: Gateway) -> None:
    text = 'кавычки "и" \\ {phone} & перенос\n'
    await HttpSms(gateway.url, body=JSON_BODY).send(NUMBER, Letter("", text))
    await HttpSms(gateway.url, body="to={digits}&text={text}").send(NUMBER, Letter("", text))
    await HttpSms(gateway.url + "?to={phone}&text={text}", "GET").send(NUMBER, Letter("", text))
    (_, _, _, as_json), (_, _, _, as_form), (method, path, _, body) = gateway.calls
    assert json.loads(as_json) == {"to": NUMBER, "text": text}
    assert parse_qs(as_form.decode()) == {"to": [NUMBER[1:]], "text": [text]}
    assert parse_qs(urlsplit(path).query) == {"to": [NUMBER], "text": [text]}
    assert (method, body) == ("GET", b"")


async def test_a_gateway_that_says_no_is_an_error_without_the_number(gateway: Gateway) -> None:
    gateway.status, gateway.answer = 400, {"code": 7, "message": f"{NUMBER} is not allowed"}
    with pytest.raises(GatewayRefused) as refused:
        await HttpSms(gateway.url, body=JSON_BODY).send(NUMBER, Letter("", "t"))
    assert str(refused.value) == "status 400, code 7"


def preset(name: str, url: str, **changes: Any) -> HttpSms:
    credentials = {"twilio": {"sms_account": "AC1", "sms_from": "+15005550006"}, "smsru": {"sms_from": "Chat"}}[name]
    given = {"sms_preset": name, "sms_token": "t0ken&=", "sms_url": url, **credentials, **changes}
    sms = gateway_of(Settings(**given))
    assert sms is not None
    return sms


def by_twilio(**changes: Any) -> dict[str, Any]:
    return {"sid": "SM1", "status": "queued", "to": NUMBER, "error_code": None, "error_message": None} | changes


def by_smsru(**number: Any) -> dict[str, Any]:
    each = {"status": "OK", "status_code": 100, "sms_id": "000000-1"} | number
    return {"status": "OK", "status_code": 100, "sms": {NUMBER[1:]: each}, "balance": 10.5}


async def test_twilio_is_called_as_it_wants_to_be(gateway: Gateway) -> None:
    gateway.status, gateway.answer = 201, by_twilio()
    await preset("twilio", gateway.url).send(NUMBER, Letter("", "код 1 & 2"))
    [(method, _, authorization, body)] = gateway.calls
    assert method == "POST"
    assert authorization == "Basic QUMxOnQwa2VuJj0="  # AC1:t0ken&=
    assert parse_qs(body.decode()) == {"To": [NUMBER], "From": ["+15005550006"], "Body": ["код 1 & 2"]}


async def test_smsru_is_called_as_it_wants_to_be_with_no_secret_in_the_address(gateway: Gateway) -> None:
    gateway.answer = by_smsru()
    await preset("smsru", gateway.url).send(NUMBER, Letter("", "код 1 & 2"))
    [(method, path, _, body)] = gateway.calls
    assert (method, path) == ("POST", "/send")
    assert parse_qs(body.decode()) == {
        "api_id": ["t0ken&="],
        "json": ["1"],
        "from": ["Chat"],
        "to": [NUMBER[1:]],
        "msg": ["код 1 & 2"],
    }


@pytest.mark.parametrize(
    ("name", "status", "answer", "told"),
    [
        ("twilio", 401, {"code": 20003, "message": "Authenticate", "status": 401}, "status 401, code 20003"),
        ("twilio", 429, {"code": 20429, "message": "Too Many Requests"}, "status 429, code 20429"),
        ("twilio", 500, "", "status 500"),
        ("twilio", 201, by_twilio(status="failed", error_code=30001), "status 201"),
        ("twilio", 200, "<html>Welcome to the hotel's network</html>", "status 200"),
        ("smsru", 200, {"status": "ERROR", "status_code": 200, "status_text": "api_id"}, "status 200, code 200"),
        ("smsru", 200, by_smsru(status="ERROR", status_code=201, status_text="no money"), "status 200, code 100"),
        ("smsru", 200, {"status": "OK", "status_code": 100, "sms": {}}, "status 200, code 100"),
        ("smsru", 200, {"status": "OK", "status_code": 100, "sms": ["?"]}, "status 200, code 100"),
        ("smsru", 200, "100\n000000-1", "status 200"),
        ("smsru", 503, by_smsru(), "status 503, code 100"),
    ],
)
async def test_what_is_no_message_taken_is_refused_whatever_the_status(
    gateway: Gateway, name: str, status: int, answer: dict[str, Any] | str, told: str
) -> None:
    gateway.status, gateway.answer = status, answer
    with pytest.raises(GatewayRefused) as refused:
        await preset(name, gateway.url).send(NUMBER, Letter("", "t"))
    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("name", "status", "answer"),
    [
        ("twilio", 400, {"code": 21211, "message": f"{NUMBER} is not a valid phone number"}),
        ("twilio", 400, {"code": 21610, "message": "unsubscribed"}),
        ("smsru", 200, by_smsru(status="ERROR", status_code=202)),
        ("smsru", 200, by_smsru(status="ERROR", status_code=207)),
    ],
)
async def test_a_number_nothing_reaches_is_dropped_and_no_fault_of_the_gateway(
    doors: Doors, gateway: Gateway, caplog: pytest.LogCaptureFixture, name: str, status: int, answer: dict[str, Any]
) -> None:
    gateway.status, gateway.answer = status, answer
    await Watched("sms", preset(name, gateway.url), doors).send(NUMBER, Letter("", "t"))
    assert (await doors.ask(SYSTEM, channels))["sms"].failing_since is None
    assert "refuses a number for good" in caplog.text
    assert "7916" not in caplog.text


def test_presets_know_their_own_addresses() -> None:
    account = {"sms_token": "t", "sms_from": "Chat"}
    twilio = gateway_of(Settings(sms_preset="twilio", sms_account="AC/1", **account))
    smsru = gateway_of(Settings(sms_preset="smsru", **account))
    assert twilio is not None
    assert smsru is not None
    assert twilio.url == TWILIO.replace("{account}", "AC%2F1")
    assert smsru.url == SMSRU
    assert gateway_of(Settings()) is None
