"""Starts real servers for the browser, on ports and directories of their own, and stops them."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
BUILT_FOR = "http://localhost:8000"
"""The address in the pages that the tests build; each server gets a copy with its own."""

READY_SECONDS = 60
STOP_SECONDS = 15


@dataclass
class Server:
    """One running server."""

    url: str
    data_dir: Path
    log: Path
    process: subprocess.Popen[bytes]

    def outbox(self, to: str = "") -> list[dict[str, str]]:
        """What demo mode kept instead of sending (`channel, to, subject, text, code`), oldest first; only `to`'s."""
        path = self.data_dir / "outbox.jsonl"
        letters = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [letter for letter in letters if letter["to"] == to or not to]

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        if self.process.poll() is None:
            # its own group: Reflex starts others, which must go with it
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def kill(self) -> None:
        """Stop it as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def build_pages() -> None:
    """Build the pages for `BUILT_FOR`, when the last build is of other sources."""
    command = [sys.executable, "-m", "chat_app", "build", "--if-needed"]
    subprocess.run(command, cwd=PROJECT, env=_environ(PORT="8000"), check=True)


@contextlib.contextmanager
def serving(directory: Path, *, port: int | None = None, **settings: str) -> Iterator[Server]:
    """`python -m chat_app serve` with its pages and data in `directory`; `settings` are variables."""
    server = start(directory, port=port, **settings)
    try:
        yield server
    finally:
        server.stop()


def start(directory: Path, *, port: int | None = None, seen_at: str = "", **settings: str) -> Server:
    """Like `serving`, for those who stop it themselves. Started again in the same directory it finds its data.

    `seen_at` is the address people use, where a proxy stands before the server.
    """
    port = port or free_port()
    here = f"http://localhost:{port}"
    url = seen_at or here
    web = _pages_for(url, directory / "web")
    environ = _environ(PORT=str(port), CHAT_DATA_DIR=str(directory / "data"), REFLEX_WEB_WORKDIR=str(web), **settings)
    command = [sys.executable, "-m", "chat_app", "serve"]
    return run(command, PROJECT, url, directory, environ, ready_at=f"{here}/healthz")


def run(
    command: list[str], project: Path, url: str, directory: Path, environ: dict[str, str], *, ready_at: str = ""
) -> Server:
    """Start `command` in `project` and wait until it answers at `ready_at`, by default its `/healthz`."""
    log = directory / "server.log"
    with log.open("ab") as lines:
        process = subprocess.Popen(
            command, cwd=project, env=environ, stdout=lines, stderr=lines, start_new_session=True
        )
    server = Server(url, directory / "data", log, process)
    try:
        _wait_for(ready_at or f"{url}/healthz", server)
    except BaseException:
        server.stop()
        raise
    return server


def project_copy(directory: Path) -> Path:
    """The project's own files in `directory`, with what npm installed, so that Reflex may write there what it likes."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        if (PROJECT / name).is_file():
            shutil.copy2(PROJECT / name, directory / name)
    shutil.copytree(PROJECT / ".web", directory / ".web", symlinks=True, copy_function=_linked)
    return directory


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without its own settings, and with these."""
    return _environ(**settings)


def _environ(**settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHAT_", "REFLEX_"))}
    return kept | settings


def _pages_for(url: str, web: Path) -> Path:
    """A copy of the built pages that call `url`."""
    if web.exists():
        return web
    source = PROJECT / ".web"
    shutil.copytree(source / "build" / "client", web / "build" / "client")
    shutil.copytree(source / "backend", web / "backend")
    for name in ("chat.build", "env.json", "reflex.json", "routes.json"):
        shutil.copy2(source / name, web / name)
    for script in (web / "build" / "client").rglob("*.js"):
        text = script.read_text()
        here = text.replace(BUILT_FOR, url).replace(BUILT_FOR.replace("http", "ws"), url.replace("http", "ws"))
        if here != text:
            script.write_text(here)
            script.with_name(f"{script.name}.gz").unlink(missing_ok=True)
    return web


def _linked(source: str, target: str) -> None:
    # node_modules alone has thousands of files, and nobody writes into them
    if "node_modules" in source:
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copy2(source, target)


def _wait_for(url: str, server: Server) -> None:
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended with {server.process.returncode}:\n{server.log.read_text()}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer in {READY_SECONDS} s:\n{server.log.read_text()}")
