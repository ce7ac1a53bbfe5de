"""A new group."""

from typing import Annotated

import reflex as rx
from pydantic import Field

from chat_app.components.notices import fault_of
from chat_app.components.routes import CHAT
from chat_app.components.words import NO_FAULT, Fault
from chat_app.domain.chats.actions import create_group
from chat_app.domain.chats.rules import MOST_ADDED
from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.ids import ClientId, UserId
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import Who
from chat_app.infrastructure.unit_of_work import perform, the_doors
from chat_app.pages.main.pick_state import PickState
from chat_app.pages.main.state import ID, Text
from chat_app.realtime.policy import actor, handler

People = Annotated[list[ID], Field(max_length=2 * MOST_ADDED)]


class NewGroupState(rx.State):
    """The dialog that makes a group."""

    open: bool = False
    draft: str = ""
    """What the group being made is called by, so that a second click makes no second one."""
    title_fault: Fault = NO_FAULT
    people_fault: Fault = NO_FAULT

    @handler(Who.CONFIRMED)
    async def start(self) -> None:
        """Ask for a title and people."""
        (await self.get_state(PickState))._begin()
        self.draft = the_doors().new_id()
        self.open, self.title_fault, self.people_fault = True, NO_FAULT, NO_FAULT

    @handler(Who.CONFIRMED)
    async def close(self) -> None:
        """Rather not."""
        self.open = False

    @handler(Who.CONFIRMED)
    async def create(self, draft: ID, title: Text, people: People):
        """Make the group and go there."""
        self.title_fault, self.people_fault = NO_FAULT, NO_FAULT
        try:
            inside = [UserId(person) for person in people]
            chat_id = await perform(actor(), create_group, GroupTitle(title), inside, client_id=ClientId(draft))
        except Refusal as refusal:
            if refusal.field == "title":
                self.title_fault = fault_of(refusal)
            else:
                self.people_fault = fault_of(refusal)
            return None
        self.open = False
        return rx.redirect(CHAT.replace("[chat_id]", chat_id))
