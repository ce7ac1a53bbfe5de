"""What the main page does. Lists and messages are not kept here: they go straight to the browser (`push.py`)."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote

import reflex as rx
from pydantic import Field, PlainValidator

from chat_app.components.notices import NoticeState
from chat_app.components.routes import CHAT, MAIN, SIGN_IN
from chat_app.domain.chats.actions import open_direct_chat, read_up_to
from chat_app.domain.chats.queries import ChatRow, OpenChat, member_ids, my_chat, my_chats, my_group
from chat_app.domain.chats.tables import DIRECT, GROUP
from chat_app.domain.common.errors import NotFound, Refusal, TooMany
from chat_app.domain.common.ids import AttachmentId, ChatId, ClientId, UserId
from chat_app.domain.common.work import Person, Who
from chat_app.domain.messages.actions import send_message
from chat_app.domain.messages.queries import Page, changes_after, page_of, pinned_in
from chat_app.domain.messages.rules import MOST_FILES
from chat_app.domain.users.queries import ProfileView, my_profile
from chat_app.infrastructure.unit_of_work import ask, perform
from chat_app.infrastructure.uploads import largest_upload_mb
from chat_app.pages.main.verify_state import VerifyState
from chat_app.realtime.faces import Face, face_of
from chat_app.realtime.hub import the_hub
from chat_app.realtime.policy import actor, handler
from chat_app.realtime.push import chats_field, choices_field, group_field, missed_field, page_field, pinned_field

ID = Annotated[str, Field(min_length=1, max_length=36, pattern=r"^[A-Za-z0-9_-]+$")]
Files = Annotated[list[ID], Field(max_length=2 * MOST_FILES)]
"""More than may be sent, so that the refusal comes from the rule and says so."""

Seq = Annotated[int, Field(ge=0, le=2**31 - 1)]
Moment = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""Unix time, ms."""

Why = Literal["left", "excluded", "banned", "deleted", "closed"]


def _any_text(text: Any) -> Any:
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        raise ValueError
    return text


LONGEST_SEQ = 10
"""Digits."""

LONGEST_TEXT = 20_000
Text = Annotated[str, PlainValidator(_any_text)]
"""Longer than a message may be, and half characters too (pydantic's own text has none), so that the refusal comes from
the rule and says so."""

NOBODY = ProfileView(UserId(""), "", "", "", "", "", "ru", confirmed=False)
LISTED_PRESENT = 20
"""Direct chats of the list, from the top, of whom it shows who is here."""

NO_CHAT = OpenChat(ChatId(""), "", "", "", None, 0, 0)


class MainState(rx.State):
    """The open chat and who is looking."""

    me: ProfileView = NOBODY
    chat: OpenChat = NO_CHAT
    face: Face = Face()
    ready: bool = False
    """False while a fresh state has not been filled: the screen keeps what it shows."""

    @handler(Who.ANYONE)
    async def on_load(self):
        """Rebuild everything from cookie, address and database."""
        who = actor()
        if not isinstance(who, Person):
            return rx.redirect(f"{SIGN_IN}?next={quote(self.router.url.path, safe='/')}")
        self.me = await ask(who, my_profile)
        if not who.confirmed:
            await the_hub().belong(self.router.session.session_id, who)
            self.ready = True
            return VerifyState.on_load

        sid = self.router.session.session_id
        await the_hub().watch(sid, who)
        rows = await ask(who, my_chats)
        known = choices_field(self.me) | _blocked(who) | {"upload_mb": largest_upload_mb()}
        the_hub().push.fields(sid, chats_field(rows) | known)
        return await self._show(ChatId(getattr(self, "chat_id", "")), who, rows)

    async def _show(self, chat_id: ChatId, who: Person, rows: list[ChatRow]) -> Any:
        hub, sid = the_hub(), self.router.session.session_id
        if not chat_id:
            hub.show(sid, chat_id)
            hub.push.fields(sid, hub.presence.look(sid, listed=_people_of(rows), around=()))
            self.chat, self.ready = NO_CHAT, True
            return None
        try:
            chat = await ask(who, my_chat, chat_id)
            group = await ask(who, my_group, chat_id) if chat.kind == GROUP else None
            page, wanted = await self._page(chat_id, who)
            pinned = await ask(who, pinned_in, chat_id)
            around = [chat.person] if chat.kind == DIRECT and chat.tells else []
            if chat.kind == GROUP:
                around = await ask(who, member_ids, chat_id)
        except NotFound as refusal:
            hub.show(sid, ChatId(""))
            self.chat, self.ready = NO_CHAT, True
            return [NoticeState.show(refusal.code, refusal.params), rx.redirect(MAIN, replace=True)]
        hub.show(sid, chat_id)
        here = hub.presence.look(sid, listed=_people_of(rows), around=filter(None, around or ()), crowd=around is None)
        shown = page_field(chat_id, page, around=wanted, linked=True) | pinned_field(chat_id, pinned)
        looks = group_field(group.group) if group is not None else {}
        hub.push.fields(sid, shown | looks | here)
        self._open(chat)
        self.ready = True
        return None

    def _open(self, chat: OpenChat) -> None:
        self.chat, self.face = chat, face_of(chat.person or chat.chat_id, chat.title, chat.picture)

    async def _page(self, chat_id: ChatId, who: Person) -> tuple[Page, int]:
        """What is shown first, and the message that the address leads to, 0 for none: the newest page then, as for one
        that is not there."""
        wanted = self.router.url.query_parameters.get("m", "")
        if len(wanted) <= LONGEST_SEQ and wanted.isascii() and wanted.isdecimal():
            page = await ask(who, page_of, chat_id, around=int(wanted))
            if any(message.seq == int(wanted) for message in page.messages):
                return page, int(wanted)
        return await ask(who, page_of, chat_id), 0

    @handler(Who.CONFIRMED)
    async def send(self, chat_id: ID, client_id: ID, body: Text, reply_to: Seq = 0, files: Files = []):  # noqa: B006  # it is only read
        """Say something, in answer to a message or to none, with files that were uploaded. What comes back is the
        message itself, pushed to everybody in the chat."""
        me = self.router.session.session_id
        attached = tuple(map(AttachmentId, files))
        try:
            named = ChatId(chat_id), ClientId(client_id)
            sent = await perform(actor(), send_message, *named, body, reply_to or None, attached)
        except Refusal as refusal:
            wait = {"wait_s": refusal.wait_s} if isinstance(refusal, TooMany) else {}
            said = {"client_id": client_id, "code": refusal.code, **wait}
            the_hub().push.fields(me, {f"refused_{client_id}": said})
            return
        if sent.repeated:
            # the first answer did not arrive, else it would not be said again
            missed = await ask(actor(), changes_after, ChatId(chat_id), sent.rev - 1)
            the_hub().push.fields(me, missed_field(ChatId(chat_id), missed))

    @handler(Who.CONFIRMED)
    async def read(self, chat_id: ID, seq: Seq):
        """Everything up to `seq` was on screen."""
        await perform(actor(), read_up_to, ChatId(chat_id), seq)

    @handler(Who.CONFIRMED)
    async def older(self, chat_id: ID, before: Seq):
        """The page of history above `before`."""
        page = await ask(actor(), page_of, ChatId(chat_id), before)
        the_hub().push.fields(self.router.session.session_id, page_field(ChatId(chat_id), page))

    @handler(Who.CONFIRMED)
    async def newer(self, chat_id: ID, after: Seq):
        """The page of history below `after`."""
        page = await ask(actor(), page_of, ChatId(chat_id), after=after)
        the_hub().push.fields(self.router.session.session_id, page_field(ChatId(chat_id), page, below=after))

    @handler(Who.CONFIRMED)
    async def latest(self, chat_id: ID):
        """The newest page, for a tab that is somewhere in the middle."""
        page = await ask(actor(), page_of, ChatId(chat_id))
        the_hub().push.fields(self.router.session.session_id, page_field(ChatId(chat_id), page))

    @handler(Who.CONFIRMED)
    async def jump(self, chat_id: ID, seq: Seq):
        """A message of the history, with what stands around it."""
        page = await ask(actor(), page_of, ChatId(chat_id), around=seq)
        the_hub().push.fields(self.router.session.session_id, page_field(ChatId(chat_id), page, around=seq))

    @handler(Who.CONFIRMED)
    async def leave(self, chat_id: ID, why: Why):
        """The open chat is not the reader's any more: say so, and go to the list."""
        # what this tab was told it acts on, and nothing else: another chat may be open by now
        if self.chat.chat_id != chat_id:
            return None
        self.chat = NO_CHAT
        return [NoticeState.show(f"gone_{why}", {}), rx.redirect(MAIN, replace=True)]

    @handler(Who.CONFIRMED)
    async def catch_up(self, chat_id: ID, rev: Seq):
        """What the tab missed in a chat it knows up to revision `rev`."""
        missed = await ask(actor(), changes_after, ChatId(chat_id), rev)
        the_hub().push.fields(self.router.session.session_id, missed_field(ChatId(chat_id), missed))

    @handler(Who.CONFIRMED)
    async def refresh(self):
        """The list of chats anew, and how the open one stands in it: the tab heard that they are others."""
        who, hub, sid = actor(), the_hub(), self.router.session.session_id
        chats = await ask(who, my_chats)
        fields = chats_field(chats) | hub.presence.look(sid, listed=_people_of(chats))
        hub.push.fields(sid, fields | (_blocked(who) if isinstance(who, Person) else {}))
        if self.chat.chat_id:
            with suppress(NotFound):
                self._open(await ask(who, my_chat, self.chat.chat_id))

    @handler(Who.CONFIRMED)
    async def typing(self, chat_id: ID):
        """The reader types in the open chat."""
        if isinstance(who := actor(), Person):
            await the_hub().typing(self.router.session.session_id, who, ChatId(chat_id))


def _people_of(rows: list[ChatRow]) -> list[UserId]:
    """Of whom the list shows whether they are here."""
    return [row.person for row in rows if row.person and row.tells][:LISTED_PRESENT]


def _blocked(who: Person) -> dict[str, Any]:
    """Whom the reader blocked: their browser is to be silent about them."""
    standing = the_hub().presence.standing(who.user_id)
    return {"blocked": standing.blocked if standing else ()}


@dataclass(frozen=True)
class FoundPerson:
    """Somebody to write to, as the search shows them."""

    user_id: str
    username: str
    name: str
    face: Face


class PeopleState(rx.State):
    """Writing to somebody."""

    @handler(Who.CONFIRMED)
    async def write_to(self, person: ID):
        """Open the direct chat with somebody."""
        chat_id = await perform(actor(), open_direct_chat, UserId(person))
        return rx.redirect(CHAT.replace("[chat_id]", chat_id))
