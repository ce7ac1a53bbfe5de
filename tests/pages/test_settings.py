"""The settings: the dialog for the code of another email or phone."""

import pytest

from chat_app.components.demo import NO_DEMO, Demo, hang_demo_codes
from chat_app.domain.common.values import Email, Phone
from chat_app.domain.common.work import SYSTEM, Person
from chat_app.domain.users.actions import start_change
from chat_app.domain.verification.queries import current_code
from chat_app.domain.verification.rules import Purpose, digits
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.demo import DemoCodes
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.pages.settings.state import SettingsState
from tests.guests import FixedClock
from tests.pages.conftest import Tab
from tests.people import ada, ben, cookie_of

pytestmark = pytest.mark.asyncio

EMAIL, PHONE = Email("new@example.org"), Phone("+79161110099", "RU")


async def changing(tab: Tab, doors: Doors, *new: Email | Phone) -> Person:
    """Ada in `tab`, who wants another email or phone."""
    me = await ada(doors)
    tab.cookies["sid"] = cookie_of("ada")
    for each in new:
        await doors.perform(me, start_change, each)
    return me


async def sent(doors: Doors, seal: KeyedSeal, person: Person, purpose: Purpose) -> str:
    code = await doors.ask(SYSTEM, current_code, person.row, purpose)
    assert code is not None
    return digits(seal, code)


async def shown(tab: Tab) -> tuple[str, Demo]:
    state = await tab.state(SettingsState)
    return state.dialog, state.demo


async def test_in_demo_mode_this_machine_is_shown_the_code_of_each_change(
    tab: Tab, doors: Doors, seal: KeyedSeal, demo: DemoCodes
) -> None:
    me = await changing(tab, doors, EMAIL, PHONE)
    codes = {purpose: await sent(doors, seal, me, purpose) for purpose in Purpose}
    # as the form with the password leads there
    tab.path = "/settings?confirm=phone"
    await tab.fire(SettingsState.on_load())
    assert await shown(tab) == ("confirm_phone", Demo(on=True, code=codes[Purpose.PHONE]))
    await tab.fire(SettingsState.show_change("email"))
    assert await shown(tab) == ("confirm_email", Demo(on=True, code=codes[Purpose.EMAIL]))
    await tab.fire(SettingsState.confirm_change("email", codes[Purpose.EMAIL]))
    assert await shown(tab) == ("", NO_DEMO)
    assert (await tab.state(SettingsState)).view.email == "n•••@example.org"


@pytest.mark.parametrize(("host", "ip"), [("localhost:8000", "203.0.113.5"), ("chat.example", "127.0.0.1"), ("", "")])
async def test_another_machine_is_told_to_ask_the_operator(
    tab: Tab, doors: Doors, demo: DemoCodes, host: str, ip: str
) -> None:
    await changing(tab, doors, EMAIL)
    tab.host, tab.ip = host, ip
    await tab.fire(SettingsState.show_change("email"))
    assert await shown(tab) == ("confirm_email", Demo(on=True))


async def test_unless_the_operator_shows_it_to_all(tab: Tab, doors: Doors, seal: KeyedSeal, demo: DemoCodes) -> None:
    hang_demo_codes(demo, for_all=True)
    me = await changing(tab, doors, EMAIL)
    tab.host, tab.ip = "chat.example", "203.0.113.5"
    await tab.fire(SettingsState.show_change("email"))
    assert await shown(tab) == ("confirm_email", Demo(on=True, code=await sent(doors, seal, me, Purpose.EMAIL)))


async def test_another_code_is_shown_instead_of_the_one_it_voids(
    tab: Tab, doors: Doors, seal: KeyedSeal, clock: FixedClock, demo: DemoCodes
) -> None:
    me = await changing(tab, doors, EMAIL)
    first = await sent(doors, seal, me, Purpose.EMAIL)
    clock.tick(seconds=61)
    await tab.fire(SettingsState.resend_change("email"))
    second = await sent(doors, seal, me, Purpose.EMAIL)
    assert second != first
    assert await shown(tab) == ("confirm_email", Demo(on=True, code=second))


async def test_a_closed_dialog_leaves_no_code_behind(tab: Tab, doors: Doors, demo: DemoCodes) -> None:
    await changing(tab, doors, EMAIL)
    for close in (SettingsState.open(""), SettingsState.cancel_change("email")):
        await tab.fire(SettingsState.show_change("email"))
        assert (await shown(tab))[1].code
        await tab.fire(close)
        assert await shown(tab) == ("", NO_DEMO)


async def test_an_email_of_somebody_else_has_no_code(tab: Tab, doors: Doors, demo: DemoCodes) -> None:
    await ben(doors)
    await changing(tab, doors, Email("ben@example.org"))
    await tab.fire(SettingsState.show_change("email"))
    assert await shown(tab) == ("confirm_email", Demo(on=True))


async def test_where_mail_is_sent_no_code_is_shown(tab: Tab, doors: Doors, seal: KeyedSeal) -> None:
    await changing(tab, doors, EMAIL)
    for codes in (None, DemoCodes(doors, seal, enabled=False)):
        hang_demo_codes(codes, for_all=True)
        await tab.fire(SettingsState.show_change("email"))
        assert await shown(tab) == ("confirm_email", NO_DEMO)
    hang_demo_codes(None)
