"""Demo mode has no mail and no SMS: the dialog shows the code itself, to whom `components/demo.py` decides."""

from chat_app.domain.common.ports import Seal
from chat_app.domain.common.work import SYSTEM, Person
from chat_app.domain.verification.queries import current_code
from chat_app.domain.verification.rules import Purpose, digits
from chat_app.infrastructure.unit_of_work import Doors


class DemoCodes:
    """`enabled` is `settings.demo_mode`; without it no code is ever told."""

    def __init__(self, doors: Doors, seal: Seal, *, enabled: bool) -> None:
        self._doors = doors
        self._seal = seal
        self.enabled = enabled

    async def demo_code(self, person: Person, purpose: Purpose) -> str | None:
        """What this person would have to type now for an email or a phone; None when there is no code, or it was
        really sent."""
        if not self.enabled:
            return None
        code = await self._doors.ask(SYSTEM, current_code, person.row, purpose)
        return digits(self._seal, code) if code else None
