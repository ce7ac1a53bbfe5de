"""Mail by SMTP: plain text, with HTML beside it."""

import asyncio
import logging
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

from email_validator import validate_email

from chat_app.infrastructure.channels import NotThisAddress
from chat_app.infrastructure.letters import Letter

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20.0


class Mail(Protocol):
    async def send(self, to: str, letter: Letter) -> None:
        """Hand `letter` over for delivery. Raises what went wrong when it is worth trying again."""
        ...


class SmtpMail:
    """Sends through the server of `url`.

    `smtps://` speaks TLS from the start, `smtp+starttls://` insists on STARTTLS, `smtp://` takes it when offered; each
    as `scheme://user:password@host:port`.
    """

    def __init__(self, url: str, sender: str, tls: ssl.SSLContext | None = None) -> None:
        self._to = urlsplit(url)
        self._sender = sender
        self._tls = tls or ssl.create_default_context()

    async def send(self, to: str, letter: Letter) -> None:
        """Hand `letter` to the server. An address the server refuses for good is logged and not tried again.

        Raises `NotThisAddress` for one it refuses for now, and what goes wrong with the server itself.
        """
        try:
            await asyncio.to_thread(self.deliver, to, letter)
        except smtplib.SMTPRecipientsRefused as refused:
            if any(code < 500 for code, _ in refused.recipients.values()):
                raise NotThisAddress from refused
            log.warning("the mail server refuses an address for good")

    def greet(self) -> None:
        """Connect and sign in, and send nothing. Raises what goes wrong."""
        server = self._connected()
        try:
            server.noop()
        finally:
            server.close()

    def deliver(self, to: str, letter: Letter) -> None:
        """Hand `letter` to the server. Raises all that goes wrong."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = _in_ascii(to)
        message["Subject"] = letter.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        if letter.html:
            message.add_alternative(letter.html, subtype="html")
        server = self._connected()
        try:
            server.send_message(message)
            # its answer is not waited for: the mail is theirs now, and a fault here would send it once more
            server.putcmd("quit")
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        host, scheme = self._to.hostname or "localhost", self._to.scheme
        if scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self._to.port or 465, timeout=TIMEOUT_SECONDS, context=self._tls
            )
        else:
            server = smtplib.SMTP(host, self._to.port or 587, timeout=TIMEOUT_SECONDS)
        try:
            if scheme == "smtp+starttls" or (scheme == "smtp" and _offers_tls(server)):
                server.starttls(context=self._tls)
            if self._to.username:
                server.login(unquote(self._to.username), unquote(self._to.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def _offers_tls(server: smtplib.SMTP) -> bool:
    server.ehlo()
    return server.has_extn("starttls")


def _in_ascii(address: str) -> str:
    """`ada@пример.рф` with its domain in the letters that every mail server takes."""
    if address.isascii():
        return address
    return validate_email(address, check_deliverability=False).ascii_email or address
