"""Who may do what in a group, and who takes over, as pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from chat_app.domain.common.ids import Row

MOST_MEMBERS = 1000
MOST_ADDED = 50
"""People added at once: everybody else's messages wait for it."""

LONGEST_TITLE = 128
LONGEST_DESCRIPTION = 500
MOST_PINNED = 20
"""Chats on top of one list."""

SHOWN_PRESENT = 100
"""Members of a group of whom it is shown who is here and who has read what; in a larger one, of nobody."""

READERS_TOLD = timedelta(days=7)
"""Of an older message nobody is told who has read it."""

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Until when somebody is muted who is not to be heard of any more."""

MOST_INVITATIONS = 20
"""Living links of one group."""


class GroupRole(StrEnum):
    """What somebody may do in a group."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class Level(StrEnum):
    """Of what a chat tells me while I am elsewhere."""

    ALL = "all"
    MENTIONS = "mentions"
    NONE = "none"


@dataclass(frozen=True)
class Heir:
    """Somebody who could take a group over."""

    person: Row
    role: GroupRole
    joined_at: datetime
    seat: Row


def runs(role: GroupRole) -> bool:
    """Owner and admins rename, add, exclude, invite, pin, and erase what members say."""
    return role is not GroupRole.MEMBER


def above(actor: GroupRole, target: GroupRole) -> bool:
    """Whether one may exclude or ban the other: the owner everyone, admins members only."""
    match actor:
        case GroupRole.OWNER:
            return target is not GroupRole.OWNER
        case GroupRole.ADMIN:
            return target is GroupRole.MEMBER
        case GroupRole.MEMBER:
            return False


def heir_of(left: Sequence[Heir]) -> Heir | None:
    """Who owns a group whose owner left without naming anybody: the senior admin, else the longest-standing member."""
    return min(left, key=lambda heir: (heir.role is not GroupRole.ADMIN, heir.joined_at, heir.seat), default=None)
