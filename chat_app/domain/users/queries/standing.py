"""What decides whom somebody hears of and who hears of them, while they are here: read once, kept by the hub."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, bindparam, case, exists, func, or_, select
from sqlmodel import col

from chat_app.domain.common.ids import Row, UserId
from chat_app.domain.common.work import Reader, Who, door
from chat_app.domain.users.rules import Audience
from chat_app.domain.users.tables import Block, Preferences, User


@dataclass(frozen=True)
class Standing:
    """How somebody stands to others."""

    name: str
    receipts: bool = True
    """They let others see how far they have read, and are let see it."""
    hidden: bool = False
    """Nobody sees when they are here, nor do they of others."""
    apart: frozenset[UserId] = frozenset()
    """Those they blocked, or who blocked them: neither hears of the other."""
    blocked: tuple[UserId, ...] = ()
    """Those they blocked themselves."""


@door(Who.SYSTEM, quick=True)
def standing_of(reader: Reader, person: Row) -> Standing | None:
    """How somebody stands to others; None of nobody."""
    row = reader.connection.execute(STANDING, {"me": person}).first()
    if row is None:
        return None
    name, receipts, sees_last_seen, any_blocks = row
    blocks = reader.connection.execute(APART, {"me": person}).all() if any_blocks else ()
    return Standing(
        name,
        bool(receipts),
        sees_last_seen == Audience.NOBODY,
        frozenset(UserId(user_id) for user_id, _ in blocks),
        tuple(UserId(user_id) for user_id, mine in blocks if mine),
    )


@door(Who.SYSTEM, quick=True)
def reserved_among(reader: Reader, people: Sequence[UserId]) -> frozenset[UserId]:
    """Those of some people who let only whom they share a chat with see whether they are here."""
    return frozenset(map(UserId, reader.connection.execute(RESERVED, {"people": list(people)}).scalars()))


# Built once: it runs for everybody who comes, and building it takes longer than reading it.
ME: BindParameter[Any] = bindparam("me")
PEOPLE: BindParameter[Any] = bindparam("people", expanding=True)
RESERVED = (
    select(col(User.user_id))
    .join(Preferences, col(Preferences.user) == col(User.id))
    .where(col(User.user_id).in_(PEOPLE), col(Preferences.sees_last_seen) == Audience.SHARED)
)
STANDING = (
    select(
        col(User.name),
        func.coalesce(col(Preferences.receipts), True),
        func.coalesce(col(Preferences.sees_last_seen), Audience.EVERYONE.value),
        or_(
            exists().where(col(Block.blocker) == ME),
            exists().where(col(Block.blocked) == ME),
        ),
    )
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .where(col(User.id) == ME, col(User.deleted_at).is_(None))
)
THE_OTHER = case((col(Block.blocker) == ME, col(Block.blocked)), else_=col(Block.blocker))
APART = (
    select(col(User.user_id), func.max(case((col(Block.blocker) == ME, 1), else_=0)))
    .select_from(Block)
    .join(User, col(User.id) == THE_OTHER)
    .where(or_(col(Block.blocker) == ME, col(Block.blocked) == ME))
    .group_by(col(User.user_id))
)
