"""Where the reader may write."""

from sqlalchemy import and_, bindparam, or_, select
from sqlmodel import col

from chat_app.domain.chats.errors import BlockedByYou, ChatNotFound, WritingClosed
from chat_app.domain.chats.tables import DIRECT, Chat, Member
from chat_app.domain.common.ids import ChatId, Row
from chat_app.domain.common.work import Reader
from chat_app.domain.users.queries import choices_of, share_a_chat
from chat_app.domain.users.rules import open_to
from chat_app.domain.users.tables import Block


def chat_to_write(reader: Reader, chat_id: ChatId) -> Row:
    """A chat in which the reader may say something. Refused: `ChatNotFound`, `WritingClosed`, `BlockedByYou`."""
    seat = reader.connection.execute(MY_CHAT, {"chat_id": chat_id, "me": reader.me.row}).first()
    if seat is None:
        raise ChatNotFound
    check_open(reader, seat.id, seat.kind, first=seat.last_seq == 0)
    return Row(seat.id)


def check_open(reader: Reader, chat: Row, kind: str, *, first: bool) -> None:
    """Whether what is said in a chat may reach the other one, who lets not everybody say the `first` word.

    Refused: `BlockedByYou`, `WritingClosed`.
    """
    if kind != DIRECT:
        return
    found = reader.connection.execute(BLOCKERS, {"chat": chat, "me": reader.me.row}).scalars().all()
    if reader.me.row in found:
        raise BlockedByYou
    if found or (first and not _may_begin(reader, chat)):
        raise WritingClosed


def _may_begin(reader: Reader, chat: Row) -> bool:
    other = reader.connection.execute(OTHER, {"chat": chat, "me": reader.me.row}).scalar()
    # nobody is left whom it could trouble
    if other is None:
        return True
    row = Row(other)
    return open_to(choices_of(reader, row).may_write, shares_a_chat=share_a_chat(reader, row))


# Built once: SQLAlchemy takes longer to build a statement than SQLite to run it.
MY_CHAT = (
    select(col(Chat.id), col(Chat.kind), col(Chat.last_seq))
    .join(Member, col(Member.chat) == col(Chat.id))
    .where(col(Chat.chat_id) == bindparam("chat_id"), col(Member.person) == bindparam("me"))
)
OTHER = select(col(Member.person)).where(col(Member.chat) == bindparam("chat"), col(Member.person) != bindparam("me"))
BLOCKERS = (
    select(col(Block.blocker))
    .join(
        Member,
        or_(
            and_(col(Block.blocker) == bindparam("me"), col(Block.blocked) == col(Member.person)),
            and_(col(Block.blocked) == bindparam("me"), col(Block.blocker) == col(Member.person)),
        ),
    )
    .where(col(Member.chat) == bindparam("chat"))
)
