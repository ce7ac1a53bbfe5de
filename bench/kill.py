"""kill -9, again and again, while people talk: `python -m bench.kill --kills 20`.

Every tab keeps a journal of what it said and what was acknowledged, and does what the pages do: it comes back, says
again what has no answer, and asks for what it missed. Afterwards the journals are held against the database and
against what each tab has on screen. With `--browsers` two tabs of Chromium watch, one of them slowed down 6 times.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
import uuid
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from bench.live import end_properly
from bench.load import SEND
from bench.onlookers import Onlooker, onlookers
from bench.seeding import Stored, Town, new_town, settle, stored_messages, temporary_database
from bench.server import Server, build_pages, built_port, compiled_state
from bench.tab import FEED, MAIN_STATE, Pages, Tab, open_tab

ROOM_SIZE = 4
CATCH_UP = f"{MAIN_STATE}.catch_up"

AGAIN_SECONDS = 8.0
"""As `assets/outgoing.js`: what has no answer is said again after this long, and at once on a new line."""

PACE_SECONDS = 0.06
"""Between two messages of a tab: with the limits per person off, a long queue would spend the socket's own."""

ASK_AGAIN_SECONDS = 1.0
RETRY_SECONDS = 0.2
RETRY_LIMIT_SECONDS = 2.0
CONVERGE_SECONDS = 60
"""How long everybody may take to have everything after the last start."""

BURST_SECONDS = 0.03
"""About as long as it takes until the last of a burst is acknowledged."""

WATCHED_PACE = 0.1
"""People whose room is on the screen of a browser speak at this share of the others' pace."""


@dataclass
class Said:
    """A line of the journal."""

    chat_id: str
    client_id: str
    body: str
    sent_at: float = -AGAIN_SECONDS
    times: int = 0
    acknowledged: bool = False


@dataclass
class Timeline:
    """What a tab has on screen of its chat: `assets/timeline.js` in a few lines."""

    messages: dict[int, str] = field(default_factory=dict[int, str])
    """The client id of each seq."""
    rev: int = 0
    known: bool = False
    hole: bool = False
    asked: bool = False

    def absorb_changes(self, changes: dict[str, Any]) -> None:
        if not self.known:
            return
        self._merge(changes["messages"])
        if changes["after"] <= self.rev:
            self.rev = max(self.rev, changes["rev"])
            self.hole = False
        else:
            self.hole = True

    def absorb_page(self, page: dict[str, Any]) -> None:
        first = page["messages"][0]["seq"] if page["messages"] else 0
        adjoins = first <= max(self.messages, default=0) + 1
        if self.known and not adjoins:
            if not self.asked:
                self.hole = True
                return
            # more was missed than can be caught up with: a fresh start
            self.messages.clear()
        self._merge(page["messages"])
        self.rev, self.known, self.asked, self.hole = max(self.rev, page["rev"]), True, False, False

    def _merge(self, messages: list[dict[str, Any]]) -> None:
        self.messages.update((message["seq"], message["client_id"]) for message in messages)


class Talker:
    """A person's tab through all its connections."""

    def __init__(self, run: "Run", person: int) -> None:
        self.run = run
        self.person = person
        self.chat_id = run.town.chat_id(run.town.room_of(person))
        self.token = str(uuid.uuid4())
        self.journal: dict[str, Said] = {}
        self._queue: dict[str, Said] = {}
        self.timeline = Timeline()
        self.tab: TalkerTab | None = None
        self._asked_at = 0.0
        self._sent_at = 0.0
        self._chance = random.Random(person)

    @property
    def waiting(self) -> list[Said]:
        """What has no answer, oldest first."""
        return list(self._queue.values())

    @property
    def acknowledged(self) -> int:
        return len(self.journal) - len(self._queue)

    async def stay_connected(self) -> None:
        """Come back whenever the line breaks, as the pages do."""
        failures = 0
        while True:
            tab = TalkerTab(self, again=self.timeline.known)
            try:
                await open_tab(tab, self.run.server.port)
            except (OSError, TimeoutError):
                failures += 1
                await asyncio.sleep(min(RETRY_LIMIT_SECONDS, RETRY_SECONDS * failures))
                continue
            failures = 0
            self.tab = tab
            for said in self.waiting:
                said.sent_at = -AGAIN_SECONDS
            self.flush()
            await tab.gone.wait()
            self.tab = None

    async def talk(self) -> None:
        """Say something now and then, whether there is a line or not."""
        while True:
            await asyncio.sleep(self._chance.expovariate(self.run.pace(self.person)))
            if self.run.speaking:
                self.say()
            self.flush()

    def say(self) -> None:
        """Write a message into the journal and put it into the queue."""
        client_id = uuid.uuid4().hex[:22]
        said = Said(self.chat_id, client_id, f"Message {client_id} of a tab that is watched.")
        self.journal[client_id] = self._queue[client_id] = said

    def flush(self) -> None:
        """Send what has no answer; ask for what was missed."""
        now = time.monotonic()
        if self.tab is None:
            return
        # one at a time, as the pages send what is said in one chat
        said = next(iter(self.waiting), None)
        if said and now - said.sent_at >= AGAIN_SECONDS and now - self._sent_at >= PACE_SECONDS:
            said.sent_at = self._sent_at = now
            said.times += 1
            message = {"chat_id": said.chat_id, "client_id": said.client_id, "body": said.body}
            self.tab.send_event(SEND, message)
        if self.timeline.hole and now - self._asked_at >= ASK_AGAIN_SECONDS:
            self._asked_at, self.timeline.asked = now, True
            self.tab.send_event(CATCH_UP, {"chat_id": self.chat_id, "rev": self.timeline.rev})

    def hear(self, fields: dict[str, Any]) -> None:
        for key, value in fields.items():
            if key.startswith("page_newest_"):
                self.timeline.absorb_page(value)
            elif key.startswith(("tail_", "missed_")):
                if value["chat"] == self.chat_id:
                    self.timeline.absorb_changes(value)
            elif key.startswith("refused_") and value["client_id"] in self.journal:
                # busy: said again a little later
                self.journal[value["client_id"]].sent_at = time.monotonic() - AGAIN_SECONDS + 1
            for message in value.get("messages", ()) if isinstance(value, dict) else ():
                if said := self._queue.pop(message["client_id"], None):
                    said.acknowledged = True
                    asyncio.get_running_loop().call_later(PACE_SECONDS, self.flush)


class TalkerTab(Tab):
    """One connection of a talker."""

    __slots__ = ("gone", "talker")

    def __init__(self, talker: Talker, *, again: bool) -> None:
        run = talker.run
        super().__init__(run.pages, run.town.cookie(talker.person), talker.chat_id, talker.token, again=again)
        self.talker = talker
        self.gone = asyncio.Event()

    def heard(self, update: bytes, pushed: bool) -> None:
        fields = (json.loads(update).get("delta") or {}).get(FEED)
        if fields:
            self.talker.hear(fields)

    def lost(self) -> None:
        self.gone.set()


class Run:
    """A server that is killed, and everybody on it."""

    def __init__(self, town: Town, pages: Pages, server: Server, database: str, options: argparse.Namespace) -> None:
        self.town = town
        self.pages = pages
        self.server = server
        self.database = database
        self.options = options
        self.speaking = True
        self.talkers = [Talker(self, person) for person in range(town.people)]
        self.in_flight: list[int] = []
        """Messages without an answer at each kill."""
        self.early_losses = 0
        """Acknowledged messages that were not on disk when the server was dead."""

    def pace(self, person: int) -> float:
        """Messages a second of one person."""
        pace = self.options.rate / self.town.people
        watched = self.options.browsers and self.town.room_of(person) == 0
        return pace * WATCHED_PACE if watched else pace

    async def go(self) -> dict[str, Any]:
        began = time.monotonic()
        chance = random.Random()
        async with AsyncExitStack() as stack:
            await asyncio.to_thread(self.server.start)
            watching = await stack.enter_async_context(onlookers(self.server.port, self.town, self.options.browsers))
            tasks = [
                asyncio.create_task(job) for talker in self.talkers for job in (talker.stay_connected(), talker.talk())
            ]
            stack.push_async_callback(_end, tasks)
            for number in range(1, self.options.kills + 1):
                await self._until_flowing()
                await asyncio.sleep(chance.uniform(0.2, 1.5))
                await self._kill()
                await asyncio.to_thread(self.server.start)
                print(f"  kill {number}: {self.in_flight[-1]} without an answer", file=sys.stderr, flush=True)
            await self._until_flowing()
            self.speaking = False
            converged = await self._converge(watching)
            return self._judge(watching) | {"converge_s": converged, "seconds": round(time.monotonic() - began, 1)}

    async def _until_flowing(self) -> None:
        """Everybody is back and has had an answer since."""
        before = [talker.acknowledged for talker in self.talkers]
        give_up = time.monotonic() + CONVERGE_SECONDS
        while time.monotonic() < give_up:
            after = [talker.acknowledged for talker in self.talkers]
            flowing = all(now > then for then, now in zip(before, after, strict=True))
            if flowing and all(talker.tab for talker in self.talkers):
                return
            await asyncio.sleep(0.02)
        raise RuntimeError(f"the talk did not resume:\n{self.server.tail()}")

    async def _kill(self) -> None:
        # everybody speaks at once, so that the end catches messages at every stage: sent, read, written, told
        for talker in self.talkers:
            talker.say()
            talker.flush()
        await asyncio.sleep(random.uniform(0, BURST_SECONDS))
        self.in_flight.append(sum(len([said for said in talker.waiting if said.times]) for talker in self.talkers))
        self.server.kill()
        # what was on the wire is still heard
        await asyncio.sleep(0.1)
        on_disk = {message.client_id for message in await asyncio.to_thread(stored_messages, self.database)}
        self.early_losses += sum(said.acknowledged and said.client_id not in on_disk for said in self._journal())

    async def _converge(self, watching: "list[Onlooker]") -> float:
        """Wait until nobody lacks anything; the seconds it took."""
        began = time.monotonic()
        while time.monotonic() - began < CONVERGE_SECONDS:
            if not any(talker.waiting for talker in self.talkers):
                stored = await asyncio.to_thread(self._stored)
                if not self._diverged(stored) and not await self._blind(watching, stored):
                    break
            await asyncio.sleep(0.5)
        for onlooker in watching:
            await onlooker.look()
        return round(time.monotonic() - began, 1)

    def _stored(self) -> dict[str, list[Stored]]:
        chats: dict[str, list[Stored]] = {}
        for message in stored_messages(self.database):
            chats.setdefault(message.chat_id, []).append(message)
        return chats

    def _diverged(self, stored: dict[str, list[Stored]]) -> int:
        """Tabs whose screen is not the end of the chat as stored, without a gap."""
        wrong = 0
        for talker in self.talkers:
            shown = sorted(talker.timeline.messages.items())
            end = [(message.seq, message.client_id) for message in stored[talker.chat_id]][-len(shown) :]
            wrong += shown != end or not shown
        return wrong

    async def _blind(self, watching: "list[Onlooker]", stored: dict[str, list[Stored]]) -> int:
        return sum([not shows(await onlooker.look(), stored[self.town.chat_id(0)]) for onlooker in watching])

    def _journal(self) -> list[Said]:
        return [said for talker in self.talkers for said in talker.journal.values()]

    def _judge(self, watching: "list[Onlooker]") -> dict[str, Any]:
        stored = self._stored()
        everything = [message for chat in stored.values() for message in chat]
        journal = self._journal()
        acknowledged = [said for said in journal if said.acknowledged]
        names = Counter(message.client_id for message in everything)
        bodies = Counter((message.author, message.body) for message in everything if message.seq > 1)
        return {
            "kills": len(self.in_flight),
            "in_flight": sum(self.in_flight),
            "said": len(journal),
            "said_again": sum(max(0, said.times - 1) for said in journal),
            "acknowledged": len(acknowledged),
            "stored": len(everything) - len(stored),
            "lost": self.early_losses + sum(said.client_id not in names for said in acknowledged),
            "unanswered": len(journal) - len(acknowledged),
            "duplicates": sum(count - 1 for count in (*names.values(), *bodies.values()) if count > 1),
            "gaps": sum(
                [message.seq for message in chat] != list(range(1, len(chat) + 1))
                or sorted(message.rev for message in chat) != list(range(1, len(chat) + 1))
                for chat in stored.values()
            ),
            "tabs": len(self.talkers),
            "diverged": self._diverged(stored),
            "browsers": [onlooker.throttle for onlooker in watching],
            "browsers_diverged": sum(not shows(onlooker.seen, stored[self.town.chat_id(0)]) for onlooker in watching),
        }


def shows(seen: list[tuple[int, str]], chat: list[Stored]) -> bool:
    """Whether a screen is the end of the chat as stored, without a gap."""
    return bool(seen) and seen == [(message.seq, message.body) for message in chat][-len(seen) :]


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def kill(options: argparse.Namespace) -> dict[str, Any]:
    """One whole run; what came of it."""
    build_pages()
    town = new_town(options.people, ROOM_SIZE)
    with tempfile.TemporaryDirectory(prefix="chat-kill-") as place, temporary_database(Path(place)) as database:
        settle(database, town, chats_per_person=1)
        # pages call the address they were built for
        server = Server(Path(place), database, built_port() if options.browsers else options.port)
        try:
            return uvloop.run(Run(town, Pages(*compiled_state()), server, database, options).go())
        finally:
            server.kill()


FAULTS = ("lost", "unanswered", "duplicates", "gaps", "diverged", "browsers_diverged")


def main() -> int:
    options = parser().parse_args()
    end_properly()
    try:
        found = kill(options)
    except KeyboardInterrupt:
        return 130
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:20} {value}")
    return 1 if any(found[fault] for fault in FAULTS) else 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--people", type=int, default=12, help=f"in chats of {ROOM_SIZE}, one tab each")
    parser.add_argument("--rate", type=float, default=100, help="messages a second, of all together")
    parser.add_argument(
        "--browsers", action="store_true", help="Chromium watches too, at full speed and slowed 6 times"
    )
    parser.add_argument("--port", type=int, default=0, help="the server's; a free one by itself")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
