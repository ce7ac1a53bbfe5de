"""One browser tab as the server sees it: its WebSocket, engine.io and socket.io frames, and Reflex's first event.

Written on the bare transport, with no task, timer or parser of its own per socket: thousands of these share two
cores with the server they measure.
"""

import asyncio
import base64
import json
import os
import struct
import uuid
from dataclasses import dataclass
from typing import Any, cast

from reflex_base.constants import Reflex

HYDRATE = "reflex___state____state.hydrate_and_load"
MAIN_STATE = "reflex___state____state.chat_app___pages___main___state____main_state"
FEED = "reflex___state____state.chat_app___realtime___push____feed"

EVENT = b'42/_event,["event",'
CHATS = b'"chats":['
PAGE = b'"page_newest_'
TAIL = b'"tail_'

SERVED_SECONDS = 120
"""A tab that is not served by then counts as refused."""

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
NO_MASK = b"\0\0\0\0"
"""A client must mask; under this key the bytes stay as they are. The server's work is the same under any."""


@dataclass(frozen=True)
class Pages:
    """What every tab of one build says when it connects."""

    hashes: list[str]
    schema: str


class Tab(asyncio.Protocol):
    """A tab at `/chat/<chat_id>`, or at `/`. Override `heard` and `lost`.

    `token` is the tab's own; a tab that comes back presents it again, and asks for everything (`again`).
    """

    __slots__ = (
        "_again",
        "_buffer",
        "_cookie",
        "_location",
        "_open",
        "_pages",
        "_seen",
        "closed",
        "ready",
        "token",
        "transport",
    )

    def __init__(self, pages: Pages, cookie: str, chat_id: str = "", token: str = "", *, again: bool = False) -> None:
        self.token = token or str(uuid.uuid4())
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the tab is hydrated and in its chats: list and open page have arrived."""
        self.closed = False
        self.transport: asyncio.WriteTransport | None = None
        self._pages = pages
        self._cookie = cookie
        self._again = again
        path = f"/chat/{chat_id}" if chat_id else "/"
        self._location: dict[str, Any] = {"pathname": path, "asPath": path}
        if chat_id:
            self._location["query"] = {"chat_id": chat_id}
        self._open = False
        # the list, and the page if a chat is open
        self._seen = {CHATS, PAGE} if chat_id else {CHATS}
        self._buffer = b""

    def heard(self, update: bytes, pushed: bool) -> None:
        """One update from the server, as JSON, `pushed` by a message in a chat."""

    def lost(self) -> None:
        """The connection is gone."""

    def send_event(self, name: str, payload: dict[str, Any]) -> None:
        """Fire a handler, as a click does."""
        event = {"name": name, "payload": payload, "router_data": self._location}
        self.send_text(EVENT + json.dumps(event, separators=(",", ":")).encode() + b"]")

    def send_text(self, text: bytes) -> None:
        if self.transport is None or self.closed:
            return
        length = len(text)
        short = length < 126
        head = bytes((0x80 | TEXT, 0x80 | length)) if short else struct.pack("!BBH", 0x80 | TEXT, 0x80 | 126, length)
        self.transport.write(head + NO_MASK + text)

    def close(self) -> None:
        self.closed = True
        if self.transport is not None:
            self.transport.abort()

    # what the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class that asyncio knows
        self.transport = transport = cast(asyncio.WriteTransport, transport)
        host, port = transport.get_extra_info("peername")[:2]
        transport.write(
            (
                f"GET /_event/?token={self.token}&EIO=4&transport=websocket HTTP/1.1\r\n"
                f"Host: {host}:{port}\r\nOrigin: http://{host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {_key()}\r\n"
                f"Sec-WebSocket-Protocol: {Reflex.VERSION}\r\n"
                f"Cookie: sid={self._cookie}\r\nAccept-Language: ru\r\nUser-Agent: bench\r\n\r\n"
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        at = 0 if self._open else self._upgraded(data)
        size = len(data)
        while size - at >= 2:
            length = data[at + 1]
            start = at + 2
            if length == 126:
                start, length = at + 4, int.from_bytes(data[at + 2 : at + 4])
            elif length == 127:
                start, length = at + 10, int.from_bytes(data[at + 2 : at + 10])
            end = start + length
            if end > size or start > size:
                break
            self._frame(data[at] & 15, data[start:end])
            at = end
        self._buffer = data[at:] if at < size else b""

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"closed before it was served: {exc}"))
            # whoever waits for it hears; if nobody does, that is no fault
            self.ready.exception()
        self.lost()

    def _upgraded(self, data: bytes) -> int:
        """Where the frames begin, once the answer to the handshake is here."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return 0
        if not data.startswith(b"HTTP/1.1 101"):
            self.close()
            return len(data)
        self._open = True
        return end + 4

    def _frame(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            self._text(payload)
        elif opcode == PING and self.transport is not None:
            self.transport.write(bytes((0x80 | PONG, 0x80 | len(payload))) + NO_MASK + payload)
        elif opcode == CLOSE:
            self.close()

    def _text(self, text: bytes) -> None:
        if text.startswith(EVENT):
            update = text[len(EVENT) : -1]
            pushed = TAIL in update[:160]
            if not pushed and not self.ready.done():
                self._seen = {mark for mark in self._seen if mark not in update}
                if not self._seen:
                    self.ready.set_result(None)
            self.heard(update, pushed)
        elif text == b"2":
            self.send_text(b"3")
        elif text.startswith(b"0{"):
            self._connect()

    def _connect(self) -> None:
        payload = {} if self._again else {"hashes": self._pages.hashes}
        boot = {"name": HYDRATE, "payload": payload, "router_data": self._location}
        connect = {"event": boot, "state_schema": self._pages.schema}
        self.send_text(b"40/_event," + json.dumps(connect, separators=(",", ":")).encode())


def _key() -> str:
    return base64.b64encode(os.urandom(16)).decode()


async def open_tab(tab: Tab, port: int) -> None:
    """Connect, and wait until the tab is served. Raises ConnectionError or TimeoutError."""
    try:
        await asyncio.get_running_loop().create_connection(lambda: tab, "127.0.0.1", port)
        async with asyncio.timeout(SERVED_SECONDS):
            await tab.ready
    except BaseException:
        tab.close()
        raise
