"""Mail by a real server: in both forms, over TLS as asked, later when the server is away, and never instead of it."""

import asyncio
import logging
import smtplib
from email.message import EmailMessage

import pytest
from sqlmodel import select

from chat_app.domain.common.channels import channels
from chat_app.domain.common.jobs import Job
from chat_app.domain.common.work import SYSTEM, Reader, Who, door
from chat_app.domain.users.actions import confirm, set_language
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.channels import NotThisAddress, Watched
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.delivery import Delivery
from chat_app.infrastructure.jobs import LEASE, JobRunner
from chat_app.infrastructure.letters import Letter
from chat_app.infrastructure.mail import SmtpMail
from chat_app.infrastructure.rate_limits import NoLimits
from chat_app.infrastructure.sms import HttpSms
from chat_app.infrastructure.unit_of_work import Doors
from tests.carriers import BreaksPromise, Gateway, PostOffice, client_tls, opened, server_tls
from tests.guests import FixedClock, LoadedDice
from tests.people import ada, code_of, pending

SENDER = "chat@example.org"
LETTER = Letter("s", "t")


@door(Who.SYSTEM)
def waiting(reader: Reader) -> list[Job]:
    return list(reader.session.exec(select(Job)))


def plain(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return part.get_content()


def html(letter: EmailMessage) -> str:
    part = letter.get_body(("html",))
    assert part is not None
    return part.get_content()


def delivery(doors: Doors, seal: KeyedSeal, office: PostOffice, gateway: Gateway) -> Delivery:
    sms = HttpSms(gateway.url, headers={"Authorization": "Bearer x"}, body='{"to": "{phone}", "text": "{text}"}')
    return Delivery(
        doors,
        seal,
        Watched("mail", SmtpMail(office.url(), SENDER), doors),
        Watched("sms", sms, doors),
    )


@pytest.fixture
def jobs(doors: Doors, dice: LoadedDice, seal: KeyedSeal, post_office: PostOffice, gateway: Gateway) -> JobRunner:
    return JobRunner(doors, dice, delivery(doors, seal, post_office, gateway).handlers)


async def test_eve_gets_her_code_as_text_and_as_html(
    doors: Doors, seal: KeyedSeal, jobs: JobRunner, post_office: PostOffice
) -> None:
    eve = await pending(doors, "eve")
    code = await code_of(doors, seal, eve)
    assert await jobs.run_due() == 1
    [letter] = post_office.letters
    assert (letter["To"], letter["From"]) == ("eve@example.org", SENDER)
    assert letter["Subject"] == f"Код подтверждения: {code}"
    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    assert code in plain(letter)
    assert code in html(letter)
    assert '<html lang="ru">' in html(letter)
    assert "Никому его не сообщайте" in plain(letter)
    assert "Никому его не сообщайте" in html(letter)


async def test_who_reads_english_gets_both_parts_in_english(
    doors: Doors, seal: KeyedSeal, jobs: JobRunner, post_office: PostOffice
) -> None:
    eve = await pending(doors, "eve")
    await doors.perform(eve, set_language, "en")
    await jobs.run_due()
    [letter] = post_office.letters
    code = await code_of(doors, seal, eve)
    assert letter["Subject"] == f"Your code: {code}"
    assert code in plain(letter)
    assert code in html(letter)
    assert '<html lang="en">' in html(letter)
    assert not any("а" <= char <= "я" for char in plain(letter) + html(letter))


async def test_a_void_code_is_not_sent(
    doors: Doors, jobs: JobRunner, clock: FixedClock, post_office: PostOffice
) -> None:
    await pending(doors, "eve")
    clock.tick(minutes=11)
    assert await jobs.run_due() == 1
    assert post_office.mail == []
    assert await doors.ask(SYSTEM, waiting) == []


async def test_the_owner_is_written_to_in_their_language_and_mallory_is_not(
    doors: Doors, jobs: JobRunner, post_office: PostOffice
) -> None:
    await ada(doors, language="en")
    await pending(doors, "mallory", email="ADA@example.org")
    await jobs.run_due()
    [envelope] = post_office.mail
    assert envelope.rcpt_tos == ["ada@example.org"]
    assert post_office.letters[0]["Subject"] == "Someone tried to sign up with your details"


async def test_an_address_refused_for_good_is_dropped_and_one_refused_for_now_is_not(post_office: PostOffice) -> None:
    mail = SmtpMail(post_office.url(), SENDER)
    post_office.refused = {"gone@example.org": "550 no such user", "full@example.org": "452 full"}
    await mail.send("gone@example.org", LETTER)
    with pytest.raises(NotThisAddress):
        await mail.send("full@example.org", LETTER)
    assert post_office.mail == []


async def test_one_full_mailbox_does_not_make_mail_fail(
    doors: Doors, jobs: JobRunner, clock: FixedClock, post_office: PostOffice
) -> None:
    post_office.refused = {"eve@example.org": "452 full"}
    await pending(doors, "eve")
    await jobs.run_due()
    assert (await doors.ask(SYSTEM, channels))["mail"].failing_since is None
    post_office.refused = {}
    clock.tick(seconds=5)
    await jobs.run_due()
    assert len(post_office.mail) == 1


async def test_a_domain_in_cyrillic_is_written_as_every_server_reads_it(post_office: PostOffice) -> None:
    await SmtpMail(post_office.url(), SENDER).send("ada@пример.рф", LETTER)
    [envelope] = post_office.mail
    assert envelope.rcpt_tos == ["ada@xn--e1afmkfd.xn--p1ai"]


async def test_mail_that_was_taken_is_not_sent_again_because_the_goodbye_went_wrong(
    doors: Doors, jobs: JobRunner, clock: FixedClock, post_office: PostOffice
) -> None:
    post_office.answer_to_quit = "421 too busy to say goodbye"
    await pending(doors, "eve")
    await jobs.run_due()
    clock.tick(hours=2)
    await jobs.run_due()
    assert len(post_office.mail) == 1


async def sent_by(office: PostOffice, scheme: str) -> None:
    await SmtpMail(office.url(scheme), SENDER, client_tls()).send("ada@example.org", LETTER)


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtp"])
async def test_starttls_is_used_where_it_is_wanted_or_only_offered(scheme: str) -> None:
    office = PostOffice()
    with opened(office, tls_context=server_tls()):
        await sent_by(office, scheme)
    assert office.over_tls == [True]


async def test_tls_from_the_start() -> None:
    office = PostOffice()
    with opened(office, ssl_context=server_tls()):
        await sent_by(office, "smtps")
    assert len(office.mail) == 1


async def test_without_starttls_mail_goes_only_where_nobody_insisted(post_office: PostOffice) -> None:
    with pytest.raises(smtplib.SMTPNotSupportedError):
        await sent_by(post_office, "smtp+starttls")
    assert post_office.mail == []
    await sent_by(post_office, "smtp")
    assert post_office.over_tls == [False]


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtp"])
async def test_a_server_that_offers_tls_and_refuses_it_gets_neither_password_nor_mail(scheme: str) -> None:
    office = PostOffice()
    with opened(office, BreaksPromise, tls_context=server_tls()), pytest.raises(smtplib.SMTPResponseException):
        await sent_by(office, scheme)
    assert office.mail == []


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtp"])
async def test_a_certificate_nobody_vouches_for_is_not_believed(scheme: str) -> None:
    office = PostOffice()
    with opened(office, tls_context=server_tls()), pytest.raises(OSError, match="certificate"):
        await SmtpMail(office.url(scheme), SENDER).send("ada@example.org", LETTER)
    assert office.mail == []


async def test_a_wrong_password_is_said_once_and_the_mail_goes_out_when_it_is_right(
    doors: Doors, jobs: JobRunner, clock: FixedClock, post_office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "chat_app")
    post_office.password = "another"
    for number in range(12):
        await pending(doors, f"eve{number}", phone=None)
    began = clock.now()
    while await jobs.run_due():
        pass
    clock.tick(seconds=5)
    while await jobs.run_due():
        pass
    mail = (await doors.ask(SYSTEM, channels))["mail"]
    assert (mail.failing_since, mail.waiting, mail.dead) == (began, 12, 0)
    assert post_office.mail == []

    post_office.password = "p@ss:word"
    clock.tick(seconds=10)
    while await jobs.run_due():
        pass
    mail = (await doors.ask(SYSTEM, channels))["mail"]
    assert (mail.failing_since, mail.waiting, mail.dead) == (None, 0, 0)
    assert sorted(envelope.rcpt_tos[0] for envelope in post_office.mail) == sorted(
        f"eve{number}@example.org" for number in range(12)
    )
    [failed, works] = [record.getMessage() for record in caplog.records if record.name.startswith("chat_app")]
    assert failed == "mail fails, and will be tried again: SMTPAuthenticationError, status 535"
    assert works == "mail works again; it had failed since 2026-03-01T12:00:00+00:00"
    assert "example.org" not in caplog.text


async def test_the_server_is_down_for_a_minute_and_the_mail_arrives_later_once(
    doors: Doors, dice: LoadedDice, seal: KeyedSeal, clock: FixedClock, gateway: Gateway
) -> None:
    office = PostOffice()
    jobs = JobRunner(doors, dice, delivery(doors, seal, office, gateway).handlers)
    # nobody listens, and she is told nothing of it
    eve = await pending(doors, "eve")
    for _ in range(12):
        await jobs.run_due()
        clock.tick(seconds=5)
    assert office.mail == []
    with opened(office):
        for _ in range(24):
            await jobs.run_due()
            clock.tick(seconds=5)
    [letter] = office.letters
    assert letter["To"] == "eve@example.org"
    assert await code_of(doors, seal, eve) in plain(letter)
    assert await doors.ask(SYSTEM, waiting) == []


async def test_power_goes_between_the_commit_and_the_mail_and_the_code_still_opens(
    database_url: str, dice: LoadedDice, seal: KeyedSeal, clock: FixedClock, post_office: PostOffice, gateway: Gateway
) -> None:
    def start() -> Doors:
        bus, limits = LocalBus(), NoLimits()
        return Doors(open_database(database_url), clock=clock, dice=dice, seal=seal, limiter=limits, bus=bus)

    doors = start()
    eve = await pending(doors, "eve")
    doors.close()

    doors = start()
    assert await JobRunner(doors, dice, delivery(doors, seal, post_office, gateway).handlers).run_due() == 1
    [letter] = post_office.letters
    code = letter["Subject"].split()[-1]
    await doors.perform(eve, confirm, code)
    doors.close()


async def test_power_goes_between_the_mail_and_its_tick_and_both_mails_hold_the_same_code(
    database_url: str, dice: LoadedDice, seal: KeyedSeal, clock: FixedClock, post_office: PostOffice, gateway: Gateway
) -> None:
    def start() -> Doors:
        bus, limits = LocalBus(), NoLimits()
        return Doors(open_database(database_url), clock=clock, dice=dice, seal=seal, limiter=limits, bus=bus)

    class NeverReturns:
        """Hands mail over, and does not live to hear that it was taken."""

        async def send(self, to: str, letter: Letter) -> None:
            await SmtpMail(post_office.url(), SENDER).send(to, letter)
            handed_over.set()
            await asyncio.Event().wait()

    handed_over = asyncio.Event()
    doors = start()
    eve = await pending(doors, "eve")
    dying = Delivery(doors, seal, NeverReturns(), HttpSms(gateway.url))
    running = asyncio.create_task(JobRunner(doors, dice, dying.handlers).run_due())
    await asyncio.wait_for(handed_over.wait(), 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    doors.close()

    doors = start()
    jobs = JobRunner(doors, dice, delivery(doors, seal, post_office, gateway).handlers)
    assert await jobs.run_due() == 0
    clock.tick(seconds=LEASE.total_seconds())
    assert await jobs.run_due() == 1
    first, second = post_office.letters
    assert first["Subject"] == second["Subject"]
    await doors.perform(eve, confirm, second["Subject"].split()[-1])
    doors.close()
