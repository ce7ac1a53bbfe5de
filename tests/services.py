"""What some tests need besides Python, and where to find it."""

import os
import shutil
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

POSTGRES = os.environ.get("CHAT_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
"""A database from which others may be created and dropped."""

REDIS = os.environ.get("CHAT_TEST_REDIS", "redis://127.0.0.1:6379/15")
"""A Redis database that may be emptied."""


def chromium() -> str | None:
    """The path of a Chromium, if one is installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def nginx() -> str | None:
    """The path of an nginx, if one is installed; it lies where only root's own path looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def answers(url: str, default_port: int) -> bool:
    """Whether somebody listens where `url` points."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or default_port), timeout=1):
            return True
    except OSError:
        return False


SERVICES: dict[str, tuple[str, Callable[[], bool]]] = {
    "browser": ("Chromium", lambda: chromium() is not None),
    "nginx": ("nginx", lambda: nginx() is not None),
    "pg_dump": ("pg_dump", lambda: shutil.which("pg_dump") is not None),
    "postgres": ("PostgreSQL", lambda: answers(POSTGRES, 5432)),
    "redis": ("Redis", lambda: answers(REDIS, 6379)),
    "systemd": ("systemd-analyze", lambda: shutil.which("systemd-analyze") is not None),
}
"""For each mark: what its tests need, and whether it is there."""
