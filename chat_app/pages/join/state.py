"""What a link says of its group."""

from typing import Annotated

import reflex as rx
from pydantic import Field

from chat_app.components.routes import CHAT
from chat_app.domain.chats.actions import join_group
from chat_app.domain.chats.errors import InvitationNotFound
from chat_app.domain.chats.queries import Invited, invited_to
from chat_app.domain.common.work import Person, Who
from chat_app.infrastructure.unit_of_work import ask, perform
from chat_app.realtime.faces import Face, face_of
from chat_app.realtime.policy import actor, handler

NOTHING = Invited(None, "", "", "", 0)


class JoinState(rx.State):
    """The group, or that the link does not work."""

    invited: Invited = NOTHING
    face: Face = Face()
    link: str = ""
    step: str = ""
    """"open" for a link that works, "closed" for one that does not, empty until it is known."""

    @handler(Who.ANYONE)
    async def on_load(self):
        """Look where the link leads; who is in the group already goes there."""
        who = actor()
        self.invited, self.face, self.step = NOTHING, Face(), ""
        # visitors are led to sign in, and who has to confirm something is asked for it: both by the main page's own
        if not (isinstance(who, Person) and who.confirmed):
            return None
        self.link = str(getattr(self, "token", ""))[:64]
        try:
            self.invited = await ask(who, invited_to, self.link)
        except InvitationNotFound:
            self.step = "closed"
            return None
        if self.invited.chat_id is not None:
            return rx.redirect(CHAT.replace("[chat_id]", self.invited.chat_id), replace=True)
        # the chat's own id is for its members; what is drawn without it has the hue of its title
        title, picture = self.invited.title, self.invited.avatar
        self.face, self.step = face_of(title, title, f"{picture}?join={self.link}" if picture else ""), "open"
        return None

    @handler(Who.CONFIRMED)
    async def join(self, link: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]):
        """Take a seat, and go there."""
        try:
            chat_id = await perform(actor(), join_group, link)
        except InvitationNotFound:
            self.step = "closed"
            return None
        return rx.redirect(CHAT.replace("[chat_id]", chat_id), replace=True)
