"""Who sits in a group: adding, excluding, banning, leaving, and what becomes of a group without its owner."""

from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import col, delete, select, update

from chat_app.domain.chats.actions.ending import end_group
from chat_app.domain.chats.actions.lines import leave_line
from chat_app.domain.chats.actions.seats import Seat, my_seat, my_seat_running, seat_of, seated
from chat_app.domain.chats.errors import AddingClosed, GroupFull, NotAllowed, PersonBanned, PersonNotFound
from chat_app.domain.chats.events import GroupChanged, MembersJoined, MembersLeft
from chat_app.domain.chats.queries import share_a_chat
from chat_app.domain.chats.rules import MOST_MEMBERS, GroupRole, Heir, above, heir_of
from chat_app.domain.chats.tables import Chat, Group, GroupBan, Member
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.tables import insert_once
from chat_app.domain.common.work import Rate, Work, door
from chat_app.domain.users.queries import blocked_either_way, choices_of, is_confirmed
from chat_app.domain.users.rules import open_to
from chat_app.domain.users.tables import User

CHANGES = Rate("members", per_second=2, burst=60)


@door(rate=CHANGES)
def add_members(work: Work, chat_id: ChatId, people: Sequence[UserId]) -> None:
    """Give people a seat in a group; who has one keeps it.

    Refused: `ChatNotFound`, `NotAllowed`, `PersonNotFound`, `AddingClosed`, `PersonBanned`, `GroupFull`; then nobody is
    added.
    """
    seat = my_seat_running(work, chat_id)
    seat_people(work, seat, people)


def seat_people(work: Work, mine: Seat, people: Sequence[UserId]) -> None:
    """Add people to the group of `mine`, each with a line."""
    for person in dict.fromkeys(people):
        row = _to_be_added(work, mine, person)
        if take_seat(work, mine.chat, mine.chat_id, row, person):
            leave_line(work, mine.chat, mine.chat_id, "added", by=mine.person, about=row, membership=True)


def _to_be_added(work: Work, mine: Seat, person: UserId) -> Row:
    found = select(User.id).where(User.user_id == person, col(User.deleted_at).is_(None), is_confirmed())
    row = work.session.exec(found).first()
    if row is None:
        raise PersonNotFound
    row = Row(row)
    if seat_of(work, mine, person):
        return row
    if work.session.get(GroupBan, (mine.chat, row)):
        raise PersonBanned
    open_ = open_to(choices_of(work, row).may_add, shares_a_chat=share_a_chat(work, row))
    # a block answers as the choice does
    if blocked_either_way(work, work.me.row, row) or not open_:
        raise AddingClosed
    return row


def take_seat(work: Work, chat: Row, chat_id: ChatId, person: Row, user_id: UserId) -> bool:
    """Give somebody a seat in a group whose row is held. False when they had one. Refused: `GroupFull`."""
    taken = work.session.exec(select(func.count()).where(col(Member.chat) == chat)).one()
    already = work.session.exec(select(Member.id).where(col(Member.chat) == chat, col(Member.person) == person)).first()
    if already is not None:
        return False
    if taken >= MOST_MEMBERS:
        raise GroupFull(most=MOST_MEMBERS)
    last, open_ = work.session.exec(
        select(Chat.last_seq, Group.history_open).join(Group, col(Group.chat) == col(Chat.id)).where(Chat.id == chat)
    ).one()
    since = 0 if open_ else last
    # a newcomer has nothing unread
    values = {"chat": chat, "person": person, "role": GroupRole.MEMBER, "joined_at": work.now}
    if not insert_once(work, Member, **values, last_read_seq=last, since_seq=since, mentioned_seq=0):
        return False
    if since:
        hide = update(Chat).where(col(Chat.id) == chat, col(Chat.hidden_seq) < since).values(hidden_seq=since)
        work.connection.execute(hide)
    work.tell(MembersJoined(chat_id, (user_id,)))
    work.tell(GroupChanged(chat_id))
    return True


@door(rate=CHANGES)
def exclude(work: Work, chat_id: ChatId, person: UserId) -> None:
    """Take somebody's seat away. Refused: `ChatNotFound`, `NotAllowed`, `PersonNotFound`."""
    mine = my_seat_running(work, chat_id)
    theirs = seated(work, mine, person)
    if not above(mine.role, theirs.role):
        raise NotAllowed
    _unseat(work, theirs, "excluded", by=mine.person)


@door(rate=CHANGES)
def ban(work: Work, chat_id: ChatId, person: UserId) -> None:
    """Take somebody's seat away, if they have one, and let them have none until the ban is lifted.

    Refused: `ChatNotFound`, `NotAllowed`, `PersonNotFound`.
    """
    mine = my_seat_running(work, chat_id)
    theirs = seat_of(work, mine, person)
    if theirs is not None and not above(mine.role, theirs.role):
        raise NotAllowed
    row = work.session.exec(select(User.id).where(User.user_id == person)).one()
    fresh = insert_once(work, GroupBan, chat=mine.chat, person=row, banned_at=work.now)
    if theirs is not None:
        _unseat(work, theirs, "banned", by=mine.person)
    elif fresh:
        leave_line(work, mine.chat, chat_id, "banned", by=mine.person, about=Row(row or 0))
        work.tell(GroupChanged(chat_id))


@door(rate=CHANGES)
def unban(work: Work, chat_id: ChatId, person: UserId) -> None:
    """Let somebody come back. Refused: `ChatNotFound`, `NotAllowed`."""
    mine = my_seat_running(work, chat_id)
    row = work.session.exec(select(User.id).where(User.user_id == person)).first()
    lifted = delete(GroupBan).where(col(GroupBan.chat) == mine.chat, col(GroupBan.person) == row)
    if work.connection.execute(lifted.returning(col(GroupBan.person))).first() is not None:
        leave_line(work, mine.chat, chat_id, "unbanned", by=mine.person, about=Row(row or 0))
        work.tell(GroupChanged(chat_id))


@door(rate=CHANGES)
def leave_group(work: Work, chat_id: ChatId, *, heir: UserId | None = None) -> None:
    """Give my seat up. An owner names who owns the group from now on, else `heir_of` says; after the last one it ends.

    Refused: `ChatNotFound`, `PersonNotFound`.
    """
    mine = my_seat(work, chat_id)
    named = seated(work, mine, heir) if heir is not None and mine.role is GroupRole.OWNER else None
    if named is not None and named.person == mine.person:
        raise PersonNotFound
    depart(work, mine, "left", heir=named)


def depart(work: Work, mine: Seat, why: str, *, heir: Seat | None = None) -> None:
    """Somebody goes of their own; the group finds another owner in the same transaction, or ends."""
    left = [seat for seat in _seats(work, mine.chat) if seat.person != mine.person]
    if not left:
        end_group(work, mine.chat, mine.chat_id)
        return
    _unseat(work, mine, why, by=mine.person)
    if mine.role is not GroupRole.OWNER:
        return
    next_ = heir.person if heir is not None else heir_of(left).person  # pyright: ignore[reportOptionalMemberAccess]  # somebody is left
    work.session.exec(
        update(Member).where(col(Member.chat) == mine.chat, col(Member.person) == next_).values(role=GroupRole.OWNER)
    )
    leave_line(work, mine.chat, mine.chat_id, "inherited", by=mine.person, about=next_)


def _seats(work: Work, chat: Row) -> list[Heir]:
    rows = work.session.exec(select(Member.person, Member.role, Member.joined_at, Member.id).where(Member.chat == chat))
    return [Heir(Row(person), GroupRole(role), joined_at, Row(seat or 0)) for person, role, joined_at, seat in rows]


def _unseat(work: Work, seat: Seat, why: str, *, by: Row) -> None:
    work.session.exec(delete(Member).where(col(Member.id) == seat.seat))
    # first who may not hear it, then what is to be heard
    work.tell(MembersLeft(seat.chat_id, (seat.user_id,), why))
    about = None if by == seat.person else seat.person
    leave_line(work, seat.chat, seat.chat_id, why, by=by, about=about, membership=True)
    work.tell(GroupChanged(seat.chat_id))
