"""The panel of a group: what it is, who is in it, who may come, and what I may do about it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

import reflex as rx
from pydantic import Field

from chat_app.components.notices import fault_of
from chat_app.components.words import NO_FAULT, Fault
from chat_app.domain.chats.actions import (
    add_members,
    appoint_admin,
    ban,
    change_group,
    delete_group,
    dismiss_admin,
    exclude,
    hand_over,
    leave_group,
    make_invitation,
    open_history,
    revoke_invitation,
    set_group_avatar,
    unban,
)
from chat_app.domain.chats.errors import InvitationNotFound
from chat_app.domain.chats.queries import (
    GroupView,
    InvitationView,
    MemberView,
    MyGroup,
    banned_from,
    invitations_of,
    members_of,
    my_group,
)
from chat_app.domain.chats.rules import GroupRole, above, runs
from chat_app.domain.common.errors import NotFound, Refusal
from chat_app.domain.common.ids import ChatId, ClientId, UserId
from chat_app.domain.common.values import GroupDescription, GroupTitle
from chat_app.domain.common.work import Actor, Person, Who
from chat_app.infrastructure.unit_of_work import ask, perform, the_doors
from chat_app.pages.main.new_group_state import People
from chat_app.pages.main.pick_state import PickState
from chat_app.pages.main.state import ID, FoundPerson, Text
from chat_app.realtime.faces import Face, face_of
from chat_app.realtime.policy import actor, handler

Token = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Days = Annotated[int, Field(ge=0, le=365)]
Uses = Annotated[int, Field(ge=0, le=1000)]
DialogName = Literal["add", "links", "leave", "delete", "pins"]
Danger = Literal["exclude", "ban", "hand_over"]

NO_GROUP = GroupView(ChatId(""), "", "", "", history_open=True, members=0, rev=0, runners={})


@dataclass(frozen=True)
class MemberRow:
    """Somebody in the group, and what I may do about them."""

    user_id: str
    username: str
    name: str
    role: str
    me: bool
    below: bool
    """I may exclude and ban them."""
    face: Face
    seen_at: int = 0
    """When they were last here, as in `OpenChat`."""


NO_MEMBER = MemberRow("", "", "", "", me=False, below=False, face=Face())


@dataclass(frozen=True)
class LinkRow:
    """A living link; how many seconds and uses it has left, -1 for any number."""

    token: str
    left_s: int
    uses_left: int


class GroupState(rx.State):
    """The group in the panel. Read when the panel opens, and again when the group changes."""

    group: GroupView = NO_GROUP
    face: Face = Face()
    role: str = ""
    runs: bool = False
    """I am its owner or an admin."""
    owns: bool = False
    members: list[MemberRow] = []
    text: str = ""
    """What members are looked for by."""
    heirs: list[MemberRow] = []
    """Who may follow an owner that leaves."""
    banned: list[FoundPerson] = []
    links: list[LinkRow] = []
    link: str = ""
    """The newest of them."""
    draft: str = ""
    """What the link that may be made next is called by, so that a second click makes no second one."""
    editing: bool = False
    title_fault: Fault = NO_FAULT
    description_fault: Fault = NO_FAULT
    dialog: str = ""
    """add, links, leave, delete, pins, exclude, ban or hand_over."""
    about: MemberRow = NO_MEMBER
    """Whom the dialog is about."""
    fault: Fault = NO_FAULT
    """What the dialog was refused."""

    @handler(Who.CONFIRMED)
    async def show(self, chat_id: ID) -> None:
        """Read the group, as the panel opens or the group changes."""
        if self.group.chat_id != chat_id:
            self.text, self.editing, self.dialog = "", False, ""
        try:
            await self._read(actor(), ChatId(chat_id))
        except NotFound:
            # what is to be said of that, the chat itself says
            self.group, self.dialog = NO_GROUP, ""

    async def _read(self, who: Actor, chat_id: ChatId) -> None:
        mine = await ask(who, my_group, chat_id)
        members = await ask(who, members_of, chat_id, self.text)
        leads = runs(mine.role)
        banned = await ask(who, banned_from, chat_id) if leads else []
        links = await ask(who, invitations_of, chat_id) if leads else []
        self.group, self.role, self.face = (
            mine.group,
            mine.role.value,
            face_of(chat_id, mine.group.title, mine.group.avatar),
        )
        self.runs, self.owns = leads, mine.role is GroupRole.OWNER
        self.members = [_member(member, mine, who) for member in members]
        self.banned = [
            FoundPerson(p.user_id, p.username, p.name, face_of(p.user_id, p.name, p.picture)) for p in banned
        ]
        self.links = [_link(link) for link in links]
        self.link = self.links[0].token if self.links else ""
        self.draft = the_doors().new_id()

    @handler(Who.CONFIRMED, supersedes=True)
    async def find(self, chat_id: ID, text: Annotated[str, Field(max_length=200)]) -> None:
        """Members whose name or username begins like this."""
        self.text = text.strip()
        mine = await ask(actor(), my_group, ChatId(chat_id))
        members = await ask(actor(), members_of, ChatId(chat_id), self.text)
        self.members = [_member(member, mine, actor()) for member in members]

    @handler(Who.CONFIRMED)
    async def edit(self, on: bool) -> None:
        """Write title and description, or stop it."""
        self.editing, self.title_fault, self.description_fault = on, NO_FAULT, NO_FAULT

    @handler(Who.CONFIRMED)
    async def save(self, chat_id: ID, title: Text, description: Text) -> None:
        """Call and describe the group as it was typed."""
        self.title_fault, self.description_fault = NO_FAULT, NO_FAULT
        try:
            named, described = GroupTitle(title), GroupDescription(description)
            await perform(actor(), change_group, ChatId(chat_id), named, described)
        except Refusal as refusal:
            match refusal.field:
                case "title":
                    self.title_fault = fault_of(refusal)
                case "description":
                    self.description_fault = fault_of(refusal)
                case _:
                    raise
            return
        self.editing = False
        await self._read(actor(), ChatId(chat_id))

    @handler(Who.CONFIRMED)
    async def take_picture_off(self, chat_id: ID) -> None:
        """No picture of the group any more. Putting one up is `POST /session/group-avatar`."""
        await perform(actor(), set_group_avatar, ChatId(chat_id), None)
        await self._read(actor(), ChatId(chat_id))

    @handler(Who.CONFIRMED)
    async def show_history(self, chat_id: ID, on: bool) -> None:
        """Say whether newcomers see what was said before."""
        await perform(actor(), open_history, ChatId(chat_id), to_newcomers=on)
        await self._read(actor(), ChatId(chat_id))

    @handler(Who.CONFIRMED)
    async def open(self, dialog: DialogName) -> None:
        """Show a dialog."""
        if dialog == "add":
            (await self.get_state(PickState))._begin()
        if dialog == "leave":
            # whatever the panel is looking for
            await self._heirs("")
        self.dialog, self.about, self.fault = dialog, NO_MEMBER, NO_FAULT

    @handler(Who.CONFIRMED, supersedes=True)
    async def find_heirs(self, text: Annotated[str, Field(max_length=200)]) -> None:
        """Who may follow me, of those whose name begins like this."""
        await self._heirs(text)

    async def _heirs(self, text: str) -> None:
        mine = await ask(actor(), my_group, self.group.chat_id)
        others = await ask(actor(), members_of, self.group.chat_id, text)
        self.heirs = [member for member in (_member(one, mine, actor()) for one in others) if not member.me]

    @handler(Who.CONFIRMED)
    async def close(self) -> None:
        """Show none."""
        self.dialog = ""

    @handler(Who.CONFIRMED)
    async def consider(self, danger: Danger, person: ID) -> None:
        """Ask once more before something is done about a member."""
        found = [member for member in self.members if member.user_id == person]
        if found:
            self.dialog, self.about, self.fault = danger, found[0], NO_FAULT

    @handler(Who.CONFIRMED)
    async def appoint(self, chat_id: ID, person: ID) -> None:
        """Make a member an admin."""
        await perform(actor(), appoint_admin, ChatId(chat_id), UserId(person))
        await self._read(actor(), ChatId(chat_id))

    @handler(Who.CONFIRMED)
    async def dismiss(self, chat_id: ID, person: ID) -> None:
        """Make an admin a member."""
        await perform(actor(), dismiss_admin, ChatId(chat_id), UserId(person))
        await self._read(actor(), ChatId(chat_id))

    @handler(Who.CONFIRMED)
    async def do(self, danger: Danger, chat_id: ID, person: ID) -> None:
        """Exclude or ban somebody, or hand the group over to them."""
        self.dialog = ""
        action = {"exclude": exclude, "ban": ban, "hand_over": hand_over}[danger]
        await perform(actor(), action, ChatId(chat_id), UserId(person))
        await self._read(actor(), ChatId(chat_id))

    @handler(Who.CONFIRMED)
    async def forgive(self, chat_id: ID, person: ID) -> None:
        """Let somebody who was banned come back."""
        await perform(actor(), unban, ChatId(chat_id), UserId(person))
        await self._read(actor(), ChatId(chat_id))

    @handler(Who.CONFIRMED)
    async def add(self, chat_id: ID, people: People) -> None:
        """Give the people who were picked a seat."""
        try:
            await perform(actor(), add_members, ChatId(chat_id), [UserId(person) for person in people])
        except Refusal as refusal:
            self.fault = fault_of(refusal)
            return
        self.dialog = ""
        await self._read(actor(), ChatId(chat_id))

    @handler(Who.CONFIRMED)
    async def make_link(self, chat_id: ID, draft: ID, days: Days, uses: Uses) -> None:
        """Make a link for so many days and people; 0 for ever, and for any number."""
        lifetime = timedelta(days=days) if days else None
        limits = {"lifetime": lifetime, "most_uses": uses or None}
        try:
            await perform(actor(), make_invitation, ChatId(chat_id), **limits, client_id=ClientId(draft))
        except Refusal as refusal:
            self.fault = fault_of(refusal)
            return
        self.fault = NO_FAULT
        await self._read(actor(), ChatId(chat_id))

    @handler(Who.CONFIRMED)
    async def revoke_link(self, chat_id: ID, link: Token) -> None:
        """Let nobody in by a link any more."""
        await perform(actor(), revoke_invitation, ChatId(chat_id), link)
        await self._read(actor(), ChatId(chat_id))

    @handler(Who.CONFIRMED)
    async def renew_link(self, chat_id: ID, draft: ID, link: Token) -> None:
        """Put a link without limits in the place of one."""
        with suppress(InvitationNotFound):
            # gone already, when it is pressed twice
            await perform(actor(), revoke_invitation, ChatId(chat_id), link)
        await perform(actor(), make_invitation, ChatId(chat_id), client_id=ClientId(draft))
        await self._read(actor(), ChatId(chat_id))

    @handler(Who.CONFIRMED)
    async def leave(self, chat_id: ID, heir: Annotated[str, Field(max_length=36, pattern=r"^[A-Za-z0-9_-]*$")]) -> None:
        """Leave the group; as its owner, to `heir` if one is named. What follows, the chat itself says."""
        self.dialog = ""
        await perform(actor(), leave_group, ChatId(chat_id), heir=UserId(heir) if heir else None)

    @handler(Who.CONFIRMED)
    async def delete(self, chat_id: ID) -> None:
        """End the group for everybody. What follows, the chat itself says."""
        self.dialog = ""
        await perform(actor(), delete_group, ChatId(chat_id))


def _member(member: MemberView, mine: MyGroup, who: Actor) -> MemberRow:
    me = isinstance(who, Person) and member.user_id == who.user_id
    face = face_of(member.user_id, member.name, member.picture)
    below = not me and above(mine.role, member.role)
    return MemberRow(
        member.user_id,
        member.username,
        member.name,
        member.role.value,
        me,
        below,
        face,
        member.seen_at,
    )


def _link(link: InvitationView) -> LinkRow:
    left = -1 if link.expires_at is None else int((link.expires_at - the_doors().clock.now()).total_seconds())
    return LinkRow(link.token, left, -1 if link.uses_left is None else link.uses_left)
