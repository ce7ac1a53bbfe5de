"""A group from inside, and what a link says of it to whoever may join."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from chat_app.domain.chats.errors import ChatNotFound, InvitationNotFound, NotAllowed
from chat_app.domain.chats.rules import GroupRole, runs
from chat_app.domain.chats.tables import GROUP, Chat, Group, GroupBan, Invitation, Member
from chat_app.domain.common.errors import NotFound
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.values import fold
from chat_app.domain.common.work import Rate, Reader, Who, door
from chat_app.domain.users.queries import PICTURE_IN_CHAT, PersonView, choices_of, took_part
from chat_app.domain.users.rules import Audience, tells
from chat_app.domain.users.tables import Block, Preferences, User

MEMBERS_SHOWN = 100
"""Of a group's members in one answer; the others are found by name."""


@dataclass(frozen=True)
class GroupView:
    """A group as every member sees it."""

    chat_id: ChatId
    title: str
    description: str
    avatar: str
    history_open: bool
    members: int
    rev: int
    """The revision of the chat: another one with each change."""
    runners: dict[UserId, GroupRole]
    """The owner and the admins."""


@dataclass(frozen=True)
class MyGroup:
    """A group as one of its members sees it."""

    group: GroupView
    role: GroupRole


@dataclass(frozen=True)
class MemberView:
    """Somebody in a group."""

    user_id: UserId
    username: str
    name: str
    role: GroupRole
    joined_at: datetime
    picture: str = ""
    seen_at: int = 0
    """When they were last here, as in `OpenChat`."""


@dataclass(frozen=True)
class InvitationView:
    """A living link. `uses_left` is None for any number, `expires_at` for ever."""

    token: str
    expires_at: datetime | None
    uses_left: int | None
    uses: int


@dataclass(frozen=True)
class Invited:
    """What a link says of its group to whoever is not in it."""

    chat_id: ChatId | None
    """Only to somebody who is in it already."""
    title: str
    description: str
    avatar: str
    members: int


@door(quick=True)
def my_group(reader: Reader, chat_id: ChatId) -> MyGroup:
    """A group of the reader's. Refused: `ChatNotFound`."""
    row = reader.connection.execute(MY_GROUP, {"chat_id": chat_id, "me": reader.me.row}).first()
    if row is None:
        raise ChatNotFound
    role, *view = row
    return MyGroup(_view(reader, *view), GroupRole(role))


@door(Who.SYSTEM, quick=True)
def group_view(reader: Reader, chat_id: ChatId) -> GroupView | None:
    """A group as it stands, for everybody in its room."""
    row = reader.connection.execute(GROUP_VIEW, {"chat_id": chat_id}).first()
    return None if row is None else _view(reader, *row)


@door(rate=Rate("members_of", per_second=5, burst=40))
def members_of(reader: Reader, chat_id: ChatId, text: str = "", *, after: int = 0) -> list[MemberView]:
    """Members of a group of the reader's: the owner, admins, then by name; `after` so many. With `text`, those whose
    name or username begins like it, at most `MEMBERS_SHOWN`. Refused: `ChatNotFound`.
    """
    chat, _ = _seat(reader, chat_id)
    mine = choices_of(reader, reader.me.row).sees_last_seen
    begins = fold(text[:64]).strip()
    found = MEMBERS.where(col(Member.chat) == chat).offset(max(0, min(after, 10_000)))
    if begins:
        found = found.where(
            or_(
                col(User.username_folded).startswith(begins, autoescape=True),
                col(User.name_key).startswith(begins, autoescape=True),
                col(User.name_key).contains(f" {begins}", autoescape=True),
            )
        )
    rows = reader.connection.execute(found, {"me": reader.me.row})
    return [_member(mine, *row) for row in rows]


def _member(mine: Audience, *row: Any) -> MemberView:
    user_id, username, name, role, joined_at, picture, choice, part, at, blocked, shunned = row
    told = tells(choice, took_part=part, mine=mine, apart=blocked is not None or shunned is not None)
    seen_at = milliseconds(at) if told and at else 0
    return MemberView(UserId(user_id), username, name, GroupRole(role), joined_at, picture, seen_at)


@door()
def banned_from(reader: Reader, chat_id: ChatId) -> list[PersonView]:
    """Who may not come back into a group the reader runs. Refused: `ChatNotFound`, `NotAllowed`."""
    chat, role = _seat(reader, chat_id)
    if not runs(role):
        raise NotAllowed
    banned = (
        select(col(User.user_id), col(User.username), col(User.name))
        .join(GroupBan, col(GroupBan.person) == col(User.id))
        .where(col(GroupBan.chat) == chat)
        .order_by(col(GroupBan.banned_at).desc())
        .limit(MEMBERS_SHOWN)
    )
    return [PersonView(*person) for person in reader.connection.execute(banned)]


@door()
def invitations_of(reader: Reader, chat_id: ChatId) -> list[InvitationView]:
    """Living links of a group the reader runs, the newest first. Refused: `ChatNotFound`, `NotAllowed`."""
    chat, role = _seat(reader, chat_id)
    if not runs(role):
        raise NotAllowed
    living = (
        select(
            col(Invitation.token),
            col(Invitation.expires_at),
            col(Invitation.most_uses) - col(Invitation.uses),
            col(Invitation.uses),
        )
        .where(
            col(Invitation.chat) == chat,
            col(Invitation.revoked_at).is_(None),
            or_(col(Invitation.expires_at).is_(None), col(Invitation.expires_at) > reader.now),
            or_(col(Invitation.most_uses).is_(None), col(Invitation.uses) < col(Invitation.most_uses)),
        )
        .order_by(col(Invitation.id).desc())
    )
    return [InvitationView(*row) for row in reader.connection.execute(living)]


@door(rate=Rate("group_picture", per_second=0.1, burst=5), quick=True)
def may_picture(reader: Reader, chat_id: ChatId) -> None:
    """Asked before a picture of a group is taken in: to decode it costs more than to store its name.

    Refused: `ChatNotFound`, `NotAllowed`, `TooMany`.
    """
    _, role = _seat(reader, chat_id)
    if not runs(role):
        raise NotAllowed


@door(rate=Rate("invited", per_second=0.5, burst=20))
def invited_to(reader: Reader, token: str) -> Invited:
    """The group a link leads to. Refused: `InvitationNotFound`, of one that would not let the reader in."""
    return _invited(reader, token)


@door(quick=True)
def check_invited_avatar(reader: Reader, token: str, picture: str) -> None:
    """Nothing, where `picture` is that of the group a link leads to. Refused: `NotFound`, whyever not."""
    if not picture or _invited(reader, token).avatar != picture:
        raise NotFound


def _invited(reader: Reader, token: str) -> Invited:
    found: Any = reader.connection.execute(
        select(*VIEW, col(Member.id), col(GroupBan.banned_at), *LIFE)
        .join(Invitation, col(Invitation.chat) == col(Chat.id))
        .join(Group, col(Group.chat) == col(Chat.id))
        .outerjoin(Member, (col(Member.chat) == col(Chat.id)) & (col(Member.person) == reader.me.row))
        .outerjoin(GroupBan, (col(GroupBan.chat) == col(Chat.id)) & (col(GroupBan.person) == reader.me.row))
        .where(col(Invitation.token) == token)
    ).first()
    if found is None:
        raise InvitationNotFound
    chat_id, title, description, avatar, _, members, _, seat, banned, revoked_at, expires_at, left = found
    over = revoked_at is not None or (expires_at is not None and expires_at <= reader.now) or left <= 0
    if seat is None and (over or banned is not None):
        raise InvitationNotFound
    return Invited(ChatId(chat_id) if seat is not None else None, title, description, avatar or "", members)


def _seat(reader: Reader, chat_id: ChatId) -> tuple[Row, GroupRole]:
    row = reader.connection.execute(MY_SEAT, {"chat_id": chat_id, "me": reader.me.row}).first()
    if row is None:
        raise ChatNotFound
    chat, role = row
    return chat, GroupRole(role)


def _view(
    reader: Reader,
    chat_id: Any,
    title: Any,
    description: Any,
    avatar: Any,
    history_open: Any,
    members: Any,
    rev: Any,
) -> GroupView:
    found: Any = reader.connection.execute(RUNNERS, {"chat_id": chat_id})
    runners = {UserId(person): GroupRole(role) for person, role in found}
    return GroupView(ChatId(chat_id), title, description, avatar or "", bool(history_open), members, rev, runners)


# Built once, as all that runs for every tab.
COUNT = select(func.count()).where(col(Member.chat) == col(Chat.id)).correlate(Chat).scalar_subquery()
VIEW = (
    col(Chat.chat_id),
    col(Group.title),
    col(Group.description),
    col(Group.avatar),
    col(Group.history_open),
    COUNT,
    col(Chat.last_rev),
)
LIFE = (
    col(Invitation.revoked_at),
    col(Invitation.expires_at),
    # None when any number may use it; one that is used up has none left, not nothing
    case((col(Invitation.most_uses).is_(None), 1), else_=col(Invitation.most_uses) - col(Invitation.uses)),
)
GROUP_VIEW = (
    select(*VIEW)
    .select_from(Chat)
    .join(Group, col(Group.chat) == col(Chat.id))
    .where(col(Chat.chat_id) == bindparam("chat_id"))
)
THIS_GROUP = (
    select(col(Chat.id)).where(col(Chat.chat_id) == bindparam("chat_id"), col(Chat.kind) == GROUP).scalar_subquery()
)
MY_SEAT = select(col(Member.chat), col(Member.role)).where(
    col(Member.chat) == THIS_GROUP, col(Member.person) == bindparam("me")
)
SEAT = select(col(Member.chat), col(Member.role)).where(col(Member.person) == bindparam("me")).subquery()
MY_GROUP = (
    select(SEAT.c.role, *VIEW)
    .select_from(Chat)
    .join(Group, col(Group.chat) == col(Chat.id))
    .join(SEAT, SEAT.c.chat == col(Chat.id))
    .where(col(Chat.chat_id) == bindparam("chat_id"))
)
RUNNERS = (
    select(col(User.user_id), col(Member.role))
    .join(User, col(User.id) == col(Member.person))
    .where(col(Member.chat) == THIS_GROUP, col(Member.role) != GroupRole.MEMBER)
)
RANK = case((col(Member.role) == GroupRole.OWNER, 0), (col(Member.role) == GroupRole.ADMIN, 1), else_=2)
MY_BLOCK, THEIR_BLOCK = aliased(Block), aliased(Block)
ME: BindParameter[Any] = bindparam("me")
MEMBERS = (
    select(
        col(User.user_id),
        col(User.username),
        col(User.name),
        col(Member.role),
        col(Member.joined_at),
        PICTURE_IN_CHAT,
        col(Preferences.sees_last_seen),
        took_part(Member),
        col(User.last_seen_at),
        col(MY_BLOCK.blocked_at),
        col(THEIR_BLOCK.blocked_at),
    )
    .join(User, col(User.id) == col(Member.person))
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .outerjoin(MY_BLOCK, and_(col(MY_BLOCK.blocker) == ME, col(MY_BLOCK.blocked) == col(User.id)))
    .outerjoin(THEIR_BLOCK, and_(col(THEIR_BLOCK.blocked) == ME, col(THEIR_BLOCK.blocker) == col(User.id)))
    .order_by(RANK, col(User.name_key), col(Member.id))
    .limit(MEMBERS_SHOWN)
)
