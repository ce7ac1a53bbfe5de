"""`create-admin EMAIL`: how an installation comes by its first admin."""

import asyncio

from sqlalchemy.exc import OperationalError

from chat_app.build import public_address
from chat_app.commands.inside import inside
from chat_app.domain.common.errors import Invalid, NotConfirmed, NotFound
from chat_app.domain.common.values import Email
from chat_app.domain.common.work import SYSTEM
from chat_app.domain.users.appointments import appoint
from chat_app.domain.users.rules import Role
from chat_app.infrastructure.faults import Fault
from chat_app.settings import Settings


def create_admin(settings: Settings, typed: str) -> None:
    """Make the account of this email an admin. Raises `Fault` when there is none, or it is not confirmed."""
    try:
        print(asyncio.run(_appointed(settings, email_or_fault(typed))))
    except OperationalError as error:
        raise Fault(f"the database cannot be written to: {error.orig}", "run python -m chat_app doctor") from error


def email_or_fault(typed: str) -> Email:
    """What was typed, as an address. Raises `Fault`."""
    try:
        return Email(typed)
    except Invalid:
        raise Fault(f"{typed!r} is no email address", "write it like ada@example.org") from None


async def _appointed(settings: Settings, email: Email) -> str:
    async with inside(settings) as doors:
        try:
            new = await doors.perform(SYSTEM, appoint, email, Role.ADMIN)
        except NotFound:
            to_do = f"sign up with it at {public_address(settings)} and confirm it first, then run this again"
            raise Fault(f"nobody has signed up with {email.text}", to_do) from None
        except NotConfirmed:
            to_do = f"sign in at {public_address(settings)} and type the codes first, then run this again"
            raise Fault(f"the account of {email.text} is not confirmed", to_do) from None
    return f"{email.text} is an admin now." if new else f"{email.text} was an admin already."
