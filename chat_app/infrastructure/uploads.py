"""What people upload, while it comes: in a temporary file, never longer than announced, gone whatever happens."""

import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from chat_app.domain.common.errors import TooMany
from chat_app.domain.common.ids import Row
from chat_app.domain.messages.errors import EmptyFile, FileCut, FileTooLarge
from chat_app.infrastructure.secret_file import private_directory

FOLDER = ".uploads"
"""In the data directory; what begins with a dot is in no backup."""

MB = 1024 * 1024

MOST_BYTES = 20 * MB

AT_ONCE = 3
"""Uploads of one person. A browser sends two, the next when one is done."""

STALLED_SECONDS = 30.0
"""Without a byte for so long, nobody is there any more."""

SLOWEST = 16 * 1024
"""Bytes in a second, on the whole: whoever sends fewer holds a place and a file for nothing."""

LEFT_SECONDS = 24 * 3600
"""What is older was left by a server that was killed."""

TOGETHER = 512 * 1024
"""Bytes that are written at once."""


class Uploads:
    """The uploads of one process. `most_bytes` of one file, `hourly_bytes` of one person; None for no limit."""

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES, hourly_bytes: int | None = None) -> None:
        self.most_bytes = most_bytes
        self.hourly_bytes = hourly_bytes
        self._folder = folder
        self._under_way: Counter[Row] = Counter()

    def sweep(self) -> None:
        """Remove what was left by a server that was killed."""
        for left in private_directory(self._folder).iterdir():
            if time.time() - left.stat().st_mtime > LEFT_SECONDS:
                left.unlink(missing_ok=True)

    def check_size(self, size: int) -> None:
        """Whether so many bytes may come. Refused: `EmptyFile`, `FileTooLarge`."""
        if size == 0:
            raise EmptyFile
        if size > self.most_bytes:
            raise FileTooLarge(most_mb=self.most_bytes // MB)

    @asynccontextmanager
    async def receiving(self, person: Row, body: AsyncIterator[bytes], size: int) -> AsyncGenerator[Path]:
        """The file with what came, until the end of the `with`: whoever keeps it takes it away.

        Refused: `FileCut` when it is not `size` bytes, what `check_size` refuses, and `TooMany` at once.
        """
        self.check_size(size)
        if self._under_way[person] >= AT_ONCE:
            raise TooMany(wait_s=2)
        self._under_way[person] += 1
        descriptor, name = await asyncio.to_thread(self._make)
        path = Path(name)
        try:
            try:
                await _fill(descriptor, body, size)
            finally:
                os.close(descriptor)
            yield path
        finally:
            self._under_way[person] -= 1
            if not self._under_way[person]:
                del self._under_way[person]
            await asyncio.to_thread(path.unlink, missing_ok=True)

    def _make(self) -> tuple[int, str]:
        return tempfile.mkstemp(dir=private_directory(self._folder))


async def _fill(descriptor: int, body: AsyncIterator[bytes], size: int) -> None:
    came, held = 0, bytearray()
    pieces = aiter(body)
    until = time.monotonic() + STALLED_SECONDS + size / SLOWEST
    while True:
        try:
            async with asyncio.timeout(min(STALLED_SECONDS, until - time.monotonic())):
                piece = await anext(pieces, None)
        except TimeoutError as error:
            raise FileCut from error
        if piece is None:
            break
        came += len(piece)
        if came > size:
            raise FileCut
        held += piece
        if len(held) >= TOGETHER:
            await asyncio.to_thread(_write, descriptor, bytes(held))
            held.clear()
    if came != size:
        raise FileCut
    await asyncio.to_thread(_write, descriptor, bytes(held))


def _write(descriptor: int, content: bytes) -> None:
    at = memoryview(content)
    while at:
        at = at[os.write(descriptor, at) :]


_uploads: Uploads | None = None


def hang_uploads(uploads: Uploads | None) -> None:
    """Make `uploads` the ones of this process; None takes them off."""
    global _uploads
    _uploads = uploads


def largest_upload_mb() -> int:
    """The largest file that may be uploaded, in megabytes; before the start that of `Uploads` itself."""
    return (MOST_BYTES if _uploads is None else _uploads.most_bytes) // MB
