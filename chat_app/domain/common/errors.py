"""Refusals: a code with facts. The words for a person live in the catalogue, the HTTP status in `api/problems.py`."""

import re
from typing import ClassVar


class Refusal(Exception):
    """The product says no. `code` names the reason for machines, `params` are the facts its sentence needs.

    `field` names the input at fault, when one is.
    """

    code: ClassVar[str] = "refused"

    def __init_subclass__(cls) -> None:
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, field: str | None = None, **params: str | int) -> None:
        super().__init__(self.code)
        self.field = field
        self.params: dict[str, str | int] = params


class Invalid(Refusal):
    """What was said makes no sense."""


class NotSignedIn(Refusal):
    """Nobody knows who is asking."""


class Forbidden(Refusal):
    """Known, but not allowed."""


class NotFound(Refusal):
    """Missing, or not yours: the same answer, so that ids cannot be probed."""


class Conflict(Refusal):
    """True once, not any more: somebody was faster."""


class Gone(Refusal):
    """It was here and its time is over."""


class TooMany(Refusal):
    """Slower. `wait_s` says how many seconds from now it is worth asking again."""

    def __init__(self, field: str | None = None, *, wait_s: int = 1, **params: str | int) -> None:
        super().__init__(field, wait_s=wait_s, **params)
        self.wait_s = wait_s


class Busy(TooMany):
    """The server has more to write than it can; nothing was done."""


class NotConfirmed(Forbidden):
    """Everything but confirming is closed until email and phone are confirmed."""
