"""Who is seen to be here, whatever people do: each tab against one that is loaded anew.

A few people come and go in two processes, hide, block each other, join and leave; after each step every tab shows, by
the browser's own `assets/presence.js` in Node, what a page load would show. Short here; in full (`python -m
bench.proof`, or CHAT_LONG_TESTS=1) it is 3,000 steps.
"""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chat_app.domain.chats.actions import add_members, create_group, exclude, leave_group, open_direct_chat
from chat_app.domain.chats.queries import member_ids, my_chat, my_chats
from chat_app.domain.chats.tables import DIRECT
from chat_app.domain.common.errors import NotFound, Refusal
from chat_app.domain.common.ids import ChatId, ClientId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import Person
from chat_app.domain.messages.actions import send_message
from chat_app.domain.users.actions import block, save_preferences, unblock
from chat_app.domain.users.rules import Audience, Choices
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.identity import Identities
from chat_app.infrastructure.rate_limits import NoLimits
from chat_app.infrastructure.unit_of_work import Doors, hang_doors
from chat_app.pages.main.state import NO_CHAT, _people_of
from chat_app.realtime.hub import Hub
from chat_app.realtime.push import chats_field
from chat_app.realtime.socket_server import NAMESPACE, GuardedServer
from tests.guests import FixedClock, LoadedDice
from tests.people import confirmed
from tests.shadow import Node
from tests.tabs import Ear, listen

LONG = bool(os.environ.get("CHAT_LONG_TESTS"))
EXAMPLES, STEPS = (100, 30) if LONG else (12, 25)

T = TypeVar("T")
PEOPLE = st.integers(0, 3)
WHERE = st.sampled_from([0, 1, 2, 3, 0, 1, 2, 3, "group", "list"])
"""What is open in a tab: mostly the chat with somebody."""
MOST_TABS = 5
ROUNDS = 10


@dataclass
class Tab:
    """A tab, and the chat that is open in it."""

    hub: Hub
    who: Person
    sid: str
    ear: Ear
    node: Node
    chat: Any = NO_CHAT
    taken: int = 0

    async def load(self, doors: Doors, chat_id: ChatId) -> None:
        """Load the page with this chat open, none if it is not theirs: as `MainState.on_load` does."""
        await self.hub.watch(self.sid, self.who)
        rows = await doors.ask(self.who, my_chats)
        self.hub.push.fields(self.sid, chats_field(rows))
        self.chat, around = NO_CHAT, ()
        with suppress(NotFound):
            if chat_id:
                self.chat = await doors.ask(self.who, my_chat, chat_id)
                direct = self.chat.kind == DIRECT
                around = (
                    [self.chat.person]
                    if direct and self.chat.tells
                    else []
                    if direct
                    else await doors.ask(self.who, member_ids, chat_id)
                )
        self.hub.show(self.sid, self.chat.chat_id)
        here = self.hub.presence.look(self.sid, listed=_people_of(rows), around=around)
        self.hub.push.fields(self.sid, here)

    async def keep_up(self, doors: Doors) -> None:
        """Take in what was pushed, and ask for what the tab wants."""
        for _ in range(ROUNDS):
            wants = self.ask("hear", me=self.who.user_id, pushed=self._pushed(), chat=self.chat.chat_id)
            if ["refresh"] in wants:
                rows = await doors.ask(self.who, my_chats)
                fields = chats_field(rows) | self.hub.presence.look(self.sid, listed=_people_of(rows))
                self.hub.push.fields(self.sid, fields)
                with suppress(NotFound):
                    if self.chat.chat_id:
                        self.chat = await doors.ask(self.who, my_chat, self.chat.chat_id)
            if any(want[0] == "leave" for want in wants):
                await self.load(doors, ChatId(""))
            if len(self.ear.heard) == self.taken:
                return
        raise AssertionError("the tab is never content")

    def sees(self, now: int) -> Any:
        return self.ask("see", chat=vars(self.chat), now=now)

    async def close(self) -> None:
        self.hub._server.manager.basic_disconnect(self.sid, NAMESPACE)
        self.ask("close")

    def ask(self, op: str, **facts: Any) -> Any:
        return self.node.ask(op, tab=self.sid, **facts)

    def _pushed(self) -> list[dict[str, Any]]:
        heard, self.taken = self.ear.heard[self.taken :], len(self.ear.heard)
        return [fields for update in heard for fields in update["delta"].values()]


class Company(RuleBasedStateMachine):
    """Four people with direct chats, and a group of the first one's; the others come into it and go."""

    doors: Doors
    clock: FixedClock
    node: Node
    hubs: list[Hub]
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.tabs: list[Tab] = []
        self.pairs: dict[frozenset[int], ChatId] = {}

    @initialize()
    def begin(self) -> None:
        self.people = [self.run(confirmed(self.doors, f"p{at}_{uuid4().hex[:10]}", None)) for at in range(4)]
        self.group = self.run(self.doors.perform(self.people[0], create_group, GroupTitle("group")))
        for who, whom in ((0, 1), (0, 2), (1, 2)):
            self.say(who, whom)
        self.join(1)
        # all but the last were here before, and two are
        for who in (0, 1, 2):
            self.come(who, 0, "list")
            self.go(0)
            self.run(self.settle())
        self.come(0, 0, 1)
        self.come(1, 1, 0)

    @rule(who=PEOPLE, process=st.integers(0, 1), where=WHERE)
    def come(self, who: int, process: int, where: int | str) -> None:
        if len(self.tabs) < MOST_TABS:
            tab = self.run(self.opened(self.hubs[process], self.people[who]))
            self.tabs.append(tab)
            self.run(tab.load(self.doors, self.chat(who, where)))

    @rule(which=st.integers(0, MOST_TABS))
    def go(self, which: int) -> None:
        if self.tabs:
            self.run(self.tabs.pop(which % len(self.tabs)).close())

    @rule(which=st.integers(0, MOST_TABS), where=WHERE)
    def turn_to(self, which: int, where: int | str) -> None:
        if self.tabs:
            tab = self.tabs[which % len(self.tabs)]
            self.run(tab.load(self.doors, self.chat(self.people.index(tab.who), where)))

    @rule(who=PEOPLE, audience=st.sampled_from([Audience.NOBODY, Audience.EVERYONE]))
    def choose(self, who: int, audience: Audience) -> None:
        self.act(who, save_preferences, Choices(sees_last_seen=audience))

    @rule(who=PEOPLE, whom=PEOPLE, on=st.booleans())
    def block(self, who: int, whom: int, on: bool) -> None:
        self.act(who, block if on else unblock, self.people[whom].user_id)

    @rule(whom=st.integers(1, 3))
    def join(self, whom: int) -> None:
        self.act(0, add_members, self.group, [self.people[whom].user_id])

    @rule(who=st.integers(1, 3), thrown=st.booleans())
    def leave(self, who: int, thrown: bool) -> None:
        if thrown:
            self.act(0, exclude, self.group, self.people[who].user_id)
        else:
            self.act(who, leave_group, self.group)

    @rule(who=PEOPLE, whom=PEOPLE)
    def say(self, who: int, whom: int) -> None:
        chat = self.act(who, open_direct_chat, self.people[whom].user_id)
        if chat is not None:
            self.pairs[frozenset((who, whom))] = chat
            self.act(who, send_message, chat, ClientId(uuid4().hex), "hello")

    @rule(waited=st.sampled_from([timedelta(minutes=1), timedelta(minutes=90), timedelta(hours=26)]))
    def wait(self, waited: timedelta) -> None:
        self.clock.tick(seconds=waited.total_seconds())

    @invariant()
    def every_tab_shows_what_a_page_load_would(self) -> None:
        self.run(self.settle())
        now = milliseconds(self.clock.now())
        for tab in self.tabs:
            self.run(tab.keep_up(self.doors))
        for tab in self.tabs:
            fresh = self.run(self.opened(tab.hub, tab.who))
            self.run(fresh.load(self.doors, tab.chat.chat_id))
            self.run(fresh.keep_up(self.doors))
            shown, loaded = tab.sees(now), fresh.sees(now)
            self.run(fresh.close())
            assert shown == loaded

    def teardown(self) -> None:
        for tab in self.tabs:
            self.run(tab.close())
        self.run(self.settle())
        self.node.rest()

    async def opened(self, hub: Hub, who: Person) -> Tab:
        sid, ear = await listen(hub._server)
        return Tab(hub, who, sid, ear, self.node)

    async def settle(self) -> None:
        """Wait until everybody was told of everything, the database too."""
        async with asyncio.timeout(10):
            while not all(map(_settled, self.hubs)):  # noqa: ASYNC110  # the hubs have no reason to say when they are
                await asyncio.sleep(0)

    def chat(self, who: int, where: int | str) -> ChatId:
        """The chat that somebody opens; none where there is none."""
        if where == "group":
            return self.group
        return self.pairs.get(frozenset((who, where)), ChatId("")) if isinstance(where, int) else ChatId("")

    def act(self, who: int, action: Any, *arguments: Any) -> Any:
        """Do it, if it may be done."""
        with suppress(Refusal):
            return self.run(self.doors.perform(self.people[who], action, *arguments))

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(what)

    people: list[Person]
    group: ChatId


def _settled(hub: Hub) -> bool:
    there = hub.presence
    noted = there._noting is None or there._noting.done()
    return hub.idle and noted and not (there._leaving or there._sweeping or there._ticking or there._telling)


@pytest.fixture
def node() -> Iterator[Node]:
    node = Node("seen.mjs")
    yield node
    node.close()


def test_who_is_seen_to_be_here_is_who_is(
    sqlite_url: str,
    node: Node,
    clock: FixedClock,
    dice: LoadedDice,
    seal: KeyedSeal,
    bus: LocalBus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chat_app.realtime.presence.TOGETHER_SECONDS", 0)
    monkeypatch.setattr("chat_app.realtime.presence.NOTE_SECONDS", 0)
    doors = Doors(open_database(sqlite_url), clock=clock, dice=dice, seal=seal, limiter=NoLimits(), bus=bus)
    hang_doors(doors)
    loop = asyncio.new_event_loop()
    hubs = [_hub(process, bus) for process in ("one", "two")]
    facts = {"doors": doors, "clock": clock, "node": node, "hubs": hubs, "loop": loop}
    try:
        run_state_machine_as_test(
            type("Machine", (Company,), facts),
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        for hub in hubs:
            loop.run_until_complete(hub.close())
        loop.close()
        hang_doors(None)
        doors.close()


def _hub(process: str, bus: LocalBus) -> Hub:
    server = GuardedServer(lambda _origin, _host: True)
    hub = Hub(server, Identities("sid"), "/signin", process=process, tell=bus.publish, grace=0, together_seconds=0)
    bus.subscribe(hub.hear)
    return hub
