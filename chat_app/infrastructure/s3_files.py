"""Files in a bucket of an S3-compatible service, by the same names."""

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from chat_app.infrastructure.faults import Fault
from chat_app.infrastructure.files import CHUNK, StoreFailed, is_name

if TYPE_CHECKING:
    from obstore import GetResult

SCHEMES = {"s3": "https", "s3+http": "http"}
REGION = "us-east-1"
"""What services without regions expect."""

TRIAL = "trial-of-the-doctor"
WAIT = timedelta(seconds=10)
LONGEST = timedelta(minutes=5)
"""For one transfer."""


@dataclass(frozen=True)
class Bucket:
    """Where it is, and what opens it."""

    endpoint: str
    name: str
    prefix: str
    region: str
    key: str = field(repr=False)
    secret: str = field(repr=False)


def bucket_of(url: str) -> Bucket:
    """The bucket of `s3://key:secret@host/bucket/folder?region=…`. Raises ValueError, which names no secret."""
    parts = urlsplit(url)
    scheme = SCHEMES.get(parts.scheme)
    bucket, _, prefix = parts.path.strip("/").partition("/")
    if scheme is None or not (parts.hostname and bucket and parts.username and parts.password):
        raise ValueError("must be like s3://key:secret@host/bucket?region=eu-central-1")
    host = parts.netloc.rpartition("@")[2]
    region = parse_qs(parts.query).get("region", [REGION])[0]
    return Bucket(f"{scheme}://{host}", bucket, prefix, region, unquote(parts.username), unquote(parts.password))


class S3Files:
    """In a bucket that is closed to the public; only this server reads it."""

    def __init__(self, url: str, *, retries: int = 3) -> None:
        bucket = bucket_of(url)
        self._prefix = f"{bucket.prefix}/" if bucket.prefix else ""
        self._store = S3Store(
            bucket.name,
            endpoint=bucket.endpoint,
            region=bucket.region,
            access_key_id=bucket.key,
            secret_access_key=bucket.secret,
            virtual_hosted_style_request=False,
            # not every service knows how to remove several at once
            disable_bulk_delete=True,
            client_options={
                "allow_http": bucket.endpoint.startswith("http://"),
                "connect_timeout": WAIT,
                "timeout": LONGEST,
            },
            retry_config={"max_retries": retries, "retry_timeout": WAIT},
        )

    async def put(self, name: str, content: bytes) -> None:
        with _trouble():
            await obstore.put_async(self._store, self._place(name), content, use_multipart=False)

    async def take(self, name: str, path: Path) -> None:
        with _trouble():
            await obstore.put_async(self._store, self._place(name), path, use_multipart=False)
        await asyncio.to_thread(path.unlink)

    async def read(self, name: str) -> bytes | None:
        with _trouble():
            try:
                found = await obstore.get_async(self._store, self._place(name))
                return bytes(await found.bytes_async())
            except FileNotFoundError:
                return None

    async def part(self, name: str, start: int, stop: int) -> AsyncIterator[bytes] | None:
        with _trouble():
            try:
                found = await obstore.get_async(self._store, self._place(name), options={"range": (start, stop)})
            except FileNotFoundError:
                return None
        return _pieces(found)

    async def remove(self, name: str) -> None:
        with _trouble():
            try:
                await obstore.delete_async(self._store, self._place(name))
            except FileNotFoundError:
                return

    def greet(self) -> None:
        """Write, read and remove a small file. Raises `Fault`."""
        place = self._prefix + TRIAL
        try:
            obstore.put(self._store, place, b"trial", use_multipart=False)
            obstore.get(self._store, place).bytes()
            obstore.delete(self._store, place)
        except Exception as error:
            raise Fault(_reason(error), "check CHAT_FILES_URL, and that the key may read, write and delete") from None

    def _place(self, name: str) -> str:
        if not is_name(name):
            raise ValueError("no name of a file of ours")
        return self._prefix + name


async def _pieces(found: "GetResult") -> AsyncIterator[bytes]:
    with _trouble():
        async for piece in found.stream(CHUNK):
            yield bytes(piece)


@contextmanager
def _trouble() -> Generator[None]:
    try:
        yield
    except BaseError as error:
        # what the service says names keys and places, which belong in no log
        raise StoreFailed(type(error).__name__) from None


def _reason(error: Exception) -> str:
    return {
        "UnauthenticatedError": "the service does not know the key, or the secret is wrong",
        "PermissionDeniedError": "the service does not let the key do this, or the secret is wrong",
        "FileNotFoundError": "there is no such bucket",
        "NotFoundError": "there is no such bucket",
        "GenericError": "the service cannot be reached",
    }.get(type(error).__name__, f"the bucket cannot be used ({type(error).__name__})")
