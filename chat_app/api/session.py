"""Sign-up, sign-in and sign-out: plain forms, because a password must never travel through an event or lie in a state.

The answer is always a redirect. A refused form is kept for its page, without passwords, under the cookie `kept`.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from chat_app.api.forms import BadForm, Sender, landing, read_form, sender
from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.ids import Row
from chat_app.domain.common.ports import Dice
from chat_app.domain.common.values import Email, Missing, Password, Phone, Username
from chat_app.domain.common.work import SYSTEM, Visitor
from chat_app.domain.users.actions import NewPerson, NewSession, sign_in, sign_out, sign_up
from chat_app.domain.users.errors import NotAdult, PasswordsDiffer, UsernameTaken, WrongPassword
from chat_app.domain.users.queries import Candidate, person_of, sign_in_candidates, username_free
from chat_app.domain.users.rules import PENDING_CANDIDATES, SESSION_LIFETIME
from chat_app.infrastructure.kept_forms import KEPT_SECONDS, KeptForms
from chat_app.infrastructure.passwords import Passwords
from chat_app.infrastructure.sign_in_throttle import SignInThrottle
from chat_app.infrastructure.tokens import new_session_token, token_hash
from chat_app.infrastructure.unit_of_work import ask, perform

log = logging.getLogger(__name__)

KEPT_COOKIE = "kept"
LONGEST_LOGIN = 254
LONGEST_TYPED = 1024


@dataclass(frozen=True)
class FormPages:
    """The pages that show the forms."""

    sign_in: str = "/signin"
    sign_up: str = "/signup"


def address_of(request: Request) -> str:
    """The IP that the request came from, where no proxy stands before us."""
    return request.client.host if request.client else ""


def address_behind(proxies: int) -> Callable[[Request], str]:
    """The IP a request came from, where so many proxies of ours stand before us and each adds to `X-Forwarded-For`."""

    def address(request: Request) -> str:
        forwarded = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        # what lies further left than our own proxies is the client's to invent
        return forwarded[-proxies] if proxies and len(forwarded) >= proxies else address_of(request)

    return address


def session_router(
    passwords: Passwords,
    kept_forms: KeptForms,
    cookie: str,
    allowed_origin: Callable[[str, str], bool],
    *,
    throttle: SignInThrottle,
    dice: Dice,
    phone: Literal["required", "optional", "off"] = "required",
    default_region: str = "RU",
    pages: FormPages = FormPages(),
    address: Callable[[Request], str] = address_of,
) -> APIRouter:
    """The routes `POST /session/signup`, `/session/signin` and `/session/signout`.

    `cookie` is the session cookie's name; with `__Host-` before it the cookie is sent over https only.
    `allowed_origin(origin, host)` says which pages may post here.
    """
    router = APIRouter(prefix="/session", include_in_schema=False)
    secure = cookie.startswith("__Host-")

    @router.post("/signup")
    async def signup(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        return await answer(request, "signup", pages.sign_up, enrol)

    @router.post("/signin")
    async def signin(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        return await answer(request, "signin", pages.sign_in, admit)

    @router.post("/signout")
    async def signout(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        origin = sender(request, allowed_origin)
        if not origin.allowed:
            return foreign()
        if token := request.cookies.get(cookie):
            person = await ask(SYSTEM, person_of, token_hash(token))
            if person is not None:
                await perform(person, sign_out)
        gone = RedirectResponse(origin.base + pages.sign_in, 303)
        gone.delete_cookie(cookie, path="/", secure=secure, httponly=True, samesite="lax")
        return gone

    async def answer(
        request: Request, form: str, page: str, enter: Callable[[Request, dict[str, str]], Awaitable[str]]
    ) -> Response:
        origin = sender(request, allowed_origin)
        if not origin.allowed:
            return foreign()
        fields: dict[str, str] = {}
        try:
            fields = await read_form(request)
            if any(len(text) > LONGEST_TYPED for text in fields.values()):
                raise BadForm
            token = await enter(request, fields)
        except Refusal as refusal:
            return shown_again(origin, form, page, fields, refusal)
        entered = RedirectResponse(origin.base + landing(fields.get("next", "")), 303)
        entered.set_cookie(
            cookie,
            token,
            max_age=int(SESSION_LIFETIME.total_seconds()),
            path="/",
            secure=secure,
            httponly=True,
            samesite="lax",
        )
        entered.delete_cookie(KEPT_COOKIE, path="/", secure=secure, httponly=True, samesite="lax")
        return entered

    def shown_again(origin: Sender, form: str, page: str, fields: dict[str, str], refusal: Refusal) -> Response:
        log.info("%s refused: %s", form, refusal.code)
        back = landing(fields.get("next", ""))
        query = "" if back == "/" else "?" + urlencode({"next": back})
        again = RedirectResponse(origin.base + page + query, 303)
        again.set_cookie(
            KEPT_COOKIE,
            kept_forms.keep(form, fields, refusal),
            max_age=int(KEPT_SECONDS),
            path="/",
            secure=secure,
            httponly=True,
            samesite="lax",
        )
        return again

    async def enrol(request: Request, fields: dict[str, str]) -> str:
        """The cookie of a new, pending account."""
        email = Email(fields.get("email", ""))
        username = Username(fields.get("username", ""))
        number = phone_of(fields)
        password = Password(fields.get("password", ""), own=(username.text, email.text))
        if fields.get("password_again") != password.text:
            raise PasswordsDiffer("password_again")
        if not fields.get("adult"):
            raise NotAdult("adult")
        visitor = Visitor(address(request), language_of(request))
        # before the costly hash; sign_up looks again
        if not await ask(visitor, username_free, username):
            raise UsernameTaken("username")
        person = NewPerson(email, username, number, await passwords.hashed(password.text), visitor.language)
        token = new_session_token(dice)
        await perform(visitor, sign_up, person, new_session(request, token))
        return token

    def phone_of(fields: dict[str, str]) -> Phone | None:
        typed = fields.get("phone", "").strip()
        if phone == "off" or (phone == "optional" and not typed):
            return None
        return Phone(typed, fields.get("region") or default_region)

    async def admit(request: Request, fields: dict[str, str]) -> str:
        """The cookie of a new session for whoever has this login and password."""
        login, password = fields.get("login", "").strip(), fields.get("password", "")
        if not login:
            raise Missing("login")
        if not password:
            raise Missing("password")
        candidates = await ask(SYSTEM, sign_in_candidates, login) if len(login) <= LONGEST_LOGIN else []
        account = str(candidates[0].user) if len(candidates) == 1 else login.casefold()
        throttle.begin(account, address(request))
        try:
            proven = await proven_one(candidates, password, several="@" in login)
        except Refusal:
            throttle.abandon(account, address(request))
            raise
        if proven is None:
            raise WrongPassword("password")
        throttle.passed(account, address(request))

        rehashed = await passwords.hashed(password) if passwords.outdated(proven.password_hash) else None
        token = new_session_token(dice)
        old = request.cookies.get(cookie)
        await perform(
            SYSTEM,
            sign_in,
            proven.user,
            new_session(request, token),
            replaces=token_hash(old) if old else None,
            rehashed=rehashed,
        )
        return token

    async def proven_one(candidates: list[Candidate], password: str, *, several: bool) -> Candidate | None:
        """The first candidate whose password this is.

        Nobody and one account cost one check. Where pending accounts share an email, as many checks are made as there
        could be, whether or not a confirmed account is among them: a stranger who signs up with an address and then
        signs in must not learn from the clock that somebody owns it.
        """
        dummy = Candidate(Row(0), await passwords.dummy())
        pending = [candidate for candidate in candidates if not candidate.confirmed]
        checks = 1 + PENDING_CANDIDATES if several and pending else 1
        padded = candidates + [dummy] * (checks - len(candidates))
        proofs = [await passwords.proves(password, candidate.password_hash) for candidate in padded]
        return next((candidate for candidate, proof in zip(candidates, proofs, strict=False) if proof), None)

    def new_session(request: Request, token: str) -> NewSession:
        return NewSession(token_hash(token), request.headers.get("user-agent", ""), address(request))

    return router


def foreign() -> Response:
    """The answer to a form that another site posted."""
    return PlainTextResponse("This form was posted from another site.", 403)


def language_of(request: Request) -> str:
    """The one the person reads the pages in, kept in the cookie `lang`; Russian for whoever has not chosen."""
    return "en" if request.cookies.get("lang") == "en" else "ru"
