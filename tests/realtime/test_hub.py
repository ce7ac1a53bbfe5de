"""Who hears what: real doors, a real hub and a real room index, with ears in the place of sockets."""

import asyncio

from chat_app.domain.chats.actions import open_direct_chat, read_up_to
from chat_app.domain.common.ids import ChatId, ClientId
from chat_app.domain.common.work import Person
from chat_app.domain.messages.actions import send_message
from chat_app.domain.messages.queries import Changes, changes_after
from chat_app.domain.users.actions import sign_out
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.realtime.hub import Hub
from tests.people import ada, ben, cleo, pending
from tests.tabs import Ear, listen, settled


async def at_screen(hub: Hub, person: Person) -> Ear:
    sid, ear = await listen(hub.push._server)
    await hub.watch(sid, person)
    return ear


async def say(doors: Doors, who: Person, chat: ChatId, name: str) -> None:
    await doors.perform(who, send_message, chat, ClientId(name), f"says {name}")


def merged(ear: Ear, chat: ChatId) -> tuple[dict[int, str], list[tuple[int, int]]]:
    """What a tab knows after all tails of a chat: messages by seq, and the holes between revisions."""
    known, messages, holes = 0, {}, []
    for _, tail in ear.fields(f"tail_{chat}"):
        if tail["after"] > known:
            holes.append((known, tail["after"]))
        messages |= {message["seq"]: message["client_id"] for message in tail["messages"]}
        known = max(known, tail["rev"])
    return messages, holes


async def test_ada_says_it_and_ben_hears_it_but_not_cleo(doors: Doors, hub: Hub) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    ears = [await at_screen(hub, who) for who in (a, b, b, c)]
    await say(doors, a, chat, "one")
    await settled(hub)
    for ear in ears[:3]:
        ((name, tail),) = ear.fields()
        assert name == f"tail_{chat}"
        assert (tail["chat"], tail["after"], tail["rev"]) == (chat, 0, 1)
        assert [(message["client_id"], message["name"]) for message in tail["messages"]] == [("one", "ada")]
    assert ears[3].heard == []


async def test_the_same_bytes_go_to_everybody(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    mine, other = await at_screen(hub, a), await at_screen(hub, b)
    await say(doors, a, chat, "one")
    await settled(hub)
    assert mine.heard == other.heard != []


async def test_a_burst_in_two_chats_arrives_whole_or_shows_its_holes(doors: Doors, hub: Hub) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chats = [await doors.perform(a, open_direct_chat, other.user_id) for other in (b, c)]
    ear = await at_screen(hub, a)
    await asyncio.gather(*(say(doors, a, chat, f"{chat[:6]}-{number}") for number in range(150) for chat in chats))
    await settled(hub)
    for chat in chats:
        messages, holes = merged(ear, chat)
        for known, after in holes:
            missed = await doors.ask(a, changes_after, chat, known)
            assert isinstance(missed, Changes)
            messages |= {message.seq: message.client_id for message in missed.messages if message.rev <= after}
        assert sorted(messages) == list(range(1, 151))
        assert len(set(messages.values())) == 150
        assert ear.fields(f"tail_{chat}")[-1][1]["rev"] == 150
    # together, not one by one
    assert len(ear.heard) < 200


async def test_a_hole_of_more_than_a_tail_can_be_seen_and_healed(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    ear = await at_screen(hub, b)
    await asyncio.gather(*(say(doors, a, chat, f"m{number}") for number in range(100)))
    # as if the bus had lost all but the last
    ear.heard.clear()
    await settled(hub)
    ear.heard.clear()
    await say(doors, a, chat, "last")
    await settled(hub)
    _, holes = merged(ear, chat)
    assert holes
    missed = await doors.ask(b, changes_after, chat, 0)
    assert isinstance(missed, Changes)
    assert [message.seq for message in missed.messages] == list(range(1, 102))


async def test_ada_sees_how_far_ben_has_read(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    for name in ("one", "two", "three"):
        await say(doors, a, chat, name)
    ear = await at_screen(hub, a)
    await asyncio.gather(*(doors.perform(b, read_up_to, chat, seq) for seq in (1, 2, 3)))
    await settled(hub)
    # two that were committed at once may be told in any order: the furthest counts
    told = ear.fields(f"read_{chat}")
    assert max(value["read"][b.user_id] for _, value in told) == 3
    assert all(value["chat"] == chat and set(value["read"]) == {b.user_id} for _, value in told)


async def test_a_new_chat_is_heard_at_once(doors: Doors, hub: Hub) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    ears = [await at_screen(hub, who) for who in (a, b, c)]
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    await say(doors, a, chat, "one")
    await settled(hub)
    assert [[name for name, _ in ear.fields()] for ear in ears] == [[f"tail_{chat}"], [f"tail_{chat}"], []]


async def test_the_tab_of_somebody_unconfirmed_ends_with_their_session(doors: Doors, hub: Hub) -> None:
    eve = await pending(doors, "eve")
    sid, ear = await listen(hub._server)
    await hub.belong(sid, eve)
    await doors.perform(eve, sign_out)
    await settled(hub)
    assert ear.closed


async def test_signing_out_ends_the_tabs_of_that_session_only(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    first, second, other = [await at_screen(hub, who) for who in (a, a, b)]
    await doors.perform(a, sign_out)
    await settled(hub)
    for ear in (first, second):
        assert [(event["name"], event["payload"]["path"]) for event in ear.events()] == [("_redirect", "/signin")]
        assert ear.closed
    assert not other.closed
    assert other.heard == []
    await say(doors, b, chat, "one")
    await settled(hub)
    assert first.fields() == []
    assert len(other.fields("tail_")) == 1


async def test_a_tab_on_its_way_in_while_its_session_ends_is_led_out(doors: Doors, hub: Hub) -> None:
    a = await ada(doors)
    await doors.perform(a, sign_out)
    await settled(hub)
    ear = await at_screen(hub, a)
    assert [event["name"] for event in ear.events()] == ["_redirect"]
    assert ear.closed


async def test_a_quiet_chat_is_forgotten(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    ear = await at_screen(hub, b)
    await say(doors, a, chat, "one")
    assert chat in hub._busy
    await settled(hub)
    assert hub._busy == {}
    # and it is heard again
    await say(doors, a, chat, "two")
    await settled(hub)
    assert [tail["after"] for _, tail in ear.fields("tail_")] == [0, 1]


async def test_nobody_listening_costs_nothing(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    await say(doors, a, chat, "one")
    assert hub._busy == {}
