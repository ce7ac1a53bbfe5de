"""The people of our stories. `ada`, `ben`, `cleo` and `dan` are confirmed and signed in; all of theirs can differ."""

import base64
import hashlib
import hmac
from functools import cache
from typing import Any

import bcrypt
from sqlmodel import select

from chat_app.domain.common.ids import CROCKFORD, ID_BYTES, PUBLIC_ID_LENGTH
from chat_app.domain.common.values import Email, Phone, Username, fold
from chat_app.domain.common.work import SYSTEM, Person, Reader, Visitor, Work
from chat_app.domain.users.actions import NewPerson, NewSession, sign_up
from chat_app.domain.users.naming import keep_name_words
from chat_app.domain.users.queries import person_of
from chat_app.domain.users.tables import SignIn, User
from chat_app.domain.verification.queries import current_code
from chat_app.domain.verification.rules import Purpose, digits
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.tokens import token_hash
from chat_app.infrastructure.unit_of_work import Doors

PEPPER = b"the pepper of the tests"
PASSWORD = "seven green lanterns"


@cache
def password_hash() -> str:
    """The hash of `PASSWORD`, at the lowest cost: made the same way as `infrastructure/passwords.py` makes it."""
    keyed = base64.b64encode(hmac.digest(PEPPER, PASSWORD.encode(), hashlib.sha256))
    return bcrypt.hashpw(keyed, bcrypt.gensalt(4)).decode()


async def ada(doors: Doors, **changes: Any) -> Person:
    return await confirmed(doors, "ada", "+79161110001", **changes)


async def ben(doors: Doors, **changes: Any) -> Person:
    return await confirmed(doors, "ben", "+79161110002", **changes)


async def cleo(doors: Doors, **changes: Any) -> Person:
    return await confirmed(doors, "cleo", "+79161110003", **changes)


async def dan(doors: Doors, **changes: Any) -> Person:
    return await confirmed(doors, "dan", "+79161110004", **changes)


def stranger(address: str = "198.51.100.7") -> Visitor:
    return Visitor(address)


async def confirmed(doors: Doors, username: str, phone: str | None, /, **changes: Any) -> Person:
    """Somebody confirmed, signed in with the cookie `cookie_of(username)`. `changes` are columns of `User`."""
    await doors.perform(SYSTEM, _settle_in, username, phone, changes)
    return await again(doors, cookie_of(username))


def cookie_of(username: str) -> str:
    return f"the-cookie-of-{username}"


def _settle_in(work: Work, username: str, phone: str | None, changes: dict[str, Any]) -> None:
    name = Username(changes.get("username", username))
    given = {"email": f"{username}@example.org", "phone": phone, "name": name.text} | changes
    columns = {
        "user_id": work.dice.token(ID_BYTES),
        "public_id": work.dice.letters(CROCKFORD, PUBLIC_ID_LENGTH),
        "username": name.text,
        "username_key": name.key,
        "username_folded": name.folded,
        "name_key": fold(given["name"]),
        "email_key": Email(given["email"]).key,
        "email_confirmed_at": work.now,
        "phone_confirmed_at": work.now if given["phone"] else None,
        "password_hash": password_hash(),
        "created_at": work.now,
    }
    user = User(**(columns | given))
    work.session.add(user)
    work.session.flush()
    keep_name_words(work, user)
    cookie = token_hash(cookie_of(username))
    work.session.add(
        SignIn(token_hash=cookie, user=user.id or 0, created_at=work.now, last_used_at=work.now, address="203.0.113.1")
    )


async def pending(
    doors: Doors, username: str, *, email: str = "", phone: str | None = "+79161110009", cookie: str = ""
) -> Person:
    """Somebody who just signed up; nothing is confirmed. Signed in with `cookie`, else `cookie_of(username)`."""
    number = Phone(phone, "RU") if phone else None
    new = NewPerson(Email(email or f"{username}@example.org"), Username(username), number, password_hash())
    session = NewSession(token_hash(cookie or cookie_of(username)), "a browser", "203.0.113.2")
    await doors.perform(stranger(), sign_up, new, session)
    return await again(doors, cookie or cookie_of(username))


async def again(doors: Doors, cookie: str) -> Person:
    """The person behind a cookie, as the next event would find them."""
    person = await doors.ask(SYSTEM, person_of, token_hash(cookie))
    assert person is not None
    return person


async def code_of(doors: Doors, seal: KeyedSeal, person: Person) -> str:
    """The code that this person was sent: the only one, be it by mail or by SMS."""
    codes = [await doors.ask(SYSTEM, current_code, person.row, purpose) for purpose in Purpose]
    (code,) = filter(None, codes)
    return digits(seal, code)


async def row_of(doors: Doors, person: Person) -> User:
    """What is stored of this person."""

    def stored(reader: Reader) -> User:
        return reader.session.exec(select(User).where(User.id == person.row)).one()

    return await doors.ask(SYSTEM, stored)
