"""Who hears what of a group: from which step on, until which, and what changes on everybody's screen."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import chat_app.realtime.hub as hub_module
from chat_app.domain.chats.actions import (
    add_members,
    appoint_admin,
    ban,
    change_group,
    close_account,
    create_group,
    delete_group,
    exclude,
    join_group,
    leave_group,
    make_invitation,
    open_history,
)
from chat_app.domain.common.ids import ChatId, ClientId
from chat_app.domain.common.values import About, GroupDescription, GroupTitle, PersonName, Username
from chat_app.domain.common.work import Person
from chat_app.domain.messages.actions import send_message
from chat_app.domain.messages.queries import Changes, page_of
from chat_app.domain.users.actions import NewProfile, save_preferences, save_profile
from chat_app.domain.users.rules import Audience, Choices
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.realtime.hub import Hub, chat_room
from tests.people import ada, ben, cleo, confirmed
from tests.realtime.test_hub import at_screen, merged, say
from tests.tabs import Ear, settled

TITLE = GroupTitle("Altai")


def events(ear: Ear, chat: ChatId) -> list[str]:
    """Words, and in brackets what was done, as the tails of a chat brought them."""
    tails = [value for _, value in ear.fields(f"tail_{chat}")]
    # what changes while it is read may be told twice: a tab knows it by its seq
    told = {m["seq"]: m for tail in tails for m in tail["messages"]}
    return [f"[{m['event']}]" if "event" in m else m["text"] for m in told.values()]


def looks(ear: Ear, chat: ChatId) -> list[tuple[str, int]]:
    return [(value["title"], value["members"]) for _, value in ear.fields(f"group_{chat}")]


async def test_a_new_group_is_heard_of_by_all_who_are_in_it(doors: Doors, hub: Hub) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    ears = [await at_screen(hub, who) for who in (a, b, c)]
    chat = await doors.perform(a, create_group, TITLE, [b.user_id])
    await settled(hub)
    # ada's own other tabs too, though she was the first in it
    assert [events(ear, chat) for ear in ears] == [["[created]"], ["[created]"], []]
    assert looks(ears[1], chat)[-1] == ("Altai", 2)
    assert ears[2].heard == []


@pytest.mark.parametrize("how", ["added", "joined"])
async def test_who_comes_hears_the_very_next_message(doors: Doors, hub: Hub, how: str) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, create_group, TITLE)
    link = await doors.perform(a, make_invitation, chat)
    ears = [await at_screen(hub, who) for who in (a, b, b)]
    if how == "added":
        await doors.perform(a, add_members, chat, [b.user_id])
    else:
        await doors.perform(b, join_group, link)
    await say(doors, a, chat, "one")
    await settled(hub)
    for ear in ears:
        assert events(ear, chat) == [f"[{how}]", "says one"]
        assert looks(ear, chat)[-1] == ("Altai", 2)


@pytest.mark.parametrize("why", ["excluded", "banned", "left", "closed"])
async def test_who_goes_hears_nothing_more_from_that_step_on(doors: Doors, hub: Hub, why: str) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, TITLE, [b.user_id, c.user_id])
    stays, goes, other = await at_screen(hub, c), await at_screen(hub, b), await at_screen(hub, b)
    match why:
        case "excluded":
            await doors.perform(a, exclude, chat, b.user_id)
        case "banned":
            await doors.perform(a, ban, chat, b.user_id)
        case "left":
            await doors.perform(b, leave_group, chat)
        case _:
            await doors.perform(b, close_account, erase_messages=False)
    await say(doors, a, chat, "one")
    await settled(hub)
    assert events(stays, chat) == [f"[{why}]", "says one"]
    assert stays.fields("gone_") == []
    assert looks(stays, chat)[-1] == ("Altai", 2)
    for ear in (goes, other):
        (gone,) = [value for _, value in ear.fields("gone_")]
        assert (gone["chat"], gone["why"]) == (chat, why)
        # not even the line that says so
        assert [name for name, _ in ear.fields() if chat in name] == [f"gone_{chat}"]


async def test_what_was_said_just_before_does_not_reach_whom_it_excluded(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, create_group, TITLE, [b.user_id])
    ear = await at_screen(hub, b)
    await say(doors, a, chat, "one")
    # one is sent at once, those that follow within the next moments wait for each other
    await asyncio.gather(
        say(doors, a, chat, "two"), say(doors, a, chat, "three"), doors.perform(a, exclude, chat, b.user_id)
    )
    await say(doors, a, chat, "four")
    await settled(hub)
    assert "[excluded]" not in events(ear, chat)
    assert "says four" not in events(ear, chat)
    assert len(ear.fields("gone_")) == 1


async def test_the_end_of_a_group_is_told_to_all(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, create_group, TITLE, [b.user_id])
    ears = [await at_screen(hub, who) for who in (a, b)]
    await doors.perform(a, delete_group, chat)
    await settled(hub)
    assert [[value["why"] for _, value in ear.fields("gone_")] for ear in ears] == [["deleted"], ["deleted"]]
    assert not hub.push._server.manager.has(chat_room(chat))


async def test_the_last_one_out_left_and_saw_nothing_deleted(doors: Doors, hub: Hub) -> None:
    a = await ada(doors)
    chat = await doors.perform(a, create_group, TITLE)
    ear = await at_screen(hub, a)
    await doors.perform(a, leave_group, chat)
    await settled(hub)
    assert [value["why"] for _, value in ear.fields("gone_")] == ["left"]


async def test_a_group_that_is_renamed_is_so_in_every_tab(doors: Doors, hub: Hub) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, TITLE, [b.user_id])
    ears = [await at_screen(hub, who) for who in (a, b, b, c)]
    await doors.perform(a, change_group, chat, GroupTitle("Altai 2026"), GroupDescription(""))
    await settled(hub)
    for ear in ears[:3]:
        ((_, look),) = ear.fields("group_")
        assert (look["chat"], look["title"], look["initials"]) == (chat, "Altai 2026", "A2")
    assert ears[3].heard == []


async def test_another_role_is_news_though_the_group_looks_the_same(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, create_group, TITLE, [b.user_id])
    ear = await at_screen(hub, b)
    await doors.perform(a, appoint_admin, chat, b.user_id)
    await settled(hub)
    first = ear.fields("group_")[-1][1]
    await doors.perform(a, open_history, chat, to_newcomers=False)
    await settled(hub)
    second = ear.fields("group_")[-1][1]
    # a browser that keeps what is equal would otherwise not notice
    assert first != second
    assert first | {"rev": 0} == second | {"rev": 0}


async def test_a_person_who_is_renamed_is_so_for_all_who_see_them(doors: Doors, hub: Hub) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    await doors.perform(a, create_group, TITLE, [b.user_id])
    ears = [await at_screen(hub, who) for who in (a, b, c)]
    await doors.perform(a, save_profile, NewProfile(PersonName("Ada Lovelace"), Username("ada"), About(""), None))
    async with asyncio.timeout(10):
        while not ears[1].fields("person_"):  # noqa: ASYNC110  # it is told by the way
            await asyncio.sleep(0.01)
    for ear in ears[:2]:
        assert {name for name, _ in ear.fields("person_")} == {f"person_{a.user_id}"}
        assert ear.fields("person_")[-1][1]["title"] == "Ada Lovelace"
    assert ears[2].heard == []


async def test_a_picture_for_acquaintances_is_not_told_to_whoever_added_her(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors, avatar="the-picture")
    chat = await doors.perform(a, create_group, TITLE, [b.user_id])
    await doors.perform(b, save_preferences, Choices(sees_avatar=Audience.SHARED))
    ear = await at_screen(hub, a)

    async def told_of_a_change() -> str:
        before = len(ear.fields("person_"))
        await doors.perform(b, save_profile, NewProfile(PersonName("Ben"), Username("ben"), About(""), None))
        async with asyncio.timeout(10):
            while len(ear.fields("person_")) == before:  # noqa: ASYNC110  # it is told by the way
                await asyncio.sleep(0.01)
        return ear.fields("person_")[-1][1]["picture"]

    assert await told_of_a_change() == ""
    await say(doors, b, chat, "one")
    assert await told_of_a_change() == "the-picture"


async def test_a_rush_of_newcomers_is_told_together(doors: Doors, hub: Hub) -> None:
    a = await ada(doors)
    crowd = [await confirmed(doors, f"guest{number}", f"+7916222{number:04d}") for number in range(40)]
    chat = await doors.perform(a, create_group, TITLE)
    link = await doors.perform(a, make_invitation, chat)
    ear = await at_screen(hub, a)
    await asyncio.gather(*(doors.perform(who, join_group, link) for who in crowd))
    await settled(hub)
    assert looks(ear, chat)[-1] == ("Altai", 41)
    assert len(ear.fields("group_")) <= len(ear.fields("tail_")) + 1
    if not doors.database.embedded:
        # committed side by side, and told in any order: who misses one of the first asks for it
        return
    # no hole: nobody has to ask for what was missed, though something may be heard twice
    messages, holes = merged(ear, chat)
    assert sorted(messages) == list(range(3, 43))
    assert holes == [(0, 2)]  # what was before the tab came: the group, and the link


async def closed_group(doors: Doors) -> tuple[Person, Person, ChatId, str]:
    """Ada's group, whose newcomers see nothing of before; ben has a link to it."""
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, create_group, TITLE)
    await doors.perform(a, open_history, chat, to_newcomers=False)
    return a, b, chat, await doors.perform(a, make_invitation, chat)


def after_reading(monkeypatch: pytest.MonkeyPatch, hub: Hub, happen: Callable[[], Awaitable[object]]) -> None:
    """Have something happen once between the hub's reading of what was said and its sending."""
    read_tails, waits = hub._read_tails, [happen]

    async def slow_read(wanted: list[tuple[ChatId, int]]) -> dict[ChatId, Changes]:
        tails = await read_tails(wanted)
        if waits:
            await waits.pop()()
        return tails

    monkeypatch.setattr(hub, "_read_tails", slow_read)


async def test_who_joins_while_it_is_sent_does_not_hear_what_was_said_before(
    doors: Doors, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, chat, link = await closed_group(doors)
    hers, his = await at_screen(hub, a), await at_screen(hub, b)
    after_reading(monkeypatch, hub, lambda: doors.perform(b, join_group, link))
    await say(doors, a, chat, "secret")
    await settled(hub)
    await say(doors, a, chat, "next")
    await settled(hub)
    assert events(hers, chat)[-3:] == ["says secret", "[joined]", "says next"]
    assert events(his, chat) == ["[joined]", "says next"]
    # what may have been read together with it is in the list
    assert len(his.fields("relist")) == 1


async def test_who_joins_and_is_excluded_while_it_is_sent_hears_nothing(
    doors: Doors, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, chat, link = await closed_group(doors)
    _, his = await at_screen(hub, a), await at_screen(hub, b)

    async def come_and_go() -> None:
        await doors.perform(b, join_group, link)
        await doors.perform(a, exclude, chat, b.user_id)

    after_reading(monkeypatch, hub, come_and_go)
    await say(doors, a, chat, "secret")
    await settled(hub)
    await say(doors, a, chat, "next")
    await settled(hub)
    assert [name for name, _ in his.fields()] == [f"gone_{chat}"]


async def test_a_tab_that_is_opened_while_it_is_sent_misses_nothing_and_hears_nothing_of_before(
    doors: Doors, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, chat, link = await closed_group(doors)
    await at_screen(hub, a)
    opening: list[asyncio.Task[Ear]] = []

    async def open_tabs() -> None:
        await doors.perform(b, join_group, link)
        opening.extend(asyncio.create_task(at_screen(hub, who)) for who in (a, b))
        await asyncio.sleep(0.1)
        # what is read from now on has what is being sent, and all of it
        assert not any(tab.done() for tab in opening)

    after_reading(monkeypatch, hub, open_tabs)
    await say(doors, a, chat, "secret")
    await settled(hub)
    hers, his = await asyncio.gather(*opening)
    assert "says secret" in [each.text for each in (await doors.ask(a, page_of, chat)).messages]
    await say(doors, a, chat, "next")
    await settled(hub)
    assert events(his, chat)[-1] == events(hers, chat)[-1] == "says next"
    assert "says secret" not in events(his, chat)


@pytest.mark.parametrize("returns", [False, True])
async def test_who_is_excluded_on_the_way_in_does_not_come_in(
    doors: Doors, hub: Hub, monkeypatch: pytest.MonkeyPatch, returns: bool
) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, create_group, TITLE, [b.user_id])
    ask = hub_module.ask

    async def slow_ask(*arguments: Any) -> Any:
        answer = await ask(*arguments)
        if arguments[1] is hub_module.my_chat_ids:
            # between the reading of the list and the entering of rooms
            await doors.perform(a, exclude, chat, b.user_id)
            if returns:
                await doors.perform(a, add_members, chat, [b.user_id])
        return answer

    monkeypatch.setattr(hub_module, "ask", slow_ask)
    ear = await at_screen(hub, b)
    monkeypatch.undo()
    await doors.perform(a, send_message, chat, ClientId("one"), "says one")
    await settled(hub)
    assert ("says one" in events(ear, chat)) == returns
    assert hub._arriving == {}
