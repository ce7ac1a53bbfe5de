"""Slows down whoever guesses passwords: the door to `users.actions.throttling`, open where limits are lifted."""

from chat_app.domain.common.work import SYSTEM
from chat_app.domain.users.actions import abandon_try, begin_try, pass_try
from chat_app.infrastructure.unit_of_work import perform


class SignInThrottle:
    """Counts failures by account and address, and by address. `limits=False`: nothing is counted."""

    def __init__(self, *, limits: bool = True) -> None:
        self._limits = limits

    async def begin(self, account: str, address: str) -> None:
        """Count a try as failed until `passed` says otherwise. Refused: `TooMany`."""
        if self._limits:
            await perform(SYSTEM, begin_try, account, address)

    async def passed(self, account: str, address: str) -> None:
        """The password was right."""
        if self._limits:
            await perform(SYSTEM, pass_try, account, address)

    async def abandon(self, account: str, address: str) -> None:
        """Nothing was compared after all."""
        if self._limits:
            await perform(SYSTEM, abandon_try, account, address)
