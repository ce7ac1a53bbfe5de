"""What must be done for a code."""

from dataclasses import dataclass
from typing import ClassVar

from chat_app.domain.common.events import Duty


@dataclass(frozen=True)
class SendCode(Duty):
    """Send the code of this row to its destination, if it is still valid."""

    kind: ClassVar[str] = "send_code"
    code: int
