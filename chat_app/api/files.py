"""Files of messages: taking one in before it is sent, and giving it to whoever may see the message."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.requests import ClientDisconnect

from chat_app.api.desk import Desk
from chat_app.api.problems import problem
from chat_app.api.ranges import Unsatisfiable, part_of
from chat_app.domain.common.errors import Busy, Refusal
from chat_app.domain.common.ids import ID_BYTES, AttachmentId, ChatId
from chat_app.domain.common.ports import Dice
from chat_app.domain.common.work import Person
from chat_app.domain.messages.actions import NewFile, register_attachment
from chat_app.domain.messages.errors import AttachmentNotFound, FileCut
from chat_app.domain.messages.queries import StoredFile, attachment_for, check_photo, check_upload
from chat_app.domain.messages.rules import name_of_file
from chat_app.infrastructure.files import Files, StoreFailed, is_name
from chat_app.infrastructure.kinds import PICTURES, kind_of
from chat_app.infrastructure.photos import Photo, prepare
from chat_app.infrastructure.pictures import Pictures
from chat_app.infrastructure.unit_of_work import ask, perform
from chat_app.infrastructure.uploads import Uploads

log = logging.getLogger(__name__)

PATH = "/files"
THUMBNAIL = "image/webp"
LONGEST_NAME_SENT = 4096
"""Of a name as it is sent, before it is cleaned."""

AWAY_SECONDS = 10
"""When to come back while the store is away."""


def file_router(desk: Desk, files: Files, pictures: Pictures, uploads: Uploads, dice: Dice) -> APIRouter:
    """The routes `POST /files?chat=…&name=…` with the bytes as body, `GET /files/<id>` and `/files/<id>/thumbnail`."""
    router = APIRouter(include_in_schema=False)

    @router.post(PATH)
    async def upload(request: Request, chat: str = "", name: str = "") -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        person, chat = await desk.person(request), chat if is_name(chat) else ""
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            return problem(411, "length_required")
        size, chat_id = int(length), ChatId(chat)
        uploads.check_size(size)
        # before a byte is read: whoever may not write here need send none
        await ask(person, check_upload, chat_id, size, uploads.hourly_bytes)
        async with uploads.receiving(person.row, _body(request), size) as path:
            new, thumbnail = await _looked_at(person, path, name[:LONGEST_NAME_SENT])
            await _keep(path, new, thumbnail)
        attachment_id = AttachmentId(dice.token(ID_BYTES))
        try:
            await perform(person, register_attachment, chat_id, attachment_id, new, uploads.hourly_bytes)
        except Refusal:
            # only then: whatever else goes wrong, it may have been stored
            await files.remove(new.file)
            if new.thumbnail:
                await files.remove(new.thumbnail)
            raise
        told = {
            "attachment_id": attachment_id,
            "name": new.name,
            "type": new.type,
            "size": new.size,
            "width": new.width,
            "height": new.height,
            "thumbnail": new.thumbnail is not None,
        }
        return JSONResponse(told, 201)

    async def _looked_at(person: Person, path: Path, name: str) -> tuple[NewFile, bytes | None]:
        kind = await asyncio.to_thread(kind_of, path, name)
        photo = Photo(0, 0, None)
        if kind in PICTURES:
            await ask(person, check_photo)
            photo = await pictures.run(lambda: prepare(path, PICTURES[kind]))
        size = (await asyncio.to_thread(path.stat)).st_size
        thumbnail = dice.token(ID_BYTES) if photo.thumbnail else None
        file, width, height = dice.token(ID_BYTES), photo.width or None, photo.height or None
        return NewFile(name_of_file(name), kind, size, file, thumbnail, width, height), photo.thumbnail

    async def _keep(path: Path, new: NewFile, thumbnail: bytes | None) -> None:
        try:
            await files.take(new.file, path)
            if thumbnail is not None and new.thumbnail is not None:
                await files.put(new.thumbnail, thumbnail)
        except (StoreFailed, OSError) as error:
            raise _away(error) from error

    @router.api_route(PATH + "/{attachment_id}", methods=["GET", "HEAD"])
    async def download(request: Request, attachment_id: str) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        stored = await ask(await desk.person(request), attachment_for, _named(attachment_id))
        shown = stored.type in PICTURES and "download" not in request.query_params
        return await _answer(request, stored, stored.file, stored.type, stored.size, inline=shown)

    @router.api_route(PATH + "/{attachment_id}/thumbnail", methods=["GET", "HEAD"])
    async def thumbnail(request: Request, attachment_id: str) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        stored = await ask(await desk.person(request), attachment_for, _named(attachment_id))
        if stored.thumbnail is None:
            raise AttachmentNotFound
        try:
            content = await files.read(stored.thumbnail)
        except (StoreFailed, OSError) as error:
            raise _away(error) from error
        if content is None:
            raise AttachmentNotFound
        tag = f'"{stored.thumbnail}"'
        if _known(request, tag):
            return Response(status_code=304, headers={"ETag": tag})
        headers = {"ETag": tag, "Content-Disposition": "inline"}
        return Response(content if request.method == "GET" else b"", media_type=THUMBNAIL, headers=headers)

    async def _answer(
        request: Request, stored: StoredFile, name: str, kind: str, size: int, *, inline: bool
    ) -> Response:
        # what has a name never changes
        tag = f'"{name}"'
        if _known(request, tag):
            return Response(status_code=304, headers={"ETag": tag})
        headers = {
            "ETag": tag,
            "Accept-Ranges": "bytes",
            "Content-Disposition": disposition(stored.name, inline=inline),
        }
        asked = request.headers.get("range") if request.method == "GET" else None
        part = part_of(asked, size, tag=tag, if_range=request.headers.get("if-range"))
        if isinstance(part, Unsatisfiable):
            return problem(416, "range_not_satisfiable", headers={"Content-Range": f"bytes */{size}"})
        start, stop = (part.start, part.stop) if part else (0, size)
        if part:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        headers["Content-Length"] = str(stop - start)
        if request.method == "HEAD":
            return Response(media_type=kind, headers=headers)
        try:
            pieces = await files.part(name, start, stop)
        except (StoreFailed, OSError) as error:
            raise _away(error) from error
        if pieces is None:
            # removed a moment ago
            raise AttachmentNotFound
        return StreamingResponse(pieces, 206 if part else 200, media_type=kind, headers=headers)

    return router


def disposition(name: str, *, inline: bool) -> str:
    """How a browser is to take it, and call it when it is saved: RFC 6266, with RFC 8187 for what is not ASCII."""
    plain = "".join(letter if " " <= letter <= "~" and letter not in '"\\%' else "_" for letter in name)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _named(text: str) -> AttachmentId:
    """An id that there can be: what else is asked for is asked of no database."""
    return AttachmentId(text if is_name(text) else "")


def _known(request: Request, tag: str) -> bool:
    """Whether the browser has it already."""
    return tag in request.headers.get("if-none-match", "")


def _away(error: Exception) -> Busy:
    log.warning("the store of files failed: %s", type(error).__name__)
    return Busy(wait_s=AWAY_SECONDS)


async def _body(request: Request) -> AsyncIterator[bytes]:
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect as error:
        raise FileCut from error
