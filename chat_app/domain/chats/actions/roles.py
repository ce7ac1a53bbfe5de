"""Roles in a group: the owner appoints and dismisses admins, and hands the group over."""

from sqlmodel import col, update

from chat_app.domain.chats.actions.lines import leave_line
from chat_app.domain.chats.actions.seats import Seat, my_seat_owning, seated
from chat_app.domain.chats.errors import AlreadyOwner
from chat_app.domain.chats.events import GroupChanged
from chat_app.domain.chats.rules import GroupRole
from chat_app.domain.chats.tables import Member
from chat_app.domain.common.ids import ChatId, UserId
from chat_app.domain.common.work import Rate, Work, door

ROLES = Rate("group_roles", per_second=1, burst=20)


@door(rate=ROLES)
def appoint_admin(work: Work, chat_id: ChatId, person: UserId) -> None:
    """Make a member an admin. Refused: `ChatNotFound`, `NotAllowed`, `PersonNotFound`, `AlreadyOwner`."""
    _turn(work, chat_id, person, GroupRole.ADMIN, "promoted")


@door(rate=ROLES)
def dismiss_admin(work: Work, chat_id: ChatId, person: UserId) -> None:
    """Make an admin a member. Refused: `ChatNotFound`, `NotAllowed`, `PersonNotFound`, `AlreadyOwner`."""
    _turn(work, chat_id, person, GroupRole.MEMBER, "dismissed")


def _turn(work: Work, chat_id: ChatId, person: UserId, role: GroupRole, event: str) -> None:
    mine = my_seat_owning(work, chat_id)
    theirs = seated(work, mine, person)
    if theirs.role is GroupRole.OWNER:
        raise AlreadyOwner
    if theirs.role is role:
        return
    _give(work, theirs, role)
    leave_line(work, mine.chat, chat_id, event, by=mine.person, about=theirs.person)
    work.tell(GroupChanged(chat_id))


@door(rate=ROLES)
def hand_over(work: Work, chat_id: ChatId, person: UserId) -> None:
    """Make somebody else the owner, and myself an admin.

    Refused: `ChatNotFound`, `NotAllowed`, `PersonNotFound`, `AlreadyOwner`.
    """
    mine = my_seat_owning(work, chat_id)
    theirs = seated(work, mine, person)
    if theirs.person == mine.person:
        raise AlreadyOwner
    _give(work, mine, GroupRole.ADMIN)
    _give(work, theirs, GroupRole.OWNER)
    leave_line(work, mine.chat, chat_id, "handed_over", by=mine.person, about=theirs.person)
    work.tell(GroupChanged(chat_id))


def _give(work: Work, seat: Seat, role: GroupRole) -> None:
    work.session.exec(update(Member).where(col(Member.id) == seat.seat).values(role=role))
