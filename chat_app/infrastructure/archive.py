"""A backup as one file: `.tar.gz` with the database, the files of the data directory, and a manifest as its last.

Nothing in it is believed: names, kinds and checksums are looked at before anything of it is used.
"""

import hashlib
import json
import os
import shutil
import tarfile
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, cast

from chat_app.infrastructure.faults import Fault

VERSION = 1
"""Of the layout. What the tables are like, their revision says."""

MANIFEST = "manifest.json"
DATABASE = "database"
FILES = "files"
BLOCK = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    engine: Literal["sqlite", "postgresql"]
    revision: str | None
    at: str
    """When it was taken, ISO 8601 in UTC."""
    secret: str
    """By which the server's secret of then is known again, without telling it."""
    checksums: dict[str, str]
    """SHA-256 of each file, by its name in here."""
    version: int = VERSION


class _Hashed:
    """Reads from `file`, and has the digest of all that was read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        block = self._file.read(size)
        self.digest.update(block)
        return block


def pack(to: Path, manifest: Manifest, contents: dict[str, Path]) -> None:
    """Write `contents`, files by their names in the archive, to `to`, for its owner only and on the disk at the end.

    A file that was removed since it was listed is left out.
    """
    checksums: dict[str, str] = {}
    with open(to, "xb", opener=_private) as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
            for name, path in contents.items():
                with suppress(FileNotFoundError), path.open("rb") as content:
                    hashed = _Hashed(content)
                    tar.addfile(_member(name, os.fstat(content.fileno()).st_size), cast(BinaryIO, hashed))
                    checksums[name] = hashed.digest.hexdigest()
            told = json.dumps(asdict(replace(manifest, checksums=checksums)), indent=1).encode()
            tar.addfile(_member(MANIFEST, len(told)), BytesIO(told))
        file.flush()
        os.fsync(file.fileno())


def unpack(archive: Path, into: Path) -> Manifest:
    """Put what is in `archive` into the empty folder `into`. Raises `Fault` unless all is there as it was packed."""
    checksums: dict[str, str] = {}
    try:
        # not tar.extractall: its safe filter is missing from older releases of Python 3.11, and allows more than this
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                checksums[member.name] = _unpacked(tar, member, into)
        checksums.pop(MANIFEST)
        manifest = Manifest(**json.loads((into / MANIFEST).read_text("utf-8")))
        whole = manifest.checksums == checksums and DATABASE in checksums
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise Fault(f"{archive} cannot be read: {error.strerror}", "name a file made by `backup`") from error
    except (tarfile.TarError, zlib.error, EOFError, ValueError, KeyError, TypeError, FileExistsError) as error:
        raise _damaged(archive) from error
    except OSError as error:
        # not gzip, or a checksum of gzip's own; what the disk says has a number
        raise (_damaged(archive) if error.errno is None else error) from error
    if not whole:
        raise _damaged(archive)
    if manifest.version != VERSION:
        raise Fault(f"{archive} was made by another version of Chat", "update this one first")
    return manifest


def _damaged(archive: Path) -> Fault:
    return Fault(f"{archive} is damaged, or no backup", "take another one")


def _unpacked(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> str:
    place = PurePosixPath(member.name)
    ours = member.name in (MANIFEST, DATABASE) or (place.parts[:1] == (FILES,) and len(place.parts) > 1)
    content = tar.extractfile(member) if member.isreg() else None
    # each file once, at a place within: nothing climbs out, no link leads there
    if not ours or ".." in place.parts or content is None:
        raise ValueError(member.name)
    path = into / place
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hashed = _Hashed(cast(BinaryIO, content))
    with open(path, "xb", opener=_private) as file:
        shutil.copyfileobj(hashed, file, BLOCK)
        file.flush()
        os.fsync(file.fileno())
    return hashed.digest.hexdigest()


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
