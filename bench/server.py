"""The real server as a process of its own, and what the kernel says of it."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from chat_app.build import STAMP
from chat_app.settings import variables

PROJECT = Path(__file__).resolve().parent.parent
SERVE = ("chat_app", "serve")
TICKS = os.sysconf("SC_CLK_TCK")

SECRET = secrets.token_hex(32)
"""The server's, for one run: whoever fills the database must key the password as the server will."""

START_SECONDS = 90
STOP_SECONDS = 20


class Server:
    """`python -m chat_app serve` on `port` with `database_url`; its log is `server.log` in `directory`.

    `module` may name another that serves the same app, with its arguments, for comparing.
    """

    def __init__(self, directory: Path, database_url: str, port: int = 0, module: tuple[str, ...] = SERVE) -> None:
        self.port = port or free_port()
        self.log = directory / "server.log"
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        # what is set to nothing falls back to its default, whatever `.env` says
        self._environment = os.environ | dict.fromkeys(variables().values(), "")
        self._environment |= {
            "PORT": str(self.port),
            "CHAT_DATA_DIR": str(directory / "data"),
            "CHAT_DATABASE_URL": database_url,
            "CHAT_SECRET": SECRET,
            "CHAT_LIMITS": "off",
            "CHAT_LOG_LEVEL": "warning",
        }

    @property
    def pid(self) -> int:
        assert self._process, "the server was not started"
        return self._process.pid

    def start(self) -> float:
        """Start it; returns when it answers, with the seconds that took."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._module],
                cwd=PROJECT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl+C is for whoever measures, who then stops the server
                start_new_session=True,
            )
        while time.monotonic() - began < START_SECONDS:
            if self._process.poll() is not None:
                break
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                    return time.monotonic() - began
            except OSError:
                time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"the server did not start:\n{self.tail()}")

    def kill(self) -> None:
        """kill -9."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it as an operator would; kill it if it does not listen."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid: int) -> float:
    """Processor time a process and its children have used, of all their threads."""
    ticks = 0
    for member in family(pid):
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


def rss_kb(pid: int) -> int:
    """Memory a process and its children hold, in KiB."""
    statuses = (Path(f"/proc/{member}/status").read_text() for member in family(pid))
    return sum(int(found[1]) for status in statuses if (found := re.search(r"VmRSS:\s+(\d+) kB", status)))


def family(pid: int) -> list[int]:
    """A process and its children: some servers serve in one of these."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def build_pages() -> None:
    """Build what the server needs, unless it is there and current."""
    subprocess.run(
        [sys.executable, "-m", "chat_app", "build", "--if-needed"], cwd=PROJECT, check=True, stdout=sys.stderr
    )


def built_port() -> int:
    """The port whose address is written into the pages."""
    return int(os.environ.get("PORT") or 8000)


def compiled_state() -> tuple[list[str], str]:
    """What the pages were built with and a browser says when it connects: hashes of the first state, and its schema."""
    source = (STAMP.parent / "utils" / "context.jsx").read_text()
    hashes = re.search(r"initialStateHashes = \[([^\]]*)\]", source)
    schema = re.search(r'stateSchema = "(\w+)"', source)
    if not hashes or not schema:
        raise RuntimeError("the built pages do not say what they were compiled for")
    return re.findall(r'"(\w+)"', hashes[1]), schema[1]
