"""The corpora through the forms: whatever is typed, the answer leads to a page, and what was taken is in the database.

Each form comes from an address of its own, or the throttle would answer for the values.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from itertools import count
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlmodel import select

from chat_app.api.desk import LONGEST_TYPED, Desk
from chat_app.api.session import address_behind, session_router
from chat_app.domain.common.values import Username
from chat_app.domain.common.work import SYSTEM, Reader
from chat_app.domain.users.tables import User
from chat_app.infrastructure.kept_forms import KeptForms
from chat_app.infrastructure.passwords import Passwords
from chat_app.infrastructure.sign_in_throttle import SignInThrottle
from chat_app.infrastructure.unit_of_work import Doors
from tests.corpora import Case, corpus
from tests.guests import LoadedDice
from tests.people import PASSWORD, PEPPER, ada

HOME = "http://chat.example"
TOGETHER = 20
"""Forms posted at the same moment; of many more, some would hear "busy"."""


class Forms:
    """Our forms, behind a proxy that says where each browser is."""

    def __init__(self, dice: LoadedDice) -> None:
        self.kept = KeptForms(dice)
        self.passwords = Passwords(PEPPER, cost=4)
        app = FastAPI()
        app.include_router(
            session_router(
                Desk(self.kept, "sid", lambda origin, _host: origin == HOME),
                self.passwords,
                throttle=SignInThrottle(),
                dice=dice,
                address=address_behind(1),
            )
        )
        self._transport = ASGITransport(app)
        self._addresses: Iterator[str] = (f"2001:db8:{number:x}::1" for number in count(1))

    async def post(self, form: str, fields: dict[str, str]) -> str:
        """The code of the refusal, or nothing when the browser was let in."""
        headers = {
            "origin": HOME,
            "content-type": "application/x-www-form-urlencoded",
            "x-forwarded-for": next(self._addresses),
        }
        async with AsyncClient(transport=self._transport, base_url=HOME) as browser:
            body = urlencode(fields, errors="surrogatepass")
            answer = await browser.post(f"/session/{form}", content=body, headers=headers)
        assert answer.status_code == 303
        assert answer.content == b""
        if "sid" in answer.cookies:
            assert answer.headers["location"] == "/"
            return ""
        assert answer.headers["location"] == {"signup": "/signup", "signin": "/signin"}[form]
        kept = self.kept.take(answer.cookies["kept"])
        assert kept is not None
        return kept.refusal.code

    async def post_all(self, form: str, filled: list[dict[str, str]]) -> list[str]:
        """What each was answered, in their order."""
        codes: list[str] = []
        for first in range(0, len(filled), TOGETHER):
            codes += await asyncio.gather(*(self.post(form, fields) for fields in filled[first : first + TOGETHER]))
        return codes


@pytest.fixture
async def forms(doors: Doors, dice: LoadedDice) -> AsyncIterator[Forms]:
    forms = Forms(dice)
    yield forms
    forms.passwords.close()


def sign_up(number: int, **typed: str) -> dict[str, str]:
    """The form that the `number`th person sends."""
    password = typed.get("password", PASSWORD)
    usual = {
        "email": f"eve{number}@example.org",
        "username": f"eve{number}",
        "phone": "8 916 111-00-09",
        "region": "RU",
    }
    return usual | {"password": password, "password_again": password, "adult": "on"} | typed


def answered(case: Case) -> str:
    """The code that the sign-up form answers: what is too long, or no text, is not looked at."""
    return "bad_form" if unreadable(case) else case.refused


def unreadable(case: Case) -> bool:
    return len(case.typed) > LONGEST_TYPED or any("\ud800" <= char <= "\udfff" for char in case.typed)


def differing(cases: list[Case], codes: list[str], expected: list[str]) -> list[tuple[str, str, str]]:
    """What was answered otherwise than it should."""
    return [(case.why, code, right) for case, code, right in zip(cases, codes, expected, strict=True) if code != right]


def people(reader: Reader) -> dict[str, User]:
    return {user.username: user for user in reader.session.exec(select(User))}


async def test_every_email_is_an_accounts_key_or_leads_back(doors: Doors, forms: Forms) -> None:
    cases = corpus("emails")
    codes = await forms.post_all("signup", [sign_up(number, email=case.typed) for number, case in enumerate(cases)])
    assert differing(cases, codes, [answered(case) for case in cases]) == []
    stored = await doors.ask(SYSTEM, people)
    assert {name: user.email_key for name, user in stored.items()} == {
        f"eve{number}": case.becomes for number, case in enumerate(cases) if not answered(case)
    }

    taken = [case for case in cases if not answered(case)]
    entered = await forms.post_all("signin", [{"login": case.typed, "password": PASSWORD} for case in taken])
    assert differing(taken, entered, [""] * len(taken)) == []


async def test_every_phone_is_an_accounts_number_or_leads_back(doors: Doors, forms: Forms) -> None:
    # without a region the form takes the one of the settings
    cases = [case for case in corpus("phones") if case.region]
    filled = [sign_up(number, phone=case.typed, region=case.region) for number, case in enumerate(cases)]
    codes = await forms.post_all("signup", filled)
    assert differing(cases, codes, [answered(case) for case in cases]) == []
    stored = await doors.ask(SYSTEM, people)
    assert {name: user.phone for name, user in stored.items()} == {
        f"eve{number}": case.becomes for number, case in enumerate(cases) if not answered(case)
    }


async def test_every_username_is_borne_once_or_leads_back(doors: Doors, forms: Forms) -> None:
    cases = corpus("usernames")
    codes = await forms.post_all("signup", [sign_up(number, username=case.typed) for number, case in enumerate(cases)])
    good = ["" if code == "username_taken" else code for code in codes]
    assert differing(cases, good, [answered(case) for case in cases]) == []

    taken = [case for case, code in zip(cases, codes, strict=True) if not code]
    assert {case.becomes for case in taken} == set(await doors.ask(SYSTEM, people))
    looks = [Username(case.typed).key for case in taken]
    assert len(set(looks)) == len(looks)
    assert set(looks) == {Username(case.typed).key for case in cases if not answered(case)}
    entered = await forms.post_all("signin", [{"login": case.typed, "password": PASSWORD} for case in taken])
    assert differing(taken, entered, [""] * len(taken)) == []


async def test_every_password_opens_its_account_and_no_other_or_leads_back(
    forms: Forms, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cases = corpus("passwords")
    # a name is borne once: who does not need theirs for the case has another
    filled = [
        sign_up(
            number,
            password=case.typed,
            email=case.email,
            username=case.username if case.refused or case.username != "lovelace" else f"eve{number}",
        )
        for number, case in enumerate(cases)
    ]
    codes = await forms.post_all("signup", filled)
    assert differing(cases, codes, [answered(case) for case in cases]) == []

    taken = [(case, fields["username"]) for case, fields in zip(cases, filled, strict=True) if not answered(case)]
    own = await forms.post_all("signin", [{"login": name, "password": case.typed} for case, name in taken])
    assert differing([case for case, _ in taken], own, [""] * len(taken)) == []
    neighbours = taken[1:] + taken[:1]
    others = await forms.post_all(
        "signin",
        [{"login": name, "password": case.typed} for (case, _), (_, name) in zip(taken, neighbours, strict=True)],
    )
    wrong = [(case, code) for (case, _), code in zip(taken, others, strict=True) if code != "wrong_password"]
    # two that stand together are one password, typed in two ways
    assert [(case.typed, code) for case, code in wrong] == [("зелёных фонарей семь", "")]
    logged = caplog.text
    assert [case.why for case, _ in taken if case.typed in logged] == []


# what is compared or refused here, both engines have seen above: one is enough
on_one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_one_engine
async def test_no_password_of_them_opens_the_account_of_somebody_else(doors: Doors, forms: Forms) -> None:
    await ada(doors)
    cases = corpus("passwords")
    codes = await forms.post_all("signin", [{"login": "ada", "password": case.typed} for case in cases])
    assert differing(cases, codes, [refused_at_sign_in(case) or "wrong_password" for case in cases]) == []


@on_one_engine
@pytest.mark.parametrize("name", ["emails", "phones", "usernames"])
async def test_no_login_of_them_is_an_account_that_nobody_has(doors: Doors, forms: Forms, name: str) -> None:
    cases = corpus(name)
    codes = await forms.post_all("signin", [{"login": case.typed, "password": PASSWORD} for case in cases])
    assert differing(cases, codes, [refused_at_sign_in(case) or "wrong_password" for case in cases]) == []


def refused_at_sign_in(case: Case) -> str:
    """What is refused before anything is compared."""
    if unreadable(case):
        return "bad_form"
    return case.refused if case.refused == "missing" else ""
