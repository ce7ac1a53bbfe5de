"""The one way anything reaches a browser that did not ask for it: a few fields, straight into the tab's `Feed`.

The server keeps none of them. A field is a whole fact under a key of its own (`tail_<chat>`, `page_<chat>`, `chats`),
so that two that arrive together never overwrite each other, and `assets/timeline.js` puts them together. Sending to
a room costs one encoding and 0.06 ms of work per recipient; through a state var it would cost 1 to 4 ms.
"""

import json
import time
from collections.abc import Container, Sequence
from typing import Any

import reflex as rx
from reflex.event import EventSpec
from reflex_base.event import Event

from chat_app.domain.chats.queries import ChatRow, GroupView, LastMessage
from chat_app.domain.common.ids import ChatId, UserId
from chat_app.domain.common.values import fold
from chat_app.domain.messages.markup import parts_of
from chat_app.domain.messages.queries import Bubble, Changes, Page, Pinned
from chat_app.domain.messages.rules import EVERYONE
from chat_app.domain.users.queries import PersonView, ProfileView
from chat_app.realtime.faces import Face, face_of
from chat_app.realtime.policy import client_events
from chat_app.realtime.socket_server import NAMESPACE, GuardedServer

PLAIN = {"seq", "rev", "author", "name", "client_id", "at", "text"}
"""What every message has."""

LISTS = {"mentions", "reactions", "files"}
NESTED = {"about", "reply"} | LISTS


class Feed(rx.State):
    """What is pushed arrives in the browser as fields of this state; on the server it stays as it is."""

    live: bool = True


class Push:
    """Sends through one process's socket server."""

    def __init__(self, server: GuardedServer) -> None:
        self._server = server
        self._feed = Feed.get_full_name()

    def fields(self, room: str, fields: dict[str, Any], *, without: Sequence[Container[str]] = ()) -> int:
        """Put `fields` into the feed of every socket in `room` (a socket's own id is a room too) that is in none of
        `without`; says to how many."""
        return self._send(room, {"delta": {self._feed: fields}}, without)

    def events(self, room: str, *events: EventSpec) -> int:
        """Have every browser in `room` run these events, as if its person had: with its own identity, not ours."""
        return self._send(room, {"delta": {}, "events": [_plain(event) for event in client_events(*events)]})

    def _send(self, room: str, update: dict[str, Any], without: Sequence[Container[str]] = ()) -> int:
        payload = json.dumps(["event", update], ensure_ascii=False, separators=(",", ":"))
        return self._server.manager.broadcast(room, f"2{NAMESPACE},{payload}", without)


def chats_field(rows: Sequence[ChatRow]) -> dict[str, Any]:
    """The list of chats."""
    # `asdict` copies what it finds, deeply: a tenth of what a whole connection costs
    return {"chats": [_row(row) for row in rows]}


def _row(row: ChatRow) -> dict[str, Any]:
    told = vars(row) | vars(_face(row)) | {"last": row.last and _last(row.last)}
    del told["tells"]
    return told


def _face(row: ChatRow) -> Face:
    return face_of(row.person or row.chat_id, row.title, row.picture)


def _last(message: LastMessage) -> dict[str, Any]:
    return vars(message) | {"about": message.about and vars(message.about)}


def page_field(chat_id: ChatId, page: Page, *, around: int = 0, below: int = 0, linked: bool = False) -> dict[str, Any]:
    """A page of history; the key tells older ones apart, so that none replaces another.

    `around` is the message it was asked for to be seen, `below` the one whose followers it holds; 0 for neither.
    `linked`: the address leads to it, and does so again whenever the page is loaded anew.
    """
    key = "newest" if page.newest else str(page.messages[-1].seq if page.messages else 0)
    if around or below:
        key = f"around{around}at{time.time_ns()}" if around else f"below{below}"
    value = {
        "chat": chat_id,
        "rev": page.rev,
        "newest": page.newest,
        "around": around,
        "linked": linked,
        "below": below,
        "has_older": page.has_older,
        "messages": [_bubble(message) for message in page.messages],
        "read": page.read,
    }
    return {f"page_{key}_{chat_id}": value}


def tail_field(chat_id: ChatId, changes: Changes) -> dict[str, Any]:
    """The last changes of a chat, complete from `after` to `rev`."""
    value = {
        "chat": chat_id,
        "after": changes.after,
        "rev": changes.rev,
        "messages": [_bubble(message) for message in changes.messages],
    }
    return {f"tail_{chat_id}": value}


def missed_field(chat_id: ChatId, missed: Changes | Page) -> dict[str, Any]:
    """What a tab asked to catch up with."""
    if isinstance(missed, Page):
        return page_field(chat_id, missed)
    return {f"missed_{missed.after}_{chat_id}": tail_field(chat_id, missed)[f"tail_{chat_id}"]}


def pinned_field(chat_id: ChatId, pinned: Sequence[Pinned]) -> dict[str, Any]:
    """What is pinned in a chat, the latest first."""
    return {f"pinned_{chat_id}": {"chat": chat_id, "pinned": [vars(each) for each in pinned], "at": time.time_ns()}}


def gone_field(chat_id: ChatId, why: str) -> dict[str, Any]:
    """A seat in a chat is gone."""
    return {f"gone_{chat_id}": {"chat": chat_id, "why": why, "at": time.time_ns()}}


def group_field(group: GroupView) -> dict[str, Any]:
    """A group as it looks now."""
    face = face_of(group.chat_id, group.title, group.avatar)
    # with the revision: what looks the same as before, such as another role, is news as well
    value = {
        "chat": group.chat_id,
        "title": group.title,
        "members": group.members,
        "rev": group.rev,
        "roles": group.runners,
    }
    return {f"group_{group.chat_id}": value | vars(face)}


def person_field(person: PersonView) -> dict[str, Any]:
    """A person as they look now."""
    face = face_of(person.user_id, person.name, person.picture)
    value = {"person": person.user_id, "title": person.name, "username": person.username}
    return {f"person_{person.user_id}": value | vars(face)}


def relist_field() -> dict[str, Any]:
    """The list of chats is another one: the tab asks for it."""
    return {"relist": time.time_ns()}


def presence_field(person: UserId, since: int) -> dict[str, Any]:
    """Somebody is here (0), was until `since` in milliseconds since 1970, or does not let it be seen (-1)."""
    return {f"presence_{person}": {"person": person, "since": since, "n": time.time_ns()}}


def present_field(chat_id: ChatId, *, here: Sequence[UserId], around: Sequence[UserId]) -> dict[str, Any]:
    """Of all whom a tab shows, those that are here; `around` are the people of the open chat."""
    return {"present": {"chat": chat_id, "here": here, "around": around, "n": time.time_ns()}}


def typing_field(chat_id: ChatId, person: UserId, name: str) -> dict[str, Any]:
    """Somebody types. `n` makes it another one than the last, which the browser would not take for news."""
    return {f"typing_{chat_id}": {"chat": chat_id, "person": person, "name": name, "n": time.time_ns()}}


def choices_field(me: ProfileView) -> dict[str, Any]:
    """Of what I chose, what the browser acts on."""
    notices = {"direct": me.notify_direct, "groups": me.notify_groups, "sound": me.sound}
    return {"receipts": me.receipts, "notices": notices}


def unread_field(person: UserId) -> dict[str, Any]:
    """How far somebody has read is not to be known any more. `n` as above."""
    return {f"unread_{person}": {"person": person, "n": time.time_ns()}}


def reread_field(chat_id: ChatId, read: dict[UserId, int]) -> dict[str, Any]:
    """How far people have read is to be known again; told before, it would be no news."""
    return {f"read_{chat_id}": {"chat": chat_id, "read": read, "n": time.time_ns()}}


def read_field(chat_id: ChatId, read: dict[UserId, int]) -> dict[str, Any]:
    """How far people have read in a chat."""
    return {f"read_{chat_id}": {"chat": chat_id, "read": read}}


def _bubble(message: Bubble) -> dict[str, Any]:
    """What most messages have none of is left out: a line of plain words is 300 bytes."""
    said: dict[str, Any] = {name: value for name, value in vars(message).items() if name in PLAIN or value}
    if not message.event and (parts := parts_of(message.text, _called(message))) is not None:
        said["parts"] = parts
    for name in said.keys() & NESTED:
        value: Any = said[name]
        said[name] = [vars(each) for each in value] if name in LISTS else vars(value)
    return said


def _called(message: Bubble) -> dict[str, str]:
    """Whom it names: by the folded name, whose that is."""
    called: dict[str, str] = {fold(each.name): each.user_id for each in message.mentions}
    return called | dict.fromkeys(EVERYONE, "") if message.everyone else called


def _plain(event: Event) -> dict[str, Any]:
    return {"name": event.name, "payload": event.payload}
