"""How far people have read."""

from sqlmodel import col, select, update

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.events import ReadMoved
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ChatId
from chat_app.domain.common.work import Work
from chat_app.domain.users.queries import tells_reading


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
