"""The real server as a process, and a socket that says what it is told, as no browser would."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import RemoteProtocolError

from chat_app.settings import PROJECT, variables

HYDRATE = "reflex___state____state.hydrate_and_load"
START_SECONDS = 60


class LiveServer:
    """`python -m chat_app serve` with a data directory of its own; its log is `log`."""

    def __init__(self, directory: Path, database_url: str, **settings: str) -> None:
        self.port = free_port()
        self.log = directory / "server.log"
        # what is set to nothing falls back to its default, whatever `.env` says
        self._environment = os.environ | dict.fromkeys(variables().values(), "")
        self._environment |= {"PORT": str(self.port), "CHAT_DATA_DIR": str(directory / "data")}
        self._environment |= {"CHAT_DATABASE_URL": database_url} | settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "chat_app", "serve"], cwd=PROJECT, env=self._environment, stdout=log, stderr=log
            )
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up and self._process.poll() is None:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the server did not start:\n{self.logged()}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def logged(self) -> str:
        return self.log.read_text(errors="replace")

    def memory_kb(self) -> int:
        """What the kernel says the process holds."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])


class Refused(Exception):
    """The server did not open the socket; the argument is the HTTP status."""


class Tab:
    """One WebSocket. What comes is kept as text; `None` says it was closed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._ws = WSConnection(ConnectionType.CLIENT)
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reading: asyncio.Task[None] | None = None

    async def open(self, host: str, target: str, headers: list[tuple[bytes, bytes]]) -> None:
        self._write(Request(host=host, target=target, extra_headers=headers))
        self._reading = asyncio.create_task(self._read())
        await asyncio.wait_for(self._opened, 10)

    async def enter(self, path: str = "/") -> None:
        """Send what a browser that opens `path` sends first."""
        await self.hear_of('0{"sid"')
        chat_id = path.removeprefix("/chat/") if path.startswith("/chat/") else ""
        where: dict[str, Any] = {"pathname": path, "asPath": path, "query": {"chat_id": chat_id} if chat_id else {}}
        self.frame("40/_event," + json.dumps({"event": {"name": HYDRATE, "payload": {}, "router_data": where}}))

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._writer.close()

    def stop_reading(self) -> None:
        """Leave unread whatever comes from now on."""
        assert self._reading is not None
        self._reading.cancel()

    def is_cut_off(self) -> bool:
        """Whether the other end is gone, as far as writing shows it."""
        return self._writer.is_closing()

    def frame(self, text: str | bytes) -> None:
        """Send one frame, just as it is."""
        self._write(BytesMessage(text) if isinstance(text, bytes) else TextMessage(text))

    def say(self, *packet: Any) -> None:
        """Send a socket.io event."""
        self.frame("42/_event," + json.dumps(packet))

    def call(self, name: str, _path: str = "/", **payload: Any) -> None:
        """Call a handler, as a click does."""
        self.say("event", {"name": name, "payload": payload, "router_data": {"pathname": _path, "asPath": _path}})

    async def hear(self, seconds: float = 5) -> str | None:
        """The next frame; None when the server closed. Raises TimeoutError."""
        frame = await asyncio.wait_for(self._frames.get(), seconds)
        if frame is None:
            # it stays closed, whoever asks next
            self._frames.put_nowait(None)
        return frame

    async def hear_all(self, seconds: float = 0.5) -> list[str]:
        """What comes until nothing has come for `seconds`, or until it is closed."""
        heard: list[str] = []
        try:
            while (frame := await self.hear(seconds)) is not None:
                heard.append(frame)
        except TimeoutError:
            pass
        return heard

    async def hear_of(self, words: str, seconds: float = 5) -> str:
        """The next frame that holds `words`."""
        give_up = time.monotonic() + seconds
        while (frame := await self.hear(give_up - time.monotonic())) is not None:
            if words in frame:
                return frame
        raise AssertionError(f"closed before it said {words}")

    async def closed(self, seconds: float = 5) -> bool:
        """Whether the server closes within `seconds`."""
        give_up = time.monotonic() + seconds
        try:
            while await self.hear(give_up - time.monotonic()) is not None:
                pass
        except TimeoutError:
            return False
        return True

    def _write(self, event: Any) -> None:
        self._writer.write(self._ws.send(event))

    async def _read(self) -> None:
        text = ""
        try:
            while data := await self._reader.read(65536):
                self._ws.receive_data(data)
                for event in self._ws.events():
                    match event:
                        case AcceptConnection():
                            self._opened.set_result(None)
                        case RejectConnection(status_code=status):
                            self._opened.set_exception(Refused(status))
                        case TextMessage(data=part, message_finished=finished):
                            text += part
                            if finished:
                                self._frames.put_nowait(text)
                                text = ""
                        case CloseConnection():
                            return
                        case _:
                            pass
        except (ConnectionError, RemoteProtocolError):
            pass
        finally:
            self._frames.put_nowait(None)
            if not self._opened.done():
                self._opened.set_exception(Refused(0))


@asynccontextmanager
async def socket_to(
    server: LiveServer, *, cookie: str = "", origin: str | None = None, token: str = "", **headers: str
) -> AsyncIterator[Tab]:
    """A WebSocket, before anything was said on it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    tab = Tab(reader, writer)
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    if cookie:
        sent.append((b"cookie", f"sid={cookie}".encode()))
    if origin is not None:
        sent.append((b"origin", origin.encode()))
    query = f"EIO=4&transport=websocket{f'&token={token}' if token else ''}"
    try:
        await tab.open(f"127.0.0.1:{server.port}", f"/_event/?{query}", sent)
        yield tab
    finally:
        await tab.close()


@asynccontextmanager
async def tab_at(
    server: LiveServer, path: str = "/", *, cookie: str = "", token: str = "", **headers: str
) -> AsyncIterator[Tab]:
    """A tab that is connected and has sent what a browser sends first."""
    async with socket_to(server, cookie=cookie, token=token or os.urandom(8).hex(), **headers) as tab:
        await tab.enter(path)
        yield tab


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
