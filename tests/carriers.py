"""A mail server and an SMS gateway on this machine: real ones, that remember what they were given."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import quote

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

AUTHORITY = trustme.CA()
"""Whom only these tests trust."""


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


def client_tls() -> ssl.SSLContext:
    """Trusts the certificate of the tests."""
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


class PostOffice:
    """What stands behind a mail server: it keeps mail, and refuses whom it is told to."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mail: list[Envelope] = []
        self.refused: dict[str, str] = {}
        self.password = "p@ss:word"
        self.over_tls: list[bool] = []
        self.answer_to_quit = "221 Bye"

    def url(self, scheme: str = "smtp", password: str = "p@ss:word") -> str:
        return f"{scheme}://chat:{quote(password, safe='')}@127.0.0.1:{self.port}"

    @property
    def letters(self) -> list[EmailMessage]:
        """The mail, opened."""
        return [message_from_bytes(bytes(envelope.content or b""), policy=policy.default) for envelope in self.mail]  # pyright: ignore[reportArgumentType]

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Envelope) -> str:
        self.mail.append(envelope)
        self.over_tls.append(session.ssl is not None)
        return "250 OK"

    async def handle_QUIT(self, _server: Any, _session: Any, _envelope: Envelope) -> str:
        return self.answer_to_quit

    def knows(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, who: Any) -> AuthResult:
        success = isinstance(who, LoginPassword) and (who.login, who.password) == (b"chat", self.password.encode())
        return AuthResult(success=success, handled=False)  # the server answers for us


class BreaksPromise(SMTP):
    """Offers STARTTLS, and then will not."""

    async def smtp_STARTTLS(self, arg: str) -> None:
        await self.push("454 TLS not available due to temporary reason")


class Server(Controller):
    def __init__(self, office: PostOffice, protocol: type[SMTP], **options: Any) -> None:
        self._protocol = protocol
        super().__init__(office, hostname="127.0.0.1", port=office.port, **options)

    def factory(self) -> SMTP:
        return self._protocol(self.handler, **self.SMTP_kwargs)


@contextmanager
def opened(office: PostOffice, protocol: type[SMTP] = SMTP, **options: Any) -> Iterator[None]:
    """The mail server of `office` listens; `options` are those of aiosmtpd, over plain connections unless they say."""
    plain = "ssl_context" not in options and "tls_context" not in options
    server = Server(
        office,
        protocol,
        auth_required=True,
        auth_require_tls=not plain and "ssl_context" not in options,
        authenticator=office.knows,
        **options,
    )
    server.start()
    try:
        yield
    finally:
        server.stop()


@dataclass
class Gateway:
    """An SMS gateway's HTTP interface."""

    url: str = ""
    status: int = 200
    answer: dict[str, Any] | str = ""
    calls: list[tuple[str, str, str, bytes]] = field(default_factory=list[tuple[str, str, str, bytes]])
    """Method, path, Authorization, body."""


@contextmanager
def answering(gateway: Gateway) -> Iterator[None]:
    """`gateway` listens, at its `url`."""

    class Desk(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            gateway.calls.append((self.command, self.path, self.headers.get("Authorization", ""), body))
            said = gateway.answer if isinstance(gateway.answer, str) else json.dumps(gateway.answer)
            self.send_response(gateway.status)
            self.end_headers()
            self.wfile.write(said.encode())

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    gateway.url = f"http://127.0.0.1:{server.server_port}/send"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
