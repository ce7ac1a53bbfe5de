"""The machine under the service: Python, Node, open files, the port."""

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException

from chat_app.commands.findings import Finding, fault, warning, well
from chat_app.settings import Settings

PYTHONS = ((3, 11), (3, 12), (3, 13))
NODE = 22
"""Reflex builds with this one or a later one."""

MANY_FILES = 20_000
"""Each open tab takes one."""

PATIENCE_SECONDS = 5.0


def python(_settings: Settings) -> Iterator[Finding]:
    about, ours = "Python", sys.version_info[:2]
    if ours in PYTHONS:
        yield well(about, sys.version.split()[0])
    else:
        yield fault(
            about, f"{ours[0]}.{ours[1]} was not tried with Chat", "remove .venv, install 3.13, then make setup"
        )


def node(_settings: Settings) -> Iterator[Finding]:
    about = "Node"
    # where rxconfig.py has Reflex look: the package's own first
    found = shutil.which("node", path=os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")]))
    to_do = "pip install -r requirements.txt brings one; without it the pages cannot be built"
    if found is None:
        yield fault(about, "is missing", to_do)
        return
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = said.removeprefix("v").partition(".")[0]
    if major.isdigit() and int(major) >= NODE:
        yield well(about, said)
    else:
        yield fault(about, f"{said or found} is too old, or does not run", to_do)


def open_files(_settings: Settings) -> Iterator[Finding]:
    about, (most, _) = "open files", resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY or most >= MANY_FILES:
        yield well(about, f"up to {'any number' if most == resource.RLIM_INFINITY else most} for programs started here")
    else:
        to_do = "for many people: ulimit -n 65536, or LimitNOFILE as in deploy/chat.service"
        yield warning(about, f"up to {most} for programs started here, and each open tab takes one", to_do)


def port(settings: Settings) -> Iterator[Finding]:
    about, host = f"port {settings.port}", _called(settings.host)
    try:
        served = _health(host, settings.port)
    except ConnectionRefusedError:
        yield _free(about, settings)
        return
    except OSError as error:
        yield fault(about, f"{host} cannot be asked: {error.strerror or error}", "check CHAT_HOST and PORT")
        return
    if served is None:
        yield fault(about, "another program serves there", "stop it, or choose another port with PORT")
    elif served.get("status") == "ok":
        yield well(about, "Chat serves there")
    else:
        yield fault(about, "Chat serves there, and says it cannot reach its database", "see what its log says")


def _called(host: str) -> str:
    """Where to call a server that listens at `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # nothing is bound to it


def _health(host: str, number: int) -> dict[str, object] | None:
    """What `/healthz` says there; None if it is not ours."""
    connection = HTTPConnection(host, number, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        said = json.loads(connection.getresponse().read(65536))
    except (HTTPException, ValueError, TimeoutError, ConnectionResetError):
        return None
    finally:
        connection.close()
    ours = isinstance(said, dict) and ({"status", "waiting", "mail", "sms"} <= said.keys() or _unwell(said))
    return said if ours else None


def _unwell(said: dict[str, object]) -> bool:
    return "database_unreachable" in str(said)


def _free(about: str, settings: Settings) -> Finding:
    kind = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.socket(kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((settings.host, settings.port))
    except OSError as error:
        what = f"cannot be listened on at {settings.host}: {error.strerror}"
        return fault(about, what, "choose another CHAT_HOST or PORT; those below 1024 are root's")
    return well(about, "free; Chat is not running here")
