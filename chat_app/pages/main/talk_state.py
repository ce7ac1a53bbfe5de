"""What can be done with messages. The answer is always the changed message itself, pushed to everybody in the chat."""

from dataclasses import dataclass
from itertools import islice
from typing import Annotated

import reflex as rx
from pydantic import Field

from chat_app.components.notices import NoticeState
from chat_app.components.routes import CHAT
from chat_app.domain.chats.queries import members_of, my_group
from chat_app.domain.chats.rules import runs
from chat_app.domain.common.ids import ChatId, ClientId
from chat_app.domain.common.values import fold
from chat_app.domain.common.work import Person, Who
from chat_app.domain.messages.actions import (
    Forwarded,
    edit_message,
    erase_message,
    forward_messages,
    pin_message,
    react,
    unpin_message,
    unreact,
)
from chat_app.domain.messages.rules import EVERYONE, MOST_FORWARDED
from chat_app.infrastructure.unit_of_work import ask, perform
from chat_app.pages.main.state import ID, Moment, Seq, Text
from chat_app.realtime.faces import Face, face_of
from chat_app.realtime.policy import actor, handler

SUGGESTED = 6
"""Members offered at once."""

Emoji = Annotated[str, Field(max_length=32)]
Passed = Annotated[list[Seq], Field(min_length=1, max_length=MOST_FORWARDED)]
Called = Annotated[list[ID], Field(min_length=1, max_length=MOST_FORWARDED)]


@dataclass(frozen=True)
class Suggestion:
    """A member who may be meant by what is typed after @."""

    user_id: str
    username: str
    name: str
    face: Face


class TalkState(rx.State):
    """Changing what was said. Of it nothing is kept here but who may be meant in what is being typed."""

    suggested: list[Suggestion] = []
    all_suggested: bool = False
    """All members may be meant, and may be called."""

    @handler(Who.CONFIRMED)
    async def edit(self, chat_id: ID, seq: Seq, body: Text, version: Moment):
        """Say it better; `version` is that of the words that were changed."""
        await perform(actor(), edit_message, ChatId(chat_id), seq, body, version)

    @handler(Who.CONFIRMED)
    async def erase(self, chat_id: ID, seq: Seq):
        """Take it back, for everybody."""
        await perform(actor(), erase_message, ChatId(chat_id), seq)

    @handler(Who.CONFIRMED)
    async def react(self, chat_id: ID, seq: Seq, emoji: Emoji, on: bool):
        """Put my emoji under it, or take it away."""
        await perform(actor(), react if on else unreact, ChatId(chat_id), seq, emoji)

    @handler(Who.CONFIRMED)
    async def pin(self, chat_id: ID, seq: Seq, on: bool):
        """Keep it on top of the chat, or no more."""
        await perform(actor(), pin_message if on else unpin_message, ChatId(chat_id), seq)

    @handler(Who.CONFIRMED)
    async def forward(self, chat_id: ID, seqs: Passed, called: Called, to: ID):
        """Pass messages on, the copy of each under a name of its own, and go where they went."""
        messages = [Forwarded(seq, ClientId(name)) for seq, name in zip(seqs, called, strict=False)]
        await perform(actor(), forward_messages, ChatId(chat_id), messages, ChatId(to))
        return rx.redirect(CHAT.replace("[chat_id]", to))

    @handler(Who.CONFIRMED, supersedes=True)
    async def suggest(self, chat_id: ID, text: Annotated[str, Field(max_length=32)]):
        """Members of a group whose name or username begins like this."""
        me = actor()
        members = await ask(me, members_of, ChatId(chat_id), text)
        role = (await ask(me, my_group, ChatId(chat_id))).role
        begun = fold(text)
        self.all_suggested = runs(role) and any(name.startswith(begun) for name in EVERYONE)
        others = (each for each in members if not isinstance(me, Person) or each.user_id != me.user_id)
        self.suggested = [
            Suggestion(each.user_id, each.username, each.name, face_of(each.user_id, each.name, each.picture))
            for each in islice(others, SUGGESTED)
        ]

    @handler(Who.CONFIRMED)
    async def forget(self):
        """Nobody is being named."""
        self.suggested, self.all_suggested = [], False

    @handler(Who.CONFIRMED)
    async def copied(self, what: Annotated[str, Field(pattern="^(text|link)$")]):
        """Say that it is in the clipboard."""
        return NoticeState.tell(f"{what}_copied")
