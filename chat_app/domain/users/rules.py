"""When a session is over, who may see what, which names nobody may take, how guessing is slowed, and what is derived of
the server's key.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pyotp.totp import TOTP

from chat_app.domain.common.ids import CROCKFORD, Row
from chat_app.domain.common.ports import Seal
from chat_app.domain.common.values import Username, skeleton

LANGUAGES = ("ru", "en")

RESERVED_NAMES = """
    admin administrator moderator support help root system staff security all everyone here channel chat
    админ администратор модератор поддержка помощь система сотрудник безопасность все всем здесь канал чат
"""
"""Whoever bore one could pass for the service, or for everybody in a chat."""

RESERVED_KEYS = frozenset(map(skeleton, RESERVED_NAMES.split()))


def reserved(username: Username) -> bool:
    """Whether this name, or one that it looks like, is nobody's to take. Who bears one from before keeps it."""
    return username.key in RESERVED_KEYS


class Role(StrEnum):
    """What somebody may do to others' reports, and to the service."""

    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"


class Audience(StrEnum):
    """For whom something of a person is open. `SHARED`: for those with whom they are in a chat and took part in it."""

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


def session_handle(token_hash: str) -> str:
    """What a session is called in the list of its owner; nothing can be made of it."""
    return hashlib.sha256(f"handle {token_hash}".encode()).hexdigest()[:22]


@dataclass(frozen=True)
class Choices:
    """What somebody allows others, and wants to be told. These are the defaults."""

    may_write: Audience = Audience.EVERYONE
    may_add: Audience = Audience.EVERYONE
    sees_phone: Audience = Audience.NOBODY
    sees_birth_date: Audience = Audience.NOBODY
    sees_about: Audience = Audience.EVERYONE
    sees_avatar: Audience = Audience.EVERYONE
    sees_last_seen: Audience = Audience.EVERYONE
    receipts: bool = True
    notify_direct: bool = True
    notify_groups: bool = True
    notify_found: bool = True
    sound: bool = False


def tells(theirs: str | None, *, took_part: bool, mine: str | None = None, apart: bool = False) -> bool:
    """Whether somebody lets another one see that and when they are here, by what both chose; None for the default.
    Who does not tell is not told either. `apart`: one of them has blocked the other."""
    return not apart and mine != Audience.NOBODY and open_to(theirs or Audience.EVERYONE, shares_a_chat=took_part)


def open_to(audience: Audience | str, *, shares_a_chat: bool) -> bool:
    """Whether somebody who `shares_a_chat`, or does not, is among the audience."""
    match Audience(audience):
        case Audience.EVERYONE:
            return True
        case Audience.SHARED:
            return shares_a_chat
        case Audience.NOBODY:
            return False


MOST_PICTURE_BYTES = 8 * 1024 * 1024
MOST_PICTURE_PIXELS = 50_000_000
"""As many as phones take. Decoding them needs 20 MB of a JPEG, 300 of one in scans, 440 of a PNG with transparency."""

MOST_WEBP_PIXELS = 16_000_000
"""Fewer: a WebP needs sixteen bytes for each, and 38 bytes may say that there are 50 million."""


FREE_FAILURES = 5
"""For one account from one address."""

FREE_FAILURES_OF_ADDRESS = 20
FORGOTTEN_AFTER = timedelta(minutes=15)
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=15)
THROTTLES_KEPT = timedelta(days=2)


def allowed_at(failures: int, last_at: datetime, *, free: int) -> datetime | None:
    """When another try is looked at: at once up to `free` failures, then after a delay that doubles with each."""
    if failures < free:
        return None
    return last_at + min(FIRST_DELAY * 2 ** min(failures - free, 10), LONGEST_DELAY)


def seconds_until(until: datetime, now: datetime) -> int:
    """Whole seconds, rounded up, at least 1."""
    return max(1, -((now - until) // timedelta(seconds=1)))


RESET_LIFETIME = timedelta(minutes=30)
RESETS_KEPT = timedelta(days=1)
MOST_RESETS = 3
"""Links an owner is sent while the first of them is valid: a stranger who asks for more does not void the last."""


def reset_link(seal: Seal, token: str) -> str:
    """What a link holds: the row's token, and a proof that it was sent."""
    return f"{token}.{seal.digest('password reset', token)}"


def reset_token(seal: Seal, link: str) -> str | None:
    """The token of a link that was sent; None for one that was made up."""
    token, _, proof = link.partition(".") if link.isascii() else ("", "", "")
    right = hmac.compare_digest(proof.encode(), seal.digest("password reset", token).encode())
    return token if right else None


TICKET_LIFETIME = timedelta(minutes=10)
TICKET_TRIES = 5
SECOND_TRIES_PER_DAY = 20
"""Wrong codes of an app for one account; only who has the password gets so far."""

APP_KEY_BYTES = 20  # what RFC 4226 recommends
APP_STEP_SECONDS = 30
ENROLMENT_LIFETIME = timedelta(minutes=10)
RECOVERY_CODES = 10
RECOVERY_LETTERS = 10


def app_key(seal: Seal, user: Row, token: str) -> str:
    """The key an authenticator app is told, in base 32."""
    return base64.b32encode(bytes.fromhex(seal.digest("second factor", str(user), token))[:APP_KEY_BYTES]).decode()


def app_step(key: str, typed: str, *, after: int, now: datetime) -> int | None:
    """The half minute whose code was typed: this one or a neighbour, for clocks differ, and later than `after`."""
    code = "".join(typed[:32].split())
    this, app = int(now.timestamp()) // APP_STEP_SECONDS, TOTP(key)
    steps = [step for step in (this - 1, this, this + 1) if step > after and code.isascii()]
    return next((step for step in steps if hmac.compare_digest(app.generate_otp(step).encode(), code.encode())), None)


def recovery_codes(seal: Seal, user: Row, token: str) -> list[str]:
    """Ten codes that stand in for the app, each once, such as `7K2M9-QX04D`."""
    return [_recovery_code(seal, user, token, number) for number in range(RECOVERY_CODES)]


def recovery_number(seal: Seal, user: Row, token: str, typed: str) -> int | None:
    """Which of the recovery codes was typed; None for none."""
    bare = "".join(char for char in typed[:32].upper() if char.isalnum()).replace("O", "0").replace("L", "1")
    for number, code in enumerate(recovery_codes(seal, user, token)):
        if hmac.compare_digest(bare.replace("I", "1").encode(), code.replace("-", "").encode()):
            return number
    return None


def _recovery_code(seal: Seal, user: Row, token: str, number: int) -> str:
    bits = int(seal.digest("recovery code", str(user), token, str(number)), 16)
    # 256 bits, of which the letters take 50: each of the 32 is as likely
    letters = "".join(CROCKFORD[bits >> 5 * at & 31] for at in range(RECOVERY_LETTERS))
    return f"{letters[:5]}-{letters[5:]}"
