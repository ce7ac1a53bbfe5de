"""How a chat stands in one's list, through the page's handlers."""

from datetime import timedelta

import pytest

from chat_app.components.notices import NoticeState
from chat_app.domain.chats.actions import create_group, open_direct_chat, read_up_to
from chat_app.domain.chats.rules import FOREVER
from chat_app.domain.common.ids import ChatId, ClientId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import Person
from chat_app.domain.messages.actions import send_message
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.pages.main.card_state import CardState
from chat_app.pages.main.listing_state import ListingState, ReadersState
from chat_app.pages.main.state import MainState
from chat_app.pages.settings.state import SettingsState
from chat_app.realtime.hub import Hub
from chat_app.realtime.presence import NO_CHAT
from tests.guests import FixedClock
from tests.people import ada, ben, cleo, cookie_of
from tests.tabs import Ear, Tab, listen, settled


async def a_talk(doors: Doors) -> tuple[Person, Person, ChatId]:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    await doors.perform(a, send_message, chat, ClientId("one"), "one")
    return a, b, chat


def tab_of(hub: Hub, name: str, path: str = "/") -> Tab:
    return Tab(hub.push._server, cookie_of(name), path)


def rows(tab: Tab) -> list[dict[str, object]]:
    return [value for name, value in tab.ear.fields() if name == "chats"][-1]


async def test_ada_mutes_for_as_long_as_she_says(doors: Doors, hub: Hub, clock: FixedClock) -> None:
    _, _, chat = await a_talk(doors)
    async with tab_of(hub, "ada") as tab:
        await tab.open()
        hour, workday = clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=8)
        for how_long, until in (("hour", hour), ("workday", workday), ("forever", FOREVER), ("no", None)):
            await tab.fire(ListingState.mute(chat, how_long))
            await settled(hub)
            assert [name for name, _ in tab.ear.fields("relist")] != []
            await tab.fire(MainState.refresh)
            assert rows(tab)[0]["muted_until"] == (milliseconds(until) if until else 0)
        await tab.fire(ListingState.mute(chat, "a while"))
        await tab.fire(MainState.refresh)
        assert rows(tab)[0]["muted_until"] == 0


async def test_ada_pins_archives_and_chooses_a_level(doors: Doors, hub: Hub, clock: FixedClock) -> None:
    _, _, chat = await a_talk(doors)
    now = milliseconds(clock.now())
    async with tab_of(hub, "ada", f"/chat/{chat}") as tab:
        await tab.open()
        for handler, changed in (
            (ListingState.pin(chat, True), {"pinned_at": now}),
            (ListingState.pin(chat, False), {"pinned_at": 0}),
            (ListingState.archive(chat, True), {"archived_at": now}),
            (ListingState.archive(chat, False), {"archived_at": 0}),
            (ListingState.tell_of(chat, "none"), {"level": "none"}),
            (ListingState.tell_of(chat, ""), {"level": ""}),
        ):
            await tab.fire(handler)
            await tab.fire(MainState.refresh)
            assert rows(tab)[0] | changed == rows(tab)[0]
            state = await tab.state(MainState)
            assert {name: getattr(state.chat, name) for name in changed} == changed
        assert (await tab.state(NoticeState)).count == 0


async def test_cleo_outside_is_told_there_is_no_such_chat(doors: Doors, hub: Hub) -> None:
    _, _, chat = await a_talk(doors)
    await cleo(doors)
    async with tab_of(hub, "cleo") as tab:
        await tab.open()
        for number, handler in enumerate(
            (
                ListingState.mute(chat, "hour"),
                ListingState.pin(chat, True),
                ListingState.archive(chat, True),
                ListingState.tell_of(chat, "all"),
                ReadersState.show(chat, 1),
            ),
            1,
        ):
            await tab.fire(handler)
            assert (await tab.state(NoticeState)).fault["code"] == "chat_not_found"
            assert (await tab.state(NoticeState)).count == number
        assert tab.ear.fields("relist") == []
        # no refusal, and nothing heard: typing is not worth words
        await tab.fire(MainState.typing(chat))
        assert (await tab.state(NoticeState)).count == 5


@pytest.mark.parametrize("where", ["menu", "card", "settings"])
async def test_ada_blocks_ben_and_lifts_it(doors: Doors, hub: Hub, where: str) -> None:
    _, b, chat = await a_talk(doors)
    async with tab_of(hub, "ada", f"/chat/{chat}") as tab:
        await tab.open()
        await tab.fire(CardState.show(b.user_id))
        await tab.fire((CardState if where == "card" else ListingState).block(b.user_id))
        await tab.fire(MainState.refresh)
        assert (await tab.state(MainState)).chat.blocked
        assert rows(tab)[0]["blocked"] is True
        assert (await tab.state(CardState)).card.blocked == (where == "card")
        await tab.fire(SettingsState.on_load)
        assert [person.user_id for person in (await tab.state(SettingsState)).blocked] == [b.user_id]
        lift = {"menu": ListingState, "card": CardState, "settings": SettingsState}[where]
        await tab.fire(lift.unblock(b.user_id))
        await tab.fire(MainState.refresh)
        assert not (await tab.state(MainState)).chat.blocked
        assert not (await tab.state(CardState)).card.blocked
        if where == "settings":
            assert (await tab.state(SettingsState)).blocked == []


async def ear_of(hub: Hub, who: Person, chat: ChatId) -> Ear:
    """Another tab, of which only the socket matters."""
    sid, ear = await listen(hub._server)
    await hub.watch(sid, who)
    hub.show(sid, chat)
    return ear


async def test_typing_goes_to_whoever_has_the_chat_open(doors: Doors, hub: Hub) -> None:
    a, _, chat = await a_talk(doors)
    mine, elsewhere = await ear_of(hub, a, chat), await ear_of(hub, a, NO_CHAT)
    async with tab_of(hub, "ben", f"/chat/{chat}") as his:
        await his.open()
        await his.fire(MainState.typing(chat))
        ((_, said),) = mine.fields("typing_")
        assert (said["chat"], said["name"]) == (chat, "ben")
        assert his.ear.fields("typing_") == elsewhere.fields("typing_") == []


async def test_opening_says_who_is_here(doors: Doors, hub: Hub) -> None:
    _, b, chat = await a_talk(doors)
    await ear_of(hub, b, NO_CHAT)
    async with tab_of(hub, "ada", f"/chat/{chat}") as mine:
        await mine.open()
        ((_, present),) = mine.ear.fields("present")
        assert (present["chat"], present["here"], present["around"]) == (chat, [b.user_id], [b.user_id])
    async with tab_of(hub, "ada") as mine:
        await mine.open()
        # of the list, the people of its direct chats
        ((_, present),) = mine.ear.fields("present")
        assert (present["chat"], present["here"], present["around"]) == ("", [b.user_id], [])


async def test_ada_sees_who_read_what_she_said(doors: Doors, hub: Hub) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, GroupTitle("Walks"), [b.user_id, c.user_id])
    sent = await doors.perform(a, send_message, chat, ClientId("one"), "one")
    await doors.perform(b, read_up_to, chat, sent.seq)
    async with tab_of(hub, "ada", f"/chat/{chat}") as tab:
        await tab.open()
        await tab.fire(ReadersState.show(chat, sent.seq))
        state = await tab.state(ReadersState)
        assert (state.seq, [person.username for person in state.people]) == (sent.seq, ["ben"])
        await tab.fire(ReadersState.close())
        state = await tab.state(ReadersState)
        assert (state.seq, state.people) == (0, [])


async def test_a_choice_reaches_the_open_tabs(doors: Doors, hub: Hub) -> None:
    a, b, _ = await a_talk(doors)
    mine, his = await ear_of(hub, a, NO_CHAT), await ear_of(hub, b, NO_CHAT)
    async with tab_of(hub, "ada") as tab:
        await tab.open()
        await tab.fire(SettingsState.toggle("sound", True))
        assert mine.fields("notices")[-1][1] == {"direct": True, "groups": True, "sound": True}
        await tab.fire(SettingsState.toggle("receipts", False))
        assert mine.fields("receipts")[-1][1] is False
        assert his.fields("receipts") == his.fields("notices") == []
