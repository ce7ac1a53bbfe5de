"""The API, put together: which routes there are, who may call them from a browser, and how much they may be sent."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response

from chat_app.api import files, health
from chat_app.api.avatars import GROUP_PICTURE_PATH, PICTURE_BODY_BYTES, PICTURE_PATH
from chat_app.api.problems import answer_with_problems, problem
from chat_app.domain.messages.errors import FileTooLarge
from chat_app.domain.users.errors import PictureTooLarge
from chat_app.domain.users.rules import MOST_PICTURE_BYTES
from chat_app.realtime.origins import Origins

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}

BODY_BYTES = 64 * 1024
"""The most a form or a JSON body may have."""

LARGER_BODIES = {PICTURE_PATH: PICTURE_BODY_BYTES, GROUP_PICTURE_PATH: MOST_PICTURE_BYTES}
"""The most where files are posted."""

UPLOAD_BYTES = 20 * 1024 * 1024


def create_api(origins: Origins, *, upload_bytes: int = UPLOAD_BYTES) -> FastAPI:
    """The API. `origins` may call what changes things; others are refused before any route runs.

    A file to be sent may have `upload_bytes`.
    """
    larger = LARGER_BODIES | {files.PATH: upload_bytes}
    # no docs pages: their scripts come from elsewhere, which our policy forbids
    api = FastAPI(title="Chat", docs_url=None, redoc_url=None)
    answer_with_problems(api)
    api.include_router(health.router)

    @api.middleware("http")
    async def guard(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:  # pyright: ignore[reportUnusedFunction]  # hung by the decorator
        if request.method in SAFE_METHODS:
            return await go_on(request)
        if not origins.allowed(request.headers.get("origin"), request.headers.get("host", "")):
            return problem(403, "foreign_origin")
        length = request.headers.get("content-length", "")
        # a body of unknown length could be endless
        if not length.isdecimal() and request.headers.get("transfer-encoding"):
            return problem(411, "length_required")
        most = larger.get(request.url.path, BODY_BYTES)
        if length.isdecimal() and int(length) > most:
            if request.url.path == files.PATH:
                return problem(413, FileTooLarge.code, params={"most_mb": most // 1024**2})
            if request.url.path == GROUP_PICTURE_PATH:
                return problem(413, PictureTooLarge.code, params=PictureTooLarge().params)
            return problem(413, "too_large", params={"max_bytes": most})
        return await go_on(request)

    return api
