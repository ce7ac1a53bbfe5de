"""What lies on the disk: the data directory, the secret, the settings' file, the built pages."""

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chat_app import build
from chat_app.commands.findings import Finding, fault, well
from chat_app.infrastructure import secret_file
from chat_app.infrastructure.backup import sqlite_path
from chat_app.settings import SECRET_BYTES, Settings

LEAST_FREE = 0.05
"""Of the disk."""


def data_directory(settings: Settings) -> Iterator[Finding]:
    about, place = "data directory", settings.data_dir
    if not place.is_dir():
        yield fault(about, f"{place} is not there", "start the server, or run python -m chat_app migrate")
        return
    faults = list(_faults_of(place, settings))
    yield from faults
    if not faults:
        yield well(about, f"{place} is yours, writable, and closed to others")


def _faults_of(place: Path, settings: Settings) -> Iterator[Finding]:
    about, mode = "data directory", stat.S_IMODE(place.stat().st_mode)
    if others := [path for path in _belongings(place, settings) if path.stat().st_uid != os.geteuid()]:
        what = f"{others[0]} belongs to {_name(others[0].stat().st_uid)} and not to {_name(os.geteuid())}"
        yield fault(about, what, "run this as the user of the service, or chown it to that user")
    if mode & 0o077:
        yield fault(about, f"others may look into {place} (its mode is {mode:04o})", f"chmod 700 {place}")
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        yield fault(about, f"nothing can be written to {place}: {error.strerror}", "mount it writable, or chown it")


def _belongings(place: Path, settings: Settings) -> Iterator[Path]:
    yield place
    yield from sorted(place.iterdir())
    if settings.database_url.startswith("sqlite") and (database := sqlite_path(settings.database_url)).exists():
        yield database


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def disk(settings: Settings) -> Iterator[Finding]:
    if not settings.data_dir.is_dir():
        return
    usage = shutil.disk_usage(settings.data_dir)
    text = f"{usage.free / usage.total:.0%} is free, {usage.free / 1e9:.1f} GB"
    if usage.free < LEAST_FREE * usage.total:
        yield fault("disk", text, f"make room where {settings.data_dir} is: a full disk stops all writing")
    else:
        yield well("disk", text)


def secret(settings: Settings) -> Iterator[Finding]:
    about, path = "secret", settings.data_dir / secret_file.FILE
    if settings.secret:
        yield well(about, "it is in CHAT_SECRET")
    elif not path.exists():
        return  # whether it was lost, the database must say
    elif mode := stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield fault(about, f"others may read {path} (their part of its mode is {mode:03o})", f"chmod 600 {path}")
    elif path.stat().st_size < SECRET_BYTES:
        yield fault(about, f"{path} is cut short", "put it back from a backup: without it nobody's password fits")
    else:
        yield well(about, f"it is in {path}, for its owner only")


def pages(settings: Settings) -> Iterator[Finding]:
    about, address = "pages", build.public_address(settings)
    if not build.STAMP.exists():
        yield fault(about, "they are not built", "python -m chat_app build")
    elif not build.build_is_current(address):
        what = f"they were built of other sources, or for another address than {address}"
        yield fault(about, what, "python -m chat_app build")
    else:
        yield well(about, f"they are built, for {address}")
