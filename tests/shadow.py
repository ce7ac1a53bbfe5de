"""Whoever acts in a story has a tab in the shadow: after each action it must show what a fresh load would show.

The tab hears what the hub pushes and puts it together with the browser's own `assets/timeline.js`, in Node. It asks for
what it misses, as a browser would. All its chats are open at once.
"""

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

from chat_app.domain.chats.queries import my_chats
from chat_app.domain.common.errors import NotFound, Refusal
from chat_app.domain.common.ids import ChatId
from chat_app.domain.common.work import Actor, Person, Reader, Work
from chat_app.domain.messages.queries import changes_after, page_of, pinned_in
from chat_app.domain.users.queries import my_profile
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.identity import Identities
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.realtime.hub import Hub
from chat_app.realtime.push import chats_field, missed_field, page_field, pinned_field
from chat_app.realtime.socket_server import GuardedServer
from tests.tabs import Ear, listen
from tests.test_js import NODE, PROJECT, REACT, RESOLVE

P = ParamSpec("P")
T = TypeVar("T")

MOST_TABS = 5
MOST_COMPARED = 60
"""Actions of one story that are looked at; of a longer one also its end."""

ROUNDS = 20
RESTED_AFTER = 5000


class Node:
    """The browser's part, in a process of its own."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._asked = 0
        command = [NODE, "--import", RESOLVE, PROJECT / "tests" / "js" / "shadow.mjs"]
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


class ShadowTab:
    """One person's tab."""

    def __init__(self, doors: Doors, node: Node, person: Person, ear: Ear) -> None:
        self.person = person
        self.name = f"{id(self)}"
        self.ear = ear
        self._doors = doors
        self._node = node
        self._taken = 0

    async def load(self) -> list[dict[str, Any]]:
        """What a page load pushes, with every chat opened."""
        return await self._doors.ask(self.person, _all)

    async def keep_up(self) -> None:
        """Take in what was pushed, and ask for what is missing until nothing is."""
        pushed = self._pushed()
        for _ in range(ROUNDS):
            state = self._node.ask("absorb", tab=self.name, me=self.person.user_id, pushed=pushed)
            pushed = self._pushed()
            for chat_id, rev in state["holes"]:
                pushed.append(missed_field(chat_id, await self._doors.ask(self.person, changes_after, chat_id, rev)))
            if ["refresh"] in state["wants"]:
                pushed.append(chats_field(await self._doors.ask(self.person, my_chats)))
            pushed += [await self._doors.ask(self.person, _opened, chat_id) for chat_id in state["unknown"]]
            if not pushed:
                return
        raise AssertionError(f"the tab is never content: {state}")

    def take(self, pushed: list[dict[str, Any]]) -> None:
        self._node.ask("absorb", tab=self.name, me=self.person.user_id, pushed=pushed)

    async def difference(self) -> Any:
        loaded = await self.load()
        return self._node.ask("compare", tab=self.name, me=self.person.user_id, loaded=loaded)["difference"]

    def _pushed(self) -> list[dict[str, Any]]:
        heard, self._taken = self.ear.heard[self._taken :], len(self.ear.heard)
        return [fields for update in heard for fields in update["delta"].values()]


def _all(reader: Reader) -> list[dict[str, Any]]:
    """What is pushed when the page is loaded, then when each of its chats is opened."""
    rows = my_chats(reader)
    page = chats_field(rows) | {"receipts": my_profile(reader).receipts}
    return [page, *(_opened(reader, row.chat_id) for row in rows)]


def _opened(reader: Reader, chat_id: ChatId) -> dict[str, Any]:
    return page_field(chat_id, page_of(reader, chat_id)) | pinned_field(chat_id, pinned_in(reader, chat_id))


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
        bus.subscribe(self.hub.hear)

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
            for tab in list(self._tabs.values()):
                try:
                    await tab.keep_up()
                    different = await tab.difference()
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
        tab = self._tabs[person.user_id] = ShadowTab(self._doors, self._node, person, ear)
        try:
            await self.hub.watch(sid, person)
            tab.take(await tab.load())
        except Refusal:
            del self._tabs[person.user_id]

    async def close(self) -> None:
        if self._acts > MOST_COMPARED:
            await self.look()
        # when everybody goes nobody is looked at any more
        self._acting += 1
        for tab in self._tabs.values():
            self._node.ask("close", tab=tab.name)
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
