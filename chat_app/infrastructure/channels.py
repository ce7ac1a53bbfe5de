"""Watches over mail and SMS: says once when one begins to fail and once when it works again.

What failed is tried again by the job runner. How each channel is, stands in rows, for `/healthz` and for all processes.
"""

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from chat_app.domain.common.channels import ChannelName, failing_since, note_failure, note_success
from chat_app.domain.common.work import SYSTEM

if TYPE_CHECKING:
    from chat_app.infrastructure.letters import Letter
    from chat_app.infrastructure.unit_of_work import Doors

log = logging.getLogger(__name__)

SEND_SECONDS = 50.0
"""Less than a job may take, so that this is noted before the job is cut off."""


class NotThisAddress(Exception):
    """The channel works, but will not carry to this address for now."""


class Refused(Exception):
    """The other side answered that it will not. The text says how, and never to whom or what: it is logged."""


class ChannelFailed(Exception):
    """Nothing can be sent over `channel` for now."""

    def __init__(self, channel: ChannelName) -> None:
        super().__init__(channel)
        self.channel = channel


class Sender(Protocol):
    async def send(self, to: str, letter: "Letter") -> None: ...


class Watched:
    """A mail server or an SMS gateway whose failures are noted. No answer for `patience` seconds is one."""

    def __init__(self, channel: ChannelName, sender: Sender, doors: "Doors", *, patience: float = SEND_SECONDS) -> None:
        self._channel: ChannelName = channel
        self._sender = sender
        self._doors = doors
        self._patience = patience

    async def send(self, to: str, letter: "Letter") -> None:
        """Hand `letter` over. Raises `ChannelFailed`, and `NotThisAddress` when it is only this one."""
        try:
            async with asyncio.timeout(self._patience):
                await self._sender.send(to, letter)
        except NotThisAddress:
            await self._works()
            raise
        except Exception as error:
            await self._fails(error)
            raise ChannelFailed(self._channel) from error
        else:
            await self._works()

    async def _fails(self, error: Exception) -> None:
        if await self._doors.perform(SYSTEM, note_failure, self._channel):
            log.error("%s fails, and will be tried again: %s", self._channel, _reason(error))

    async def _works(self) -> None:
        since = await self._doors.ask(SYSTEM, failing_since, self._channel)
        if since is not None and await self._doors.perform(SYSTEM, note_success, self._channel):
            # as loud as most listen: who heard of the failure wants to hear of its end
            log.warning("%s works again; it had failed since %s", self._channel, since.isoformat(timespec="seconds"))


def _reason(error: Exception) -> str:
    """What may be logged of `error`: the text of most may hold an address, a number or a code."""
    kind = type(error).__name__
    if isinstance(error, Refused):
        return f"{kind}, {error}"
    status = getattr(error, "smtp_code", None)
    return kind if status is None else f"{kind}, status {status}"
