"""Pictures of people and groups: taking one in, taking it away, and showing it to whoever may see it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from chat_app.api.desk import Desk, Done
from chat_app.api.forms import AROUND_A_FILE, read_file, read_upload
from chat_app.domain.chats.actions import set_group_avatar
from chat_app.domain.chats.queries import check_avatar, check_invited_avatar, may_picture
from chat_app.domain.common.errors import NotFound, Refusal
from chat_app.domain.common.ids import ID_BYTES, ChatId
from chat_app.domain.common.ports import Dice
from chat_app.domain.users.actions import set_avatar
from chat_app.domain.users.queries import may_upload
from chat_app.domain.users.rules import MOST_PICTURE_BYTES
from chat_app.infrastructure.files import Files, is_name
from chat_app.infrastructure.pictures import Pictures
from chat_app.infrastructure.unit_of_work import ask, perform

SETTINGS = "/settings"
FIELD = "picture"
PICTURE_PATH = "/session/avatar"
GROUP_PICTURE_PATH = "/session/group-avatar"
PICTURE_BODY_BYTES = MOST_PICTURE_BYTES + AROUND_A_FILE


def avatar_router(desk: Desk, files: Files, pictures: Pictures, dice: Dice) -> APIRouter:
    """The routes `POST /session/avatar`, a form with a file, `POST /session/avatar-off`,
    `POST /session/group-avatar?chat=…` with the bytes as body, and `GET /avatars/<name>`, with `?join=…` for the group
    that a link leads to."""
    router = APIRouter(include_in_schema=False)

    @router.post(PICTURE_PATH)
    async def avatar(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        return await desk.take_file(request, "avatar", SETTINGS, wear)

    @router.post("/session/avatar-off")
    async def avatar_off(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        return await desk.take(request, "avatar", SETTINGS, take_off)

    @router.post(GROUP_PICTURE_PATH)
    async def group_avatar(request: Request, chat: str = "") -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        person, chat_id = await desk.person(request), ChatId(chat)
        # before a byte is read: whoever may not change the group need send none
        await ask(person, may_picture, chat_id)
        name = await _kept(await read_file(request, most=MOST_PICTURE_BYTES))
        try:
            await perform(person, set_group_avatar, chat_id, name)
        except Refusal:
            await files.remove(name)
            raise
        return Response(status_code=204)

    @router.get("/avatars/{name}")
    async def picture(request: Request, name: str, join: str = "") -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        person, known = await desk.person(request), name if is_name(name) else ""
        if join:
            await ask(person, check_invited_avatar, join, known)
        else:
            await ask(person, check_avatar, known)
        # what has a name never changes
        tag = f'"{name}"'
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"ETag": tag})
        content = await files.read(name)
        if content is None:
            # removed a moment ago
            raise NotFound
        return Response(content, media_type="image/webp", headers={"ETag": tag})

    async def _kept(content: bytes) -> str:
        """The name of a picture that was made of `content`."""
        made = await pictures.square(content)
        name = dice.token(ID_BYTES)
        await files.put(name, made)
        return name

    async def wear(request: Request) -> Done:
        """The picture that was posted, instead of the one before."""
        person = await desk.person(request)
        await ask(person, may_upload)
        name = await _kept(await read_upload(request, FIELD, most=PICTURE_BODY_BYTES))
        try:
            await perform(person, set_avatar, name)
        except Refusal:
            # only then: whatever else goes wrong, it may have been stored
            await files.remove(name)
            raise
        return Done(SETTINGS)

    async def take_off(request: Request, _fields: dict[str, str]) -> Done:
        """No picture any more."""
        await perform(await desk.person(request), set_avatar, None)
        return Done(SETTINGS)

    return router
