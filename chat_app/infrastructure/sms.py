"""SMS through a gateway's HTTP interface."""

import json
import logging
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Protocol
from urllib.parse import quote_plus

import httpx

from chat_app.infrastructure.channels import Refused
from chat_app.infrastructure.letters import Letter

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 15.0


class Sms(Protocol):
    async def send(self, to: str, letter: Letter) -> None:
        """Hand `letter` over for delivery. Raises what went wrong when it is worth trying again."""
        ...


class GatewayRefused(Refused):
    """The gateway answered that it will not; only its numbers are told, its words may hold the phone's."""


class Verdict(Enum):
    """What an answer means."""

    TAKEN = "taken"
    REFUSED = "refused"
    """Try again: the gateway or our account with it is at fault."""
    HOPELESS = "hopeless"
    """Do not: it is this number that no SMS will ever reach."""


def by_status(answer: httpx.Response) -> Verdict:
    """How most gateways answer: a status of 200 to 299 takes the message."""
    return Verdict.TAKEN if answer.is_success else Verdict.REFUSED


class HttpSms:
    """Calls `url` with `method`, `headers` and `body`, and judges the answer.

    `{phone}`, `{digits}` and `{text}` stand for the number, the number without its `+`, and the words. In a JSON body
    they are escaped as JSON strings, elsewhere (and in the URL) as form values.
    """

    def __init__(
        self,
        url: str,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        body: str = "",
        judge: Callable[[httpx.Response], Verdict] = by_status,
    ) -> None:
        self.url = url
        self._method = method
        self._body = body
        self._judge = judge
        self._json = body.lstrip().startswith(("{", "["))
        self._headers = {
            "Content-Type": "application/json" if self._json else "application/x-www-form-urlencoded",
            **(headers or {}),
        }

    async def send(self, to: str, letter: Letter) -> None:
        """Hand `letter` to the gateway. A number that cannot be reached is logged and not tried again.

        Raises `GatewayRefused` and what goes wrong on the way.
        """
        words = {"phone": to, "digits": to.removeprefix("+"), "text": letter.text}
        escape = _as_json if self._json else quote_plus
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            answer = await client.request(
                self._method,
                _filled(self.url, {name: quote_plus(word) for name, word in words.items()}),
                headers=self._headers,
                content=_filled(self._body, {name: escape(word) for name, word in words.items()}).encode()
                if self._method != "GET"
                else None,
            )
        match self._judge(answer):
            case Verdict.TAKEN:
                return
            case Verdict.HOPELESS:
                log.warning("the SMS gateway refuses a number for good")
            case Verdict.REFUSED:
                raise GatewayRefused(_numbers(answer))


def told(answer: httpx.Response) -> dict[str, object]:
    """The JSON object of an answer; empty if it is none."""
    try:
        content: object = answer.json()
    except ValueError:
        return {}
    return {str(key): value for key, value in content.items()} if isinstance(content, dict) else {}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # whatever they sent


def _numbers(answer: httpx.Response) -> str:
    """The status, and the code beside it by which the gateway's documentation explains more."""
    content = told(answer)
    code = content.get("code", content.get("status_code"))
    return f"status {answer.status_code}" + (f", code {code}" if isinstance(code, int) else "")


def _filled(template: str, words: Mapping[str, str]) -> str:
    # not str.format: JSON is full of braces
    for name, word in words.items():
        template = template.replace("{" + name + "}", word)
    return template


def _as_json(word: str) -> str:
    return json.dumps(word)[1:-1]
