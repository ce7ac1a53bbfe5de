"""The one way anything reaches a browser that did not ask for it: a few fields, straight into the tab's `Feed`.

The server keeps none of them. A field is a whole fact under a key of its own (`tail_<chat>`, `page_<chat>`, `chats`),
so that two that arrive together never overwrite each other, and `assets/timeline.js` puts them together. Sending to
a room costs one encoding and 0.06 ms of work per recipient; through a state var it would cost 1 to 4 ms.
"""

import json
from collections.abc import Sequence
from typing import Any

import reflex as rx
from reflex.event import EventSpec
from reflex_base.event import Event

from chat_app.domain.chats.queries import ChatRow
from chat_app.domain.common.ids import ChatId, UserId
from chat_app.domain.messages.queries import Bubble, Changes, Page
from chat_app.realtime.faces import Face, face_of
from chat_app.realtime.policy import client_events
from chat_app.realtime.socket_server import NAMESPACE, GuardedServer


class Feed(rx.State):
    """What is pushed arrives in the browser as fields of this state; on the server it stays as it is."""

    live: bool = True


class Push:
    """Sends through one process's socket server."""

    def __init__(self, server: GuardedServer) -> None:
        self._server = server
        self._feed = Feed.get_full_name()

    def fields(self, room: str, fields: dict[str, Any]) -> int:
        """Put `fields` into the feed of every socket in `room` (a socket's own id is a room too); says to how many."""
        return self._send(room, {"delta": {self._feed: fields}})

    def events(self, room: str, *events: EventSpec) -> int:
        """Have every browser in `room` run these events, as if its person had: with its own identity, not ours."""
        return self._send(room, {"delta": {}, "events": [_plain(event) for event in client_events(*events)]})

    def _send(self, room: str, update: dict[str, Any]) -> int:
        payload = json.dumps(["event", update], ensure_ascii=False, separators=(",", ":"))
        return self._server.manager.broadcast(room, f"2{NAMESPACE},{payload}")


def chats_field(rows: Sequence[ChatRow]) -> dict[str, Any]:
    """The list of chats."""
    # `asdict` copies what it finds, deeply: a tenth of what a whole connection costs
    return {"chats": [vars(row) | vars(_face(row)) | {"last": row.last and vars(row.last)} for row in rows]}


def _face(row: ChatRow) -> Face:
    return face_of(row.person or row.chat_id, row.title, row.picture)


def page_field(chat_id: ChatId, page: Page) -> dict[str, Any]:
    """A page of history; the key tells older ones apart, so that none replaces another."""
    key = "newest" if page.newest else str(page.messages[-1].seq if page.messages else 0)
    value = {
        "chat": chat_id,
        "rev": page.rev,
        "newest": page.newest,
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


def read_field(chat_id: ChatId, read: dict[UserId, int]) -> dict[str, Any]:
    """How far people have read in a chat."""
    return {f"read_{chat_id}": {"chat": chat_id, "read": read}}


def _bubble(message: Bubble) -> dict[str, Any]:
    return dict(vars(message))


def _plain(event: Event) -> dict[str, Any]:
    return {"name": event.name, "payload": event.payload}
