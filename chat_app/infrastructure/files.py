"""Files that people gave us, by random names. What is in them and whose they are is not known here: rows say so.

Names are made by the server, so that nothing of a file's own name, kind or place on somebody's disk comes near ours.
"""

import asyncio
import errno
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO, Protocol

from chat_app.domain.common.events import RemoveFile
from chat_app.infrastructure.jobs import Handler
from chat_app.infrastructure.secret_file import private_directory

FOLDER = "files"
"""In the data directory."""

NAME = re.compile(r"[A-Za-z0-9_-]{16,64}")
FOLDER_LETTERS = 2
"""Of a name; so many folders share what would make one too long to look through."""


CHUNK = 256 * 1024
"""Bytes that are read at once of what is sent in parts."""


class StoreFailed(Exception):
    """Where files are kept cannot be reached, or will not do what it is told. Says nothing of keys and names."""


class Files(Protocol):
    """Where files are kept. A name that is none of ours (see `is_name`) raises ValueError, trouble `StoreFailed` or
    OSError."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep `content` as `name`; when this returns it survives a power cut."""
        ...

    async def take(self, name: str, path: Path) -> None:
        """Keep the file at `path` as `name`; it is no longer there then. When this returns it survives a power cut."""
        ...

    async def read(self, name: str) -> bytes | None:
        """The content, None when there is none of that name."""
        ...

    async def part(self, name: str, start: int, stop: int) -> AsyncIterator[bytes] | None:
        """The bytes from `start` on and before `stop`, in pieces. None when there is none of that name."""
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
        await asyncio.to_thread(self._put, self._place(name), lambda file: file.write(content))

    async def take(self, name: str, path: Path) -> None:
        await asyncio.to_thread(self._take, self._place(name), path)

    async def part(self, name: str, start: int, stop: int) -> AsyncIterator[bytes] | None:
        place = self._place(name)
        return _pieces(place, start, stop) if await asyncio.to_thread(place.is_file) else None

    async def read(self, name: str) -> bytes | None:
        return await asyncio.to_thread(_read, self._place(name))

    async def remove(self, name: str) -> None:
        place = self._place(name)
        await asyncio.to_thread(place.unlink, missing_ok=True)

    def _place(self, name: str) -> Path:
        if not is_name(name):
            raise ValueError("no name of a file of ours")
        return self._folder / name[:FOLDER_LETTERS] / name

    def _put(self, place: Path, write: Callable[[BinaryIO], object]) -> None:
        self._make_room(place)
        # aside first, under a name that backups leave out: whoever reads finds all of it or nothing
        descriptor, aside = tempfile.mkstemp(prefix=".", dir=place.parent)
        try:
            with open(descriptor, "wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, place)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise
        self._keep(place)

    def _take(self, place: Path, path: Path) -> None:
        self._make_room(place)
        with path.open("rb") as file:
            os.fsync(file.fileno())
            try:
                os.replace(path, place)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                # it lies on another disk
                self._put(place, lambda copy: shutil.copyfileobj(file, copy, CHUNK))
                path.unlink()
        self._keep(place)

    def _make_room(self, place: Path) -> None:
        private_directory(private_directory(self._folder) / place.parent.name)

    def _keep(self, place: Path) -> None:
        _keep_names(place.parent)
        _keep_names(self._folder)


async def _pieces(place: Path, start: int, stop: int) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(place.open, "rb")
    try:
        await asyncio.to_thread(file.seek, start)
        while start < stop and (piece := await asyncio.to_thread(file.read, min(CHUNK, stop - start))):
            start += len(piece)
            yield piece
    finally:
        file.close()


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
