"""SMS through a gateway's HTTP interface."""

import json
import logging
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote_plus

import httpx

from chat_app.infrastructure.letters import Letter

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 15.0


class Sms(Protocol):
    async def send(self, to: str, letter: Letter) -> None:
        """Hand `letter` over for delivery. Raises what went wrong when it is worth trying again."""
        ...


class GatewayRefused(Exception):
    """The gateway answered that it will not; only its status is told, its words may hold the number."""


class HttpSms:
    """Calls `url` with `method`, `headers` and `body`; `{phone}` and `{text}` stand for the number and the words.

    In a JSON body both are escaped as JSON strings, elsewhere (and in the URL) as form values.
    """

    def __init__(
        self, url: str, method: str = "POST", headers: Mapping[str, str] | None = None, body: str = ""
    ) -> None:
        self._url = url
        self._method = method
        self._body = body
        self._json = body.lstrip().startswith(("{", "["))
        self._headers = {
            "Content-Type": "application/json" if self._json else "application/x-www-form-urlencoded",
            **(headers or {}),
        }

    async def send(self, to: str, letter: Letter) -> None:
        """Hand `letter` to the gateway. Raises `GatewayRefused` and what goes wrong on the way."""
        words = {"phone": to, "text": letter.text}
        escape = _as_json if self._json else quote_plus
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            answer = await client.request(
                self._method,
                _filled(self._url, {name: quote_plus(word) for name, word in words.items()}),
                headers=self._headers,
                content=_filled(self._body, {name: escape(word) for name, word in words.items()}).encode()
                if self._method != "GET"
                else None,
            )
        if not answer.is_success:
            raise GatewayRefused(f"status {answer.status_code}")


def _filled(template: str, words: Mapping[str, str]) -> str:
    # not str.format: JSON is full of braces
    for name, word in words.items():
        template = template.replace("{" + name + "}", word)
    return template


def _as_json(word: str) -> str:
    return json.dumps(word)[1:-1]
