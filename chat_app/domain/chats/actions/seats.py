"""Finding a seat in a group: who has none finds no group."""

from dataclasses import dataclass

from sqlmodel import col, select

from chat_app.domain.chats.errors import ChatNotFound, NotAllowed, PersonNotFound
from chat_app.domain.chats.rules import GroupRole, runs
from chat_app.domain.chats.tables import GROUP, Chat, Member
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.work import Work
from chat_app.domain.users.tables import User


@dataclass(frozen=True)
class Seat:
    """Somebody's seat in a group; `chat` and `seat` are rows."""

    chat: Row
    chat_id: ChatId
    seat: Row
    person: Row
    user_id: UserId
    role: GroupRole


def my_seat(work: Work, chat_id: ChatId) -> Seat:
    """My seat in a group. Its row is nobody else's to change until the commit: what two people do to each other at
    once happens one after the other. Refused: `ChatNotFound`.
    """
    locked = select(Chat.id).where(Chat.chat_id == chat_id, Chat.kind == GROUP).with_for_update()
    chat = work.session.exec(locked).first()
    seat = None if chat is None else _seat(work, Row(chat), chat_id, work.me.row, work.me.user_id)
    if seat is None:
        raise ChatNotFound
    return seat


def my_seat_running(work: Work, chat_id: ChatId) -> Seat:
    """My seat, as an admin or the owner. Refused: `ChatNotFound`, `NotAllowed`."""
    seat = my_seat(work, chat_id)
    if not runs(seat.role):
        raise NotAllowed
    return seat


def my_seat_owning(work: Work, chat_id: ChatId) -> Seat:
    """My seat, as the owner. Refused: `ChatNotFound`, `NotAllowed`."""
    seat = my_seat(work, chat_id)
    if seat.role is not GroupRole.OWNER:
        raise NotAllowed
    return seat


def seat_of(work: Work, mine: Seat, person: UserId) -> Seat | None:
    """Another one's seat in the same group, if they have one. Refused: `PersonNotFound`."""
    row = work.session.exec(select(User.id).where(User.user_id == person)).first()
    if row is None:
        raise PersonNotFound
    return _seat(work, mine.chat, mine.chat_id, Row(row), person)


def seated(work: Work, mine: Seat, person: UserId) -> Seat:
    """Another one's seat in the same group. Refused: `PersonNotFound`."""
    found = seat_of(work, mine, person)
    if found is None:
        raise PersonNotFound
    return found


def _seat(work: Work, chat: Row, chat_id: ChatId, person: Row, user_id: UserId) -> Seat | None:
    found = work.session.exec(
        select(Member.id, Member.role).where(col(Member.chat) == chat, col(Member.person) == person)
    ).first()
    if found is None:
        return None
    seat, role = found
    return Seat(chat, chat_id, Row(seat or 0), person, user_id, GroupRole(role))
