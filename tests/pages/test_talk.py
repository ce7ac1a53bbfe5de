"""What can be done with messages, through the page's handlers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from chat_app.components.notices import NoticeState
from chat_app.domain.chats.actions import appoint_admin, dismiss_admin
from chat_app.domain.common.ids import ChatId
from chat_app.domain.common.work import Person
from chat_app.domain.messages.queries import pinned_in
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.pages.main.state import MainState
from chat_app.pages.main.talk_state import TalkState
from chat_app.realtime.hub import Hub
from tests.domain.talks import bubble, group, pair, say, seen
from tests.people import ada, ben, cleo, cookie_of
from tests.tabs import Tab, settled


@pytest.fixture
async def people(doors: Doors) -> list[Person]:
    return [await ada(doors), await ben(doors), await cleo(doors)]


@pytest.fixture
async def tab(people: list[Person], hub: Hub) -> AsyncIterator[Tab]:
    """Ada's."""
    async with Tab(hub.push._server, cookie_of("ada")) as tab:
        await tab.open()
        yield tab


async def test_ada_does_all_that_can_be_done(doors: Doors, people: list[Person], tab: Tab) -> None:
    a, b, _ = people
    chat, there = await pair(doors, a, b), await group(doors, a, b)
    await say(doors, b, chat, "hello")
    await tab.fire(MainState.send(chat, "one", "hi", 1))
    assert (await bubble(doors, a, chat, 2)).reply is not None
    await tab.fire(TalkState.edit(chat, 2, "hi, ben", 0))
    await tab.fire(TalkState.react(chat, 2, "👍", True))
    await tab.fire(TalkState.pin(chat, 2, True))
    mine = await bubble(doors, a, chat, 2)
    assert (mine.text, mine.edited > 0, [each.emoji for each in mine.reactions], mine.pinned > 0) == (
        "hi, ben",
        True,
        ["👍"],
        True,
    )
    await tab.fire(TalkState.react(chat, 2, "👍", False))
    await tab.fire(TalkState.pin(chat, 2, False))
    assert await doors.ask(a, pinned_in, chat) == []
    await tab.fire(TalkState.forward(chat, [2], ["a-copy"], there))
    assert tab.redirects == [f"/chat/{there}"]
    assert (await seen(doors, b, there))[-1].about is not None
    await tab.fire(TalkState.erase(chat, 2))
    assert (await bubble(doors, a, chat, 2)).erased
    assert (await tab.state(NoticeState)).fault["code"] == ""


async def test_what_is_refused_is_said(doors: Doors, people: list[Person], tab: Tab) -> None:
    a, b, c = people
    chat, others = await pair(doors, a, b), await pair(doors, b, c)
    await say(doors, b, chat, "hello")
    await say(doors, b, others, "a secret")
    for event, code in (
        (TalkState.edit(chat, 1, "hijacked", 0), "not_allowed"),
        (TalkState.erase(chat, 1), "not_allowed"),
        (TalkState.react(chat, 1, "x", True), "not_an_emoji"),
        (TalkState.pin(chat, 7, True), "message_not_found"),
        (TalkState.forward(others, [1], ["stolen"], chat), "chat_not_found"),
        (TalkState.react(others, 1, "👍", True), "chat_not_found"),
    ):
        await tab.fire(event)
        assert (await tab.state(NoticeState)).fault["code"] == code
    assert [each.text for each in await seen(doors, a, chat)] == ["hello"]


@pytest.mark.parametrize(
    "event",
    [
        TalkState.edit("../etc", 1, "x", 0),
        TalkState.react("abc", -1, "👍", True),
        TalkState.react("abc", 1, "x" * 33, True),
        TalkState.pin("abc", 1, "yes"),
        TalkState.copied("password"),
    ],
)
async def test_arguments_that_do_not_fit_are_dropped(tab: Tab, event: Any) -> None:
    await tab.fire(event)
    assert (await tab.state(NoticeState)).fault["code"] == ""


async def test_a_refused_send_says_for_which_message(doors: Doors, people: list[Person], tab: Tab) -> None:
    chat = await pair(doors, people[0], people[1])
    await tab.fire(MainState.send(chat, "one", "hi", 5))
    assert tab.ear.fields("refused_one") == [("refused_one", {"client_id": "one", "code": "message_not_found"})]


@pytest.mark.parametrize(
    ("asked", "around", "first"),
    [("?m=3", 3, 1), ("?m=99", 0, 11), ("?m=x", 0, 11), ("?m=" + "9" * 40, 0, 11), ("", 0, 11)],
)
async def test_a_link_opens_its_message_and_a_wrong_one_the_chat(
    doors: Doors, people: list[Person], hub: Hub, asked: str, around: int, first: int
) -> None:
    a, b, _ = people
    chat = await pair(doors, a, b)
    for number in range(1, 61):
        await say(doors, a, chat, f"{number}")
    async with Tab(hub.push._server, cookie_of("ben"), f"/chat/{chat}") as tab:
        tab.path += asked
        await tab.open()
        ((_, page),) = tab.ear.fields("page_")
        assert (page["around"], page["messages"][0]["seq"]) == (around, first)
        assert [name for name, _ in tab.ear.fields("pinned_")] == [f"pinned_{chat}"]


async def test_who_runs_a_group_comes_with_it(doors: Doors, people: list[Person], hub: Hub) -> None:
    a, b, c = people
    chat = await group(doors, a, b, c)
    await doors.perform(a, appoint_admin, chat, b.user_id)
    async with Tab(hub.push._server, cookie_of("cleo"), f"/chat/{chat}") as tab:
        await tab.open()
        assert roles_in(tab, chat) == [{a.user_id: "owner", b.user_id: "admin"}]
        await doors.perform(a, dismiss_admin, chat, b.user_id)
        await settled(hub)
        assert roles_in(tab, chat)[-1] == {a.user_id: "owner"}


def roles_in(tab: Tab, chat: ChatId) -> list[dict[str, str]]:
    return [field["roles"] for _, field in tab.ear.fields(f"group_{chat}")]
