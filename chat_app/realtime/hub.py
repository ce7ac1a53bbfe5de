"""Who is listening to what, and what they hear of it.

The bus says that a chat moved; the hub reads the changes once and sends them to everybody in the chat's room. The
first change of a quiet chat goes at once, later ones together. A socket is in the room of its person, of its session
and of the person's chats, each after a membership check, and leaves with the right to be there.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Container, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import reflex as rx

from chat_app.domain.chats.events import (
    ChatMoved,
    GroupChanged,
    ListingChanged,
    MembersJoined,
    MembersLeft,
    ReadMoved,
)
from chat_app.domain.chats.queries import group_view, my_chat_ids, person_shown
from chat_app.domain.chats.rules import SHOWN_PRESENT
from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.work import SYSTEM, Person
from chat_app.domain.messages.queries import Changes, read_by, read_with, tails_of
from chat_app.domain.users.events import BlockChanged, ChoicesChanged, PersonChanged, SessionsEnded
from chat_app.domain.users.queries import PersonView, reserved_among
from chat_app.infrastructure.identity import Identities
from chat_app.infrastructure.unit_of_work import ask
from chat_app.realtime.events import Typing
from chat_app.realtime.presence import GRACE_SECONDS, Presence, Tell
from chat_app.realtime.push import (
    Push,
    gone_field,
    group_field,
    person_field,
    presence_field,
    read_field,
    relist_field,
    reread_field,
    tail_field,
    typing_field,
    unread_field,
)
from chat_app.realtime.socket_server import NAMESPACE, GuardedServer

log = logging.getLogger(__name__)

ENDED_REMEMBERED = 1000
"""Sessions that ended lately: a tab may be on its way in while its session ends."""

TOGETHER_SECONDS = 0.02
"""How long a chat's next changes wait for company after one was sent."""

TYPING_SECONDS = 0.5
TYPING_AT_ONCE = 3
"""A tab that says more often that its person types is not passed on; ours say it every three seconds, and with the
first letter of each message."""

QUIET = "quiet"
"""The room of those who are not told how far others have read, since they do not tell either."""


@dataclass
class Room:
    """What the hub remembers of a chat while it is busy."""

    rev: int = 0
    """The revision the bus last told of; 0 while it told of none."""
    after: int = 0
    """All up to this revision was sent."""
    read: dict[UserId, int] = field(default_factory=dict[UserId, int])
    """Reading positions still to be sent."""
    looks: bool = False
    """It is a group that looks otherwise now, which is still to be sent."""
    waiting: bool = False
    """Its turn to be sent is on the way."""
    free_at: float = 0.0
    """When the next may be sent, on the monotonic clock."""
    entering: dict[str, dict[str, Any]] | None = None
    """While its news are read: the sockets that are to hear what comes after them, and what they are told then."""

    @property
    def has_news(self) -> bool:
        return self.rev > self.after or bool(self.read) or self.looks


class Hub:
    """The listeners of one process. `tell` reaches the hubs of all, this one too; without it there is only this.

    `process` tells it from the others; empty where there are none.
    """

    def __init__(
        self,
        server: GuardedServer,
        identities: Identities,
        sign_in_page: str,
        *,
        process: str = "",
        tell: Tell | None = None,
        grace: float = GRACE_SECONDS,
        together_seconds: float = TOGETHER_SECONDS,
    ) -> None:
        self.push = Push(server)
        self.presence = Presence(
            self.push, server.manager, process=process, tell=tell if process else None, grace=grace
        )
        self._tell: Tell = tell or self.hear
        self._server = server
        self._identities = identities
        self._sign_in_page = sign_in_page
        self._together = together_seconds
        self._busy: dict[ChatId, Room] = {}
        self._ended: deque[Row] = deque(maxlen=ENDED_REMEMBERED)
        self._arriving: dict[UserId, list[set[ChatId]]] = {}
        """Of people whose tabs are on their way in: the chats they lost meanwhile."""
        self._due: list[tuple[ChatId, Room]] = []
        self._sending: asyncio.Task[None] | None = None
        self._sent = asyncio.Event()
        """Set when what is being read now was sent."""
        self._doing: set[asyncio.Task[None]] = set()

    async def belong(self, sid: str, person: Person) -> None:
        """A socket is this person's, confirmed or not: it ends with their session."""
        self._server.manager.enter(sid, session_room(person.session))
        if person.session in self._ended:
            # it was ended while this tab was on its way in
            await self._cut(person.session)

    async def watch(self, sid: str, person: Person) -> None:
        """Let a socket hear what its person may hear. Call it before reading what is to be shown: what happens in
        between is then heard, not lost."""
        enter = self._server.manager.enter
        enter(sid, user_room(person.user_id))
        standing = await self.presence.enter(sid, person)
        if standing is not None and not standing.receipts:
            enter(sid, QUIET)
        lost: set[ChatId] = set()
        self._arriving.setdefault(person.user_id, []).append(lost)
        try:
            chat_ids = await ask(person, my_chat_ids)
        finally:
            self._arriving[person.user_id].remove(lost)
            if not self._arriving[person.user_id]:
                del self._arriving[person.user_id]
        # read before they were excluded, it would let them in afterwards
        later = [chat_id for chat_id in chat_ids if chat_id not in lost and not self._enter(sid, chat_id, {})]
        if later:
            await self._sent.wait()
        await self.belong(sid, person)

    def _enter(self, sid: str, chat_id: ChatId, told: dict[str, Any]) -> bool:
        """Let a socket hear a chat. False where that begins only when what is being read of it was sent, which may have
        been said before its person had a seat; it is `told` something then, for what was said with it or after it."""
        room = self._busy.get(chat_id)
        if room is not None and room.entering is not None:
            room.entering[sid] = told
            return False
        self._server.manager.enter(sid, chat_room(chat_id))
        return True

    def show(self, sid: str, chat_id: ChatId) -> None:
        """A tab has this chat on screen now, and no other; an empty id is none. It must be in the chat's room."""
        screen, manager = self.presence.screens.get(sid), self._server.manager
        if screen is None or screen.chat == chat_id:
            return
        if screen.chat:
            manager.basic_leave_room(sid, NAMESPACE, open_room(screen.chat))
        screen.chat = ChatId("")
        if chat_id and sid in manager.members(chat_room(chat_id)):
            screen.chat = chat_id
            manager.enter(sid, open_room(chat_id))

    async def typing(self, sid: str, person: Person, chat_id: ChatId) -> None:
        """A person types in the chat that their tab shows. Costs no question: the tab would not show another's."""
        screen, now = self.presence.screens.get(sid), time.monotonic()
        if screen is None or (screen.person, screen.chat) != (person.user_id, chat_id):
            return
        if screen.typing_until - now > TYPING_SECONDS * (TYPING_AT_ONCE - 1):
            return
        screen.typing_until = max(now, screen.typing_until) + TYPING_SECONDS
        standing = self.presence.standing(person.user_id)
        said = self._tell([Typing(chat_id, person.user_id, standing.name if standing else "")])
        if said is not None:
            await said

    async def hear(self, events: Sequence[Event]) -> None:
        """What the bus calls with news; returns at once."""
        for event in events:
            match event:
                case ChatMoved(chat_id, rev):
                    if room := self._room(chat_id):
                        room.after = room.after if room.rev else rev - 1
                        room.rev = max(room.rev, rev)
                        self._wake(chat_id, room)
                case ReadMoved(chat_id, person, seq, told=False):
                    self.push.fields(user_room(person), read_field(chat_id, {person: seq}))
                case ReadMoved(chat_id, person, seq):
                    if room := self._room(chat_id):
                        room.read[person] = max(seq, room.read.get(person, 0))
                        self._wake(chat_id, room)
                case MembersJoined(chat_id, people):
                    self._join(chat_id, people)
                case MembersLeft(chat_id, people, why):
                    self._part(chat_id, people, why)
                case GroupChanged(chat_id):
                    if room := self._room(chat_id):
                        room.looks = True
                        self._wake(chat_id, room)
                case ListingChanged(person=person):
                    self.push.fields(user_room(person), relist_field())
                case BlockChanged(blocker, blocked):
                    self._do(self._sunder(UserId(blocker), UserId(blocked)))
                case ChoicesChanged(user, row, reading, picture, hides):
                    self._do(self._rechoose(UserId(user), Row(row) if reading else None, hides=hides))
                    if picture:
                        # it may be shown now, or not any more
                        self._do(self._show_person(Row(row)))
                case Typing(chat_id, person, name):
                    self._show_typing(chat_id, person, name)
                case PersonChanged(user_id, row):
                    self._identities.forget_person(Row(row))
                    self._do(self._rechoose(UserId(user_id)))
                    self._do(self._show_person(Row(row)))
                case SessionsEnded(sessions=sessions):
                    await self._end([Row(session) for session in sessions])
                case _:
                    self.presence.hear(event)

    def _join(self, chat_id: ChatId, people: Sequence[UserId]) -> None:
        """Who has a seat now hears what comes next."""
        for person in people:
            for sid in self._server.manager.sids(user_room(person)):
                self._enter(sid, chat_id, relist_field())
            for lost in self._arriving.get(person, ()):
                lost.discard(chat_id)
        if self._server.manager.has(open_room(chat_id)):
            self._do(self._show_newcomers(chat_id, people))

    async def _show_newcomers(self, chat_id: ChatId, people: Sequence[UserId]) -> None:
        """Those who tell only whom they have talked with are shown when the chat is opened anew."""
        silent = await ask(SYSTEM, reserved_among, people)
        self._show_around(chat_id, came=[person for person in people if person not in silent])

    def _part(self, chat_id: ChatId, people: Sequence[UserId], why: str) -> None:
        """Who has no seat any more hears nothing more, from this moment on."""
        manager, room = self._server.manager, self._busy.get(chat_id)
        for person in people:
            for sid in manager.sids(user_room(person)):
                manager.basic_leave_room(sid, NAMESPACE, chat_room(chat_id))
                if room is not None and room.entering is not None:
                    room.entering.pop(sid, None)
                if (screen := self.presence.screens.get(sid)) is not None and screen.chat == chat_id:
                    self.show(sid, ChatId(""))
                    self.presence.look(sid, around=())
            for lost in self._arriving.get(person, ()):
                lost.add(chat_id)
            self.push.fields(user_room(person), gone_field(chat_id, why))
            if why == "closed":
                # in the chats where they still have a seat they are shown so by their change
                self.push.fields(chat_room(chat_id), person_field(PersonView(person, "", "")))
        self._show_around(chat_id, went=people)

    def _show_around(self, chat_id: ChatId, *, came: Sequence[UserId] = (), went: Sequence[UserId] = ()) -> None:
        """Whoever has the chat on screen sees who of its people is here."""
        for sid in self._server.manager.sids(open_room(chat_id)):
            if fields := self.presence.move(sid, came=came, went=went, most=SHOWN_PRESENT):
                self.push.fields(sid, fields)

    async def _show_person(self, row: Row) -> None:
        """A name or picture is another one: wherever the person is seen, and in their own tabs."""
        shown = await ask(SYSTEM, person_shown, row)
        if shown is None:
            return
        person, pictures = shown
        # whoever sees the picture in one chat sees it in all
        rooms = [
            (chat_room(chat_id), picture) for chat_id, picture in sorted(pictures.items(), key=lambda each: each[1])
        ]
        rooms.append((user_room(person.user_id), person.picture))
        self._tell_each((room, person_field(replace(person, picture=picture)), ()) for room, picture in rooms)

    def _tell_each(self, told: Iterable[tuple[str, dict[str, Any], Sequence[Container[str]]]]) -> None:
        """Send fields to rooms, except to some: to a tab that hears several of them all at once. One by one they
        could be more than may wait for it, and somebody in hundreds of chats would be cut off."""
        heard: dict[str, dict[str, Any]] = {}
        for room, fields, without in told:
            for sid in self._server.manager.sids(room):
                if not any(sid in apart for apart in without):
                    heard[sid] = heard.get(sid, {}) | fields
        for sid, fields in heard.items():
            self.push.fields(sid, fields)

    async def _sunder(self, blocker: UserId, blocked: UserId) -> None:
        """Somebody blocked somebody, or lifted it: their list and open chat are others now. The other one is told what
        they are told of somebody who hides, or shows themselves again."""
        facing = self.presence.facing(blocker) & self.presence.own(blocked)
        theirs = await self.presence.restand_unnoticed(blocked, blocker)
        facing |= self.presence.facing(blocker) & self.presence.own(blocked)
        self._tell_facing(blocker, facing, hides=theirs is not None and blocker in theirs.apart)
        standing = await self.presence.restand(blocker)
        if standing is None:
            return
        mine = user_room(blocker)
        if blocked in standing.apart:
            self.push.fields(mine, unread_field(blocked))
        else:
            read = await ask(SYSTEM, read_by, blocked, blocker)
            self._tell_each((mine, reread_field(chat_id, {blocked: seq}), ()) for chat_id, seq in read)
        self.push.fields(mine, relist_field())

    async def _rechoose(self, person: UserId, rereads: Row | None = None, *, hides: bool | None = None) -> None:
        """Somebody tells others more or less of themselves, and is told as much. `rereads` is their row if that is
        about how far they have read; `hides` as in `ChoicesChanged`."""
        standing = await self.presence.restand(person)
        for sid in self._server.manager.sids(user_room(person)):
            if standing is not None and not standing.receipts:
                self._server.manager.enter(sid, QUIET)
            else:
                self._server.manager.basic_leave_room(sid, NAMESPACE, QUIET)
        if rereads is not None:
            await self._reread(person, rereads)
        if hides is not None:
            self._tell_facing(person, self.presence.facing(person), hides=hides)
            self.push.fields(user_room(person), relist_field())

    def _tell_facing(self, person: UserId, tabs: Iterable[str], *, hides: bool) -> None:
        """What stands under the name of an open chat was read with it; who hides may not even be here."""
        fields = relist_field() | (presence_field(person, -1) if hides else {})
        for sid in tabs:
            self.push.fields(sid, fields)

    async def _reread(self, person: UserId, row: Row) -> None:
        """Somebody tells how far they have read again, and is told it of others; or neither any more."""
        told = await ask(SYSTEM, read_with, row)
        if not any(user == person for _, user, _ in told):
            shown = await ask(SYSTEM, person_shown, row)
            own, field = (self.presence.own(person),), unread_field(person)
            self._tell_each((chat_room(chat_id), field, own) for chat_id in (shown[1] if shown else ()))
            return
        own, quiet, deaf = self.presence.own(person), self._server.manager.members(QUIET), self.presence.deaf_to(person)
        mine = {chat_id: seq for chat_id, user, seq in told if user == person}
        theirs: dict[ChatId, dict[UserId, int]] = {}
        for chat_id, user, seq in [each for each in told if each[1] != person]:
            theirs.setdefault(chat_id, {})[user] = seq
        self._tell_each(
            [
                *(
                    (chat_room(chat), reread_field(chat, {person: seq}), (own, quiet, deaf))
                    for chat, seq in mine.items()
                ),
                *((user_room(person), reread_field(chat, read), ()) for chat, read in theirs.items()),
                (user_room(person), relist_field(), ()),
            ]
        )

    def _show_typing(self, chat_id: ChatId, person: UserId, name: str) -> None:
        room = open_room(chat_id)
        if self._server.manager.has(room):
            without = (self.presence.own(person), self.presence.deaf_to(person))
            self.push.fields(room, typing_field(chat_id, person, name), without=without)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done that `hear` need not wait for."""
        task = asyncio.create_task(work)
        self._doing.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._doing.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a change was not shown", exc_info=error)

    async def close(self) -> None:
        """Stop sending."""
        tasks = [*self._doing, *([self._sending] if self._sending is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.presence.close()

    @property
    def idle(self) -> bool:
        """Nothing is on its way to anybody."""
        return not self._doing and (self._sending is None or self._sending.done()) and not self._waiting

    @property
    def _waiting(self) -> bool:
        return any(room.waiting for room in self._busy.values())

    def _room(self, chat_id: ChatId) -> Room | None:
        """A chat's room, if anybody here listens to it."""
        if not self._server.manager.has(chat_room(chat_id)):
            return None
        return self._busy.setdefault(chat_id, Room())

    def _wake(self, chat_id: ChatId, room: Room) -> None:
        if room.waiting:
            return
        room.waiting = True
        wait = room.free_at - time.monotonic()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._send_soon, chat_id, room)
        else:
            self._send_soon(chat_id, room)

    def _send_soon(self, chat_id: ChatId, room: Room) -> None:
        self._due.append((chat_id, room))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_due())

    async def _send_due(self) -> None:
        """Send the news of all chats whose turn it is: read together, since the way to the database costs most."""
        while self._due:
            due, self._due = self._due, []
            self._sent = asyncio.Event()
            for _, room in due:
                room.entering = {}
            try:
                await self._send(due)
            finally:
                for chat_id, room in due:
                    self._let_in(chat_id, room)
                self._sent.set()

    async def _send(self, due: Sequence[tuple[ChatId, Room]]) -> None:
        wanted = [(chat_id, room.after) for chat_id, room in due if room.rev > room.after]
        tails = await self._read_tails(wanted) if wanted else {}
        looks = await self._read_looks([(chat_id, room) for chat_id, room in due if room.looks])
        for chat_id, room in due:
            changes = tails.get(chat_id)
            fields = (tail_field(chat_id, changes) if changes else {}) | looks.get(chat_id, {})
            if fields:
                self.push.fields(chat_room(chat_id), fields)
            # without an answer the tabs will find the hole in the revisions, and ask
            room.after = max(room.after, changes.rev if changes else room.rev)
            room.rev = max(room.rev, room.after)
            if room.read:
                read, room.read = room.read, {}
                self._show_read(chat_id, read)
            self._rest(chat_id, room)

    def _let_in(self, chat_id: ChatId, room: Room) -> None:
        entering, room.entering = room.entering or {}, None
        for sid, told in entering.items():
            self._server.manager.enter(sid, chat_room(chat_id))
            if told:
                self.push.fields(sid, told)

    def _show_read(self, chat_id: ChatId, read: dict[UserId, int]) -> None:
        quiet = self._server.manager.members(QUIET)
        for person in [person for person in read if self.presence.deaf_to(person)]:
            field = read_field(chat_id, {person: read.pop(person)})
            self.push.fields(chat_room(chat_id), field, without=(quiet, self.presence.deaf_to(person)))
        if read:
            self.push.fields(chat_room(chat_id), read_field(chat_id, read), without=(quiet,))

    async def _read_tails(self, wanted: list[tuple[ChatId, int]]) -> dict[ChatId, Changes]:
        try:
            return await ask(SYSTEM, tails_of, wanted)
        except Exception:
            log.exception("the changes of %d chats were not sent", len(wanted))
            return {}

    async def _read_looks(self, due: list[tuple[ChatId, Room]]) -> dict[ChatId, dict[str, Any]]:
        """How groups look now, as fields."""
        looks: dict[ChatId, dict[str, Any]] = {}
        for chat_id, room in due:
            # what changes while this is read is another change
            room.looks = False
            try:
                group = await ask(SYSTEM, group_view, chat_id)
            except Exception:
                log.exception("how a group looks was not sent")
                continue
            if group is not None:
                looks[chat_id] = group_field(group)
        return looks

    def _rest(self, chat_id: ChatId, room: Room) -> None:
        room.waiting = False
        room.free_at = time.monotonic() + self._together
        if room.has_news:
            self._wake(chat_id, room)
        else:
            asyncio.get_running_loop().call_later(self._together, self._forget, chat_id, room)

    def _forget(self, chat_id: ChatId, room: Room) -> None:
        if not room.waiting and self._busy.get(chat_id) is room:
            del self._busy[chat_id]

    async def _end(self, sessions: Sequence[Row]) -> None:
        """Sign the tabs of ended sessions out: told first, cut at once."""
        self._identities.forget(sessions)
        self._ended.extend(sessions)
        for session in sessions:
            await self._cut(session)

    async def _cut(self, session: Row) -> None:
        self.push.events(session_room(session), rx.redirect(self._sign_in_page))
        await self._server.disconnect_sids(self._server.manager.sids(session_room(session)))


def user_room(person: UserId) -> str:
    return f"user:{person}"


def session_room(session: Row) -> str:
    return f"session:{session}"


def chat_room(chat_id: ChatId) -> str:
    return f"chat:{chat_id}"


def open_room(chat_id: ChatId) -> str:
    return f"open:{chat_id}"


_hub: Hub | None = None


def start_hub(hub: Hub | None) -> None:
    """Make `hub` the one of this process; None takes it away."""
    global _hub
    _hub = hub


def the_hub() -> Hub:
    """The hub of this process. Raises RuntimeError before the start and after the end."""
    if _hub is None:
        raise RuntimeError("the server has not started")
    return _hub
