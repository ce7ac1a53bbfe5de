"""Where forms are handed in: one that another site posted is turned away, a refused one goes back to its page with what
was typed, without passwords, under the cookie `kept`. The answer is always a redirect.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from chat_app.api.forms import BadForm, Sender, landing, read_form, sender
from chat_app.domain.common.errors import NotSignedIn, Refusal
from chat_app.domain.common.work import SYSTEM, Person
from chat_app.domain.users.queries import person_of
from chat_app.domain.users.rules import SESSION_LIFETIME
from chat_app.infrastructure.kept_forms import KEPT_SECONDS, KeptForms
from chat_app.infrastructure.tokens import token_hash
from chat_app.infrastructure.unit_of_work import ask

log = logging.getLogger(__name__)

KEPT_COOKIE = "kept"
LONGEST_TYPED = 1024
SESSION_SECONDS = int(SESSION_LIFETIME.total_seconds())


@dataclass(frozen=True)
class Done:
    """Where a form leads that was accepted, and the cookies it leaves: name → value and seconds, None takes it away."""

    path: str
    cookies: Mapping[str, tuple[str, int] | None] = field(default_factory=dict[str, "tuple[str, int] | None"])


Act = Callable[[Request, dict[str, str]], Awaitable[Done]]
ActOnFile = Callable[[Request], Awaitable[Done]]


class Desk:
    """The forms of one server. `session` is the session cookie's name; with `__Host-` it is sent over https only.

    `allowed_origin(origin, host)` says which pages may post here.
    """

    def __init__(self, kept_forms: KeptForms, session: str, allowed_origin: Callable[[str, str], bool]) -> None:
        self.session = session
        self._kept_forms = kept_forms
        self._allowed_origin = allowed_origin
        self._secure = session.startswith("__Host-")

    async def take(self, request: Request, form: str, page: str, act: Act, *, most: int = LONGEST_TYPED) -> Response:
        """Have `act` done with a posted form, and lead on; a refused one is shown again by `page`."""
        fields: dict[str, str] = {}

        async def read_and_act() -> Done:
            fields.update(await read_form(request))
            if any(len(text) > most for text in fields.values()):
                raise BadForm
            return await act(request, fields)

        return await self._handled(request, form, page, fields, read_and_act)

    async def take_file(self, request: Request, form: str, page: str, act: ActOnFile) -> Response:
        """The same of a form that holds a file, which `act` reads itself once it knows that it may."""
        return await self._handled(request, form, page, {}, lambda: act(request))

    async def person(self, request: Request) -> Person:
        """Who posts. Refused: `NotSignedIn`."""
        token = request.cookies.get(self.session)
        person = await ask(SYSTEM, person_of, token_hash(token)) if token else None
        if person is None:
            raise NotSignedIn
        return person

    async def _handled(
        self, request: Request, form: str, page: str, fields: dict[str, str], act: Callable[[], Awaitable[Done]]
    ) -> Response:
        origin = sender(request, self._allowed_origin)
        if not origin.allowed:
            return PlainTextResponse("This form was posted from another site.", 403)
        try:
            done = await act()
        except Refusal as refusal:
            return self._shown_again(origin, form, page, fields, refusal)
        answer = RedirectResponse(origin.base + done.path, 303)
        for name, cookie in done.cookies.items():
            self._set(answer, name, cookie)
        self._set(answer, KEPT_COOKIE, None)
        return answer

    def _shown_again(self, origin: Sender, form: str, page: str, fields: dict[str, str], refusal: Refusal) -> Response:
        log.info("%s refused: %s", form, refusal.code)
        back = landing(fields.get("next", ""))
        query = {name: fields[name] for name in ("link",) if name in fields} | ({} if back == "/" else {"next": back})
        again = RedirectResponse(origin.base + page + (f"?{urlencode(query)}" if query else ""), 303)
        self._set(again, KEPT_COOKIE, (self._kept_forms.keep(form, fields, refusal), int(KEPT_SECONDS)))
        return again

    def _set(self, answer: Response, name: str, cookie: tuple[str, int] | None) -> None:
        value, seconds = cookie or ("", 0)
        answer.set_cookie(name, value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax")
