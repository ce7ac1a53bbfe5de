"""Whether the built pages are those of the present sources."""

import hashlib
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from chat_app.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent
STAMP = Path(os.environ.get("REFLEX_WEB_WORKDIR", PROJECT / ".web")) / "chat.build"
"""Holds the digest of what the last build was made of."""

SOURCES = ("chat_app/**/*.py", "assets/**/*", "reflex.lock/package-lock.json", "rxconfig.py", "requirements.txt")


def public_address(settings: Settings) -> str:
    """Where browsers find pages and server alike; it is written into the pages."""
    return settings.base_url or f"http://localhost:{settings.port}"


def build_is_current(address: str) -> bool:
    """Whether the last build was made for `address` of what is there now."""
    return STAMP.exists() and STAMP.read_text() == source_digest(address)


def source_digest(address: str, project: Path = PROJECT) -> str:
    """A digest of all that goes into the pages: sources, locks, Reflex itself, and the address they will call."""
    digest = hashlib.sha256(f"{version('reflex')}\n{address}\n".encode())
    for path in _sources(project):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(project)}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _sources(project: Path) -> Iterator[Path]:
    for pattern in SOURCES:
        yield from sorted(path for path in project.glob(pattern) if path.is_file())
