"""The forms that take the password of somebody who is signed in, those of a forgotten one, and the export."""

import io
import json
import re
import zipfile

import pytest
from httpx import Response
from pyotp.totp import TOTP
from sqlmodel import select

from chat_app.domain.common.work import SYSTEM, Person, Reader
from chat_app.domain.users.actions import confirm_second_factor, set_avatar, start_second_factor
from chat_app.domain.users.queries import person_of
from chat_app.domain.users.rules import reset_link
from chat_app.domain.users.tables import PasswordReset, SignInTicket
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.tokens import token_hash
from chat_app.infrastructure.unit_of_work import Doors
from tests.api.conftest import Site
from tests.guests import FixedClock
from tests.people import PASSWORD, ada, cookie_of, pending, row_of

NEW = "seventeen green lanterns"


async def as_ada(doors: Doors, site: Site) -> Person:
    me = await ada(doors)
    site.browser.cookies.set("sid", cookie_of("ada"))
    return me


def fault(site: Site, answer: Response) -> tuple[str | None, str]:
    kept = site.refused(answer)
    return kept.refusal.field, kept.refusal.code


@pytest.mark.parametrize("form", ["contact", "password", "app-on", "app-off", "delete", "correct"])
async def test_nothing_changes_without_the_password_or_without_a_session(doors: Doors, site: Site, form: str) -> None:
    fields = {"email": "new@example.org", "password": NEW, "password_again": NEW}
    answer = await site.post(form, fields | {"password_now": PASSWORD})
    assert fault(site, answer) == (None, "not_signed_in")
    me = await as_ada(doors, site)
    before = await row_of(doors, me)
    assert fault(site, await site.post(form, fields)) == ("password_now", "missing")
    assert fault(site, await site.post(form, fields | {"password_now": NEW})) == ("password_now", "not_your_password")
    assert (
        await site.post(form, fields | {"password_now": PASSWORD}, origin="https://evil.example")
    ).status_code == 403
    after = await row_of(doors, me)
    assert (after.email, after.password_hash, after.deleted_at) == (before.email, before.password_hash, None)


async def test_guessing_the_password_of_an_open_session_gets_slower(doors: Doors, site: Site) -> None:
    await as_ada(doors, site)
    codes = [fault(site, await site.post("delete", {"password_now": f"guess {number}"}))[1] for number in range(7)]
    assert codes == ["not_your_password"] * 5 + ["too_many"] * 2


async def test_ada_changes_her_password(doors: Doors, site: Site) -> None:
    me = await as_ada(doors, site)
    fields = {"password_now": PASSWORD, "password": NEW, "password_again": NEW}
    assert fault(site, await site.post("password", fields | {"password_again": "x"})) == (
        "password_again",
        "passwords_differ",
    )
    assert fault(site, await site.post("password", fields | {"password": "ada@example.org"}))[1] == "password_own"
    answer = await site.post("password", fields)
    assert answer.headers["location"] == "/settings?done=password"
    assert await site.passwords.proves(NEW, (await row_of(doors, me)).password_hash)
    assert (await site.post("signin", {"login": "ada", "password": NEW})).headers["location"] == "/"


async def test_another_email_is_asked_for_its_code(doors: Doors, site: Site) -> None:
    await as_ada(doors, site)
    fields = {"password_now": PASSWORD}
    answer = await site.post("contact", fields | {"email": "new@example.org"})
    assert answer.headers["location"] == "/settings?confirm=email"
    refused = await site.post("contact", fields | {"phone": "12", "region": "RU"})
    assert refused.headers["location"] == "/settings"
    kept = site.refused(refused)
    assert (kept.refusal.code, kept.fields) == ("bad_phone", {"phone": "12", "region": "RU"})
    assert (await site.post("contact", fields | {"phone": "8 916 222-33-44", "region": "RU"})).headers[
        "location"
    ] == "/settings?confirm=phone"


async def test_eve_corrects_her_email_before_it_is_confirmed(doors: Doors, site: Site) -> None:
    eve = await pending(doors, "eve")
    site.browser.cookies.set("sid", cookie_of("eve"))
    answer = await site.post("correct", {"email": "right@example.org", "password_now": PASSWORD, "next": "/chat/abc"})
    assert answer.headers["location"] == "/chat/abc"
    assert (await row_of(doors, eve)).email == "right@example.org"


async def test_ada_leaves(doors: Doors, site: Site) -> None:
    me = await as_ada(doors, site)
    answer = await site.post("delete", {"password_now": PASSWORD, "erase": "yes"})
    assert answer.headers["location"] == "/signin?done=deleted"
    assert (await row_of(doors, me)).deleted_at is not None
    assert fault(site, await site.post("signin", {"login": "ada", "password": PASSWORD}))[1] == "wrong_password"


async def test_signing_in_takes_the_code_of_the_app(doors: Doors, site: Site, clock: FixedClock) -> None:
    me = await ada(doors)
    key = (await doors.perform(me, start_second_factor)).key
    await doors.perform(me, confirm_second_factor, TOTP(key).at(clock.now()))
    clock.tick(seconds=30)

    answer = await site.post("signin", {"login": "ada", "password": PASSWORD, "next": "/chat/abc"})
    assert answer.headers["location"] == "/signin/code?next=%2Fchat%2Fabc"
    # the password alone opened nothing
    assert "sid" not in answer.cookies
    assert await doors.ask(SYSTEM, person_of, token_hash(answer.cookies["second"])) is None
    wrong = await site.post("second", {"code": "000000", "next": "/chat/abc"})
    assert wrong.headers["location"] == "/signin/code?next=%2Fchat%2Fabc"
    assert fault(site, wrong) == ("code", "wrong_code")
    right = await site.post("second", {"code": TOTP(key).at(clock.now()), "next": "/chat/abc"})
    assert right.headers["location"] == "/chat/abc"
    person = await site.person(doors, right)
    assert person is not None
    assert person.row == me.row
    site.browser.cookies.delete("second")
    assert fault(site, await site.post("second", {"code": "000000"}))[1] == "ticket_expired"


async def test_the_cookie_between_password_and_code_holds_a_token_and_nothing_else(
    doors: Doors, site: Site, clock: FixedClock
) -> None:
    me = await ada(doors)
    key = (await doors.perform(me, start_second_factor)).key
    await doors.perform(me, confirm_second_factor, TOTP(key).at(clock.now()))
    answer = await site.post("signin", {"login": "ada", "password": PASSWORD})
    [cookie] = [line for line in answer.headers.get_list("set-cookie") if line.startswith("second=")]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=600" in cookie
    ticket = await doors.ask(SYSTEM, lambda reader: reader.session.exec(select(SignInTicket)).one())
    assert re.fullmatch(r"[\w-]{43}", answer.cookies["second"])
    # of who it is and what their try is counted by, only the row knows
    assert (ticket.token_hash, ticket.user) == (token_hash(answer.cookies["second"]), me.row)


async def test_passwords_that_were_right_without_a_code_count_as_failed(
    doors: Doors, site: Site, clock: FixedClock
) -> None:
    me = await ada(doors)
    key = (await doors.perform(me, start_second_factor)).key
    await doors.perform(me, confirm_second_factor, TOTP(key).at(clock.now()))
    for _ in range(5):
        await site.post("signin", {"login": "ada", "password": PASSWORD})
    assert fault(site, await site.post("signin", {"login": "ada", "password": PASSWORD}))[1] == "too_many"


async def test_a_forgotten_password_is_made_anew_and_nobody_learns_whose_it_was(
    doors: Doors, site: Site, seal: KeyedSeal
) -> None:
    me = await ada(doors)
    known, unknown = [
        await site.post("forgot", {"email": email}) for email in ("ada@example.org", "nobody@example.org")
    ]
    assert known.headers["location"] == unknown.headers["location"] == "/forgot?sent=1"
    assert sorted(known.headers) == sorted(unknown.headers)
    assert fault(site, await site.post("forgot", {"email": "ada"})) == ("email", "bad_email")

    def tokens(reader: Reader) -> list[str]:
        return [reset.token for reset in reader.session.exec(select(PasswordReset)) if reset.user]

    [token] = await doors.ask(SYSTEM, tokens)
    fields = {"link": reset_link(seal, token), "password": NEW, "password_again": NEW}
    weak = await site.post("reset", fields | {"password": "ada ada ada", "password_again": "ada ada ada"})
    assert weak.headers["location"].startswith("/reset?link=")
    assert site.refused(weak).fields == {}
    answer = await site.post("reset", fields)
    assert answer.headers["location"] == "/signin?done=reset"
    assert await site.passwords.proves(NEW, (await row_of(doors, me)).password_hash)
    assert fault(site, await site.post("reset", fields))[1] == "reset_expired"


async def test_all_that_is_known_of_ada_goes_along_in_a_zip(doors: Doors, site: Site) -> None:
    await as_ada(doors, site)
    answer = await site.browser.get("/session/export")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert set(archive.namelist()) == {
            f"{name}.json" for name in ("profile", "choices", "sessions", "chats", "messages", "files")
        }
        assert json.loads(archive.read("profile.json"))["username"] == "ada"


async def test_her_picture_goes_along_and_one_that_is_lost_is_left_out(doors: Doors, site: Site) -> None:
    me, name = await as_ada(doors, site), "a" * 22
    await doors.perform(me, set_avatar, name)
    for content, there in ((None, False), (b"a picture", True)):
        if content:
            await site.files.put(name, content)
        with zipfile.ZipFile(io.BytesIO((await site.browser.get("/session/export")).content)) as archive:
            assert ("avatar.webp" in archive.namelist()) is there
            assert not there or archive.read("avatar.webp") == content
            choices = json.loads(archive.read("choices.json"))
            assert (choices["sees_about"], choices["sees_avatar"]) == ("everyone", "everyone")
