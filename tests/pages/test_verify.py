"""The dialog that confirms email and phone."""

import pytest

from chat_app.components.demo import Demo, hang_demo_codes
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.demo import DemoCodes
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.pages.main.verify_state import VerifyState
from tests.guests import FixedClock
from tests.pages.conftest import SIGN_IN, Tab
from tests.people import ada, again, code_of, cookie_of, pending

pytestmark = pytest.mark.asyncio


async def test_ada_confirms_email_then_phone(tab: Tab, doors: Doors, seal: KeyedSeal) -> None:
    me = await pending(doors, "ada")
    tab.cookies["sid"] = cookie_of("ada")

    await tab.fire(VerifyState.on_load())
    state = await tab.state(VerifyState)
    assert (state.step, state.destination, state.wait_s) == ("email", "a•••@example.org", 60)

    await tab.fire(VerifyState.confirm(await code_of(doors, seal, me)))
    state = await tab.state(VerifyState)
    assert (state.step, state.fault["code"]) == ("phone", "")

    await tab.fire(VerifyState.confirm(await code_of(doors, seal, me)))
    assert (await tab.state(VerifyState)).step == "done"
    assert (await again(doors, cookie_of("ada"))).confirmed


async def test_a_wrong_code_says_how_many_tries_are_left(tab: Tab, doors: Doors, seal: KeyedSeal) -> None:
    me = await pending(doors, "ada")
    tab.cookies["sid"] = cookie_of("ada")
    wrong = "000000" if await code_of(doors, seal, me) != "000000" else "000001"
    for left in (4, 3):
        await tab.fire(VerifyState.confirm(wrong))
        state = await tab.state(VerifyState)
        assert (state.step, state.wrong) == ("email", 5 - left)
        assert state.fault == {"code": "wrong_code", "params": {"tries_left": left}}


async def test_a_new_code_may_be_asked_for_after_a_minute(tab: Tab, doors: Doors, clock: FixedClock) -> None:
    await pending(doors, "ada")
    tab.cookies["sid"] = cookie_of("ada")
    await tab.fire(VerifyState.resend())
    state = await tab.state(VerifyState)
    assert (state.fault["code"], state.resent) == ("too_soon", False)

    clock.tick(seconds=61)
    await tab.fire(VerifyState.resend())
    state = await tab.state(VerifyState)
    assert (state.fault["code"], state.resent, state.wait_s) == ("", True, 120)


async def test_in_demo_mode_this_machine_is_shown_the_code(
    tab: Tab, doors: Doors, seal: KeyedSeal, demo: DemoCodes
) -> None:
    me = await pending(doors, "ada")
    tab.cookies["sid"] = cookie_of("ada")
    await tab.fire(VerifyState.on_load())
    assert (await tab.state(VerifyState)).demo == Demo(on=True, code=await code_of(doors, seal, me))


@pytest.mark.parametrize(("host", "ip"), [("localhost:8000", "203.0.113.5"), ("chat.example", "127.0.0.1"), ("", "")])
async def test_another_machine_is_told_to_ask_the_operator(
    tab: Tab, doors: Doors, demo: DemoCodes, host: str, ip: str
) -> None:
    await pending(doors, "ada")
    tab.cookies["sid"], tab.host, tab.ip = cookie_of("ada"), host, ip
    await tab.fire(VerifyState.on_load())
    assert (await tab.state(VerifyState)).demo == Demo(on=True)


async def test_unless_the_operator_shows_it_to_all(tab: Tab, doors: Doors, seal: KeyedSeal, demo: DemoCodes) -> None:
    hang_demo_codes(demo, for_all=True)
    me = await pending(doors, "ada")
    tab.cookies["sid"], tab.host, tab.ip = cookie_of("ada"), "chat.example", "203.0.113.5"
    await tab.fire(VerifyState.on_load())
    assert (await tab.state(VerifyState)).demo.code == await code_of(doors, seal, me)


async def test_whoever_is_confirmed_sees_no_dialog(tab: Tab, doors: Doors) -> None:
    await ada(doors)
    tab.cookies["sid"] = cookie_of("ada")
    await tab.fire(VerifyState.on_load())
    assert (await tab.state(VerifyState)).step == "done"


async def test_a_stranger_is_led_to_sign_in(tab: Tab) -> None:
    await tab.fire(VerifyState.confirm("123456"))
    assert (await tab.state(VerifyState)).step == ""
    assert tab.led_to[-1].payload["path"] == SIGN_IN
