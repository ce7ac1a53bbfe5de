"""Duties: stored with what caused them, done at least once, by real mail and a real gateway."""

import asyncio
import json
import stat
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from sqlmodel import select

from chat_app.domain.common.events import Duty
from chat_app.domain.common.jobs import LONGEST_WAIT, MOST_TRIES, Job, next_try
from chat_app.domain.common.work import SYSTEM, Reader, Who, Work, door
from chat_app.domain.users.actions import confirm
from chat_app.domain.verification.rules import Purpose
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.delivery import Delivery
from chat_app.infrastructure.demo import DemoCodes
from chat_app.infrastructure.jobs import LEASE, Handler, JobRunner, Recurring
from chat_app.infrastructure.letters import Letter, code_letter, someone_tried
from chat_app.infrastructure.mail import SmtpMail
from chat_app.infrastructure.outbox import Outbox
from chat_app.infrastructure.sms import GatewayRefused, HttpSms
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock, LoadedDice
from tests.people import ada, code_of, pending


@dataclass(frozen=True)
class Knock(Duty):
    kind: ClassVar[str] = "knock"
    door: str


@door(Who.SYSTEM)
def knock(work: Work, at: str) -> None:
    work.later(Knock(at))


@door(Who.SYSTEM)
def waiting(reader: Reader) -> list[Job]:
    return list(reader.session.exec(select(Job)))


@dataclass
class Knocker:
    """Knocks, or fails to as often as it is told."""

    failures: int = 0
    knocked: list[str] = field(default_factory=list[str])

    async def do(self, duty: Knock) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("+79161110001 cannot be reached")
        self.knocked.append(duty.door)


def runner(doors: Doors, dice: LoadedDice, do: Callable[[Any], Awaitable[None]]) -> JobRunner:
    return JobRunner(doors, dice, [Handler(Knock, do)])


async def test_a_duty_is_done_once_and_gone(doors: Doors, dice: LoadedDice) -> None:
    knocker = Knocker()
    jobs = runner(doors, dice, knocker.do)
    await doors.perform(SYSTEM, knock, "front")
    assert await jobs.run_due() == 1
    assert await jobs.run_due() == 0
    assert knocker.knocked == ["front"]
    assert await doors.ask(SYSTEM, waiting) == []


async def test_what_fails_is_tried_again_later_and_the_log_tells_no_secrets(
    doors: Doors, dice: LoadedDice, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    knocker = Knocker(failures=2)
    jobs = runner(doors, dice, knocker.do)
    await doors.perform(SYSTEM, knock, "front")
    assert await jobs.run_due() == 1
    assert await jobs.run_due() == 0
    clock.tick(seconds=5)
    assert await jobs.run_due() == 1
    clock.tick(seconds=10)
    assert await jobs.run_due() == 1
    assert knocker.knocked == ["front"]
    assert "OSError" in caplog.text
    assert "+7916" not in caplog.text


async def test_what_fails_too_often_is_given_up_and_said_so(
    doors: Doors, dice: LoadedDice, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    knocker = Knocker(failures=10**6)
    jobs = runner(doors, dice, knocker.do)
    await doors.perform(SYSTEM, knock, "front")
    for _ in range(MOST_TRIES):
        assert await jobs.run_due() == 1
        clock.tick(hours=1)
    assert await jobs.run_due() == 0
    assert "given up" in caplog.text
    [job] = await doors.ask(SYSTEM, waiting)
    assert job.dead_at is not None


async def test_a_job_that_is_leased_is_nobody_elses_until_the_lease_ends(
    doors: Doors, dice: LoadedDice, clock: FixedClock
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def dawdle(duty: Knock) -> None:
        begun.set()
        await go_on.wait()

    other = Knocker()
    await doors.perform(SYSTEM, knock, "front")
    dying = asyncio.create_task(runner(doors, dice, dawdle).run_due())
    await begun.wait()
    assert await runner(doors, dice, other.do).run_due() == 0
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    clock.tick(seconds=LEASE.total_seconds())
    assert await runner(doors, dice, other.do).run_due() == 1
    assert other.knocked == ["front"]


async def test_ten_runners_share_a_hundred_jobs_and_do_none_twice(doors: Doors, dice: LoadedDice) -> None:
    knocker = Knocker()
    for number in range(100):
        await doors.perform(SYSTEM, knock, str(number))

    async def work() -> None:
        while await runner(doors, dice, knocker.do).run_due():
            pass

    await asyncio.gather(*(work() for _ in range(10)))
    assert sorted(knocker.knocked, key=int) == [str(number) for number in range(100)]


async def test_a_job_without_a_handler_waits_for_somebody_who_has_one(doors: Doors, dice: LoadedDice) -> None:
    await doors.perform(SYSTEM, knock, "front")
    assert await JobRunner(doors, dice, []).run_due() == 0
    assert len(await doors.ask(SYSTEM, waiting)) == 1


@door(Who.SYSTEM)
def break_down(work: Work) -> None:
    raise RuntimeError


async def test_the_runner_wakes_at_once_and_what_recurs_goes_on_after_a_fault(doors: Doors, dice: LoadedDice) -> None:
    knocked: asyncio.Queue[str] = asyncio.Queue()

    async def tell(duty: Knock) -> None:
        await knocked.put(duty.door)

    @door(Who.SYSTEM)
    def knock_again(work: Work) -> None:
        knock(work, "again")

    often = timedelta(seconds=0.05)
    recurring = [Recurring(break_down, often), Recurring(knock_again, often)]
    running = asyncio.create_task(JobRunner(doors, dice, [Handler(Knock, tell)], recurring).run())
    assert [await asyncio.wait_for(knocked.get(), 2) for _ in range(3)] == ["again"] * 3
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_waits_double_up_to_an_hour_and_are_spread() -> None:
    for tries in range(1, 40):
        least, most = next_try(tries, 0), next_try(tries, 1)
        assert most == 2 * least <= LONGEST_WAIT
    assert next_try(1, 1).total_seconds() == 5
    assert next_try(4, 1).total_seconds() == 40


class PostOffice:
    """A mail server that remembers, and refuses whom it is told to."""

    def __init__(self) -> None:
        self.mail: list[Envelope] = []
        self.refused: dict[str, str] = {}

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        self.mail.append(envelope)
        return "250 OK"


@pytest.fixture
def post_office() -> Iterator[tuple[PostOffice, str]]:
    office = PostOffice()
    server = Controller(
        office,
        hostname="127.0.0.1",
        port=8290,
        auth_require_tls=False,
        auth_required=True,
        authenticator=lambda _server, _session, _envelope, _mechanism, who: AuthResult(
            success=isinstance(who, LoginPassword) and (who.login, who.password) == (b"chat", b"p@ss:word"),
            handled=False,  # the server answers for us
        ),
    )
    server.start()
    yield office, "127.0.0.1:8290"
    server.stop()


@dataclass
class Gateway:
    """An SMS gateway's HTTP interface."""

    url: str = ""
    status: int = 200
    calls: list[tuple[str, str, str, bytes]] = field(default_factory=list[tuple[str, str, str, bytes]])
    """Method, path, Authorization, body."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    ours = Gateway()

    class Desk(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            ours.calls.append((self.command, self.path, self.headers.get("Authorization", ""), body))
            self.send_response(ours.status)
            self.end_headers()

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 8291), Desk)
    ours.url = "http://127.0.0.1:8291/send"
    Thread(target=server.serve_forever, daemon=True).start()
    yield ours
    server.shutdown()
    server.server_close()


SIGNED_IN = "smtp://chat:p%40ss%3Aword@"
JSON_BODY = '{"to": "{phone}", "text": "{text}"}'


@pytest.fixture
def delivery(doors: Doors, seal: KeyedSeal, post_office: tuple[PostOffice, str], gateway: Gateway) -> Delivery:
    mail = SmtpMail(SIGNED_IN + post_office[1], "chat@example.org")
    return Delivery(doors, seal, mail, HttpSms(gateway.url, headers={"Authorization": "Bearer x"}, body=JSON_BODY))


async def test_eve_gets_her_codes_by_mail_and_sms(
    doors: Doors,
    dice: LoadedDice,
    seal: KeyedSeal,
    delivery: Delivery,
    post_office: tuple[PostOffice, str],
    gateway: Gateway,
) -> None:
    jobs = JobRunner(doors, dice, delivery.handlers)
    eve = await pending(doors, "eve")
    code = await code_of(doors, seal, eve)
    assert await jobs.run_due() == 1
    [envelope] = post_office[0].mail
    letter = message_from_bytes(envelope.content or b"", policy=policy.default)  # pyright: ignore[reportArgumentType]
    assert (letter["To"], letter["From"]) == ("eve@example.org", "chat@example.org")
    assert letter["Subject"] == f"Код подтверждения: {code}"
    assert code in letter.get_content()  # pyright: ignore[reportAttributeAccessIssue]

    await doors.perform(eve, confirm, code)
    assert await jobs.run_due() == 1
    [(method, _, authorization, body)] = gateway.calls
    assert (method, authorization) == ("POST", "Bearer x")
    sms = json.loads(body)
    assert sms["to"] == "+79161110009"
    assert await code_of(doors, seal, eve) in sms["text"]


async def test_a_void_code_is_not_sent(
    doors: Doors, dice: LoadedDice, delivery: Delivery, clock: FixedClock, post_office: tuple[PostOffice, str]
) -> None:
    await pending(doors, "eve")
    clock.tick(minutes=11)
    assert await JobRunner(doors, dice, delivery.handlers).run_due() == 1
    assert post_office[0].mail == []
    assert await doors.ask(SYSTEM, waiting) == []


async def test_the_owner_is_written_to_in_their_language_and_mallory_is_not(
    doors: Doors, dice: LoadedDice, delivery: Delivery, post_office: tuple[PostOffice, str]
) -> None:
    await ada(doors, language="en")
    await pending(doors, "mallory", email="ADA@example.org")
    await JobRunner(doors, dice, delivery.handlers).run_due()
    [envelope] = post_office[0].mail
    assert envelope.rcpt_tos == ["ada@example.org"]
    assert b"Someone tried to sign up" in (envelope.content or b"")  # pyright: ignore[reportOperatorIssue]


async def test_a_dead_gateway_is_tried_again(
    doors: Doors, dice: LoadedDice, seal: KeyedSeal, delivery: Delivery, gateway: Gateway, clock: FixedClock
) -> None:
    eve = await pending(doors, "eve")
    await doors.perform(eve, confirm, await code_of(doors, seal, eve))
    jobs = JobRunner(doors, dice, delivery.handlers)
    gateway.status = 503
    assert await jobs.run_due() == 2
    assert len(await doors.ask(SYSTEM, waiting)) == 1
    gateway.status = 200
    clock.tick(seconds=5)
    assert await jobs.run_due() == 1
    assert len(gateway.calls) == 2
    assert await doors.ask(SYSTEM, waiting) == []


async def test_an_address_refused_for_good_is_dropped_and_one_refused_for_now_is_not(
    post_office: tuple[PostOffice, str],
) -> None:
    office, place = post_office
    mail = SmtpMail(SIGNED_IN + place, "chat@example.org")
    office.refused = {"gone@example.org": "550 no such user", "full@example.org": "452 full"}
    await mail.send("gone@example.org", Letter("s", "t"))
    with pytest.raises(OSError, match="452"):
        await mail.send("full@example.org", Letter("s", "t"))
    assert office.mail == []


@pytest.mark.parametrize(
    "url", ["smtp://chat:wrong@127.0.0.1:8290", "smtp+starttls://127.0.0.1:8290", "smtp://127.0.0.1:8299"]
)
async def test_mail_that_cannot_be_handed_over_safely_is_not(post_office: tuple[PostOffice, str], url: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011  # each fails in its own way
        await SmtpMail(url, "chat@example.org").send("ada@example.org", Letter("s", "t"))
    assert post_office[0].mail == []


async def test_what_is_put_into_an_sms_stays_what_it_is(gateway: Gateway) -> None:
    text = 'кавычки "и" \\ {phone} & перенос\n'
    await HttpSms(gateway.url, body=JSON_BODY).send("+79161110001", Letter("", text))
    await HttpSms(gateway.url, body="to={phone}&text={text}").send("+79161110001", Letter("", text))
    await HttpSms(gateway.url + "?to={phone}&text={text}", "GET").send("+79161110001", Letter("", text))
    (_, _, _, as_json), (_, _, _, as_form), (method, path, _, body) = gateway.calls
    assert json.loads(as_json) == {"to": "+79161110001", "text": text}
    assert parse_qs(as_form.decode()) == {"to": ["+79161110001"], "text": [text]}
    assert parse_qs(urlsplit(path).query) == {"to": ["+79161110001"], "text": [text]}
    assert (method, body) == ("GET", b"")


async def test_a_gateway_that_says_no_is_an_error_without_the_number(gateway: Gateway) -> None:
    gateway.status = 400
    with pytest.raises(GatewayRefused) as refused:
        await HttpSms(gateway.url, body=JSON_BODY).send("+79161110001", Letter("", "t"))
    assert "7916" not in str(refused.value)


async def test_the_outbox_has_a_line_for_each_and_is_nobody_elses(tmp_path: Path, clock: FixedClock) -> None:
    path = tmp_path / "outbox.jsonl"
    mail, sms = Outbox(path, "mail", clock), Outbox(path, "sms", clock)
    letter = code_letter(Purpose.EMAIL, "123456", "ru")
    await asyncio.gather(*(box.send("ada@example.org", letter) for box in (mail, sms) for _ in range(50)))
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(lines) == 100
    assert {line["channel"] for line in lines} == {"mail", "sms"}
    assert set(lines[0]) == {"at", "channel", "to", "subject", "text", "code"}
    assert lines[0]["code"] == "123456"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_demo_mode_tells_the_code_and_otherwise_nobody_does(doors: Doors, seal: KeyedSeal) -> None:
    eve = await pending(doors, "eve")
    assert await DemoCodes(doors, seal, enabled=True).demo_code(eve) == await code_of(doors, seal, eve)
    assert await DemoCodes(doors, seal, enabled=False).demo_code(eve) is None
    assert await DemoCodes(doors, seal, enabled=True).demo_code(await ada(doors)) is None


def test_letters_speak_both_languages_and_russian_to_the_rest() -> None:
    for purpose in Purpose:
        for language in ("ru", "en", "xx"):
            assert "123456" in code_letter(purpose, "123456", language).text
            assert "{" not in someone_tried(purpose, language).text
        assert code_letter(purpose, "1", "xx") == code_letter(purpose, "1", "ru") != code_letter(purpose, "1", "en")
    assert len(code_letter(Purpose.PHONE, "123456", "ru").text) <= 70  # one SMS in Cyrillic
