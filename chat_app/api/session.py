"""Sign-up, sign-in, a forgotten password: plain forms, for a password must never be part of an event or a state."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from chat_app.api.desk import SESSION_SECONDS, Desk, Done
from chat_app.api.forms import landing
from chat_app.domain.common.errors import NotSignedIn, Refusal
from chat_app.domain.common.ids import Row
from chat_app.domain.common.ports import Dice
from chat_app.domain.common.values import Email, Missing, Password, Phone, Username
from chat_app.domain.common.work import SYSTEM, Visitor
from chat_app.domain.users.actions import (
    NewPerson,
    NewSession,
    check_reset,
    open_ticket,
    prove_second,
    request_reset,
    reset_password,
    sign_in,
    sign_out,
    sign_up,
)
from chat_app.domain.users.errors import NotAdult, PasswordsDiffer, TicketExpired, UsernameTaken, WrongPassword
from chat_app.domain.users.queries import Candidate, has_second_factor, sign_in_candidates, username_free
from chat_app.domain.users.rules import PENDING_CANDIDATES, TICKET_LIFETIME
from chat_app.infrastructure.passwords import Passwords
from chat_app.infrastructure.sign_in_throttle import SignInThrottle
from chat_app.infrastructure.tokens import new_session_token, token_hash
from chat_app.infrastructure.unit_of_work import ask, perform

LONGEST_LOGIN = 254
TICKET_COOKIE = "second"
"""Holds the ticket between the password and the code of the app."""


@dataclass(frozen=True)
class FormPages:
    """The pages that show the forms."""

    sign_in: str = "/signin"
    sign_up: str = "/signup"
    second: str = "/signin/code"
    forgot: str = "/forgot"
    reset: str = "/reset"


PAGES = FormPages()


def address_of(request: Request) -> str:
    """The IP that the request came from, where no proxy stands before us."""
    return request.client.host if request.client else ""


def address_behind(proxies: int) -> Callable[[Request], str]:
    """The IP a request came from, where so many proxies of ours stand before us and each adds to `X-Forwarded-For`."""

    def address(request: Request) -> str:
        # a proxy may add a line of its own instead of a word
        lines = ",".join(request.headers.getlist("x-forwarded-for"))
        forwarded = [hop.strip() for hop in lines.split(",") if hop.strip()]
        # what lies further left than our own proxies is the client's to invent
        return forwarded[-proxies] if proxies and len(forwarded) >= proxies else address_of(request)

    return address


@dataclass(frozen=True)
class PhoneRules:
    """Whether a phone is asked for, from which countries, and of which those without a prefix are."""

    wanted: Literal["required", "optional", "off"] = "required"
    default_region: str = "RU"
    countries: frozenset[str] = frozenset()
    """Regions that codes are sent to; empty for all."""

    def read(self, fields: dict[str, str]) -> Phone | None:
        """The phone of a form. Refused: what `Phone` refuses."""
        typed = fields.get("phone", "").strip()
        if self.wanted == "off" or (self.wanted == "optional" and not typed):
            return None
        return Phone(typed, fields.get("region") or self.default_region, self.countries)


ALL_PHONES = PhoneRules()


def session_router(
    desk: Desk,
    passwords: Passwords,
    *,
    throttle: SignInThrottle,
    dice: Dice,
    phones: PhoneRules = ALL_PHONES,
    address: Callable[[Request], str] = address_of,
) -> APIRouter:
    """The routes `POST /session/…` of whoever is not signed in: `signup`, `signin`, `second`, `forgot`, `reset`; and
    `signout`.
    """
    router = APIRouter(prefix="/session", include_in_schema=False)

    @router.post("/signup")
    async def signup(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        return await desk.take(request, "signup", PAGES.sign_up, enrol)

    @router.post("/signin")
    async def signin(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        return await desk.take(request, "signin", PAGES.sign_in, admit)

    @router.post("/second")
    async def second(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        return await desk.take(request, "second", PAGES.second, admit_second)

    @router.post("/signout")
    async def signout(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        return await desk.take(request, "signout", PAGES.sign_in, leave)

    @router.post("/forgot")
    async def forgot(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        return await desk.take(request, "forgot", PAGES.forgot, send_link)

    @router.post("/reset")
    async def reset(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # called by its route
        return await desk.take(request, "reset", PAGES.reset, renew)

    async def enrol(request: Request, fields: dict[str, str]) -> Done:
        """A new, pending account, signed in."""
        email = Email(fields.get("email", ""))
        username = Username(fields.get("username", ""))
        number = phones.read(fields)
        password = new_password(fields, own=(username.text, email.text))
        if not fields.get("adult"):
            raise NotAdult("adult")
        visitor = visitor_of(request)
        # before the costly hash; sign_up looks again
        if not await ask(visitor, username_free, username):
            raise UsernameTaken("username")
        person = NewPerson(email, username, number, await passwords.hashed(password.text), visitor.language)
        token = new_session_token(dice)
        await perform(visitor, sign_up, person, new_session(request, token), replaces=before(request))
        return entered(fields, token)

    async def admit(request: Request, fields: dict[str, str]) -> Done:
        """A new session for whoever has this login and password, or the ticket to one where an app is asked too."""
        login, password = fields.get("login", "").strip(), fields.get("password", "")
        if not login:
            raise Missing("login")
        if not password:
            raise Missing("password")
        candidates = await ask(SYSTEM, sign_in_candidates, login) if len(login) <= LONGEST_LOGIN else []
        account = row_key(candidates[0].user) if len(candidates) == 1 else f"login {login.casefold()}"
        await throttle.begin(account, address(request))
        try:
            proven = await proven_one(candidates, password, several="@" in login)
        except Refusal:
            await throttle.abandon(account, address(request))
            raise
        if proven is None:
            raise WrongPassword("password")
        token = new_session_token(dice)
        if await ask(SYSTEM, has_second_factor, proven.user):
            # the try counts as failed until the code of the app is there too
            ticket = token_hash(token)
            await perform(SYSTEM, open_ticket, proven.user, ticket, proven=proven.password_hash, account=account)
            back = landing(fields.get("next", ""))
            path = PAGES.second if back == "/" else f"{PAGES.second}?{urlencode({'next': back})}"
            return Done(path, {TICKET_COOKIE: (token, int(TICKET_LIFETIME.total_seconds()))})
        await throttle.passed(account, address(request))

        rehashed = await passwords.hashed(password) if passwords.outdated(proven.password_hash) else None
        session = new_session(request, token)
        await perform(
            SYSTEM,
            sign_in,
            proven.user,
            session,
            proven=proven.password_hash,
            replaces=before(request),
            rehashed=rehashed,
        )
        return entered(fields, token)

    async def admit_second(request: Request, fields: dict[str, str]) -> Done:
        """A new session for whoever has shown the password, and now the code of the app."""
        ticket = request.cookies.get(TICKET_COOKIE, "")
        if not ticket:
            raise TicketExpired("code")
        token = new_session_token(dice)
        session = new_session(request, token)
        account = await perform(
            SYSTEM, prove_second, token_hash(ticket), fields.get("code", ""), session, replaces=before(request)
        )
        await throttle.passed(account, address(request))
        done = entered(fields, token)
        return Done(done.path, {**done.cookies, TICKET_COOKIE: None})

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

    async def leave(request: Request, fields: dict[str, str]) -> Done:
        """The session is over, if there was one."""
        await end_own(request)
        return Done(PAGES.sign_in, {desk.session: None})

    async def end_own(request: Request) -> None:
        with suppress(NotSignedIn):
            await perform(await desk.person(request), sign_out)

    async def send_link(request: Request, fields: dict[str, str]) -> Done:
        """A link to a new password, for whoever owns the email; nobody is told whether anybody does."""
        await perform(visitor_of(request), request_reset, Email(fields.get("email", "")))
        return Done(f"{PAGES.forgot}?sent=1")

    async def renew(request: Request, fields: dict[str, str]) -> Done:
        """A new password, by the link of a mail."""
        link, visitor = fields.get("link", ""), visitor_of(request)
        owner = await perform(visitor, check_reset, link)
        password = new_password(fields, own=(owner.username, owner.email))
        await perform(visitor, reset_password, link, await passwords.hashed(password.text))
        # it may be another person's, whose sessions the link does not end
        await end_own(request)
        return Done(f"{PAGES.sign_in}?done=reset", {desk.session: None})

    def visitor_of(request: Request) -> Visitor:
        return Visitor(address(request), language_of(request))

    def entered(fields: dict[str, str], token: str) -> Done:
        return Done(landing(fields.get("next", "")), {desk.session: (token, SESSION_SECONDS)})

    def before(request: Request) -> str | None:
        """The session this browser had, which the new one takes the place of."""
        old = request.cookies.get(desk.session)
        return token_hash(old) if old else None

    def new_session(request: Request, token: str) -> NewSession:
        return NewSession(token_hash(token), request.headers.get("user-agent", ""), address(request))

    return router


def row_key(row: Row) -> str:
    """What failed tries for a known account are counted by; no login that was typed can be the same."""
    return f"row {row}"


def new_password(fields: dict[str, str], *, own: tuple[str, str]) -> Password:
    """The password of a form that asks for it twice. Refused: what `Password` refuses, `PasswordsDiffer`."""
    password = Password(fields.get("password", ""), own=own)
    if fields.get("password_again") != password.text:
        raise PasswordsDiffer("password_again")
    return password


def language_of(request: Request) -> str:
    """The one the person reads the pages in, kept in the cookie `lang`; Russian for whoever has not chosen."""
    return "en" if request.cookies.get("lang") == "en" else "ru"
