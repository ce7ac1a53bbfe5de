"""When a session is over, and what may be looked for."""

from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do to others' reports, and to the service."""

    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"


class Audience(StrEnum):
    """For whom something of a person is open. `SHARED`: for those with whom they are in a chat."""

    EVERYONE = "everyone"
    SHARED = "shared"
    NOBODY = "nobody"


SESSION_IDLE = timedelta(days=14)
SESSION_LIFETIME = timedelta(days=30)

REFRESH_AFTER = timedelta(hours=1)
"""How old "last used" may grow before it is written anew: not every click is worth a write."""

PENDING_LIFETIME = timedelta(hours=24)
SESSION_KEPT = timedelta(days=30)
"""How long an ended session stays in the database."""

MOST_OWNER_LETTERS = 3
"""Letters "someone tried to sign up" an owner gets in a day."""

PENDING_CANDIDATES = 2
"""Pending accounts of one email whose password is tried at sign-in. More would let strangers make signing in slow."""


def session_alive(*, created_at: datetime, last_used_at: datetime, now: datetime) -> bool:
    """A session ends 14 days after its last use, and 30 days after signing in."""
    return now < last_used_at + SESSION_IDLE and now < created_at + SESSION_LIFETIME
