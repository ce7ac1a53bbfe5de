"""Who hears who is here and who types, and who does not: real doors, real hubs, ears in the place of sockets."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from chat_app.domain.chats.actions import add_members, create_group, exclude, open_direct_chat, read_up_to
from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ChatId, ClientId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import Person
from chat_app.domain.messages.actions import send_message
from chat_app.domain.users.actions import block, save_preferences, unblock
from chat_app.domain.users.events import ChoicesChanged
from chat_app.domain.users.rules import Audience, Choices
from chat_app.infrastructure.bus import LocalBus, RedisBus
from chat_app.infrastructure.clock import SystemDice
from chat_app.infrastructure.identity import Identities
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.realtime.events import PeopleAsked, PeopleCame, ProcessLives
from chat_app.realtime.hub import Hub
from chat_app.realtime.presence import NO_CHAT, SHARES, digest_of
from chat_app.realtime.socket_server import NAMESPACE, GuardedServer
from tests.guests import FixedClock
from tests.people import ada, ben, cleo, row_of
from tests.services import REDIS
from tests.tabs import Ear, listen, settled


@dataclass
class Tab:
    """A tab with a chat on screen, and what it hears."""

    hub: Hub
    who: Person
    sid: str
    ear: Ear

    def close(self) -> None:
        self.hub._server.manager.basic_disconnect(self.sid, NAMESPACE)

    async def types(self, chat: ChatId) -> None:
        await self.hub.typing(self.sid, self.who, chat)

    def heard_typing(self) -> list[str]:
        return [value["name"] for _, value in self.ear.fields("typing_")]

    def sees(self) -> dict[str, int]:
        """Of each person it was told of, the last it was told: 0 for here."""
        last: dict[str, int] = {}
        for name, value in self.ear.fields("pres"):
            if name == "present":
                last = dict.fromkeys(value["here"], 0)
            else:
                last[value["person"]] = value["since"]
        return last


@pytest.fixture
async def hubs(doors: Doors, bus: LocalBus) -> AsyncIterator[Callable[..., Hub]]:
    """Hubs of as many processes as a story needs; nobody counts as here after their last tab closed."""
    made: list[Hub] = []

    def make(process: str = "", grace: float = 0.0) -> Hub:
        server = GuardedServer(lambda _origin, _host: True)
        made.append(Hub(server, Identities("sid"), "/signin", process=process, tell=bus.publish, grace=grace))
        bus.subscribe(made[-1].hear)
        return made[-1]

    yield make
    for hub in made:
        await hub.close()


async def at(hub: Hub, who: Person, chat: ChatId = NO_CHAT, *, around: list[Person] | None = None) -> Tab:
    """A tab of somebody with this chat on screen and these people in it."""
    sid, ear = await listen(hub._server)
    await hub.watch(sid, who)
    hub.show(sid, chat)
    hub.push.fields(sid, hub.presence.look(sid, listed=(), around=[each.user_id for each in around or ()]))
    return Tab(hub, who, sid, ear)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  # what is waited for has no reason to say so
            await asyncio.sleep(0.01)


async def quiet() -> None:
    """Longer than changes wait for each other."""
    await asyncio.sleep(0.7)


# typing


async def test_ben_types_and_ada_sees_it_but_not_his_other_tab_nor_who_looks_elsewhere(
    doors: Doors, hubs: Callable[..., Hub]
) -> None:
    hub, a, b, c = hubs(), await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, GroupTitle("Walks"), [b.user_id, c.user_id])
    mine, his, other = await at(hub, a, chat), await at(hub, b, chat), await at(hub, b, chat)
    elsewhere = await at(hub, c)
    await his.types(chat)
    assert mine.heard_typing() == ["ben"]
    assert his.heard_typing() == other.heard_typing() == elsewhere.heard_typing() == []
    hub.show(elsewhere.sid, chat)
    await other.types(chat)
    assert elsewhere.heard_typing() == ["ben"]
    hub.show(elsewhere.sid, NO_CHAT)
    await his.types(chat)
    assert (len(mine.heard_typing()), len(elsewhere.heard_typing())) == (3, 1)


async def test_cleo_outside_neither_types_nor_sees_typing(doors: Doors, hubs: Callable[..., Hub]) -> None:
    hub, a, b, c = hubs(), await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    mine, his, hers = await at(hub, a, chat), await at(hub, b, chat), await at(hub, c, chat)
    await hers.types(chat)
    # not with another's tab either
    await hub.typing(his.sid, c, chat)
    await his.types(chat)
    assert mine.heard_typing() == ["ben"]
    assert hers.heard_typing() == []


async def test_the_excluded_hear_nothing_more(doors: Doors, hubs: Callable[..., Hub]) -> None:
    hub, a, b = hubs(), await ada(doors), await ben(doors)
    chat = await doors.perform(a, create_group, GroupTitle("Walks"), [b.user_id])
    mine, his = await at(hub, a, chat), await at(hub, b, chat)
    await doors.perform(a, exclude, chat, b.user_id)
    await mine.types(chat)
    await his.types(chat)
    assert mine.heard_typing() == his.heard_typing() == []


async def test_who_blocked_each_other_do_not_see_each_other_type(doors: Doors, hubs: Callable[..., Hub]) -> None:
    hub, a, b, c = hubs(), await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, GroupTitle("Walks"), [b.user_id, c.user_id])
    await doors.perform(c, block, a.user_id)
    mine, his, hers = await at(hub, a, chat), await at(hub, b, chat), await at(hub, c, chat)
    await mine.types(chat)
    await hers.types(chat)
    assert (mine.heard_typing(), his.heard_typing(), hers.heard_typing()) == ([], ["ada", "cleo"], [])
    # it is heard of at once when the block is lifted, and set up again
    await doors.perform(c, unblock, a.user_id)
    await until(lambda: not hub.presence._shunned)
    await mine.types(chat)
    assert hers.heard_typing() == ["ada"]


async def test_a_tab_that_says_it_without_end_is_not_passed_on(doors: Doors, hubs: Callable[..., Hub]) -> None:
    hub, a, b = hubs(), await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    mine, his = await at(hub, a, chat), await at(hub, b, chat)
    for _ in range(100):
        await his.types(chat)
    assert 1 <= len(mine.heard_typing()) < 50


async def test_typing_is_heard_in_other_processes(doors: Doors, hubs: Callable[..., Hub]) -> None:
    one, two, a, b = hubs("one"), hubs("two"), await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    mine, his = await at(one, a, chat), await at(two, b, chat)
    await his.types(chat)
    assert (mine.heard_typing(), his.heard_typing()) == (["ben"], [])


# who is here


async def test_ada_sees_ben_come_and_go_and_cleo_whom_he_is_not_shown_to_does_not(
    doors: Doors, hubs: Callable[..., Hub], clock: FixedClock
) -> None:
    hub, a, b, c = hubs(), await ada(doors), await ben(doors), await cleo(doors)
    mine, hers = await at(hub, a, around=[b]), await at(hub, c)
    assert mine.sees() == {}
    his = await at(hub, b)
    await until(lambda: mine.sees() == {b.user_id: 0})
    # a second tab is no news, and one that closes no farewell
    another = await at(hub, b)
    his.close()
    await quiet()
    assert len(mine.ear.fields("presence_")) == 1
    clock.tick(minutes=3)
    left = milliseconds(clock.now())
    another.close()
    await until(lambda: mine.sees() == {b.user_id: left})
    assert hers.ear.fields("presence_") == []
    # who looks later is told at once
    assert (await at(hub, c, around=[a, b])).sees() == {a.user_id: 0}


async def test_who_left_just_before_a_tab_shows_others_is_still_told_of(
    doors: Doors, hubs: Callable[..., Hub], clock: FixedClock
) -> None:
    hub, a, b = hubs(), await ada(doors), await ben(doors)
    mine, his = await at(hub, a, around=[b]), await at(hub, b)
    await until(lambda: mine.sees() == {b.user_id: 0})
    his.close()
    await until(lambda: not hub.presence.online(b.user_id))
    hub.push.fields(mine.sid, hub.presence.look(mine.sid, listed=()))
    assert mine.sees() == {}
    await until(lambda: mine.sees() == {b.user_id: milliseconds(clock.now())})


async def test_a_reload_is_no_farewell(doors: Doors, hubs: Callable[..., Hub]) -> None:
    hub, a, b = hubs(grace=60), await ada(doors), await ben(doors)
    his = await at(hub, b)
    mine = await at(hub, a, around=[b])
    his.close()
    his = await at(hub, b)
    await quiet()
    assert mine.sees() == {b.user_id: 0}
    assert mine.ear.fields("presence_") == []


async def test_when_ben_left_is_stored(doors: Doors, hubs: Callable[..., Hub], clock: FixedClock) -> None:
    hub, b = hubs(), await ben(doors)
    his = await at(hub, b)
    left = clock.now()
    his.close()
    clock.tick(minutes=1)
    await until(lambda: not hub.presence._guests)
    await hub.close()
    assert (await row_of(doors, b)).last_seen_at == left


async def test_a_server_that_stops_notes_who_was_here(
    doors: Doors, hubs: Callable[..., Hub], clock: FixedClock
) -> None:
    hub, b = hubs(), await ben(doors)
    await at(hub, b)
    clock.tick(minutes=1)
    await hub.close()
    assert (await row_of(doors, b)).last_seen_at == clock.now()


async def test_a_server_that_is_killed_has_noted_who_was_here(
    doors: Doors, hubs: Callable[..., Hub], clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_app.realtime.presence.NOTE_SECONDS", 0)
    hub, a, b = hubs(), await ada(doors), await ben(doors)
    await at(hub, a)
    his = await at(hub, b)
    for minute in range(3):
        clock.tick(minutes=1)
        if minute == 1:
            his.close()
        for turn in range(SHARES):
            hub.presence.note_here(turn)
        await until(lambda: hub.presence._noting is None or hub.presence._noting.done())
    # nothing of the hub is asked any more
    assert (await row_of(doors, a)).last_seen_at == clock.now()
    assert (await row_of(doors, b)).last_seen_at == clock.now() - timedelta(minutes=1)


async def test_who_hides_is_not_seen_and_sees_nobody(doors: Doors, hubs: Callable[..., Hub]) -> None:
    hub, a, b = hubs(), await ada(doors), await ben(doors)
    await doors.perform(b, save_preferences, Choices(sees_last_seen=Audience.NOBODY))
    mine = await at(hub, a, around=[b])
    his = await at(hub, b, around=[a])
    await quiet()
    assert mine.sees() == his.sees() == {}
    # both ways at once when that changes
    await doors.perform(b, save_preferences, Choices())
    await until(lambda: (mine.sees(), his.sees()) == ({b.user_id: 0}, {a.user_id: 0}))
    await doors.perform(b, save_preferences, Choices(sees_last_seen=Audience.NOBODY))
    await until(lambda: (mine.sees(), his.sees()) == ({b.user_id: -1}, {}))


async def test_who_has_a_group_on_screen_sees_newcomers_come_and_go(doors: Doors, hubs: Callable[..., Hub]) -> None:
    hub, a, b, c = hubs(), await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, GroupTitle("Walks"))
    mine, his, hers = await at(hub, a, chat), await at(hub, b), await at(hub, c)
    assert mine.sees() == {}
    await doors.perform(a, add_members, chat, [b.user_id, c.user_id])
    await until(lambda: hub.idle)
    assert mine.sees() == {b.user_id: 0, c.user_id: 0}
    # who looks elsewhere is told nothing of it
    assert his.sees() == hers.sees() == {}
    await doors.perform(a, exclude, chat, c.user_id)
    assert mine.sees() == {b.user_id: 0}
    hers.close()
    await quiet()
    assert mine.sees() == {b.user_id: 0}


async def test_in_a_group_that_grows_too_large_nobody_is_shown_any_more(
    doors: Doors, hubs: Callable[..., Hub], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_app.realtime.hub.SHOWN_PRESENT", 2)
    hub, a, b, c = hubs(), await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, GroupTitle("Walks"), [b.user_id])
    mine, _ = await at(hub, a, chat, around=[b]), await at(hub, b)
    await at(hub, c)
    await doors.perform(a, add_members, chat, [c.user_id])
    await until(lambda: hub.idle)
    assert mine.sees() == {}
    await doors.perform(a, exclude, chat, c.user_id)
    # until the chat is opened again
    assert mine.sees() == {}


@pytest.mark.parametrize("by_ada", [True, False])
async def test_a_block_hides_them_from_each_other(doors: Doors, hubs: Callable[..., Hub], by_ada: bool) -> None:
    hub, a, b = hubs(), await ada(doors), await ben(doors)
    mine, his = await at(hub, a, around=[b]), await at(hub, b, around=[a])
    await until(lambda: (mine.sees(), his.sees()) == ({b.user_id: 0}, {a.user_id: 0}))
    who, whom = (a, b) if by_ada else (b, a)
    await doors.perform(who, block, whom.user_id)
    # to whoever is blocked the other one looks like somebody who hides
    apart = ({}, {a.user_id: -1}) if by_ada else ({b.user_id: -1}, {})
    await until(lambda: (mine.sees(), his.sees()) == apart)
    his.close()
    await quiet()
    assert mine.sees() == apart[0]
    assert (await at(hub, b, around=[a])).sees() == {}
    await doors.perform(who, unblock, whom.user_id)
    await until(lambda: mine.sees() == {b.user_id: 0})


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize("in_group", [True, False])
async def test_ben_cannot_tell_a_block_from_somebody_who_hides(
    doors: Doors, hubs: Callable[..., Hub], in_group: bool, here: bool
) -> None:
    hub, a, b, c = hubs(), await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    if in_group:
        chat = await doors.perform(a, create_group, GroupTitle("Walks"), [b.user_id])
    sent = await doors.perform(b, send_message, chat, ClientId("one"), "one")
    await doors.perform(a, read_up_to, chat, sent.seq)
    his, elsewhere = await at(hub, b, chat, around=[a]), await at(hub, b, around=[c])
    mine = await at(hub, a, chat, around=[b])
    if not here:
        mine.close()
    await quiet()

    async def heard(action: Callable[..., None], *arguments: object) -> list[tuple[str, object]]:
        """What the tab that has ada on screen hears of it."""
        before, other = len(his.ear.heard), len(elsewhere.ear.heard)
        await doors.perform(a, action, *arguments)
        await until(lambda: hub.idle)
        await quiet()
        assert elsewhere.ear.heard[other:] == []
        fields = [
            each for update in his.ear.heard[before:] for delta in update["delta"].values() for each in delta.items()
        ]
        return [(name, value["since"] if name.startswith("presence_") else "") for name, value in fields]

    blocked, lifted = await heard(block, b.user_id), await heard(unblock, b.user_id)
    hides = await heard(save_preferences, Choices(sees_last_seen=Audience.NOBODY))
    shows = await heard(save_preferences, Choices())
    assert (blocked, lifted) == (hides, shows)
    name = f"presence_{a.user_id}"
    assert ((name, -1) in blocked, (name, 0) in lifted) == (True, here)


async def test_the_tabs_of_whoever_blocks_show_it_at_once(doors: Doors, hubs: Callable[..., Hub]) -> None:
    hub, a, b = hubs(), await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    sent = await doors.perform(a, send_message, chat, ClientId("one"), "one")
    await doors.perform(b, read_up_to, chat, sent.seq)
    mine = await at(hub, a, chat, around=[b])
    for action, told in ((block, f"unread_{b.user_id}"), (unblock, f"read_{chat}")):
        before = len(mine.ear.heard)
        await doors.perform(a, action, b.user_id)
        await until(lambda: hub.idle)
        names = {name for update in mine.ear.heard[before:] for delta in update["delta"].values() for name in delta}
        assert names == {"present", told, "relist"}


async def test_everybody_at_once_costs_each_tab_one_frame(doors: Doors, hubs: Callable[..., Hub]) -> None:
    hub, a, b, c = hubs(), await ada(doors), await ben(doors), await cleo(doors)
    mine = await at(hub, a, around=[b, c])
    before = len(mine.ear.heard)
    await at(hub, b)
    await at(hub, c)
    await until(lambda: mine.sees() == {b.user_id: 0, c.user_id: 0})
    assert len(mine.ear.heard) == before + 1


# several processes


async def test_people_of_another_process_are_seen_here(
    doors: Doors, hubs: Callable[..., Hub], clock: FixedClock
) -> None:
    one, two, a, b = hubs("one"), hubs("two"), await ada(doors), await ben(doors)
    mine, his = await at(one, a, around=[b]), await at(two, b)
    await until(lambda: mine.sees() == {b.user_id: 0})
    # in both, and then in one
    here = await at(one, b)
    his.close()
    await quiet()
    assert mine.sees() == {b.user_id: 0}
    here.close()
    await until(lambda: mine.sees() == {b.user_id: milliseconds(clock.now())})


async def test_a_process_that_starts_later_asks_who_is_in_the_others(doors: Doors, hubs: Callable[..., Hub]) -> None:
    one, a, b = hubs("one"), await ada(doors), await ben(doors)
    await at(one, b)
    await quiet()
    two = hubs("two")
    mine = await at(two, a, around=[b])
    assert mine.sees() == {}
    running = asyncio.create_task(two.presence.run())
    await until(lambda: mine.sees() == {b.user_id: 0})
    running.cancel()


async def test_what_a_process_missed_it_asks_for(doors: Doors, hubs: Callable[..., Hub], bus: LocalBus) -> None:
    one, two, a, b, c = hubs("one"), hubs("two"), await ada(doors), await ben(doors), await cleo(doors)
    mine = await at(one, a, around=[b, c])
    await at(two, b)
    await until(lambda: mine.sees() == {b.user_id: 0})
    # news that were lost: cleo is in it, ben is not
    one.presence._elsewhere["two"] = {c.user_id}
    told: list[Event] = []
    bus.subscribe(told.extend)
    await bus.publish([ProcessLives("two", digest_of([b.user_id]))])
    await until(lambda: one.presence._elsewhere["two"] == {b.user_id})
    await until(lambda: mine.sees() == {b.user_id: 0})
    # the same people are no reason to ask
    asked = sum(isinstance(event, PeopleAsked) for event in told)
    await bus.publish([ProcessLives("two", digest_of([b.user_id]))])
    await quiet()
    assert sum(isinstance(event, PeopleAsked) for event in told) == asked == 1


async def test_a_process_that_died_takes_its_people_with_it(
    doors: Doors, hubs: Callable[..., Hub], bus: LocalBus, clock: FixedClock
) -> None:
    one, a, b = hubs("one"), await ada(doors), await ben(doors)
    mine = await at(one, a, around=[b])
    await bus.publish([PeopleCame("dead", (b.user_id,))])
    await until(lambda: mine.sees() == {b.user_id: 0})
    one.presence.bury(time.monotonic() - 60)
    assert one.presence.online(b.user_id)
    one.presence.bury(time.monotonic() + 1)
    await until(lambda: mine.sees() == {b.user_id: milliseconds(clock.now())})
    await asyncio.gather(*one.presence._telling)
    assert (await row_of(doors, b)).last_seen_at == clock.now()


async def test_who_hides_is_not_told_to_other_processes(doors: Doors, hubs: Callable[..., Hub]) -> None:
    one, two, b = hubs("one"), hubs("two"), await ben(doors)
    await doors.perform(b, save_preferences, Choices(sees_last_seen=Audience.NOBODY))
    await at(two, b)
    await quiet()
    assert not one.presence.online(b.user_id)
    await doors.perform(b, save_preferences, Choices())
    await until(lambda: one.presence.online(b.user_id))
    await doors.perform(b, save_preferences, Choices(sees_last_seen=Audience.NOBODY))
    await until(lambda: not one.presence.online(b.user_id))


@pytest.fixture
async def two(doors: Doors) -> AsyncIterator[tuple[Hub, Hub]]:
    """Hubs of two processes with nothing between them but Redis."""
    channel = f"chat:test:{os.urandom(4).hex()}"
    buses = [RedisBus(REDIS, SystemDice(), channel) for _ in range(2)]
    made: list[Hub] = []
    for process, bus in zip(("one", "two"), buses, strict=True):
        server = GuardedServer(lambda _origin, _host: True)
        made.append(Hub(server, Identities("sid"), "/signin", process=process, tell=bus.publish, grace=0.0))
        bus.subscribe(made[-1].hear)
        await bus.start()
    yield made[0], made[1]
    for hub, bus in zip(made, buses, strict=True):
        await hub.close()
        await bus.close()


async def test_over_redis_ben_is_seen_to_come_to_type_and_to_go(
    doors: Doors, two: tuple[Hub, Hub], clock: FixedClock
) -> None:
    one, other = two
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    mine, hers = await at(one, a, chat, around=[b]), await at(one, c)
    his = await at(other, b, chat, around=[a])
    await until(lambda: mine.sees() == {b.user_id: 0})
    await until(lambda: his.sees() == {a.user_id: 0})
    await his.types(chat)
    await until(lambda: mine.heard_typing() == ["ben"])
    assert (hers.sees(), hers.heard_typing()) == ({}, [])
    # ada lets nobody know any more, and is told of nobody
    await doors.perform(a, save_preferences, Choices(sees_last_seen=Audience.NOBODY))
    await one.hear([ChoicesChanged(a.user_id, a.row, reading=False)])
    await until(lambda: his.sees() == {a.user_id: -1})
    his.close()
    await quiet()
    assert mine.sees() == {}


async def test_a_process_that_is_killed_takes_its_people_with_it_over_redis(
    doors: Doors, two: tuple[Hub, Hub], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_app.realtime.presence.LIVES_SECONDS", 0.2)
    monkeypatch.setattr("chat_app.realtime.presence.SILENT_SECONDS", 1.0)
    one, other = two
    a, b = await ada(doors), await ben(doors)
    mine, _ = await at(one, a, around=[b]), await at(other, b)
    living = asyncio.create_task(one.presence.run())
    dying = asyncio.create_task(other.presence.run())
    await until(lambda: mine.sees() == {b.user_id: 0})
    await asyncio.sleep(1.5)
    # it is heard of, so he stays
    assert one.presence.online(b.user_id)
    dying.cancel()
    await until(lambda: not one.presence.online(b.user_id))
    await until(lambda: mine.sees()[b.user_id] > 0)
    living.cancel()
    await asyncio.gather(living, dying, return_exceptions=True)


# receipts


async def test_who_does_not_tell_how_far_they_read_is_not_told_either(doors: Doors, hubs: Callable[..., Hub]) -> None:
    hub, a, b, c = hubs(), await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, GroupTitle("Walks"), [b.user_id, c.user_id])
    await doors.perform(c, save_preferences, Choices(receipts=False))
    await until(lambda: hub.idle)
    mine, hers = await at(hub, a), await at(hub, c)
    sent = await doors.perform(a, send_message, chat, ClientId("one"), "one")
    await doors.perform(b, read_up_to, chat, sent.seq)
    await settled(hub)
    assert [value["read"] for _, value in mine.ear.fields("read_")] == [{b.user_id: sent.seq}]
    assert hers.ear.fields("read_") == []
    # from the moment on that she tells again, in tabs that were open all the while
    await doors.perform(c, save_preferences, Choices())
    await until(lambda: hers.ear.fields("read_"))
    # of herself too, who has read nothing yet
    told = hers.ear.fields("read_")[-1][1]["read"]
    assert {person: seq for person, seq in told.items() if seq} == {a.user_id: sent.seq, b.user_id: sent.seq}
    await doors.perform(c, read_up_to, chat, sent.seq)
    await settled(hub)
    for tab in (mine, hers):
        assert tab.ear.fields("read_")[-1][1]["read"] == {c.user_id: sent.seq}
    # and of what was told before, others are to forget it
    await doors.perform(c, save_preferences, Choices(receipts=False))
    await until(lambda: mine.ear.fields("unread_"))
    assert [value["person"] for _, value in mine.ear.fields("unread_")] == [c.user_id]
    assert hers.sid in hub._server.manager.members("quiet")
    assert hers.ear.fields("unread_") == []


async def test_the_blocked_are_not_told_how_far_the_other_read(doors: Doors, hubs: Callable[..., Hub]) -> None:
    hub, a, b, c = hubs(), await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, GroupTitle("Walks"), [b.user_id, c.user_id])
    sent = await doors.perform(a, send_message, chat, ClientId("one"), "one")
    await doors.perform(a, block, b.user_id)
    await until(lambda: hub.idle)
    mine, hers = await at(hub, a), await at(hub, c)
    await doors.perform(b, read_up_to, chat, sent.seq)
    await settled(hub)
    assert mine.ear.fields("read_") == []
    assert [value["read"] for _, value in hers.ear.fields("read_")] == [{b.user_id: sent.seq}]
    # until the block is lifted
    await doors.perform(a, unblock, b.user_id)
    await until(lambda: {b.user_id: sent.seq} in [value["read"] for _, value in mine.ear.fields("read_")])


async def test_who_shares_hundreds_of_chats_is_not_cut_off_by_one_change(
    doors: Doors, hubs: Callable[..., Hub]
) -> None:
    hub, a, b = hubs(), await ada(doors), await ben(doors)
    for number in range(5):
        await doors.perform(a, create_group, GroupTitle(f"Walk {number}"), [b.user_id])
    his, mine = await at(hub, b), await at(hub, a)
    for choices in (Choices(receipts=False), Choices()):
        heard = len(his.ear.heard), len(mine.ear.heard)
        await doors.perform(a, save_preferences, choices)
        await until(lambda: hub.idle)
        # how she looks, and how far she has read in all of them
        assert len(his.ear.heard) - heard[0] <= 3
        assert len(mine.ear.heard) - heard[1] <= 5
    assert len({name for name, _ in his.ear.fields("read_")}) == 5
