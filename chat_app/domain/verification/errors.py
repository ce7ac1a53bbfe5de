"""Why a code proves nothing, or is not sent."""

from chat_app.domain.common.errors import Gone, Invalid, TooMany


class WrongCode(Invalid):
    """Not the digits that were sent; `tries_left` for this code."""


class CodeExpired(Gone):
    """No code is valid any more: it is older than 10 minutes, was used, or was guessed at too often."""


class TooManyTries(TooMany):
    """Too many wrong codes today; `wait_s` until the next may be tried."""


class TooSoon(TooMany):
    """A code was sent a moment ago; `wait_s` until the next may be asked for."""


class TooManyCodes(TooMany):
    """As many codes as a day allows were sent; `wait_s` until the next may be asked for."""
