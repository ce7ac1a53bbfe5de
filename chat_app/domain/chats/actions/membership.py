"""Who sits in a group: adding, excluding, banning, leaving, and what becomes of a group without its owner."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import func, insert
from sqlmodel import col, delete, select, update

from chat_app.domain.chats.actions.ending import end_group
from chat_app.domain.chats.actions.lines import leave_line, leave_lines
from chat_app.domain.chats.actions.seats import Seat, my_seat, my_seat_running, seat_of, seated
from chat_app.domain.chats.errors import (
    AddingClosed,
    GroupFull,
    NotAllowed,
    PersonBanned,
    PersonNotFound,
    TooManyAtOnce,
)
from chat_app.domain.chats.events import GroupChanged, MembersJoined, MembersLeft
from chat_app.domain.chats.rules import MOST_ADDED, MOST_MEMBERS, GroupRole, Heir, above, heir_of
from chat_app.domain.chats.tables import Chat, Group, GroupBan, Member
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.tables import insert_once
from chat_app.domain.common.work import Rate, Work, door
from chat_app.domain.users.queries import is_confirmed, share_a_chat
from chat_app.domain.users.rules import Audience, open_to
from chat_app.domain.users.tables import Block, Preferences, User

CHANGES = Rate("members", per_second=2, burst=60)


@door(rate=CHANGES)
def add_members(work: Work, chat_id: ChatId, people: Sequence[UserId]) -> None:
    """Give people a seat in a group, each with a line; who has one keeps it.

    Refused: `ChatNotFound`, `NotAllowed`, `PersonNotFound`, `AddingClosed`, `PersonBanned`, `TooManyAtOnce`,
    `GroupFull`; then nobody is added.
    """
    mine = my_seat_running(work, chat_id)
    newcomers = newcomers_of(work, mine, people)
    if newcomers:
        take_seats(work, mine.chat, chat_id, newcomers, lines=len(newcomers))
        leave_lines(work, mine.chat, chat_id, "added", by=mine.person, about=list(newcomers))


def newcomers_of(work: Work, mine: Seat, people: Sequence[UserId]) -> dict[Row, UserId]:
    """Those of `people` who have no seat in the group of `mine` yet, if all of them may be given one.

    Refused: `PersonNotFound`, `AddingClosed`, `PersonBanned`, `TooManyAtOnce`.
    """
    wanted = tuple(dict.fromkeys(people))
    if len(wanted) > MOST_ADDED:
        raise TooManyAtOnce(most=MOST_ADDED)
    known = select(User.user_id, User.id, User.name).where(
        col(User.user_id).in_(wanted), col(User.deleted_at).is_(None), is_confirmed()
    )
    found = {user_id: (Row(row or 0), name) for user_id, row, name in work.session.exec(known)}
    if len(found) < len(wanted):
        raise PersonNotFound

    rows = [row for row, _ in found.values()]
    sitting = select(Member.person).where(col(Member.chat) == mine.chat, col(Member.person).in_(rows))
    seated_already = set(work.session.exec(sitting))
    newcomers = {row: person for person in wanted if (row := found[person][0]) not in seated_already}
    names = dict(found.values())
    banned = select(GroupBan.person).where(col(GroupBan.chat) == mine.chat, col(GroupBan.person).in_(list(newcomers)))
    for row in work.session.exec(banned):
        raise PersonBanned(name=names[Row(row)])
    for row in _unwilling(work, list(newcomers)):
        raise AddingClosed(name=names[row])
    return newcomers


def _unwilling(work: Work, people: Sequence[Row]) -> Iterator[Row]:
    """Who of these people does not let me add them to a group."""
    closed = select(Preferences.user, Preferences.may_add).where(
        col(Preferences.user).in_(people), col(Preferences.may_add) != Audience.EVERYONE
    )
    for row, audience in work.session.exec(closed).all():
        if not open_to(audience, shares_a_chat=share_a_chat(work, Row(row))):
            yield Row(row)
    # a block answers as the choice does
    me = work.me.row
    mine = select(Block.blocked).where(col(Block.blocker) == me, col(Block.blocked).in_(people))
    theirs = select(Block.blocker).where(col(Block.blocked) == me, col(Block.blocker).in_(people))
    for query in (mine, theirs):
        yield from map(Row, work.session.exec(query))


def take_seats(work: Work, chat: Row, chat_id: ChatId, newcomers: Mapping[Row, UserId], *, lines: int) -> None:
    """Give people who have none seats in a group whose row is held, before so many `lines` are left of it: they have
    nothing unread. Refused: `GroupFull`, `PersonNotFound`.
    """
    hold_accounts(work, list(newcomers))
    taken = work.session.exec(select(func.count()).where(col(Member.chat) == chat)).one()
    if taken + len(newcomers) > MOST_MEMBERS:
        raise GroupFull(most=MOST_MEMBERS)
    if not newcomers:
        return
    last, open_ = work.session.exec(
        select(Chat.last_seq, Group.history_open).join(Group, col(Group.chat) == col(Chat.id)).where(Chat.id == chat)
    ).one()
    since = 0 if open_ else last
    seat = {
        "chat": chat,
        "role": GroupRole.MEMBER,
        "joined_at": work.now,
        "last_read_seq": last + lines,
        "joined_seq": last + lines,
        "since_seq": since,
        "mentioned_seq": 0,
    }
    work.connection.execute(insert(Member), [seat | {"person": row} for row in newcomers])
    if since:
        hide = update(Chat).where(col(Chat.id) == chat, col(Chat.hidden_seq) < since).values(hidden_seq=since)
        work.connection.execute(hide)
    # first who may hear it, then what is to be heard
    work.tell(MembersJoined(chat_id, tuple(newcomers.values())))
    work.tell(GroupChanged(chat_id))


def hold_accounts(work: Work, people: Sequence[Row]) -> None:
    """Let no account of these people end before the commit: it would leave all chats but the one that is joined now.

    Refused: `PersonNotFound`, of one that has ended.
    """
    living = select(User.id).where(col(User.id).in_(people), col(User.deleted_at).is_(None))
    if len(work.session.exec(living.with_for_update(read=True)).all()) < len(people):
        raise PersonNotFound


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
    if mine.role is not GroupRole.OWNER:
        _unseat(work, mine, why, by=mine.person)
        return
    next_ = heir.person if heir is not None else _next_owner(work, mine)
    if next_ is None:
        end_group(work, mine.chat, mine.chat_id, why)
        return
    _unseat(work, mine, why, by=mine.person)
    work.session.exec(
        update(Member).where(col(Member.chat) == mine.chat, col(Member.person) == next_).values(role=GroupRole.OWNER)
    )
    leave_line(work, mine.chat, mine.chat_id, "inherited", by=mine.person, about=next_)


def _next_owner(work: Work, mine: Seat) -> Row | None:
    """None when nobody else is left."""
    others = select(Member.person, Member.role, Member.joined_at, Member.id).where(
        Member.chat == mine.chat, Member.person != mine.person
    )
    heir = heir_of(
        [
            Heir(Row(person), GroupRole(role), joined_at, Row(seat or 0))
            for person, role, joined_at, seat in work.session.exec(others)
        ]
    )
    return None if heir is None else heir.person


def _unseat(work: Work, seat: Seat, why: str, *, by: Row) -> None:
    work.session.exec(delete(Member).where(col(Member.id) == seat.seat))
    # first who may not hear it, then what is to be heard
    work.tell(MembersLeft(seat.chat_id, (seat.user_id,), why))
    about = None if by == seat.person else seat.person
    leave_line(work, seat.chat, seat.chat_id, why, by=by, about=about)
    work.tell(GroupChanged(seat.chat_id))
