"""The three forms, as browsers and their enemies post them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi import Request
from httpx import Response
from pyotp.totp import TOTP
from sqlmodel import select

from chat_app.api.forms import landing
from chat_app.api.session import address_behind
from chat_app.domain.common.events import Event
from chat_app.domain.common.work import SYSTEM, Person
from chat_app.domain.users.actions import confirm, confirm_second_factor, start_second_factor
from chat_app.domain.users.events import SessionsEnded
from chat_app.domain.users.queries import person_of
from chat_app.domain.users.rules import reset_link
from chat_app.domain.users.tables import PasswordReset, User
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.passwords import Passwords
from chat_app.infrastructure.tokens import token_hash
from chat_app.infrastructure.unit_of_work import Doors
from tests.api.conftest import HOME, STATIC, Site
from tests.guests import FixedClock, LoadedDice
from tests.people import PASSWORD, PEPPER, ada, ben, code_of, cookie_of, pending, row_of

EVE = {
    "email": "eve@example.org",
    "username": "eve",
    "phone": "8 916 111-00-09",
    "region": "RU",
    "password": PASSWORD,
    "password_again": PASSWORD,
    "adult": "on",
    "next": "/chat/abc",
}


def set_cookie(answer: Response, name: str) -> str:
    [line] = [line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{name}=")]
    return line


async def test_eve_signs_up_is_signed_in_and_led_back(doors: Doors, site: Site) -> None:
    answer = await site.post("signup", EVE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/chat/abc")
    cookie = set_cookie(answer, "sid")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    person = await site.person(doors, answer)
    assert person is not None
    assert not person.confirmed
    row = await row_of(doors, person)
    assert (row.email, row.phone, row.username) == ("eve@example.org", "+79161110009", "eve")
    assert await site.passwords.proves(PASSWORD, row.password_hash)


async def test_over_https_the_cookie_is_secure(
    doors: Doors, clock: FixedClock, dice: LoadedDice, tmp_path: Path
) -> None:
    site = Site(dice, tmp_path, "__Host-sid")
    assert "Secure" in set_cookie(await site.post("signup", EVE), "__Host-sid")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"email": ""}, "email", "missing"),
        ({"email": "eve"}, "email", "bad_email"),
        ({"username": "e"}, "username", "username_length"),
        ({"username": "eve eve"}, "username", "username_letters"),
        ({"username": "ada"}, "username", "username_taken"),
        ({"username": "Admin"}, "username", "username_taken"),
        ({"phone": "12"}, "phone", "bad_phone"),
        ({"phone": ""}, "phone", "missing"),
        ({"phone": "+7 495 123-45-67"}, "phone", "phone_not_mobile"),
        ({"password": "short"}, "password", "password_length"),
        ({"password": "password1"}, "password", "password_common"),
        ({"password": "my eve@example.org"}, "password", "password_own"),
        ({"password_again": "seven green lantern"}, "password_again", "passwords_differ"),
        ({"adult": ""}, "adult", "not_adult"),
        ({"username": "x" * 1025}, None, "bad_form"),
    ],
)
async def test_a_refused_signup_leads_back_with_all_but_the_passwords(
    doors: Doors, site: Site, caplog: pytest.LogCaptureFixture, change: dict[str, str], field: str, code: str
) -> None:
    caplog.set_level(logging.DEBUG)
    await ada(doors)
    typed = EVE | change
    answer = await site.post("signup", typed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signup?next=%2Fchat%2Fabc")
    kept = site.refused(answer)
    assert (kept.form, kept.refusal.field, kept.refusal.code) == ("signup", field, code)
    assert kept.fields["email"] == typed["email"]
    assert not {"password", "password_again"} & set(kept.fields)
    assert "sid" not in answer.cookies
    assert "HttpOnly" in set_cookie(answer, "kept")
    for secret in (typed["password"], typed["password_again"]):
        assert secret not in caplog.text


async def test_signing_up_with_an_address_somebody_owns_looks_the_same(doors: Doors, site: Site) -> None:
    await ada(doors)
    free = await site.post("signup", EVE)
    site.browser.cookies.clear()
    owned = await site.post("signup", EVE | {"username": "mallory", "email": "ADA@example.org", "phone": "89161110001"})
    assert (free.status_code, free.headers["location"], free.content) == (
        owned.status_code,
        owned.headers["location"],
        owned.content,
    )
    assert [line.split("=")[0] for line in free.headers.get_list("set-cookie")] == [
        line.split("=")[0] for line in owned.headers.get_list("set-cookie")
    ]


async def test_two_signups_at_once_of_one_name_are_one_account(doors: Doors, site: Site) -> None:
    answers = await asyncio.gather(
        *(
            site.client().post("/session/signup", data=EVE | {"username": name}, headers={"origin": HOME})
            for name in ("Eve", "eve", "EVE")
        )
    )
    assert sorted(answer.headers["location"].partition("?")[0] for answer in answers) == [
        "/chat/abc",
        "/signup",
        "/signup",
    ]


@pytest.mark.parametrize(
    ("what", "spellings"),
    [
        ("email", ("Same@Example.org", " same@EXAMPLE.ORG")),
        ("phone", ("8 (916) 111-00-05", "+7 916 111 00 05")),
    ],
)
async def test_of_two_signups_at_once_with_one_address_in_two_spellings_one_is_confirmed(
    doors: Doors, site: Site, seal: KeyedSeal, what: str, spellings: tuple[str, str]
) -> None:
    forms = [
        EVE | {"username": "eve", "email": "eve@example.org", what: spellings[0]},
        EVE | {"username": "eva", "email": "eva@example.org", what: spellings[1]},
    ]
    answers = await asyncio.gather(
        *(site.client().post("/session/signup", data=form, headers={"origin": HOME}) for form in forms)
    )
    assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [(303, "/chat/abc")] * 2
    both = [person for answer in answers if (person := await site.person(doors, answer))]
    if what == "phone":
        # the email comes first, and theirs differ
        for person in both:
            await doors.perform(person, confirm, await code_of(doors, seal, person))

    codes = [await code_of(doors, seal, person) for person in both]
    outcomes = await asyncio.gather(
        *(doors.perform(person, confirm, code) for person, code in zip(both, codes, strict=True)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AddressTaken", "NoneType"]
    rows = [await row_of(doors, person) for person in both]
    assert len({row.email_key if what == "email" else row.phone for row in rows}) == 1
    proven = [row.email_confirmed_at if what == "email" else row.phone_confirmed_at for row in rows]
    assert proven.count(None) == 1


@pytest.mark.parametrize("login", ["ada", "ADA", "ada@example.org", " Ada@Example.org "])
async def test_ada_signs_in_by_name_or_email(doors: Doors, site: Site, login: str) -> None:
    person = await ada(doors)
    answer = await site.post("signin", {"login": login, "password": PASSWORD, "next": "/"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    found = await site.person(doors, answer)
    assert found is not None
    assert found.user_id == person.user_id


@pytest.mark.parametrize(
    ("login", "password", "code"),
    [
        ("ada", "wrong", "wrong_password"),
        ("nobody", PASSWORD, "wrong_password"),
        ("nobody@example.org", PASSWORD, "wrong_password"),
        ("аdа", PASSWORD, "wrong_password"),
        ("' OR 1=1 --", PASSWORD, "wrong_password"),
        ("ada\x00", PASSWORD, "wrong_password"),
        ("x" * 1000, PASSWORD, "wrong_password"),
        ("", PASSWORD, "missing"),
        ("ada", "", "missing"),
    ],
)
async def test_others_do_not_and_cannot_tell_why(
    doors: Doors, site: Site, login: str, password: str, code: str
) -> None:
    await ada(doors)
    answer = await site.post("signin", {"login": login, "password": password})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert site.refused(answer).refusal.code == code
    assert "sid" not in answer.cookies


async def test_a_pending_account_is_entered_by_its_own_password_beside_the_owner(doors: Doors, site: Site) -> None:
    owner = await ada(doors)
    await site.post(
        "signup",
        EVE
        | {"email": "ada@example.org", "password": "other green lanterns", "password_again": "other green lanterns"},
    )
    site.browser.cookies.clear()
    for password, username in ((PASSWORD, "ada"), ("other green lanterns", "eve")):
        answer = await site.post("signin", {"login": "ada@example.org", "password": password})
        found = await site.person(doors, answer)
        assert found is not None
        assert (await row_of(doors, found)).username == username
        assert (found.user_id == owner.user_id) == (username == "ada")
        site.browser.cookies.clear()


async def test_who_owns_an_email_is_not_told_by_the_number_of_checks(
    doors: Doors, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada(doors)
    await pending(doors, "mallory", email="ada@example.org")
    await pending(doors, "eve", email="free@example.org")
    checks: list[str] = []
    proves = site.passwords.proves

    async def counted(password: str, stored: str) -> bool:
        checks.append(stored)
        return await proves(password, stored)

    monkeypatch.setattr(site.passwords, "proves", counted)

    async def cost(login: str, password: str) -> int:
        checks.clear()
        await site.post("signin", {"login": login, "password": password})
        return len(checks)

    for password in (PASSWORD, "wrong password"):
        assert await cost("ada@example.org", password) == await cost("free@example.org", password)
    assert await cost("ada", "x") == await cost("nobody", "x") == await cost("nobody@example.org", "x") == 1


async def test_an_old_hash_is_made_anew_at_sign_in(doors: Doors, site: Site) -> None:
    person = await ada(doors, password_hash=await Passwords(PEPPER, cost=5).hashed(PASSWORD))
    await site.post("signin", {"login": "ada", "password": PASSWORD})
    assert (await row_of(doors, person)).password_hash.startswith("$2b$04$")


async def test_of_200_guesses_at_once_five_are_compared_and_elsewhere_ada_still_gets_in(
    doors: Doors, site: Site
) -> None:
    await ada(doors)
    answers = await asyncio.gather(
        *(site.post("signin", {"login": "ada", "password": f"guess number {number}"}) for number in range(200))
    )
    codes = [site.refused(answer).refusal.code for answer in answers]
    assert codes.count("wrong_password") == 5
    assert codes.count("too_many") == 195
    right = {"login": "ada", "password": PASSWORD}
    assert "sid" not in (await site.post("signin", right)).cookies
    elsewhere = await site.client("198.51.100.99").post("/session/signin", data=right, headers={"origin": HOME})
    assert "sid" in elsewhere.cookies


async def test_signing_in_again_replaces_the_session_of_this_browser(doors: Doors, site: Site) -> None:
    await ada(doors)
    first = await site.post("signin", {"login": "ada", "password": PASSWORD})
    second = await site.post("signin", {"login": "ada", "password": PASSWORD})
    assert await site.person(doors, first) is None
    assert await site.person(doors, second) is not None


async def test_whoever_enters_ends_the_session_another_had_in_this_browser(
    doors: Doors, site: Site, clock: FixedClock, bus: LocalBus
) -> None:
    me = await ada(doors)
    key = (await doors.perform(me, start_second_factor)).key
    await doors.perform(me, confirm_second_factor, TOTP(key).at(clock.now()))
    clock.tick(seconds=30)
    other = await ben(doors)
    site.browser.cookies.set("sid", cookie_of("ben"))
    told: list[Event] = []
    bus.subscribe(told.extend)

    signed_up = await site.post("signup", EVE)
    eve = await site.person(doors, signed_up)
    assert eve is not None
    assert told == [SessionsEnded(other.user_id, (other.session,))]
    assert await living(doors, cookie_of("ben")) is None

    # the password alone is no sign-in yet
    await site.post("signin", {"login": "ada", "password": PASSWORD})
    assert await site.person(doors, signed_up) == eve
    entered = await site.post("second", {"code": TOTP(key).at(clock.now())})
    assert await site.person(doors, signed_up) is None
    assert told[1:] == [SessionsEnded(eve.user_id, (eve.session,))]

    await site.post("signin", {"login": "ben", "password": PASSWORD})
    assert await site.person(doors, entered) is None


async def test_whoever_is_refused_leaves_the_session_as_it_was(
    doors: Doors, site: Site, clock: FixedClock, bus: LocalBus
) -> None:
    me = await ada(doors)
    key = (await doors.perform(me, start_second_factor)).key
    await doors.perform(me, confirm_second_factor, TOTP(key).at(clock.now()))
    other = await ben(doors)
    site.browser.cookies.set("sid", cookie_of("ben"))
    told: list[Event] = []
    bus.subscribe(told.extend)
    for form, fields, code in (
        ("signup", EVE | {"username": "ada"}, "username_taken"),
        ("signup", EVE | {"password_again": "other"}, "passwords_differ"),
        ("signin", {"login": "ada", "password": "wrong"}, "wrong_password"),
        ("second", {"code": "000000"}, "ticket_expired"),
        ("reset", {"link": "made up", "password": PASSWORD, "password_again": PASSWORD}, "reset_expired"),
    ):
        answer = await site.post(form, fields)
        assert site.refused(answer).refusal.code == code
        assert "sid" not in answer.cookies
    await site.post("signin", {"login": "ada", "password": PASSWORD})
    assert site.refused(await site.post("second", {"code": "000000"})).refusal.code == "wrong_code"
    assert await living(doors, cookie_of("ben")) == other
    assert told == []


async def test_a_link_to_a_new_password_ends_the_session_another_had_in_this_browser(
    doors: Doors, site: Site, seal: KeyedSeal
) -> None:
    await ada(doors)
    await ben(doors)
    site.browser.cookies.set("sid", cookie_of("ben"))
    await site.post("forgot", {"email": "ada@example.org"})
    token = await doors.ask(SYSTEM, lambda reader: reader.session.exec(select(PasswordReset.token)).one())
    fields = {"link": reset_link(seal, token), "password": "seventeen lanterns", "password_again": "seventeen lanterns"}
    answer = await site.post("reset", fields)
    assert answer.headers["location"] == "/signin?done=reset"
    assert await living(doors, cookie_of("ben")) is None


async def living(doors: Doors, cookie: str) -> Person | None:
    return await doors.ask(SYSTEM, person_of, token_hash(cookie))


async def test_signing_out_ends_the_session_and_takes_the_cookie(doors: Doors, site: Site) -> None:
    await ada(doors)
    entered = await site.post("signin", {"login": "ada", "password": PASSWORD})
    answer = await site.post("signout", {})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert "Max-Age=0" in set_cookie(answer, "sid")
    assert await site.person(doors, entered) is None
    assert (await site.post("signout", {})).status_code == 303


async def test_signing_out_with_a_cookie_of_nobody_is_no_fault(site: Site) -> None:
    site.browser.cookies.set("sid", "x" * 4000)
    assert (await site.post("signout", {})).status_code == 303


@pytest.mark.parametrize("form", ["signup", "signin", "signout"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", f"{HOME}.evil.example", f"{HOME}@evil.example"])
async def test_a_form_of_another_site_does_nothing(doors: Doors, site: Site, form: str, origin: str) -> None:
    await ada(doors)
    entered = await site.post("signin", {"login": "ada", "password": PASSWORD})
    answer = await site.post(form, EVE | {"login": "ada"}, origin=origin)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert await site.person(doors, entered) is not None
    assert await doors.ask(SYSTEM, lambda reader: list(reader.session.exec(select(User.username)))) == ["ada"]


async def test_a_form_without_an_origin_needs_the_browsers_word_that_it_is_ours(site: Site) -> None:
    async def status(**headers: str) -> int:
        return (await site.client().post("/session/signout", data={}, headers=headers)).status_code

    assert await status(origin="null", **{"sec-fetch-site": "same-origin"}) == 303
    assert await status() == 403
    assert await status(origin="null", **{"sec-fetch-site": "cross-site"}) == 403
    assert await status(**{"sec-fetch-site": "same-site"}) == 403


async def test_pages_of_another_allowed_origin_are_led_back_there(doors: Doors, site: Site) -> None:
    await ada(doors)
    answer = await site.post("signin", {"login": "ada", "password": PASSWORD, "next": "/chat/abc"}, origin=STATIC)
    assert answer.headers["location"] == f"{STATIC}/chat/abc"
    answer = await site.post("signin", {"login": "ada", "password": "x"}, origin=STATIC)
    assert answer.headers["location"] == f"{STATIC}/signin"


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/chat/../../evil",
        "/chat/a?x=//evil",
        "/chat/a\r\nSet-Cookie: sid=x",
        "/chat/a\n",
        "/session/signout",
        "chat/a",
        "/%2F/evil.example",
        "\x00",
        "/chat/" + "x" * 65,
    ],
)
def test_nobody_is_led_to_another_site(wanted: str) -> None:
    assert landing(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/", "/settings", "/chat/abc_-1", "/join/abc_-1"])
def test_a_page_of_ours_is_landed_on(wanted: str) -> None:
    assert landing(wanted) == wanted


@pytest.mark.parametrize("form", ["signup", "signin", "signout"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xff\xfe",
        b"&&&===;;;",
        b"login=a&login=b&password=x",
        b"login=%ff%fe&password=x",
        b"login=%00&password=%00",
        b"login=%ED%A0%80&password=x",
        b"next=%0d%0aSet-Cookie:%20a=b&login=a&password=b",
        b"a=" + b"x" * 20_000,
        b"&".join(b"f%d=x" % number for number in range(1000)),
        urlencode({"login": "a" * 1024, "password": "b" * 1024}).encode(),
        urlencode(EVE | {"region": "\x00\u202e", "phone": "\u202e" * 30}).encode(),
        urlencode(EVE | {"username": "e" + "\u0301" * 20}).encode(),
    ],
)
async def test_hostile_forms_are_refused_and_never_a_fault(site: Site, form: str, body: bytes) -> None:
    for content_type in (
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
        "",
    ):
        answer = await site.browser.post(
            f"/session/{form}", content=body, headers={"origin": HOME, "content-type": content_type}
        )
        assert answer.status_code == 303
        assert "sid=" not in str(answer.headers.get_list("set-cookie")) or form == "signout"
        assert "a=b" not in str(answer.headers.get_list("set-cookie"))


async def test_the_forms_answer_no_get(site: Site) -> None:
    for form in ("signup", "signin", "signout"):
        assert (await site.browser.get(f"/session/{form}", headers={"origin": HOME})).status_code == 405


async def test_a_body_without_end_is_cut_off(site: Site) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 10_000_000:
            sent += 1000
            yield b"x" * 1000

    answer = await site.browser.post(
        "/session/signin",
        content=endless(),
        headers={"origin": HOME, "content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 303
    assert sent < 100_000


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "203.0.113.66", "127.0.0.1"),
        (1, "203.0.113.66, 198.51.100.4", "198.51.100.4"),
        (2, "203.0.113.66, 198.51.100.4, 10.0.0.1", "198.51.100.4"),
        (2, "198.51.100.4", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_an_address_is_believed_as_far_as_our_own_proxies_vouch_for_it(proxies: int, forwarded: str, seen: str) -> None:
    scope = {"type": "http", "client": ("127.0.0.1", 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}
    assert address_behind(proxies)(Request(scope)) == seen
