"""How a chat stands in my list, whom I do not want to hear from, and who has read what I said."""

from datetime import timedelta
from typing import Literal

import reflex as rx

from chat_app.domain.chats.actions import archive_chat, mute_chat, pin_chat, set_level
from chat_app.domain.chats.rules import FOREVER, Level
from chat_app.domain.common.ids import ChatId, UserId
from chat_app.domain.common.work import Who
from chat_app.domain.messages.queries import readers_of
from chat_app.domain.users.actions import block, unblock
from chat_app.infrastructure.unit_of_work import ask, perform, the_doors
from chat_app.pages.main.state import ID, FoundPerson, Seq
from chat_app.realtime.faces import face_of
from chat_app.realtime.policy import actor, handler

HowLong = Literal["hour", "workday", "forever", "no"]
LASTING = {"hour": timedelta(hours=1), "workday": timedelta(hours=8)}
LevelName = Literal["", "all", "mentions", "none"]


class ListingState(rx.State):
    """What is done to a row of my list. The list itself is pushed."""

    @handler(Who.CONFIRMED)
    async def mute(self, chat_id: ID, how_long: HowLong) -> None:
        """Be told of nothing in a chat for so long; or again."""
        now = the_doors().clock.now()
        until = {"forever": FOREVER, "no": None}.get(how_long, now + LASTING.get(how_long, timedelta()))
        await perform(actor(), mute_chat, ChatId(chat_id), until=until)

    @handler(Who.CONFIRMED)
    async def pin(self, chat_id: ID, on_top: bool) -> None:
        """Keep a chat on top, or not any more."""
        await perform(actor(), pin_chat, ChatId(chat_id), on_top=on_top)

    @handler(Who.CONFIRMED)
    async def archive(self, chat_id: ID, away: bool) -> None:
        """Put a chat away until something is said in it, or back."""
        await perform(actor(), archive_chat, ChatId(chat_id), away=away)

    @handler(Who.CONFIRMED)
    async def tell_of(self, chat_id: ID, level: LevelName) -> None:
        """Of what a chat tells me; empty for what my settings say."""
        await perform(actor(), set_level, ChatId(chat_id), Level(level) if level else None)

    @handler(Who.CONFIRMED)
    async def block(self, person: ID) -> None:
        """Not hear from somebody any more."""
        await perform(actor(), block, UserId(person))

    @handler(Who.CONFIRMED)
    async def unblock(self, person: ID) -> None:
        """Hear from somebody again."""
        await perform(actor(), unblock, UserId(person))


class ReadersState(rx.State):
    """Who has read a message of mine; none is shown while `seq` is 0."""

    seq: int = 0
    people: list[FoundPerson] = []

    @handler(Who.CONFIRMED)
    async def show(self, chat_id: ID, seq: Seq) -> None:
        """Who of the group has read this message."""
        found = await ask(actor(), readers_of, ChatId(chat_id), seq)
        self.people = [FoundPerson(p.user_id, p.username, p.name, face_of(p.user_id, p.name, p.picture)) for p in found]
        self.seq = seq

    @handler(Who.CONFIRMED)
    async def close(self) -> None:
        """Put the list away."""
        self.seq, self.people = 0, []
