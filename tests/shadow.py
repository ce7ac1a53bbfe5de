"""Whoever acts in a story has a tab in the shadow: after each action it must show what a fresh load would show.

The tab hears what the hub pushes and puts it together with the browser's own `assets/timeline.js`, in Node. It asks for
what it misses, as a browser would. All its chats are open at once.
"""

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from chat_app.domain.chats.queries import (
    ChatRow,
    InvitationView,
    OpenChat,
    banned_from,
    invitations_of,
    members_of,
    my_chat,
    my_chats,
    my_group,
)
from chat_app.domain.chats.rules import runs
from chat_app.domain.chats.tables import GROUP
from chat_app.domain.common.errors import NotFound, Refusal
from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ChatId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.work import Actor, Person, Reader, Work
from chat_app.domain.messages.queries import changes_after, page_of, pinned_in
from chat_app.domain.users.events import BlockChanged
from chat_app.domain.users.queries import my_profile, standing_of
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.identity import Identities
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.realtime.faces import face_of
from chat_app.realtime.hub import Hub
from chat_app.realtime.push import (
    chats_field,
    choices_field,
    group_field,
    missed_field,
    page_field,
    pinned_field,
)
from chat_app.realtime.socket_server import GuardedServer
from tests.tabs import Ear, listen
from tests.test_js import NODE, PROJECT, REACT, RESOLVE

P = ParamSpec("P")
T = TypeVar("T")

MOST_TABS = 5
MOST_COMPARED = 60
"""Actions of one story that are looked at; of a longer one also its end."""

OF_MEMBERS = ("user_id", "username", "name", "role", "picture")
"""What a group's panel shows of everybody, to all readers alike."""

ROUNDS = 20
RESTED_AFTER = 5000


class Node:
    """The browser's part, in a process of its own: a script of `tests/js`."""

    def __init__(self, script: str = "shadow.mjs") -> None:
        self._script = script
        self._start()

    def _start(self) -> None:
        self._asked = 0
        command = [NODE, "--import", RESOLVE, PROJECT / "tests" / "js" / self._script]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, op: str, **facts: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._asked += 1
        self._process.stdin.write(json.dumps({"op": op, **facts}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def rest(self) -> None:
        """Between stories: begin anew now and then. Node keeps every module it has loaded, and each tab is one."""
        if self._asked > RESTED_AFTER:
            self.close()
            self._start()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


Read = dict[tuple[ChatId, bool], dict[str, Any]]
"""What was read of panels in the same moment: it is the same for all who run a group, and for all others."""


@dataclass
class Loaded:
    """What a page load gives: what is pushed, and what the page itself keeps of each chat and of each group's panel."""

    pushed: list[dict[str, Any]]
    heads: dict[ChatId, Any]
    panels: dict[ChatId, Any]


class ShadowTab:
    """One person's tab. All of its chats are open at once, those of groups with their panels."""

    def __init__(self, doors: Doors, hub: Hub, node: Node, person: Person, ear: Ear) -> None:
        self.person = person
        self.name = f"{id(self)}"
        self.ear = ear
        self._doors = doors
        self._hub = hub
        self._node = node
        self._taken = 0
        self._heads: dict[ChatId, Any] = {}
        self._panels: dict[ChatId, Any] = {}

    async def load(self) -> None:
        """Load the page."""
        loaded = await self._doors.ask(self.person, _all, {})
        self._heads, self._panels = loaded.heads, loaded.panels
        self._absorb(loaded.pushed)

    async def load_anew(self) -> None:
        """What a reload does."""
        self.close()
        self._pushed()
        await self.load()

    def close(self) -> None:
        self._node.ask("close", tab=self.name)

    async def keep_up(self, read: Read) -> None:
        """Take in what was pushed, and ask for what is missing until nothing is."""
        pushed = self._pushed()
        for _ in range(ROUNDS):
            state = self._absorb(pushed)
            pushed = self._pushed()
            for chat_id, rev in state["holes"]:
                pushed.append(missed_field(chat_id, await self._doors.ask(self.person, changes_after, chat_id, rev)))
            if ["refresh"] in state["wants"]:
                pushed.append(await self._refresh())
            for chat_id in state["unknown"]:
                loaded = await self._doors.ask(self.person, _opened, chat_id, read)
                self._heads |= loaded.heads
                self._panels |= _told(loaded.panels, state["told"])
                pushed += loaded.pushed
            for chat_id in state["outdated"]:
                panel = await self._doors.ask(self.person, _panel, chat_id, read)
                self._panels |= _told({chat_id: panel}, state["told"])
            if not pushed and not state["outdated"]:
                return
        raise AssertionError(f"the tab is never content: {state}")

    async def difference(self, read: Read) -> Any:
        loaded = await self._doors.ask(self.person, _all, read)
        shown = {"heads": self._heads, "panels": self._panels}
        now = milliseconds(self._doors.clock.now())
        return self._ask("compare", **shown, loaded=vars(loaded), now=now)["difference"]

    async def _refresh(self) -> dict[str, Any]:
        """The list of chats anew, and how those that are open stand in it."""
        rows, self._heads = await self._doors.ask(self.person, _listed)
        standing = self._hub.presence.standing(self.person.user_id)
        return chats_field(rows) | {"blocked": standing.blocked if standing else ()}

    def _absorb(self, pushed: list[dict[str, Any]]) -> Any:
        return self._ask("absorb", pushed=pushed, panels=self._panels)

    def _ask(self, op: str, **facts: Any) -> Any:
        return self._node.ask(op, tab=self.name, me=self.person.user_id, **facts)

    def _pushed(self) -> list[dict[str, Any]]:
        heard, self._taken = self.ear.heard[self._taken :], len(self.ear.heard)
        return [fields for update in heard for fields in update["delta"].values()]


def _listed(reader: Reader) -> tuple[list[ChatRow], dict[ChatId, Any]]:
    rows = my_chats(reader)
    return rows, {row.chat_id: _head(my_chat(reader, row.chat_id)) for row in rows}


def _all(reader: Reader, read: Read) -> Loaded:
    """The page, and each of its chats."""
    rows, standing = my_chats(reader), standing_of(reader, reader.me.row)
    known = choices_field(my_profile(reader)) | {"blocked": standing.blocked if standing else ()}
    all_ = Loaded([chats_field(rows) | known], {}, {})
    for row in rows:
        chat = _opened(reader, row.chat_id, read)
        all_.pushed += chat.pushed
        all_.heads |= chat.heads
        all_.panels |= chat.panels
    return all_


def _opened(reader: Reader, chat_id: ChatId, read: Read) -> Loaded:
    """A chat that is opened, with the panel if it is a group."""
    chat = my_chat(reader, chat_id)
    shown = page_field(chat_id, page_of(reader, chat_id)) | pinned_field(chat_id, pinned_in(reader, chat_id))
    panels: dict[ChatId, Any] = {}
    if chat.kind == GROUP:
        shown |= group_field(my_group(reader, chat_id).group)
        panels[chat_id] = _panel(reader, chat_id, read)
    return Loaded([shown], {chat_id: _head(chat)}, panels)


def _head(chat: OpenChat) -> dict[str, Any]:
    return {"chat": vars(chat), "face": vars(face_of(chat.person or chat.chat_id, chat.title, chat.picture))}


def _panel(reader: Reader, chat_id: ChatId, read: Read) -> dict[str, Any]:
    """What the panel of a group keeps, as `GroupState` reads it."""
    mine = my_group(reader, chat_id)
    leads = runs(mine.role)
    if (chat_id, leads) not in read:
        read[chat_id, leads] = {
            "members": [{name: getattr(each, name) for name in OF_MEMBERS} for each in members_of(reader, chat_id)],
            "banned": [vars(person) for person in banned_from(reader, chat_id)] if leads else [],
            "links": [_link(link) for link in invitations_of(reader, chat_id)] if leads else [],
        }
    return {"group": vars(mine.group), "role": mine.role, "told": 0} | read[chat_id, leads]


def _link(link: InvitationView) -> dict[str, Any]:
    until = milliseconds(link.expires_at) if link.expires_at else None
    return {"token": link.token, "uses_left": link.uses_left, "until": until}


def _told(panels: dict[ChatId, Any], told: int) -> dict[ChatId, Any]:
    """These panels, read after so often it was told that somebody looks otherwise."""
    return {chat_id: panel | {"told": told} for chat_id, panel in panels.items()}


class Shadow:
    """The tabs of a story."""

    def __init__(self, doors: Doors, bus: LocalBus, node: Node) -> None:
        self._doors = doors
        self._node = node
        self._server = GuardedServer(lambda _origin, _host: True)
        self.hub = Hub(self._server, Identities("sid"), "/signin", together_seconds=0)
        self._tabs: dict[str, ShadowTab] = {}
        self._acting = 0
        self._acts = 0
        self._looking = asyncio.Lock()
        self._unaware: set[str] = set()
        bus.subscribe(self.hub.hear)
        bus.subscribe(self._hear)

    async def _hear(self, events: Sequence[Event]) -> None:
        self._unaware |= {event.blocked for event in events if isinstance(event, BlockChanged)}

    async def before(self, actor: Actor) -> None:
        """Whoever acts for the first time has opened the page before."""
        if isinstance(actor, Person) and actor.confirmed and actor.user_id not in self._tabs:
            await self._open(actor)

    @contextmanager
    def acting(self) -> Iterator[None]:
        self._acting += 1
        self._acts += 1
        try:
            yield
        finally:
            self._acting -= 1

    async def after(self) -> None:
        """Look at every tab, unless somebody acts meanwhile: then the last one will."""
        if self._acting or self._acts > MOST_COMPARED:
            return
        await self.look()

    async def look(self) -> None:
        async with self._looking:
            acts = self._acts
            async with asyncio.timeout(10):
                while not self.hub.idle:  # noqa: ASYNC110  # the hub has no reason to say when it is idle
                    await asyncio.sleep(0.001)
            read: Read = {}
            for tab in list(self._tabs.values()):
                try:
                    if tab.person.user_id in self._unaware:
                        # who is blocked is told nothing of it, and finds out when the page is loaded anew
                        self._unaware.remove(tab.person.user_id)
                        await tab.load_anew()
                    await tab.keep_up(read)
                    different = await tab.difference(read)
                except (NotFound, Refusal):
                    # the account is gone, or a seat, in this very moment
                    continue
                if self._acting or acts != self._acts:
                    return
                assert different is None, f"{tab.person.user_id} sees {different}"

    async def _open(self, person: Person) -> None:
        if len(self._tabs) >= MOST_TABS:
            return
        sid, ear = await listen(self._server)
        tab = self._tabs[person.user_id] = ShadowTab(self._doors, self.hub, self._node, person, ear)
        try:
            await self.hub.watch(sid, person)
            await tab.load()
        except Refusal:
            del self._tabs[person.user_id]

    async def close(self) -> None:
        if self._acts > MOST_COMPARED:
            await self.look()
        # when everybody goes nobody is looked at any more
        self._acting += 1
        for tab in self._tabs.values():
            tab.close()
        self._node.rest()
        await self.hub.close()


class WatchedDoors(Doors):
    """Doors that have every action looked at from the shadow."""

    shadow: Shadow | None = None

    async def perform(
        self, actor: Actor, action: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        if self.shadow is None:
            return await super().perform(actor, action, *args, **kwargs)
        await self.shadow.before(actor)
        try:
            with self.shadow.acting():
                return await super().perform(actor, action, *args, **kwargs)
        finally:
            await self.shadow.after()


def ready() -> bool:
    """Whether the pages were built, whose React the scripts need."""
    return REACT.exists()
