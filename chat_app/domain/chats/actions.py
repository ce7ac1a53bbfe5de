"""Everything that changes who sits where, and how far they have read."""

from sqlmodel import col, select, update

from chat_app.domain.chats.errors import ChatNotFound, PersonNotFound, WritingClosed, WritingToYourself
from chat_app.domain.chats.events import MembersJoined, ReadMoved
from chat_app.domain.chats.queries import share_a_chat
from chat_app.domain.chats.tables import DIRECT, Chat, Member
from chat_app.domain.common.ids import ID_BYTES, ChatId, Row, UserId
from chat_app.domain.common.tables import insert_once
from chat_app.domain.common.work import Rate, Work, door
from chat_app.domain.users.queries import choices_of, is_confirmed, tells_reading
from chat_app.domain.users.rules import open_to
from chat_app.domain.users.tables import User

NEW_CHATS = Rate("new_chats", per_second=10 / 60, burst=10)


@door(rate=NEW_CHATS)
def open_direct_chat(work: Work, with_: UserId) -> ChatId:
    """The one direct chat of the caller and a person, made if need be.

    Refused: `PersonNotFound`, `WritingToYourself`, `WritingClosed`.
    """
    other = work.session.exec(
        select(User.id).where(User.user_id == with_, col(User.deleted_at).is_(None), is_confirmed())
    ).first()
    if other is None:
        raise PersonNotFound
    if other == work.me.row:
        raise WritingToYourself

    pair_key = "{}:{}".format(*sorted((work.me.row, other)))
    known = work.session.exec(select(Chat.id).where(Chat.pair_key == pair_key)).first() is not None
    if not known and not open_to(choices_of(work, Row(other)).may_write, shares_a_chat=share_a_chat(work, Row(other))):
        raise WritingClosed
    made = insert_once(
        work,
        Chat,
        chat_id=ChatId(work.dice.token(ID_BYTES)),
        kind=DIRECT,
        pair_key=pair_key,
        last_seq=0,
        last_rev=0,
        members_rev=0,
        last_at=work.now,
        created_at=work.now,
    )
    chat, text = work.session.exec(select(Chat.id, Chat.chat_id).where(Chat.pair_key == pair_key)).one()
    chat_id = ChatId(text)
    if made:
        for person in (work.me.row, Row(other)):
            work.session.add(Member(chat=Row(chat or 0), person=person, joined_at=work.now))
        work.tell(MembersJoined(chat_id, (work.me.user_id, with_)))
    return chat_id


def read_up_to(work: Work, chat_id: ChatId, seq: int) -> None:
    """Remember that the caller has read message `seq` and all before it. Only ever moves forward, never past the last.

    Refused: `ChatNotFound`.
    """
    seat = work.session.exec(
        select(Member.id, Member.last_read_seq, Chat.last_seq)
        .join(Chat, col(Chat.id) == Member.chat)
        .where(Chat.chat_id == chat_id, Member.person == work.me.row)
    ).first()
    if seat is None:
        raise ChatNotFound
    member, read, last = seat
    seq = min(seq, last)
    if seq <= read:
        return

    further = update(Member).where(col(Member.id) == member, col(Member.last_read_seq) < seq)
    moved = work.connection.execute(further.values(last_read_seq=seq).returning(col(Member.id))).first()
    # another tab of the same person may have read on in the meantime
    if moved is not None:
        work.tell(ReadMoved(chat_id, work.me.user_id, seq, told=tells_reading(work, work.me.row)))
