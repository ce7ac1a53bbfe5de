"""How long a change of a large group takes to reach everybody: `python -m bench.groups --members 1000`.

Everybody in one group has it open; its owner adds somebody, renames the group, excludes them again, and so on. Each
figure runs from the owner's click to the moment the change is there at the last socket, members' and newcomer's alike.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import uvloop
from sqlalchemy import create_engine, update

from bench.live import end_properly, positive, running, say
from bench.load import milliseconds, raise_open_files
from bench.seeding import Town, new_town, settle, temporary_database
from bench.server import Server, build_pages, compiled_state, cpu_seconds
from bench.tab import Pages, Tab, open_tab
from chat_app.domain.chats.tables import Member

GROUP_STATE = "reflex___state____state.chat_app___pages___main___group_state____group_state"
AT_ONCE = 100
HEARD_SECONDS = 30
"""How long a change is waited for before the run is given up."""


def main() -> int:
    options = parser().parse_args()
    end_properly()
    try:
        figures = groups(options)
    except KeyboardInterrupt:
        return 130
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:28} {value}")
    return 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.groups", description=__doc__)
    parser.add_argument("--members", type=positive(int), default=1000, help="people, all online; the last is outside")
    parser.add_argument("--rounds", type=positive(int), default=10, help="how often somebody is added and excluded")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser


def groups(options: argparse.Namespace) -> dict[str, Any]:
    """One whole run; its figures."""
    load_before = os.getloadavg()[0]
    raise_open_files(65_536)
    build_pages()
    # the last one is in no group yet, but in a room of their own
    town = new_town(options.members, options.members - 1)
    with tempfile.TemporaryDirectory(prefix="chat-bench-") as place, temporary_database(Path(place)) as database:
        settle(database, town, 1)
        _appoint(database)
        with running(Server(Path(place), database)) as server:
            figures = uvloop.run(changes(Crowd(town), server, options.rounds))
    return {"members": options.members, **figures, "load_before": round(load_before, 2)}


def _appoint(database: str) -> None:
    """Make the first person the owner of the group."""
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(update(Member).where(Member.chat == 1, Member.person == 1).values(role="owner"))  # pyright: ignore
    engine.dispose()


class Crowd:
    """Everybody's tab, and who of them has heard of the latest change."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.tabs: list[GroupTab] = []
        self.mark = b""
        """What the update that tells of the change holds."""
        self.missing: set[int] = set()
        self.last_at = 0.0
        self.everybody = asyncio.Event()

    def expect(self, mark: bytes, people: range) -> None:
        self.mark, self.missing, self.everybody = mark, set(people), asyncio.Event()

    def heard(self, person: int) -> None:
        self.missing.discard(person)
        self.last_at = time.perf_counter()
        if not self.missing:
            self.everybody.set()


class GroupTab(Tab):
    """A person's tab with the group open; that of the last one is elsewhere."""

    __slots__ = ("crowd", "person")

    def __init__(self, crowd: Crowd, pages: Pages, person: int) -> None:
        town = crowd.town
        super().__init__(pages, town.cookie(person), town.chat_id(town.room_of(person)))
        self.crowd, self.person = crowd, person

    def heard(self, update: bytes, pushed: bool) -> None:
        if self.person in self.crowd.missing and self.crowd.mark in update:
            self.crowd.heard(self.person)


async def changes(crowd: Crowd, server: Server, rounds: int) -> dict[str, Any]:
    """Change the group again and again; the figures."""
    town, pages = crowd.town, Pages(*compiled_state())
    crowd.tabs = [GroupTab(crowd, pages, person) for person in range(town.people)]
    for first in range(0, town.people, AT_ONCE):
        await asyncio.gather(*(open_tab(tab, server.port) for tab in crowd.tabs[first : first + AT_ONCE]))
    say(f"{town.people} tabs are open")
    await asyncio.sleep(1)

    chat, newcomer, inside = town.chat_id(0), town.people - 1, town.people - 1
    person = {"chat_id": chat, "person": f"bench-user-{newcomer:011d}"}
    took: dict[str, list[float]] = {"added": [], "renamed": [], "excluded": []}
    cpu = cpu_seconds(server.pid)
    for number in range(rounds):
        steps = (
            ("added", "add", {"chat_id": chat, "people": [person["person"]]}, f'"members":{inside + 1}', True),
            ("renamed", "save", {"chat_id": chat, "title": f"No {number}", "description": ""}, f"No {number}", True),
            ("excluded", "do", person | {"danger": "exclude"}, f'"members":{inside}', False),
        )
        for name, handler, payload, mark, newcomer_too in steps:
            crowd.expect(mark.encode(), range(inside + newcomer_too))
            began = time.perf_counter()
            crowd.tabs[0].send_event(f"{GROUP_STATE}.{handler}", payload)
            async with asyncio.timeout(HEARD_SECONDS):
                await crowd.everybody.wait()
            took[name].append(crowd.last_at - began)
            # the next change is another one
            await asyncio.sleep(0.2)
    cpu = cpu_seconds(server.pid) - cpu
    figures: dict[str, Any] = {}
    for name, times in took.items():
        figures |= {f"{name}_p50_ms": milliseconds(median(times)), f"{name}_max_ms": milliseconds(max(times))}
    closed = sum(1 for tab in crowd.tabs if tab.closed)
    return figures | {"cpu_ms_per_change": milliseconds(cpu / (3 * rounds)), "dropped": closed}


if __name__ == "__main__":
    sys.exit(main())
