"""Who uses the data directory: servers share it, a restore has it alone."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from chat_app.infrastructure.faults import Fault
from chat_app.infrastructure.secret_file import private_directory

FILE = "serving.lock"


def hold(data_dir: Path) -> TextIO:
    """Say that a server uses `data_dir`, until what is returned is closed. Waits for the end of a restore."""
    lock = _opened(data_dir)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


@contextmanager
def alone(data_dir: Path) -> Generator[None]:
    """Keep servers from starting meanwhile. Raises `Fault` while one runs, or another restore."""
    with _opened(data_dir) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Fault(f"a server is using {data_dir}", "stop it first, then run this again") from None
        yield


def _opened(data_dir: Path) -> TextIO:
    return (private_directory(data_dir) / FILE).open("w")
