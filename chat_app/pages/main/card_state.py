"""The card of another person."""

import reflex as rx

from chat_app.domain.chats.queries import PersonCard, card_of
from chat_app.domain.common.ids import UserId
from chat_app.domain.common.work import Who
from chat_app.domain.users.actions import block, unblock
from chat_app.infrastructure.unit_of_work import ask, perform
from chat_app.pages.main.state import ID
from chat_app.realtime.faces import Face, face_of
from chat_app.realtime.policy import actor, handler

NOBODY = PersonCard(UserId(""), "", "", "", "", "")


class CardState(rx.State):
    """Whose card is shown; nobody's while it is closed."""

    card: PersonCard = NOBODY
    face: Face = Face()

    @handler(Who.CONFIRMED)
    async def show(self, person: ID) -> None:
        """What this person lets me know of them."""
        self.card = await ask(actor(), card_of, UserId(person))
        self.face = face_of(self.card.person, self.card.name, self.card.picture)

    @handler(Who.CONFIRMED)
    async def block(self, person: ID) -> None:
        """Not hear from this person any more."""
        await perform(actor(), block, UserId(person))
        self.card = await ask(actor(), card_of, UserId(person))

    @handler(Who.CONFIRMED)
    async def unblock(self, person: ID) -> None:
        """Hear from this person again."""
        await perform(actor(), unblock, UserId(person))
        self.card = await ask(actor(), card_of, UserId(person))

    @handler(Who.CONFIRMED)
    async def close(self) -> None:
        """Put the card away."""
        self.card = NOBODY
