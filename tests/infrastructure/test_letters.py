"""What letters say: the same in text and HTML, in both languages, and never what a stranger would make them say."""

import asyncio
import html
import json
import re
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest

from chat_app.domain.verification.rules import CODE_LIFETIME, Purpose
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.demo import DemoCodes
from chat_app.infrastructure.letters import (
    Letter,
    account_deleted,
    code_letter,
    email_changed,
    new_sign_in,
    password_changed,
    phone_changed,
    phone_changed_sms,
    reset_link,
    someone_tried,
    trial_mail,
)
from chat_app.infrastructure.letters.rendering import WORDS
from chat_app.infrastructure.outbox import Outbox
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock
from tests.people import ada, code_of, pending

LINK = "https://chat.example/reset?token=a&next=/"
AT = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
MAILS: dict[str, Callable[[str], Letter]] = {
    "code": lambda language: code_letter(Purpose.EMAIL, "123456", language),
    "someone_tried": lambda language: someone_tried(Purpose.PHONE, language),
    "reset_link": lambda language: reset_link(LINK, language),
    "password_changed": lambda language: password_changed("ada", language),
    "email_changed": lambda language: email_changed("ada", language),
    "phone_changed": lambda language: phone_changed("ada", language),
    "new_sign_in": lambda language: new_sign_in(
        "ada", device="Firefox, Linux", place="203.0.113.9", at=AT, language=language
    ),
    "account_deleted": lambda language: account_deleted("ada", language),
    "trial_mail": trial_mail,
}
every_mail = pytest.mark.parametrize("name", MAILS)
both_languages = pytest.mark.parametrize("language", ["ru", "en"])


def seen(page: str) -> str:
    """What a reader sees of `page`, in single spaces."""
    body = page.partition("<body")[2].partition(">")[2]
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", body)).split())


@every_mail
@both_languages
def test_html_says_what_the_text_says_in_the_same_order(name: str, language: str) -> None:
    letter = MAILS[name](language)
    rest = seen(letter.html)
    for line in filter(None, map(str.strip, letter.text.splitlines())):
        if line == "--":
            continue
        # text has "Device: Firefox", HTML the two under one another; a label of a button has its colon in text only
        found = next((part for part in (line, line.replace(": ", " "), line.rstrip(":")) if part in rest), None)
        assert found, f"{line!r} is missing in HTML, or elsewhere"
        rest = rest.partition(found)[2]


@every_mail
@both_languages
def test_no_words_are_left_out(name: str, language: str) -> None:
    page = seen(MAILS[name](language).html)
    for key, words in WORDS[language][name].items():
        assert key == "subject" or all(part in page for part in re.split("{.+?}", words)), key


@every_mail
@both_languages
def test_a_mail_speaks_one_language_and_asks_nobody_for_anything(name: str, language: str) -> None:
    letter = MAILS[name](language)
    assert f'<html lang="{language}">' in letter.html
    assert bool(re.search("[а-яё]", letter.text + seen(letter.html))) == (language == "ru")
    assert "{" not in letter.subject + letter.text
    assert "!" not in letter.text
    assert "пожалуйста" not in letter.text.lower()
    # no picture, font, script or style from elsewhere, and nothing that says it was opened
    assert not re.search(r"<(img|script|link|iframe|table)\b|@import|@font-face|url\(|\ssrc=", letter.html)
    assert set(re.findall(r'href="([^"]+)"', letter.html)) <= {html.escape(LINK)}
    assert "prefers-color-scheme: dark" in letter.html
    assert "max-width:480px" in letter.html


def test_both_languages_have_the_same_words_with_the_same_gaps() -> None:
    def gaps(words: dict[str, object]) -> dict[str, object]:
        return {
            key: gaps(word)  # pyright: ignore[reportUnknownArgumentType]
            if isinstance(word, dict)
            else {gap for _, gap, _, _ in Formatter().parse(word) if gap}
            for key, word in words.items()
            if not isinstance(word, list)
        }

    assert gaps(WORDS["ru"]) == gaps(WORDS["en"])
    assert len(WORDS["ru"]["months"]) == len(WORDS["en"]["months"]) == 12


@every_mail
def test_languages_nobody_wrote_words_in_are_russian(name: str) -> None:
    assert MAILS[name]("xx") == MAILS[name]("ru") != MAILS[name]("en")


def test_the_code_is_large_in_html_alone_in_its_line_and_told_to_the_outbox() -> None:
    letter = code_letter(Purpose.EMAIL, "123456", "en")
    assert re.search(r'class="digits"[^>]+monospace[^>]+font-size:36px[^>]+>123456<', letter.html)
    assert "    123456" in letter.text.splitlines()
    assert letter.code == "123456"
    assert "123456" in letter.subject


@both_languages
def test_codes_are_said_to_be_valid_as_long_as_they_are(language: str) -> None:
    minutes = f"{CODE_LIFETIME.total_seconds() / 60:.0f}"
    for purpose in Purpose:
        assert f" {minutes} " in code_letter(purpose, "123456", language).text


def test_an_sms_is_short_enough_to_be_one() -> None:
    for letter in (code_letter(Purpose.PHONE, "123456", "ru"), phone_changed_sms("ru")):
        assert len(letter.text) <= 70  # in Cyrillic
        assert (letter.subject, letter.html) == ("", "")
    for letter in (code_letter(Purpose.PHONE, "123456", "en"), phone_changed_sms("en")):
        assert len(letter.text) <= 160
        assert letter.text.isascii()


def test_the_link_is_whole_in_both_forms_and_leads_nowhere_else() -> None:
    letter = reset_link(LINK, "en")
    assert LINK in letter.text.splitlines()
    assert letter.html.count(f'href="{html.escape(LINK)}"') == 2
    for bad in ("javascript:alert(1)", "/reset?token=a", "data:text/html,x"):
        with pytest.raises(ValueError, match="whole address"):
            reset_link(bad, "en")


HOSTILE = (
    "<img src=x onerror=alert(1)> {username} {words} {{ link }} \"' & \u202egpj\x00\nYour password: hunter2\r\n\r\nBye"
)


def test_a_hostile_name_stays_a_name() -> None:
    letters = [
        password_changed(HOSTILE, "en"),
        account_deleted(HOSTILE, "en"),
        new_sign_in(HOSTILE, device=HOSTILE, place=HOSTILE, at=AT, language="en"),
    ]
    for letter in letters:
        assert "<img" not in letter.html
        assert "&lt;img src=x onerror=alert(1)&gt; {username} {words} {{ link }} &#34;&#39; &amp; gpj" in letter.html
        assert not any(line.startswith(("Your password:", "Bye")) for line in letter.text.splitlines())
        assert "\u202e" not in letter.text + letter.html
        assert "\x00" not in letter.text + letter.html
    assert len(password_changed("a" * 10_000, "en").text) < 1000


def test_a_sign_in_is_told_with_device_place_and_time_and_what_is_unknown_left_out() -> None:
    letter = new_sign_in("ada", device="Firefox, Linux", place="203.0.113.9", at=AT, language="ru")
    lines = letter.text.splitlines()
    assert {"Устройство: Firefox, Linux", "Место: 203.0.113.9", "Время: 1 марта 2026, 12:05 UTC"} <= set(lines)
    assert "1 March 2026, 12:05 UTC" in MAILS["new_sign_in"]("en").html
    nowhere = new_sign_in("ada", device="Firefox, Linux", place="", at=AT, language="ru")
    assert "Место" not in nowhere.text + nowhere.html


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
    assert await DemoCodes(doors, seal, enabled=True).demo_code(eve, Purpose.EMAIL) == await code_of(doors, seal, eve)
    assert await DemoCodes(doors, seal, enabled=False).demo_code(eve, Purpose.EMAIL) is None
    assert await DemoCodes(doors, seal, enabled=True).demo_code(await ada(doors), Purpose.EMAIL) is None
