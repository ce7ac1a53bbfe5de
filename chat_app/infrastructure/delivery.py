"""Does the duties of verification and users: codes and warnings, by mail or SMS. Also what recurs for accounts."""

from datetime import timedelta

from chat_app.domain.common.ids import Row
from chat_app.domain.common.ports import Seal
from chat_app.domain.common.work import SYSTEM
from chat_app.domain.users.actions import erase_old_sessions, erase_pending
from chat_app.domain.users.events import TellOwner
from chat_app.domain.users.queries import language_for, owner_to_tell
from chat_app.domain.verification.actions import erase_old_codes
from chat_app.domain.verification.events import SendCode
from chat_app.domain.verification.queries import code_to_send
from chat_app.domain.verification.rules import Purpose, digits
from chat_app.infrastructure.jobs import Handler, Recurring
from chat_app.infrastructure.letters import code_letter, someone_tried
from chat_app.infrastructure.mail import Mail
from chat_app.infrastructure.sms import Sms
from chat_app.infrastructure.unit_of_work import Doors

ACCOUNT_CLEANING = (
    Recurring(erase_pending, timedelta(minutes=10)),
    Recurring(erase_old_codes, timedelta(hours=1)),
    Recurring(erase_old_sessions, timedelta(hours=6)),
)


class Delivery:
    """Sends what the domain said must be sent."""

    def __init__(self, doors: Doors, seal: Seal, mail: Mail, sms: Sms) -> None:
        self._doors = doors
        self._seal = seal
        self._mail = mail
        self._sms = sms

    @property
    def handlers(self) -> tuple[Handler, ...]:
        """For the job runner."""
        return Handler(SendCode, self.send_code), Handler(TellOwner, self.tell_owner)

    async def send_code(self, duty: SendCode) -> None:
        """Send a code, unless it is void by now."""
        code = await self._doors.ask(SYSTEM, code_to_send, Row(duty.code))
        if code is None:
            return
        language = await self._doors.ask(SYSTEM, language_for, code.user)
        letter = code_letter(code.purpose, digits(self._seal, code), language)
        await (self._sms if code.purpose is Purpose.PHONE else self._mail).send(code.destination, letter)

    async def tell_owner(self, duty: TellOwner) -> None:
        """Write to whoever owns what a stranger signed up with."""
        owner = await self._doors.ask(SYSTEM, owner_to_tell, Row(duty.user))
        if owner is not None:
            await self._mail.send(owner.email, someone_tried(Purpose(duty.purpose), owner.language))
