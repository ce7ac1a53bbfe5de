"""Refusals as HTTP answers: RFC 9457 problem details with the refusal's code, its facts and the field at fault."""

import logging
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from chat_app.domain.common.errors import (
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    NotSignedIn,
    Refusal,
    TooMany,
)

log = logging.getLogger(__name__)

STATUS_OF_FAMILY: dict[type[Refusal], int] = {
    Invalid: 422,
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    TooMany: 429,
}


def answer_with_problems(api: FastAPI) -> None:
    """Let whatever `api` cannot do be answered as a problem: refusals, wrong input, unknown paths, our own faults."""
    api.add_exception_handler(Refusal, _refused)
    api.add_exception_handler(RequestValidationError, _malformed)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _broken)


def status_of(refusal: Refusal) -> int:
    """The HTTP status of the refusal's family."""
    return next((status for family, status in STATUS_OF_FAMILY.items() if isinstance(refusal, family)), 422)


def refusal_problem(refusal: Refusal) -> Response:
    """`refusal` as an answer; one that says when to come back also says so in `Retry-After`, in seconds."""
    headers = {"Retry-After": str(refusal.wait_s)} if isinstance(refusal, TooMany) else None
    return problem(status_of(refusal), refusal.code, params=refusal.params, field=refusal.field, headers=headers)


def problem(
    status: int,
    code: str,
    *,
    params: Mapping[str, str | int] | None = None,
    field: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem: `code` is for programs, `params` are its facts, `field` names the input at fault."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "params": dict(params or {}),
    }
    if field is not None:
        body["field"] = field
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


async def _refused(_request: Request, error: Exception) -> Response:
    return refusal_problem(cast(Refusal, error))


async def _malformed(_request: Request, error: Exception) -> Response:
    # which field, never what it held: it may have been a password
    place = cast(RequestValidationError, error).errors()[0]["loc"]
    return problem(422, "malformed", field=".".join(str(part) for part in place[1:]) or None)


async def _http(_request: Request, error: Exception) -> Response:
    error = cast(HTTPException, error)
    code = HTTPStatus(error.status_code).name.lower()
    return problem(error.status_code, code, headers=error.headers)


async def _broken(_request: Request, error: Exception) -> Response:
    # the person who reports it and the log name it alike
    reference = uuid.uuid4().hex[:12]
    log.error("fault %s", reference, exc_info=error)
    return problem(500, "internal_server_error", params={"reference": reference})
