"""The search's handlers, through Reflex's own processor and our policy."""

from collections.abc import AsyncIterator

import pytest

from chat_app.components.notices import NoticeState
from chat_app.domain.common.finding import Part
from chat_app.domain.common.ids import ChatId
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.pages.main.search_state import SHOWN, Counts, SearchState
from chat_app.realtime.hub import Hub
from tests.domain.talks import group, pair, say
from tests.people import ada, again, ben, cleo, confirmed, cookie_of
from tests.tabs import Tab


@pytest.fixture
async def chat(doors: Doors) -> ChatId:
    """Ada's and Ben's, and a hike."""
    a, b = await ada(doors), await ben(doors, name="Бен Походин")
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "купи суббота")
    hike = await group(doors, a, b)
    await say(doors, b, hike, "встреча в субботу")
    return chat


@pytest.fixture
async def tab(doors: Doors, chat: ChatId, hub: Hub) -> AsyncIterator[Tab]:
    """Ada's, on the list."""
    async with Tab(hub.push._server, cookie_of("ada")) as tab:
        await tab.open()
        yield tab


def texts(parts: list[Part]) -> list[tuple[str, bool]]:
    return [(part.text, part.hit) for part in parts]


async def test_ada_finds_chats_people_and_messages(tab: Tab, chat: ChatId) -> None:
    await tab.fire(SearchState.find(" поход "))
    state = await tab.state(SearchState)
    assert state.text == "поход"
    (found,) = state.chats
    assert (found.chat_id, found.direct, texts(found.parts)) == (
        chat,
        True,
        [("Бен ", False), ("Поход", True), ("ин", False)],
    )
    (person,) = state.people
    assert (texts(person.username), person.together) == ([("ben", False)], True)
    assert (state.messages, state.counts) == ([], Counts("1", "1", "", 2))

    await tab.fire(SearchState.find("субботу"))
    state = await tab.state(SearchState)
    assert [(hit.mine, hit.name, hit.direct, hit.title) for hit in state.messages] == [
        (False, "Бен Походин", False, "Hike"),
        (True, "ada", True, "Бен Походин"),
    ]
    assert state.messages[1].path == f"/chat/{chat}?m=1"
    assert state.counts == Counts("", "", "2", 2)


async def test_cleo_finds_nothing_of_it(doors: Doors, chat: ChatId, hub: Hub) -> None:
    await cleo(doors)
    async with Tab(hub.push._server, cookie_of("cleo"), f"/chat/{chat}") as tab:
        await tab.open()
        for typed in ("субботу", "hike", "в"):
            await tab.fire(SearchState.find(typed))
            state = await tab.state(SearchState)
            assert (state.text, state.chats, state.people, state.messages) == (typed, [], [], [])
        await tab.fire(SearchState.go_on())
        assert (await tab.state(SearchState)).messages == []


async def test_a_visitor_and_the_section_of_nothing_get_nowhere(hub: Hub, chat: ChatId) -> None:
    async with Tab(hub.push._server) as tab:
        await tab.fire(SearchState.find("субботу"))
        assert (await tab.state(SearchState)).text == ""
    async with Tab(hub.push._server, cookie_of("ada")) as tab:
        await tab.fire(SearchState.turn("everything"))
        assert (await tab.state(SearchState)).section == "all"


async def test_all_shows_some_of_each_and_a_section_the_rest(doors: Doors, tab: Tab, chat: ChatId) -> None:
    a = await again(doors, cookie_of("ada"))
    for number in range(SHOWN + 3):
        await say(doors, a, chat, f"яблоко {number}")
    await tab.fire(SearchState.find("яблоко"))
    state = await tab.state(SearchState)
    assert (len(state.messages), state.counts.messages, state.counts.more, state.more) == (5, "20+", True, False)
    await tab.fire(SearchState.turn("messages"))
    state = await tab.state(SearchState)
    assert (len(state.messages), state.more) == (SHOWN, True)
    before = state.answer
    await tab.fire(SearchState.go_on())
    state = await tab.state(SearchState)
    assert (len({hit.key for hit in state.messages}), state.more) == (SHOWN + 3, False)
    assert state.answer > before
    await tab.fire(SearchState.turn("chats"))
    assert (await tab.state(SearchState)).messages == []
    await tab.fire(SearchState.clear())
    state = await tab.state(SearchState)
    assert (state.text, state.counts, state._messages, state.section) == ("", Counts(), [], "all")


async def test_more_than_is_shown_is_said(doors: Doors, tab: Tab) -> None:
    for number in range(SHOWN + 1):
        await confirmed(doors, f"kate{number}", None)
    await tab.fire(SearchState.find("kate"))
    state = await tab.state(SearchState)
    assert (len(state.people), state.counts.people, state.counts.all) == (3, "20+", SHOWN)


@pytest.mark.parametrize("text", ["zz\0", "%", "_", "\\", "'", '"', "x" * 200, "* OR", "+7", "a@", "@", "@@b"])
async def test_odd_searches_find_nothing_and_break_nothing(tab: Tab, text: str) -> None:
    await tab.fire(SearchState.find(text))
    state = await tab.state(SearchState)
    assert (state.text, state.counts.all) == (text.strip(), 0)
    assert (await tab.state(NoticeState)).count == 0
