"""Whom a letter goes to, and in which language."""

from dataclasses import dataclass

from sqlmodel import select

from chat_app.domain.common.ids import Row
from chat_app.domain.common.work import Reader, Who, door
from chat_app.domain.users.tables import PasswordReset, User


@dataclass(frozen=True)
class Owner:
    """Whom to write to, and in which language."""

    email: str
    language: str
    username: str = ""


@door(Who.SYSTEM)
def reset_to_send(reader: Reader, row: Row) -> tuple[Owner, str] | None:
    """To whom a link goes, and its row's token; None when it is nobody's, used or too old."""
    reset = reader.session.get(PasswordReset, row)
    if reset is None or reset.user is None or reset.closed_at is not None or reset.expires_at <= reader.now:
        return None
    owner = owner_to_tell(reader, Row(reset.user))
    return (owner, reset.token) if owner else None


@door(Who.SYSTEM)
def owner_to_tell(reader: Reader, user: Row) -> Owner | None:
    """Where to write to this account, if it still is there."""
    owner = reader.session.get(User, user)
    if owner is None or owner.deleted_at is not None or not owner.email:
        return None
    return Owner(owner.email, owner.language, owner.username)


@door(Who.SYSTEM)
def language_for(reader: Reader, user: Row) -> str:
    """The language this account reads."""
    return reader.session.exec(select(User.language).where(User.id == user)).first() or "ru"
