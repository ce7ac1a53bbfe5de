"""Who is here, and who has whom on screen.

Somebody is here while one of their tabs is open in any process, and for a moment longer: a reload is no farewell. A tab
hears only of those it has on screen, and what changes within half a second together. The people of other processes are
known by what these tell over the bus; one that falls silent takes its people with it. The database learns only when
somebody was here last, many people at a time.
"""

import asyncio
import logging
import sys
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.work import SYSTEM, Person
from chat_app.domain.users.actions import note_last_seen, note_lost
from chat_app.domain.users.queries import Standing, standing_of
from chat_app.infrastructure.unit_of_work import ask, perform, the_doors
from chat_app.realtime.events import PeopleAsked, PeopleCame, PeopleHere, PeopleWent, ProcessLives
from chat_app.realtime.push import Push, presence_field, present_field
from chat_app.realtime.socket_server import RoomManager

log = logging.getLogger(__name__)

GRACE_SECONDS = 10.0
"""How long somebody without a tab still counts as here."""

TOGETHER_SECONDS = 0.5
"""How long changes wait for others, so that one frame tells a tab of all."""

FRAMES_AT_ONCE = 250
"""Tabs that are told within that time, at most: when everybody comes back at once, messages go first."""

NOTE_SECONDS = 2.0
"""How long it takes until the database is told of those who left."""

NOTED_AT_ONCE = 200
LIVES_SECONDS = 10.0
"""How often a process says that it lives."""

SILENT_SECONDS = 35.0
"""After three that did not come it is taken for dead."""

SHARES = 30
"""Of those who are here the database learns it too, each share of them in its turn: a server that is killed knows of
each, when it comes back, that they were here not longer ago than all turns take."""

NO_CHAT = ChatId("")

Tell = Callable[[Sequence[Event]], Awaitable[None] | None]


@dataclass(slots=True)
class Guest:
    """Somebody with a tab in this process, or until a moment ago."""

    row: Row
    standing: Standing
    sids: set[str] = field(default_factory=set[str])
    left_at: datetime | None = None
    """When the last of their tabs closed."""


@dataclass(slots=True)
class Screen:
    """What one tab shows."""

    person: UserId
    chat: ChatId = NO_CHAT
    """The chat that is open; none is empty."""
    listed: tuple[UserId, ...] = ()
    """People in its list of chats."""
    around: tuple[UserId, ...] = ()
    """People in the open chat."""
    crowd: bool = False
    """There are too many of them to show who is here."""
    watching: tuple[UserId, ...] = ()
    """Those of both of whom it may hear."""
    typing_until: float = 0.0
    """What was passed on of its typing fills its share up to this moment, on the monotonic clock."""


class Presence:
    """Who is here, for the tabs of one process.

    `process` tells it from others, which `tell` reaches; without it there are none.
    """

    def __init__(
        self,
        push: Push,
        manager: RoomManager,
        *,
        process: str = "",
        tell: Tell | None = None,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self.screens: dict[str, Screen] = {}
        self._push = push
        self._manager = manager
        self._process = process
        self._tell = tell
        self._grace = grace
        self._guests: dict[UserId, Guest] = {}
        self._shunned: dict[UserId, set[UserId]] = {}
        """Of whom which guests shall not hear."""
        self._watchers: dict[UserId, set[str]] = {}
        self._leaving: dict[UserId, float] = {}
        """Guests without a tab and until when they count; the first to go comes first."""
        self._sweeping = False
        self._changed: dict[str, dict[UserId, int]] = {}
        """What tabs are still to be told: 0 for here, else since when not."""
        self._came: dict[UserId, None] = {}
        self._went: dict[UserId, int] = {}
        self._ticking = False
        self._elsewhere: dict[str, set[UserId]] = {}
        self._heard_at: dict[str, float] = {}
        self._to_note: dict[Row, datetime] = {}
        self._noting: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Future[None]] = set()
        self._changes = 0
        """How often somebody's standing changed: what was read before is read again."""
        manager.closed = self._close

    # tabs

    async def enter(self, sid: str, person: Person) -> Standing | None:
        """A tab of somebody is open; says how they stand. None of a tab that closed meanwhile."""
        user = person.user_id
        if sid not in self.screens:
            guest = self._guests.get(user) or await self._welcome(person)
            if guest is None or not self._manager.has_sid(sid):
                self._farewell(user)
                return None
            user = _one(user)
            self.screens[sid] = Screen(user)
            fresh = not guest.sids and user not in self._leaving
            guest.sids.add(sid)
            guest.left_at = None
            self._leaving.pop(user, None)
            if fresh and not guest.standing.hidden:
                self._change(user, 0)
        return self.standing(user)

    async def _welcome(self, person: Person) -> Guest | None:
        standing = await self._stand(person.row)
        if standing is None:
            return None
        user = person.user_id
        if user not in self._guests:
            self._guests[user] = Guest(person.row, standing)
            self._shun(user, standing.apart)
        return self._guests[user]

    async def _stand(self, row: Row) -> Standing | None:
        """How somebody stands to others, as of now: what changed while it was read is read again."""
        while True:
            changes = self._changes
            standing = await ask(SYSTEM, standing_of, row)
            if changes == self._changes:
                return standing

    def _close(self, sid: str) -> None:
        """What the socket server calls when a tab is gone."""
        self._changed.pop(sid, None)
        screen = self.screens.pop(sid, None)
        if screen is None:
            return
        self._unwatch(sid, screen)
        guest = self._guests[screen.person]
        guest.sids.discard(sid)
        if not guest.sids:
            guest.left_at = the_doors().clock.now()
            self._leaving[screen.person] = time.monotonic() + self._grace
            self._sweep_soon()

    def _farewell(self, user: UserId) -> None:
        """Forget somebody who never got a tab."""
        guest = self._guests.get(user)
        if guest is not None and not guest.sids and user not in self._leaving:
            self._forget(user, guest)

    def _sweep_soon(self) -> None:
        if self._leaving and not self._sweeping:
            self._sweeping = True
            wait = next(iter(self._leaving.values())) - time.monotonic()
            asyncio.get_running_loop().call_later(max(0.0, wait), self._sweep)

    def _sweep(self) -> None:
        self._sweeping = False
        now = time.monotonic()
        for user, until in list(self._leaving.items()):
            if until > now:
                break
            del self._leaving[user]
            self._part(user)
        self._sweep_soon()

    def _part(self, user: UserId) -> None:
        guest = self._guests[user]
        self._forget(user, guest)
        if guest.left_at is None:
            return
        self._note(guest.row, guest.left_at)
        if not guest.standing.hidden:
            self._change(user, milliseconds(guest.left_at))

    def _forget(self, user: UserId, guest: Guest) -> None:
        del self._guests[user]
        self._unshun(user, guest.standing.apart)

    # who hears of whom

    def online(self, user: UserId) -> bool:
        """Whether somebody is here and lets it be seen."""
        guest = self._guests.get(user)
        if guest is not None and not guest.standing.hidden:
            return True
        return any(user in people for people in self._elsewhere.values())

    def look(
        self,
        sid: str,
        *,
        listed: Iterable[UserId] | None = None,
        around: Iterable[UserId] | None = None,
        crowd: bool = False,
    ) -> dict[str, Any]:
        """A tab shows these people now, in its list or in the open chat; None for the same as before. `crowd`: there
        are more in the open chat than are shown. What it is to be told at once: who of them is here."""
        screen = self.screens.get(sid)
        if screen is None:
            return {}
        if listed is not None:
            screen.listed = tuple(map(_one, listed))
        if around is not None:
            screen.around, screen.crowd = tuple(map(_one, around)), crowd
        return self._watch(sid, screen)

    def move(self, sid: str, *, came: Sequence[UserId] = (), went: Sequence[UserId] = (), most: int) -> dict[str, Any]:
        """People came into the open chat of a tab, or left it; it shows at most so many. What it is to be told."""
        screen = self.screens.get(sid)
        if screen is None or screen.crowd:
            return {}
        gone = {screen.person, *went}
        around = [user for user in dict.fromkeys((*screen.around, *came)) if user not in gone]
        crowd = len(around) >= most
        return self.look(sid, around=() if crowd else around, crowd=crowd)

    def _watch(self, sid: str, screen: Screen) -> dict[str, Any]:
        self._rewatch(sid, screen)
        watching = set(screen.watching)
        # who left a moment ago is still to be told of: since when is not said otherwise
        changed = {user: since for user, since in self._changed.pop(sid, {}).items() if user in watching}
        if changed:
            self._changed[sid] = changed
        return present_field(
            screen.chat,
            here=[user for user in screen.watching if self.online(user)],
            around=[user for user in screen.around if user in watching],
        )

    def _rewatch(self, sid: str, screen: Screen) -> None:
        self._unwatch(sid, screen)
        guest = self._guests[screen.person]
        if not guest.standing.hidden:
            apart = {screen.person, *guest.standing.apart}
            screen.watching = tuple(u for u in dict.fromkeys((*screen.listed, *screen.around)) if u not in apart)
        for user in screen.watching:
            self._watchers.setdefault(user, set()).add(sid)

    def _unwatch(self, sid: str, screen: Screen) -> None:
        for user in screen.watching:
            watchers = self._watchers[user]
            watchers.discard(sid)
            if not watchers:
                del self._watchers[user]
        screen.watching = ()

    def deaf_to(self, user: UserId) -> set[str]:
        """Tabs of those who shall not hear of somebody, nor they of them."""
        return {sid for guest in self._shunned.get(user, ()) for sid in self._guests[guest].sids}

    def facing(self, user: UserId) -> set[str]:
        """Tabs in which a chat with nobody but somebody is open."""
        return {sid for sid in self._watchers.get(user, ()) if self.screens[sid].around == (user,)}

    def standing(self, user: UserId) -> Standing | None:
        """How somebody stands to others who has a tab in this process."""
        guest = self._guests.get(user)
        return guest.standing if guest else None

    def own(self, user: UserId) -> set[str]:
        """Somebody's tabs in this process."""
        guest = self._guests.get(user)
        return guest.sids if guest else set()

    async def restand(self, user: UserId) -> Standing | None:
        """How somebody stands to others is otherwise now, and their tabs are told who is here; None of who is not."""
        standing = await self._restand(user)
        for sid in tuple(self.own(user)) if standing is not None else ():
            self._push.fields(sid, self._watch(sid, self.screens[sid]))
        return standing

    async def restand_unnoticed(self, user: UserId, other: UserId) -> Standing | None:
        """The same of somebody whom `other` blocked, or does not block any more: their tabs hear what they hear when
        `other` hides, or ceases to."""
        standing = await self._restand(user)
        for sid in tuple(self.own(user)) if standing is not None else ():
            screen = self.screens[sid]
            before = other in screen.watching
            self._rewatch(sid, screen)
            if before != (other in screen.watching) and self.online(other):
                self._changed.setdefault(sid, {})[_one(other)] = -1 if before else 0
        if self._changed:
            self._tick_soon()
        return standing

    async def _restand(self, user: UserId) -> Standing | None:
        self._changes += 1
        guest = self._guests.get(user)
        standing = None if guest is None else await self._stand(guest.row)
        guest = self._guests.get(user)
        if guest is None or standing is None:
            return None
        before, guest.standing = guest.standing, standing
        self._unshun(user, before.apart)
        self._shun(user, standing.apart)
        if before.hidden != standing.hidden:
            # of who hides nothing is said any more, not even since when
            self._change(user, 0 if not standing.hidden else -1)
        return standing

    def _shun(self, user: UserId, apart: Iterable[UserId]) -> None:
        for other in apart:
            self._shunned.setdefault(other, set()).add(user)

    def _unshun(self, user: UserId, apart: Iterable[UserId]) -> None:
        for other in apart:
            if (guests := self._shunned.get(other)) is not None:
                guests.discard(user)
                if not guests:
                    del self._shunned[other]

    # changes

    def _change(self, user: UserId, since: int) -> None:
        """Somebody of this process came (0), went, or hid (-1): tell the others, and the tabs that show them."""
        if self._tell is not None:
            if since:
                self._came.pop(user, None)
                self._went[user] = max(0, since)
            else:
                self._went.pop(user, None)
                self._came[user] = None
            self._tick_soon()
        self._show(user, since)

    def _show(self, user: UserId, since: int) -> None:
        if since and self.online(user):
            return
        for sid in self._watchers.get(user, ()):
            self._changed.setdefault(sid, {})[user] = since
        if self._changed:
            self._tick_soon()

    def _tick_soon(self) -> None:
        if not self._ticking:
            self._ticking = True
            asyncio.get_running_loop().call_later(TOGETHER_SECONDS, self._tick)

    def _tick(self) -> None:
        self._ticking = False
        self._tell_others()
        for sid in list(self._changed)[:FRAMES_AT_ONCE]:
            fields: dict[str, Any] = {}
            for user, since in self._changed.pop(sid).items():
                fields |= presence_field(user, since)
            self._push.fields(sid, fields)
        if self._changed:
            self._tick_soon()

    def _tell_others(self) -> None:
        events: list[Event] = []
        if self._came:
            events.append(PeopleCame(self._process, tuple(self._came)))
            self._came = {}
        if gone := tuple(user for user, at in self._went.items() if at):
            events.append(PeopleWent(self._process, gone, max(self._went.values())))
        if hid := tuple(user for user, at in self._went.items() if not at):
            events.append(PeopleWent(self._process, hid, 0))
        self._went = {}
        if events:
            self._say(*events)

    def _say(self, *events: Event) -> None:
        said = self._tell(events) if self._tell is not None else None
        if said is not None:
            telling = asyncio.ensure_future(said)
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)

    # other processes

    def hear(self, event: Event) -> None:
        """What another process told of its people."""
        match event:
            case PeopleCame(process, people) if process != self._process:
                self._hear_from(process)
                self._gather(process, people)
            case PeopleWent(process, people, at) if process != self._process:
                self._hear_from(process)
                self._disperse(process, people, at or -1)
            case PeopleHere(process, people) if process != self._process:
                self._hear_from(process)
                gone = self._elsewhere.get(process, set()).difference(people)
                self._disperse(process, gone, self._now())
                self._gather(process, people)
            case ProcessLives(process, digest) if process != self._process:
                self._hear_from(process)
                if digest != digest_of(self._elsewhere.get(process, ())):
                    self._say(PeopleAsked(self._process, process))
            case PeopleAsked(process, of) if process != self._process and of in ("", self._process):
                self._say(PeopleHere(self._process, tuple(self._seen_here())))
            case _:
                pass

    def _hear_from(self, process: str) -> None:
        self._heard_at[process] = time.monotonic()

    def _gather(self, process: str, people: Iterable[UserId]) -> None:
        there = self._elsewhere.setdefault(process, set())
        for user in people:
            known = self.online(UserId(user))
            there.add(UserId(user))
            if not known:
                self._show(UserId(user), 0)

    def _disperse(self, process: str, people: Iterable[UserId], at: int) -> None:
        there = self._elsewhere.setdefault(process, set())
        for user in people:
            there.discard(UserId(user))
            self._show(UserId(user), at)

    def _seen_here(self) -> Iterable[UserId]:
        return (user for user, guest in self._guests.items() if not guest.standing.hidden)

    async def run(self) -> None:
        """Say now and then that this process lives, bury those that do not, and note who is here."""
        self._say(PeopleAsked(self._process, ""))
        turn = 0
        while True:
            await asyncio.sleep(LIVES_SECONDS)
            self.note_here(turn)
            turn = (turn + 1) % SHARES
            if self._tell is not None:
                self._tell_others()
                self._say(ProcessLives(self._process, digest_of(self._seen_here())))
                self.bury(time.monotonic() - SILENT_SECONDS)

    def note_here(self, turn: int) -> None:
        """Have the database told of those whose turn it is that they are here now."""
        now = the_doors().clock.now()
        for guest in self._guests.values():
            if guest.sids and guest.row % SHARES == turn:
                self._note(guest.row, now)

    def bury(self, before: float) -> None:
        """Take processes for dead that were last heard of before this moment, on the monotonic clock."""
        for process in [process for process, heard in self._heard_at.items() if heard < before]:
            del self._heard_at[process]
            people = list(self._elsewhere.get(process, ()))
            log.warning("a process fell silent, with %d people", len(people))
            self._disperse(process, people, self._now())
            del self._elsewhere[process]
            lost = [user for user in people if not self.online(user)]
            if lost:
                self._say_lost(lost)

    def _say_lost(self, people: Sequence[UserId]) -> None:
        noting = asyncio.ensure_future(perform(SYSTEM, note_lost, people, the_doors().clock.now()))
        self._telling.add(noting)
        noting.add_done_callback(self._telling.discard)

    @staticmethod
    def _now() -> int:
        return milliseconds(the_doors().clock.now())

    # what the database learns

    def _note(self, row: Row, at: datetime) -> None:
        self._to_note[row] = at
        if self._noting is None or self._noting.done():
            self._noting = asyncio.create_task(self._note_soon())

    async def _note_soon(self) -> None:
        await asyncio.sleep(NOTE_SECONDS)
        while self._to_note:
            await self._note_some()

    async def _note_some(self) -> None:
        some = list(self._to_note.items())[:NOTED_AT_ONCE]
        try:
            await perform(SYSTEM, note_last_seen, some)
        except Exception:
            log.warning("when %d people were last here was not noted", len(some), exc_info=True)
            await asyncio.sleep(NOTE_SECONDS)
            return
        for row, at in some:
            if self._to_note.get(row) == at:
                del self._to_note[row]

    async def close(self) -> None:
        """Note of everybody that they were here until now."""
        if self._noting is not None:
            self._noting.cancel()
            await asyncio.gather(self._noting, return_exceptions=True)
        now = the_doors().clock.now()
        self._to_note |= {
            guest.row: guest.left_at if not guest.sids and guest.left_at else now for guest in self._guests.values()
        }
        try:
            for at in range(0, len(self._to_note), NOTED_AT_ONCE):
                await perform(SYSTEM, note_last_seen, list(self._to_note.items())[at : at + NOTED_AT_ONCE])
        except Exception:
            log.warning("when people were last here was not noted", exc_info=True)
        self._manager.closed = lambda _sid: None
        for telling in tuple(self._telling):
            telling.cancel()


def _one(user: str) -> UserId:
    """The same object for the same person: every tab names a few dozen, and most are named by many tabs."""
    return cast(UserId, sys.intern(str(user)))


def digest_of(people: Iterable[UserId]) -> int:
    """The same for the same people, in whatever order."""
    digest = 0
    for user in people:
        digest ^= zlib.crc32(user.encode())
    return digest
