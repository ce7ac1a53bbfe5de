"""Pictures where people are drawn: in the list, the head, the search, the card, and in one's own settings."""

from typing import Any

import pytest

from chat_app.components.returning import hang_kept_forms
from chat_app.domain.chats.actions import open_direct_chat
from chat_app.domain.common.errors import Busy, Refusal
from chat_app.domain.common.ids import ClientId
from chat_app.domain.common.work import Person
from chat_app.domain.messages.actions import send_message
from chat_app.domain.users.actions import save_preferences
from chat_app.domain.users.errors import NotAPicture, PictureTooLarge
from chat_app.domain.users.queries import my_choices
from chat_app.domain.users.rules import Audience, Choices
from chat_app.infrastructure.kept_forms import KeptForms
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.pages.main.card_state import CardState
from chat_app.pages.main.search_state import SearchState
from chat_app.pages.main.state import MainState
from chat_app.pages.settings.state import PICTURE, SettingsState
from chat_app.realtime.faces import face_of
from chat_app.realtime.hub import Hub
from tests.guests import LoadedDice
from tests.pages.conftest import Tab as PlainTab
from tests.people import ada, ben, cookie_of
from tests.tabs import Tab

HERS = "the-picture-of-ada-1234"


async def drawn_for_ben(doors: Doors, hub: Hub, me: Person) -> list[str]:
    """The pictures of Ada that Ben's tab is given: of the row, the head, who was found, the card."""
    other = await ben(doors)
    chat = await doors.perform(me, open_direct_chat, other.user_id)
    await doors.perform(me, send_message, chat, ClientId("a"), "hello")
    async with Tab(hub.push._server, cookie_of("ben"), f"/chat/{chat}") as tab:
        await tab.open()
        ((_, [row]),) = tab.ear.fields("chats")
        await tab.fire(SearchState.find("ada"))
        await tab.fire(CardState.show(me.user_id))
        [found] = (await tab.state(SearchState)).people
        faces: list[Any] = [(await tab.state(MainState)).face, found.face, (await tab.state(CardState)).face]
        assert {face.hue for face in faces} == {row["hue"]}
        return [row["picture"], *(face.picture for face in faces)]


async def test_ben_is_drawn_adas_picture_everywhere(doors: Doors, hub: Hub) -> None:
    assert await drawn_for_ben(doors, hub, await ada(doors, avatar=HERS)) == [HERS] * 4


async def test_and_nowhere_when_she_does_not_let_him(doors: Doors, hub: Hub) -> None:
    me = await ada(doors, avatar=HERS)
    await doors.perform(me, save_preferences, Choices(sees_avatar=Audience.NOBODY))
    assert await drawn_for_ben(doors, hub, me) == [""] * 4


async def test_who_has_none_is_letters(doors: Doors, hub: Hub) -> None:
    assert await drawn_for_ben(doors, hub, await ada(doors)) == [""] * 4


async def in_settings(tab: PlainTab) -> SettingsState:
    tab.cookies["sid"], tab.path = cookie_of("ada"), "/settings"
    await tab.fire(SettingsState.on_load())
    return await tab.state(SettingsState)


async def test_the_settings_show_my_own_also_when_nobody_else_sees_it(doors: Doors, tab: PlainTab) -> None:
    me = await ada(doors, avatar=HERS)
    await doors.perform(me, save_preferences, Choices(sees_avatar=Audience.NOBODY))
    state = await in_settings(tab)
    # on the same colour as for others
    assert state.face == face_of(me.user_id, "ada", HERS)


@pytest.mark.parametrize("choice", ["sees_about", "sees_avatar"])
async def test_ada_says_who_sees_it(doors: Doors, tab: PlainTab, choice: Any) -> None:
    me = await ada(doors)
    await in_settings(tab)
    await tab.fire(SettingsState.open_to(choice, "shared"))
    assert getattr(await doors.ask(me, my_choices), choice) is Audience.SHARED
    # and nobody else does for her
    tab.cookies["sid"] = "nobody's"
    await tab.fire(SettingsState.open_to(choice, "everyone"))
    assert getattr(await doors.ask(me, my_choices), choice) is Audience.SHARED


@pytest.mark.parametrize("refusal", [NotAPicture("picture"), PictureTooLarge(), Busy(wait_s=3)])
async def test_a_refused_picture_is_told_where_it_was_chosen(
    doors: Doors, tab: PlainTab, dice: LoadedDice, refusal: Refusal
) -> None:
    await ada(doors)
    kept = KeptForms(dice)
    hang_kept_forms(kept)
    tab.cookies["kept"] = kept.keep("avatar", {}, refusal)
    state = await in_settings(tab)
    assert (state.faults[PICTURE], state.dialog) == ({"code": refusal.code, "params": refusal.params}, "")
    assert [name for name, fault in state.faults.items() if fault["code"]] == [PICTURE]
    hang_kept_forms(None)
