"""Session tokens: 256 random bits in a cookie, and their hash in the database."""

import hashlib

from chat_app.domain.common.ports import Dice

TOKEN_BYTES = 32


def new_session_token(dice: Dice) -> str:
    """43 URL-safe characters, for the cookie and nothing else."""
    return dice.token(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """SHA-256 as 64 hexadecimal digits: the token is random enough to need no salt, and reading it opens nothing."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
