"""A group itself: making it, what it is called and looks like, and its end."""

from collections.abc import Sequence

from sqlmodel import select

from chat_app.domain.chats.actions.ending import end_group
from chat_app.domain.chats.actions.lines import leave_line
from chat_app.domain.chats.actions.membership import hold_accounts, newcomers_of, take_seats
from chat_app.domain.chats.actions.naming import named_by
from chat_app.domain.chats.actions.seats import Seat, my_seat, my_seat_owning, my_seat_running
from chat_app.domain.chats.events import GroupChanged, MembersJoined
from chat_app.domain.chats.rules import GroupRole
from chat_app.domain.chats.tables import GROUP, Chat, Group, Member
from chat_app.domain.common.events import RemoveFile
from chat_app.domain.common.ids import ID_BYTES, ChatId, ClientId, Row, UserId
from chat_app.domain.common.tables import insert_once
from chat_app.domain.common.values import GroupDescription, GroupTitle, fold
from chat_app.domain.common.work import Rate, Work, door

NEW_CHATS = Rate("new_chats", per_second=10 / 60, burst=10)
CHANGES = Rate("group_changes", per_second=1, burst=20)


@door(rate=NEW_CHATS)
def create_group(
    work: Work, title: GroupTitle, people: Sequence[UserId] = (), *, client_id: ClientId | None = None
) -> ChatId:
    """A group of mine, with these people in it; one line tells of all of them. With the same `client_id` it is made
    once, however often that is asked.

    Refused: `PersonNotFound`, `AddingClosed`, `TooManyAtOnce`, `GroupFull`; then there is no group. `ChatNotFound` of
    one that was made so and is not mine any more.
    """
    hold_accounts(work, [work.me.row])
    chat_id = ChatId(work.dice.token(ID_BYTES)) if client_id is None else ChatId(named_by(work, "group", client_id))
    numbers = {"last_seq": 0, "last_rev": 0, "members_rev": 0, "hidden_seq": 0}
    if not insert_once(work, Chat, chat_id=chat_id, kind=GROUP, last_at=work.now, created_at=work.now, **numbers):
        return my_seat(work, chat_id).chat_id
    row = Row(work.session.exec(select(Chat.id).where(Chat.chat_id == chat_id)).one() or 0)
    work.session.add(Group(chat=row, title=title.text, title_key=fold(title.text)))
    mine = Member(chat=row, person=work.me.row, role=GroupRole.OWNER, joined_at=work.now)
    work.session.add(mine)
    work.session.flush()
    seat = Seat(row, chat_id, Row(mine.id or 0), work.me.row, work.me.user_id, GroupRole.OWNER)

    newcomers = newcomers_of(work, seat, people)
    work.tell(MembersJoined(chat_id, (work.me.user_id,)))
    take_seats(work, row, chat_id, newcomers, lines=1)
    leave_line(work, row, chat_id, "created", by=work.me.row, body=title.text)
    return chat_id


@door(rate=CHANGES)
def change_group(work: Work, chat_id: ChatId, title: GroupTitle, description: GroupDescription) -> None:
    """Call and describe a group otherwise. Refused: `ChatNotFound`, `NotAllowed`."""
    seat = my_seat_running(work, chat_id)
    group = work.session.get_one(Group, seat.chat)
    renamed, described = group.title != title.text, group.description != description.text
    group.title, group.title_key, group.description = title.text, fold(title.text), description.text
    work.session.add(group)
    work.session.flush()
    if renamed:
        leave_line(work, seat.chat, chat_id, "renamed", by=seat.person, body=title.text)
    if described:
        leave_line(work, seat.chat, chat_id, "described", by=seat.person)
    if renamed or described:
        work.tell(GroupChanged(chat_id))


@door(rate=CHANGES)
def set_group_avatar(work: Work, chat_id: ChatId, picture: str | None) -> None:
    """Give a group another picture, the name of whose file this is, or none. The file of the one before is removed.

    Refused: `ChatNotFound`, `NotAllowed`.
    """
    seat = my_seat_running(work, chat_id)
    group = work.session.get_one(Group, seat.chat)
    if group.avatar == picture:
        return
    before, group.avatar = group.avatar, picture
    work.session.add(group)
    work.session.flush()
    if before is not None:
        work.later(RemoveFile(before))
    leave_line(work, seat.chat, chat_id, "pictured" if picture else "unpictured", by=seat.person)
    work.tell(GroupChanged(chat_id))


@door(rate=CHANGES)
def open_history(work: Work, chat_id: ChatId, *, to_newcomers: bool) -> None:
    """Whether people who join from now on see what was said before. Refused: `ChatNotFound`, `NotAllowed`."""
    seat = my_seat_running(work, chat_id)
    group = work.session.get_one(Group, seat.chat)
    if group.history_open == to_newcomers:
        return
    group.history_open = to_newcomers
    work.session.add(group)
    work.session.flush()
    leave_line(work, seat.chat, chat_id, "history_opened" if to_newcomers else "history_closed", by=seat.person)
    work.tell(GroupChanged(chat_id))


@door(rate=CHANGES)
def delete_group(work: Work, chat_id: ChatId) -> None:
    """End a group, for everybody and for good. Refused: `ChatNotFound`, `NotAllowed`."""
    seat = my_seat_owning(work, chat_id)
    end_group(work, seat.chat, chat_id, "deleted")
