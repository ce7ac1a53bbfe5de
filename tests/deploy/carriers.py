"""A mail server and an SMS gateway on loopback, which keep what they are given."""

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from tests.live_server import free_port

CODE = re.compile(r"\b\d{6}\b")
ARRIVES_SECONDS = 15


class Carriers:
    """What came, as pairs of a destination and a text, oldest first."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self.smtp_url = self.sms_url = ""

    async def code_for(self, address: str) -> str:
        """The code in the latest mail to `address`."""
        return await self._code(lambda: [text for to, text in self.mails if to == address])

    async def code_for_phone(self, digits: str) -> str:
        """The code in the latest SMS to a number that ends in `digits`."""
        return await self._code(lambda: [text for to, text in self.texts if to.endswith(digits)])

    async def _code(self, arrived: Callable[[], list[str]]) -> str:
        give_up = time.monotonic() + ARRIVES_SECONDS
        while not (texts := arrived()):
            assert time.monotonic() < give_up, "nothing came"
            await asyncio.sleep(0.05)
        found = CODE.search(texts[-1])
        assert found, f"no code in {texts[-1]}"
        return found.group()


@contextmanager
def carriers() -> Iterator[Carriers]:
    """Both, running."""
    ours = Carriers()

    class PostOffice:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
            letter: Any = message_from_bytes(envelope.content or b"", policy=policy.default)
            ours.mails += [(to, letter.get_body(("plain",)).get_content()) for to in envelope.rcpt_tos]
            return "250 OK"

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sms = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            ours.texts.append((sms["to"], sms["text"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    office = Controller(PostOffice(), hostname="127.0.0.1", port=free_port())
    gateway = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    ours.smtp_url = f"smtp://127.0.0.1:{office.port}"
    ours.sms_url = f"http://127.0.0.1:{gateway.server_port}/send"
    office.start()
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    try:
        yield ours
    finally:
        office.stop()
        gateway.shutdown()
        gateway.server_close()
