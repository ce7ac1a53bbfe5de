"""Plain HTML forms: reading one that may be hostile, whether it came from us, and where to go after it."""

import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from chat_app.domain.common.errors import Invalid
from chat_app.domain.common.values import Missing

LONGEST_FORM = 16 * 1024
MOST_FIELDS = 32
AROUND_A_FILE = 16 * 1024
"""What a browser writes around the one file of a form: its boundary, the names, and the kind it takes it for."""

OUR_PAGES = re.compile(r"/|/settings|/(chat|join)/[A-Za-z0-9_-]{1,64}")
"""The paths a form may lead back to."""


class BadForm(Invalid):
    """No form of ours: too long, not a form, or with more in it than belongs there."""


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a posted form. Refused: `BadForm`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise BadForm
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # of nothing there is no kind
    if body and kind != "application/x-www-form-urlencoded":
        raise BadForm
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="strict"
        )
    except ValueError as error:  # too many fields, or no text
        raise BadForm from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        # which of the two would be checked, and which used?
        raise BadForm
    return fields


async def read_file(request: Request, *, most: int) -> bytes:
    """A file that is the whole body. Refused: `BadForm`, of more than `most` bytes or of half a file."""
    try:
        return b"".join([chunk async for chunk in _up_to(most, request.stream())])
    except ClientDisconnect as error:
        raise BadForm from error


async def read_upload(request: Request, field: str, *, most: int) -> bytes:
    """The one file of a posted form that holds nothing else, of `most` bytes with all that is around it.

    What it is called and which kind it claims to be is not looked at. Refused: `BadForm`, `Missing`.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise BadForm
    try:
        form = await MultiPartParser(request.headers, _up_to(most, request.stream()), max_files=1, max_fields=0).parse()
    except MultiPartException as error:
        raise BadForm from error
    try:
        match form.multi_items():
            case [(name, UploadFile() as file)] if name == field:
                content = await file.read()
            case _:
                # not even that: to the parser it is no error
                raise BadForm
    finally:
        await form.close()
    if not content:
        # what a browser sends where nothing was chosen
        raise Missing(field)
    return content


async def _up_to(most: int, stream: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    taken = 0
    async for chunk in stream:
        taken += len(chunk)
        if taken > most:
            raise BadForm
        yield chunk


def landing(wanted: str) -> str:
    """`wanted` if it is a page of ours, else the main page: a link must not lead from our sign-in to a stranger's."""
    return wanted if OUR_PAGES.fullmatch(wanted) else "/"


@dataclass(frozen=True)
class Sender:
    """Where a form was posted from."""

    allowed: bool
    base: str
    """What stands before a path in the answer: nothing on our own host, else the origin of the page."""


def sender(request: Request, allowed_origin: Callable[[str, str], bool]) -> Sender:
    """Judge where a form was posted from. `allowed_origin(origin, host)` knows the operator's list."""
    origin = request.headers.get("origin", "null")
    host = request.headers.get("host", "")
    if origin == "null":
        # a browser that was told to send no referrer hides the origin of its own page too, but not this
        return Sender(request.headers.get("sec-fetch-site") == "same-origin", "")
    if not allowed_origin(origin, host):
        return Sender(False, "")
    return Sender(True, "" if urlsplit(origin).netloc.lower() == host.lower() else origin)
