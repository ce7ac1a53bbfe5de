"""How far people have read."""

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.events import ReadMoved
from chat_app.domain.chats.rules import SHOWN_PRESENT
from chat_app.domain.chats.tables import DIRECT, Chat, Member
from chat_app.domain.common.ids import ChatId, Row
from chat_app.domain.common.work import Work
from chat_app.domain.users.queries import tells_reading


def read_up_to(work: Work, chat_id: ChatId, seq: int) -> None:
    """Remember that the caller has read message `seq` and all before it. Only ever moves forward, never past the last.

    Refused: `ChatNotFound`.
    """
    seat = work.connection.execute(SEAT, {"chat_id": chat_id, "me": work.me.row}).first()
    if seat is None:
        raise ChatNotFound
    member, read, last, chat, kind = seat
    seq = min(seq, last)
    if seq <= read:
        return

    # another tab of the same person may have read on in the meantime
    if work.connection.execute(FURTHER, {"seat": member, "seq": seq}).first() is not None:
        told = tells_reading(work, work.me.row) and (kind == DIRECT or _is_small(work, Row(chat or 0)))
        work.tell(ReadMoved(chat_id, work.me.user_id, seq, told=told))


def _is_small(work: Work, chat: Row) -> bool:
    """In a large group everybody would be told of everybody, with each message."""
    return len(work.connection.execute(SOME_MEMBERS, {"chat": chat}).all()) <= SHOWN_PRESENT


# Built once: they run for every message and whoever reads it.
SEAT = (
    select(col(Member.id), col(Member.last_read_seq), col(Chat.last_seq), col(Chat.id), col(Chat.kind))
    .join(Chat, col(Chat.id) == col(Member.chat))
    .where(col(Chat.chat_id) == bindparam("chat_id"), col(Member.person) == bindparam("me"))
)
FURTHER = (
    update(Member)
    .where(col(Member.id) == bindparam("seat"), col(Member.last_read_seq) < bindparam("seq"))
    .values(last_read_seq=bindparam("seq"))
    .returning(col(Member.id))
)
SOME_MEMBERS = select(col(Member.id)).where(col(Member.chat) == bindparam("chat")).limit(SHOWN_PRESENT + 1)
