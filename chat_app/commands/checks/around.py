"""What the service leans on: Redis, the bucket, the mail server, the SMS gateway, the name people know it by."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from chat_app.commands.findings import Finding, fault, of, warning, well
from chat_app.infrastructure.backup import OUTBOX
from chat_app.infrastructure.faults import Fault
from chat_app.infrastructure.files import FOLDER
from chat_app.infrastructure.mail import SmtpMail
from chat_app.infrastructure.mail_faults import mail_fault
from chat_app.infrastructure.reach import greet_gateway, greet_redis
from chat_app.infrastructure.s3_files import S3Files
from chat_app.infrastructure.sms_presets import gateway
from chat_app.settings import Settings

DOTENV = Path(".env")


def news(settings: Settings) -> Iterator[Finding]:
    about = "Redis"
    if settings.redis_url is None:
        yield well(about, "none is named; one process serves alone")
        return
    try:
        greet_redis(settings.redis_url)
    except Fault as told:
        yield of(about, told)
    else:
        yield well(about, "answers")


def bucket(settings: Settings) -> Iterator[Finding]:
    about = "files"
    if settings.files_url is None:
        yield well(about, f"they are kept in {settings.data_dir / FOLDER}")
        return
    try:
        S3Files(settings.files_url, retries=0).greet()
    except Fault as told:
        yield of(about, told)
    else:
        yield well(about, f"the bucket at {urlsplit(settings.files_url).hostname} takes, gives and forgets them")


def mail(settings: Settings) -> Iterator[Finding]:
    about = "mail server"
    if settings.smtp_url is None:
        yield well(about, f"none is named; mail is kept in {settings.data_dir / OUTBOX}")
        return
    try:
        SmtpMail(settings.smtp_url, settings.mail_from).greet()
    except OSError as error:
        yield of(about, mail_fault(error, settings.smtp_url))
    else:
        yield well(about, f"{urlsplit(settings.smtp_url).hostname} lets us in")


def sms(settings: Settings) -> Iterator[Finding]:
    about, known = "SMS gateway", gateway(settings)
    if known is None:
        kept = f"SMS are kept in {settings.data_dir / OUTBOX}"
        yield well(about, f"none is named; {'nobody is asked for a phone' if settings.phone == 'off' else kept}")
        return
    try:
        where = greet_gateway(known.url, "CHAT_SMS_URL" if settings.sms_url else "CHAT_SMS_PRESET")
    except Fault as told:
        yield of(about, told)
    else:
        yield well(about, f"{where} can be reached")


def address(settings: Settings) -> Iterator[Finding]:
    about, url = "address", settings.base_url
    if url is None:
        yield well(about, "whatever people come by")
        return
    if not settings.https:
        yield warning(
            about, f"{url} is not https: passwords and cookies can be read on the way", "see deploy/README.md"
        )
    host = urlsplit(url).hostname or ""
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        yield warning(about, f"the name {host} leads nowhere, seen from here", "let its DNS lead to this machine")
        return
    if settings.https:
        yield well(about, url)


def production(settings: Settings) -> Iterator[Finding]:
    """What is allowed in production, and wrong all the same."""
    if not settings.production:
        return
    about = "production"
    faults = list(_wrong_in_production(settings))
    yield from (fault(about, what, to_do) for what, to_do in faults)
    if not faults:
        yield well(about, "nothing is left as it was for trying out")


def _wrong_in_production(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.trusted_proxies == 0:
        yield (
            "CHAT_TRUSTED_PROXIES is 0, and https comes through a proxy: all people seem to be one and share limits",
            "set it to 1 for an nginx before the server",
        )
    if not settings.limits:
        yield "CHAT_LIMITS is off: passwords can be guessed as fast as they can be sent", "leave it out"
    if settings.mail_from.endswith("@localhost"):
        yield f"CHAT_MAIL_FROM is {settings.mail_from}, which mail servers refuse", "set it to an address of yours"
    if DOTENV.exists() and DOTENV.stat().st_mode & 0o077:
        yield f"others may read the secrets in {DOTENV.resolve()}", f"chmod 600 {DOTENV.resolve()}"
