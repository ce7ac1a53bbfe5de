"""Signing up, as far as the page goes: what is said while typing, and what a refused form comes back with."""

import pytest

from chat_app.components.returning import FORM, KEPT_COOKIE, hang_kept_forms
from chat_app.domain.common.errors import TooMany
from chat_app.domain.users.errors import UsernameTaken
from chat_app.infrastructure.kept_forms import KeptForms
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.pages.sign_in.state import SignInState
from chat_app.pages.sign_up.state import SignUpState
from tests.guests import LoadedDice
from tests.pages.conftest import Tab
from tests.people import ada, cookie_of

pytestmark = pytest.mark.asyncio


async def faults(tab: Tab) -> dict[str, str]:
    return {name: fault["code"] for name, fault in (await tab.state(SignUpState)).faults.items() if fault["code"]}


async def test_what_is_written_wrong_is_said_under_its_field(tab: Tab) -> None:
    await tab.fire(SignUpState.check_email("ada@"))
    await tab.fire(SignUpState.check_phone("912"))
    await tab.fire(SignUpState.check_username("a"))
    assert await faults(tab) == {"email": "bad_email", "phone": "bad_phone", "username": "username_length"}


async def test_what_is_mended_is_forgiven_and_nothing_typed_is_no_fault(tab: Tab) -> None:
    await tab.fire(SignUpState.check_email("ada@"))
    await tab.fire(SignUpState.check_email("ada@example.org"))
    await tab.fire(SignUpState.check_phone(""))
    assert await faults(tab) == {}


async def test_the_country_decides_what_a_number_means(tab: Tab) -> None:
    await tab.fire(SignUpState.check_phone("07400 123456"))
    assert await faults(tab) == {"phone": "bad_phone"}
    await tab.fire(SignUpState.choose_region("GB"))
    await tab.fire(SignUpState.check_phone("07400 123456"))
    assert await faults(tab) == {}
    assert (await tab.state(SignUpState)).calling_code == "+44"


async def test_a_country_nobody_knows_changes_nothing(tab: Tab) -> None:
    await tab.fire(SignUpState.choose_region("XX"))
    assert (await tab.state(SignUpState)).region == "RU"


async def test_a_taken_name_is_told_with_free_ones_like_it(tab: Tab, doors: Doors) -> None:
    await ada(doors)
    await tab.fire(SignUpState.check_username("Ada"))
    assert await faults(tab) == {"username": "username_taken"}
    assert (await tab.state(SignUpState)).suggestions == ["Ada_1", "Ada.me"]


async def test_a_known_email_is_not_told(tab: Tab, doors: Doors) -> None:
    await ada(doors)
    await tab.fire(SignUpState.check_email("ada@example.org"))
    assert await faults(tab) == {}


async def test_a_refused_form_comes_back_with_what_was_typed(tab: Tab, dice: LoadedDice) -> None:
    kept = KeptForms(dice)
    hang_kept_forms(kept)
    typed = {"email": "ada@example.org", "username": "ada", "phone": "07400 123456", "region": "GB", "adult": "yes"}
    tab.path = "/signup"
    tab.cookies[KEPT_COOKIE] = kept.keep("signup", typed | {"password": "secret"}, UsernameTaken("username"))

    await tab.fire(SignUpState.on_load())

    state = await tab.state(SignUpState)
    assert state.typed == {"email": "ada@example.org", "username": "ada", "phone": "07400 123456"}
    assert (state.region, state.adult) == ("GB", True)
    assert await faults(tab) == {"username": "username_taken"}
    assert tab.led_to[-1].name == "_set_focus"
    hang_kept_forms(None)


async def test_a_refusal_of_the_whole_stands_at_the_end_of_the_form(tab: Tab, dice: LoadedDice) -> None:
    kept = KeptForms(dice)
    hang_kept_forms(kept)
    tab.cookies[KEPT_COOKIE] = kept.keep("signup", {}, TooMany(wait_s=40))
    await tab.fire(SignUpState.on_load())
    assert (await tab.state(SignUpState)).faults[FORM] == {"code": "too_many", "params": {"wait_s": 40}}
    hang_kept_forms(None)


async def test_another_pages_form_is_not_shown_here(tab: Tab, dice: LoadedDice) -> None:
    kept = KeptForms(dice)
    hang_kept_forms(kept)
    tab.cookies[KEPT_COOKIE] = kept.keep("signup", {"username": "ada"}, UsernameTaken("username"))
    await tab.fire(SignInState.on_load())
    assert (await tab.state(SignInState)).login == ""
    hang_kept_forms(None)


async def test_whoever_is_signed_in_goes_on(tab: Tab, doors: Doors) -> None:
    await ada(doors)
    tab.cookies["sid"] = cookie_of("ada")
    tab.path = "/signup?next=/chat/abc"
    await tab.fire(SignUpState.on_load())
    assert tab.led_to[-1].payload["path"] == "/chat/abc"


async def test_nobody_is_led_out_of_the_site(tab: Tab) -> None:
    tab.path = "/signin?next=https://elsewhere.example"
    await tab.fire(SignInState.on_load())
    state = await tab.state(SignInState)
    assert (state.next, state.other) == ("/", "/signup")
