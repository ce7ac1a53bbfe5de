"""The socket server Reflex talks through, guarded and made cheap.

Guarded: only text frames of known events reach Reflex, none larger than 64 KB, none faster than the socket's bucket
allows, none for a handler nobody registered (Reflex would log it with all its headers); a peer that does not read is
dropped; foreign origins are refused. Cheap: a socket's rooms are remembered, so that leaving costs its own rooms and
not a walk through all of them, and a frame for a room is encoded once and queued without a task per recipient.

It leans on private methods of python-socketio and python-engineio: their versions are pinned, and
`tests/realtime/test_socket_server.py` guards each of them.
"""

# pyright: basic
# python-socketio and python-engineio have no types

import asyncio
import json
import logging
import time
from collections.abc import Callable, Container, Sequence
from types import SimpleNamespace
from typing import Any

from engineio.async_socket import AsyncSocket
from engineio.packet import MESSAGE, Packet
from reflex.utils.format import json_dumps
from reflex_base.registry import RegistrationContext
from socketio import AsyncManager, AsyncServer
from socketio.packet import CONNECT, DISCONNECT, EVENT
from socketio.packet import Packet as SocketPacket

log = logging.getLogger(__name__)

NAMESPACE = "/_event"
CLIENT_EVENTS = {"event", "ping", "client_error"}
"""What a browser may say. A client's own `connect` event would forge its address, cookie and origin."""

HEADERS = {b"host", b"origin", b"cookie", b"user-agent", b"accept-language", b"x-forwarded-for"}
"""Headers of the handshake that handlers may see. All but the cookie are sent back to the tab."""

FRAME_BYTES = 64 * 1024
EVENTS_PER_SECOND = 20.0
EVENTS_AT_ONCE = 60
UNREAD_FRAMES = 200
UNREAD_CHARACTERS = 4 * 1024 * 1024
"""Frames that may wait for a peer before it counts as not reading."""

TRANSPORT = "chat_app.transport"
"""Where a socket's ASGI scope keeps its connection."""

PING_INTERVAL = 25
PING_TIMEOUT = 20


class GuardedSocket(AsyncSocket):
    """One browser tab's connection.

    The library's read loop makes two tasks and a timer per frame; this one makes none. Silent peers are found by the
    library's own ping.
    """

    weight: int = 0
    """Characters that wait in the queue."""
    bucket: float
    filled_at: float
    serving: asyncio.Task[Any] | None
    transport: asyncio.WriteTransport | None

    def spend(self) -> bool:
        """Take one frame from the bucket; False when it is empty."""
        now = time.monotonic()
        self.bucket = min(EVENTS_AT_ONCE, self.bucket + (now - self.filled_at) * EVENTS_PER_SECOND)
        self.filled_at = now
        if self.bucket < 1:
            return False
        self.bucket -= 1
        return True

    def offer(self, packet: Packet) -> None:
        """Queue a frame, or drop a peer that has left too many unread."""
        if self.closed:
            return
        size = _size(packet)
        if self.queue.qsize() >= UNREAD_FRAMES or (self.weight and self.weight + size > UNREAD_CHARACTERS):
            log.info("dropped a socket that does not read")
            self.drop()
        else:
            self.weight += size
            self.queue.put_nowait(packet)

    def drop(self) -> None:
        """Cut the connection now. Its read loop ends and tells the rest."""
        while not self.queue.empty():
            self.queue.get_nowait()
        if self.serving is not None:
            self.serving.cancel()
        if self.transport is not None:
            self.transport.abort()

    async def _websocket_handler(self, ws: Any) -> None:
        self.connected = self.upgraded = True
        self.serving = asyncio.current_task()
        writing = asyncio.create_task(self._write(ws.asgi_send))
        try:
            await self._read(ws.asgi_receive)
        except asyncio.CancelledError:
            writing.cancel()
        self.queue.put_nowait(None)
        await asyncio.wait([writing])
        await self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
        await ws.close()

    async def _read(self, receive: Callable[[], Any]) -> None:
        while (frame := await receive())["type"] == "websocket.receive":
            text = frame.get("text")
            if text is None or len(text) > FRAME_BYTES:
                return
            if not self.spend():
                log.info("closed a socket that sends too fast")
                return
            try:
                await self.receive(Packet(encoded_packet=text))
            except Exception as error:
                # whatever a stranger sends, it ends the stranger's connection and nothing else
                log.info("closed a socket: %s", type(error).__name__)
                return
            if self.closed:
                return

    async def _write(self, send: Callable[[dict[str, Any]], Any]) -> None:
        while (packet := await self.queue.get()) is not None:
            self.weight -= _size(packet)
            try:
                await send({"type": "websocket.send", "text": packet.encode()})
            except Exception:
                # gone: the read loop learns it by itself
                return


def _size(packet: Packet) -> int:
    return len(packet.data) if isinstance(packet.data, str) else 0


class KeepsTransport:
    """An ASGI app around all others: names the connection behind uvicorn's `send` before that is wrapped.

    ASGI cannot cut a connection, and a farewell would wait for ever behind what the peer does not read.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            scope = scope | {TRANSPORT: getattr(getattr(send, "__self__", None), "transport", None)}
        await self._app(scope, receive, send)


class RoomManager(AsyncManager):
    """Knows which rooms each socket is in, and sends one encoded frame to a whole room."""

    server: Any
    """Set by the library."""

    def __init__(self) -> None:
        super().__init__()
        self._rooms_of: dict[str, set[str | None]] = {}
        self.closed: Callable[[str], None] = lambda _sid: None
        """Called with each socket that is gone."""

    def basic_enter_room(self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None) -> None:
        super().basic_enter_room(sid, namespace, room, eio_sid)
        self._rooms_of.setdefault(sid, set()).add(room)

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        super().basic_leave_room(sid, namespace, room)
        self._rooms_of.get(sid, set()).discard(room)

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return [room for room in self._rooms_of.get(sid, ()) if room is not None]

    def basic_disconnect(self, sid: str, namespace: str, **kwargs: Any) -> None:
        for room in self._rooms_of.pop(sid, ()):
            super().basic_leave_room(sid, namespace, room)
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            if sid in pending.get(namespace, ()):
                pending[namespace].remove(sid)
                if not pending[namespace]:
                    del pending[namespace]
        self.closed(sid)

    def sids(self, room: str) -> list[str]:
        """The sockets in a room."""
        return list(self.rooms.get(NAMESPACE, {}).get(room, ()))

    def enter(self, sid: str, room: str) -> None:
        """Let a socket hear a room; one that closed in the meantime is nobody's any more."""
        if self.is_connected(sid, NAMESPACE):
            self.basic_enter_room(sid, NAMESPACE, room)

    def has_sid(self, sid: str) -> bool:
        """Whether a socket is still open."""
        return bool(self.is_connected(sid, NAMESPACE))

    def has(self, room: str) -> bool:
        """Whether anybody is in a room."""
        return room in self.rooms.get(NAMESPACE, {})

    def members(self, room: str) -> Container[str]:
        """The sockets in a room, as they are from now on."""
        return self.rooms.get(NAMESPACE, {}).get(room, ())

    def broadcast(self, room: str, frame: str, without: Sequence[Container[str]] = ()) -> int:
        """Queue one encoded frame for every socket in a room that is in none of `without`; says to how many."""
        members = self.rooms.get(NAMESPACE, {}).get(room)
        if not members:
            return 0
        if without:
            members = {sid: eio for sid, eio in members.items() if not any(sid in others for others in without)}
        packet = Packet(MESSAGE, frame)
        sockets = self.server.eio.sockets
        for eio_sid in list(members.values()):
            if (socket := sockets.get(eio_sid)) is not None:
                socket.offer(packet)
        return len(members)

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: str | None = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: str | None = None,
        **kwargs: Any,
    ) -> None:
        """The library's emit without its task per recipient. Binary data and acknowledgements are never used here."""
        frame = SocketPacket(EVENT, namespace=namespace, data=[event, data]).encode()
        self.broadcast(to or room or "", str(frame))


class GuardedServer(AsyncServer):
    """What `rx.App(sio=…)` is given.

    `allowed` says whether a page of an origin may connect to a host.
    """

    manager: RoomManager

    def __init__(self, allowed: Callable[[str, str], bool]) -> None:
        def origin_allowed(origin: str, environ: dict[str, Any]) -> bool:
            return allowed(origin, environ.get("HTTP_HOST", ""))

        super().__init__(
            async_mode="asgi",
            client_manager=RoomManager(),
            cors_allowed_origins=origin_allowed,
            cors_credentials=True,
            max_http_buffer_size=FRAME_BYTES,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            json=SimpleNamespace(dumps=json_dumps, loads=json.loads),
            transports=["websocket"],
            allow_upgrades=False,
            async_handlers=False,
            namespaces=[NAMESPACE],
        )

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        socket = self.eio.sockets[eio_sid]
        # the library offers no way to name the class of its sockets
        socket.__class__ = GuardedSocket
        socket.bucket, socket.filled_at, socket.serving = EVENTS_AT_ONCE, time.monotonic(), None
        scope = environ["asgi.scope"]
        socket.transport = scope.get(TRANSPORT)
        # a class the library makes for each connection, to read a body that this one has not: classes are cycles, and
        # this one would keep what is left of the connection until the next full collection
        del type(environ.pop("wsgi.input")).read
        # Reflex shows a tab the headers of its handshake: what proxies add to them is none of its business
        known = [header for header in scope["headers"] if header[0] in HEADERS]
        await super()._handle_eio_connect(eio_sid, environ | {"asgi.scope": scope | {"headers": known}})

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            packet: Any = SocketPacket(encoded_packet=data)
        except (ValueError, RecursionError, KeyError, IndexError, TypeError):
            return self._drop(eio_sid)
        if packet.namespace != NAMESPACE:
            return self._drop(eio_sid)
        match packet.packet_type:
            case type_ if type_ == CONNECT and _known_boot_event(packet.data):
                await self._handle_connect(eio_sid, packet.namespace, packet.data)
            case type_ if type_ == DISCONNECT:
                await self._handle_disconnect(eio_sid, packet.namespace, self.reason.CLIENT_DISCONNECT)
            case type_ if type_ == EVENT and _client_event(packet.data):
                if packet.data[0] != "event" or _known_handler(packet.data[-1]):
                    await self._handle_event(eio_sid, packet.namespace, None, packet.data)
            case _:
                self._drop(eio_sid)

    def _drop(self, eio_sid: str) -> None:
        self.eio.sockets[eio_sid].drop()

    async def _send_eio_packet(self, eio_sid: str, eio_pkt: Packet) -> None:
        if (socket := self.eio.sockets.get(eio_sid)) is not None:
            socket.offer(eio_pkt)

    def tokens(self) -> list[str]:
        """The tokens of the open tabs, by which Reflex keeps their states."""
        namespace: Any = self.namespace_handlers.get(NAMESPACE)
        return [] if namespace is None else list(namespace.sid_to_token.values())

    async def disconnect_sids(self, sids: list[str]) -> None:
        """End these sockets for good: the browser is told, and does not come back by itself."""
        for sid in sids:
            await self.disconnect(sid, namespace=NAMESPACE)


def _client_event(data: Any) -> bool:
    return isinstance(data, list) and 1 <= len(data) <= 2 and isinstance(data[0], str) and data[0] in CLIENT_EVENTS


def _known_handler(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and isinstance(event.get("name"), str)
        and event["name"] in RegistrationContext.get().event_handlers
        and isinstance(event.get("payload", {}), dict)
        and _place(event.get("router_data", {}))
    )


def _place(router_data: Any) -> bool:
    """Whether this says where a browser is; Reflex stumbles over anything else, loudly."""
    return (
        isinstance(router_data, dict)
        and isinstance(router_data.get("query", {}), dict)
        and all(isinstance(router_data.get(name, ""), str) for name in ("pathname", "asPath"))
    )


def _known_boot_event(auth: Any) -> bool:
    return auth is None or (isinstance(auth, dict) and (auth.get("event") is None or _known_handler(auth["event"])))
