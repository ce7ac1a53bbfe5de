"""Does the duties of verification and users: codes and warnings, by mail or SMS. Also what recurs for accounts."""

from datetime import UTC, datetime, timedelta

from chat_app.domain.chats.events import EraseChat
from chat_app.domain.common.ids import ChatId, Row
from chat_app.domain.common.jobs import erase_dead_jobs
from chat_app.domain.common.ports import Seal
from chat_app.domain.common.work import SYSTEM
from chat_app.domain.messages.actions import erase_chat, erase_messages, erase_unsent
from chat_app.domain.messages.indexing import forget_words
from chat_app.domain.users.actions import erase_old_resets, erase_old_sessions, erase_old_throttles, erase_pending
from chat_app.domain.users.events import (
    EraseMessages,
    SendReset,
    TellChanged,
    TellDeleted,
    TellOwner,
    TellPasswordChanged,
    TellSignIn,
)
from chat_app.domain.users.queries import language_for, owner_to_tell, reset_to_send
from chat_app.domain.users.rules import reset_link
from chat_app.domain.verification.actions import erase_old_codes
from chat_app.domain.verification.events import SendCode
from chat_app.domain.verification.queries import code_to_send
from chat_app.domain.verification.rules import Purpose, digits
from chat_app.infrastructure import letters
from chat_app.infrastructure.devices import device_of
from chat_app.infrastructure.jobs import Handler, Recurring
from chat_app.infrastructure.letters import code_letter, someone_tried
from chat_app.infrastructure.mail import Mail
from chat_app.infrastructure.sms import Sms
from chat_app.infrastructure.unit_of_work import Doors

ACCOUNT_CLEANING = (
    Recurring(erase_pending, timedelta(minutes=10)),
    Recurring(erase_old_codes, timedelta(hours=1)),
    Recurring(erase_old_resets, timedelta(hours=1)),
    Recurring(erase_old_throttles, timedelta(hours=1)),
    Recurring(erase_old_sessions, timedelta(hours=6)),
    Recurring(erase_dead_jobs, timedelta(hours=6)),
)

MESSAGE_CLEANING = (
    Recurring(erase_unsent, timedelta(minutes=15)),
    Recurring(forget_words, timedelta(hours=1)),
)


class Delivery:
    """Sends what the domain said must be sent."""

    def __init__(self, doors: Doors, seal: Seal, mail: Mail, sms: Sms, reset_page: str = "") -> None:
        """`reset_page` is the whole address of the page that the links of resets lead to."""
        self._reset_page = reset_page
        self._doors = doors
        self._seal = seal
        self._mail = mail
        self._sms = sms

    @property
    def handlers(self) -> tuple[Handler, ...]:
        """For the job runner."""
        return (
            Handler(SendCode, self.send_code),
            Handler(TellOwner, self.tell_owner),
            Handler(SendReset, self.send_reset),
            Handler(TellChanged, self.tell_changed),
            Handler(TellPasswordChanged, self.tell_password_changed),
            Handler(TellSignIn, self.tell_sign_in),
            Handler(TellDeleted, self.tell_deleted),
            Handler(EraseMessages, self.erase_messages),
            Handler(EraseChat, self.erase_chat),
        )

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

    async def send_reset(self, duty: SendReset) -> None:
        """Send the link of a reset, unless it is void by now or was asked for with nobody's address."""
        found = await self._doors.ask(SYSTEM, reset_to_send, Row(duty.reset))
        if found is not None:
            owner, token = found
            url = f"{self._reset_page}?link={reset_link(self._seal, token)}"
            await self._mail.send(owner.email, letters.reset_link(url, owner.language))

    async def tell_changed(self, duty: TellChanged) -> None:
        """Write to the old address that it is not theirs any more; of a phone, to the email."""
        owner = await self._doors.ask(SYSTEM, owner_to_tell, Row(duty.user))
        if owner is None:
            return
        if Purpose(duty.purpose) is Purpose.EMAIL:
            await self._mail.send(duty.old, letters.email_changed(owner.username, owner.language))
        else:
            await self._mail.send(owner.email, letters.phone_changed(owner.username, owner.language))

    async def tell_password_changed(self, duty: TellPasswordChanged) -> None:
        """Write that the password is another."""
        owner = await self._doors.ask(SYSTEM, owner_to_tell, Row(duty.user))
        if owner is not None:
            await self._mail.send(owner.email, letters.password_changed(owner.username, owner.language))

    async def tell_sign_in(self, duty: TellSignIn) -> None:
        """Write that somebody signed in with a browser that was not seen before."""
        owner = await self._doors.ask(SYSTEM, owner_to_tell, Row(duty.user))
        if owner is not None:
            letter = letters.new_sign_in(
                owner.username,
                device=device_of(duty.device).name,
                place=duty.address,
                at=datetime.fromtimestamp(duty.at, UTC),
                language=owner.language,
            )
            await self._mail.send(owner.email, letter)

    async def tell_deleted(self, duty: TellDeleted) -> None:
        """Write that the account is gone."""
        await self._mail.send(duty.email, letters.account_deleted(duty.username, duty.language))

    async def erase_messages(self, duty: EraseMessages) -> None:
        """Erase all that somebody said, a part at a time."""
        while await self._doors.perform(SYSTEM, erase_messages, Row(duty.user)):
            pass

    async def erase_chat(self, duty: EraseChat) -> None:
        """Erase a chat that has ended, a part at a time."""
        while await self._doors.perform(SYSTEM, erase_chat, ChatId(duty.chat_id)):
            pass
