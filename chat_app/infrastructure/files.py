"""Files that people gave us, by random names. What is in them and whose they are is not known here: rows say so.

Names are made by the server, so that nothing of a file's own name, kind or place on somebody's disk comes near ours.
"""

import asyncio
import os
import re
import tempfile
from pathlib import Path
from typing import Protocol

from chat_app.domain.common.events import RemoveFile
from chat_app.infrastructure.jobs import Handler
from chat_app.infrastructure.secret_file import private_directory

FOLDER = "files"
"""In the data directory."""

NAME = re.compile(r"[A-Za-z0-9_-]{16,64}")
FOLDER_LETTERS = 2
"""Of a name; so many folders share what would make one too long to look through."""


class Files(Protocol):
    """Where files are kept. A name that is none of ours (see `is_name`) raises ValueError."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep `content` as `name`; when this returns it survives a power cut."""
        ...

    async def read(self, name: str) -> bytes | None:
        """The content, None when there is none of that name."""
        ...

    async def remove(self, name: str) -> None:
        """Keep it no more; nothing when it is gone already."""
        ...


def removal(files: Files) -> Handler:
    """For the job runner: lets go of what no row names any more."""

    async def remove(duty: RemoveFile) -> None:
        await files.remove(duty.name)

    return Handler(RemoveFile, remove)


def is_name(text: str) -> bool:
    """Whether a file could have this name: URL-safe letters, no dot and no slash, as random tokens are."""
    return NAME.fullmatch(text) is not None


class LocalFiles:
    """On this machine's disk, open to nobody but the server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, content: bytes) -> None:
        await asyncio.to_thread(self._put, self._place(name), content)

    async def read(self, name: str) -> bytes | None:
        return await asyncio.to_thread(_read, self._place(name))

    async def remove(self, name: str) -> None:
        place = self._place(name)
        await asyncio.to_thread(place.unlink, missing_ok=True)

    def _place(self, name: str) -> Path:
        if not is_name(name):
            raise ValueError("no name of a file of ours")
        return self._folder / name[:FOLDER_LETTERS] / name

    def _put(self, place: Path, content: bytes) -> None:
        private_directory(private_directory(self._folder) / place.parent.name)
        # aside first, under a name that backups leave out: whoever reads finds all of it or nothing
        descriptor, aside = tempfile.mkstemp(prefix=".", dir=place.parent)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, place)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise
        _keep_names(place.parent)
        _keep_names(self._folder)


def _read(place: Path) -> bytes | None:
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return None


def _keep_names(folder: Path) -> None:
    """Bring the folder itself to the disk: a name that was only given in memory is lost with the power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
