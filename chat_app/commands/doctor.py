"""`doctor`: looks at all that an installation needs, and says of each how it is."""

import sys
from collections.abc import Callable, Iterator, Mapping
from io import TextIOWrapper

from chat_app.commands.checks.around import DOTENV, address, bucket, mail, news, production, sms
from chat_app.commands.checks.data import data_directory, disk, pages, secret
from chat_app.commands.checks.database import database, lost_secret
from chat_app.commands.checks.machine import node, open_files, port, python
from chat_app.commands.findings import Finding, fault, well
from chat_app.settings import BadSettings, Settings

Check = Callable[[Settings], Iterator[Finding]]

SMS = ("sms_preset", "sms_account", "sms_token", "sms_from", "sms_url", "sms_method", "sms_headers", "sms_body")

CHECKS: tuple[tuple[Check, tuple[str, ...]], ...] = (
    (python, ()),
    (node, ()),
    (open_files, ()),
    (data_directory, ("data_dir", "database_url")),
    (disk, ("data_dir",)),
    (secret, ("data_dir", "secret")),
    (database, ("data_dir", "database_url")),
    (lost_secret, ("data_dir", "database_url", "secret")),
    (pages, ("base_url", "port")),
    (port, ("host", "port")),
    (address, ("base_url",)),
    (news, ("redis_url",)),
    (bucket, ("data_dir", "files_url")),
    (mail, ("smtp_url",)),
    (sms, SMS),
    (production, ("env", "trusted_proxies", "limits", "mail_from")),
)
"""Each with the settings it goes by: where one of those is wrong, that was told, and there is nothing to look at."""


def doctor() -> int:
    """Print what is found, a line each. 1 if there is any fault."""
    if isinstance(sys.stdout, TextIOWrapper):
        # a terminal that knows no arrow is to hear the rest all the same
        sys.stdout.reconfigure(errors="replace")
    faulty = False
    for finding in findings():
        print(finding, flush=True)
        faulty |= finding.level == "fault"
    return int(faulty)


def findings(environ: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """All there is to say of the installation that `environ` (else the process's own) and `.env` describe."""
    about, wrong = "settings", frozenset[str]()
    try:
        settings = Settings.from_env(environ, DOTENV)
        yield well(about, f"they are all known, and fit for {settings.env}")
    except BadSettings as bad:
        settings, wrong = bad.settings, bad.wrong
        for line in bad.faults:
            yield fault(about, line, "correct it in .env or the environment; the README lists them all")
    for check, needed in CHECKS:
        if not wrong.intersection(needed):
            yield from _looked(check, settings)


def _looked(check: Check, settings: Settings) -> Iterator[Finding]:
    try:
        yield from check(settings)
    except Exception as error:
        # one that fails must not keep the others from being made
        yield fault(check.__name__, f"could not be looked at: {type(error).__name__}", "report it, with these lines")
