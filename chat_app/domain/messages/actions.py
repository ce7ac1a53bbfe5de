"""Everything that is said."""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update
from sqlmodel import col

from chat_app.domain.chats.errors import BlockedByYou, ChatNotFound, WritingClosed
from chat_app.domain.chats.events import ChatMoved
from chat_app.domain.chats.tables import DIRECT, Chat, Member
from chat_app.domain.common.ids import ChatId, ClientId, Row
from chat_app.domain.common.tables import Moment
from chat_app.domain.common.work import Rate, Who, Work, door
from chat_app.domain.messages.errors import SentDifferently
from chat_app.domain.messages.rules import body_of
from chat_app.domain.messages.tables import Message
from chat_app.domain.users.tables import Block

ERASED_AT_ONCE = 100
"""In one transaction: everybody else's messages wait for it."""

SENDING = Rate("send", per_second=5, burst=20)


@dataclass(frozen=True)
class Sent:
    """Where a message stands: its place in the chat, and whether it was already there."""

    seq: int
    rev: int
    repeated: bool


@door(rate=SENDING)
def send_message(work: Work, chat_id: ChatId, client_id: ClientId, body: str) -> Sent:
    """Say `body` in a chat, once, however often the same `client_id` is sent.

    Refused: `ChatNotFound`, what `body_of` refuses, `SentDifferently`, `WritingClosed`, `BlockedByYou`.
    """
    body = body_of(body)
    connection = work.connection
    seat = connection.execute(SEAT, {"chat_id": chat_id, "me": work.me.row}).first()
    if seat is None:
        raise ChatNotFound
    earlier = connection.execute(SENT_BEFORE, {"me": work.me.row, "client_id": client_id}).first()
    if earlier is not None:
        if (earlier.chat, earlier.body) != (seat.chat, body):
            raise SentDifferently
        return Sent(earlier.seq, earlier.rev, repeated=True)
    if seat.kind == DIRECT:
        _check_blocks(work, seat.chat)

    seq, rev = connection.execute(NEXT, {"id_": seat.chat, "now": work.now}).one()
    said = {"chat": seat.chat, "seq": seq, "rev": rev, "author": work.me.row, "client_id": client_id, "body": body}
    connection.execute(SAY, said | {"sent_at": work.now})
    if connection.execute(READ, {"id_": seat.id, "seq": seq}).first() is None:
        # while this waited for the chat's row, its sender was excluded: the first look was one from before that
        raise ChatNotFound

    work.tell(ChatMoved(chat_id, rev))
    return Sent(seq, rev, repeated=False)


def _check_blocks(work: Work, chat: Row) -> None:
    found = work.connection.execute(BLOCKERS, {"chat": chat, "me": work.me.row}).scalars().all()
    if work.me.row in found:
        raise BlockedByYou
    if found:
        raise WritingClosed


@door(Who.SYSTEM)
def erase_messages(work: Work, author: Row) -> bool:
    """Erase some of what `author` said, each message a change of its chat. False when nothing is left."""
    left = select(col(Message.id), col(Message.chat), col(Chat.chat_id)).join(Chat, col(Chat.id) == col(Message.chat))
    mine = left.where(
        col(Message.author) == author,
        col(Message.erased_at).is_(None),
        # what a group says of what they did stays true
        col(Message.event).is_(None),
    )
    found = work.connection.execute(mine.order_by(col(Message.chat)).limit(ERASED_AT_ONCE)).all()
    for message, chat, chat_id in found:
        moved = (
            update(Chat).where(col(Chat.id) == chat).values(last_rev=Chat.last_rev + 1).returning(col(Chat.last_rev))
        )
        rev = work.connection.execute(moved).scalar_one()
        gone = update(Message).where(col(Message.id) == message)
        work.connection.execute(gone.values(body="", erased_at=work.now, rev=rev))
        work.tell(ChatMoved(ChatId(chat_id), rev))
    return bool(found)


@door(Who.SYSTEM)
def erase_chat(work: Work, chat_id: ChatId) -> bool:
    """Erase some of what was said in a chat that nobody sits in, and with the last of it the chat. False when nothing
    is left."""
    nobody = ~select(col(Member.id)).where(col(Member.chat) == col(Chat.id)).exists()
    empty = select(col(Chat.id)).where(col(Chat.chat_id) == chat_id, nobody).with_for_update()
    chat = work.connection.execute(empty).scalar()
    if chat is None:
        return False
    # reactions, mentions and attachments go with their message; the bytes of attachments are to be let go of here
    some = select(col(Message.id)).where(col(Message.chat) == chat).limit(ERASED_AT_ONCE)
    gone = work.connection.execute(delete(Message).where(col(Message.id).in_(some)).returning(col(Message.id))).all()
    if len(gone) == ERASED_AT_ONCE:
        return True
    work.connection.execute(delete(Chat).where(col(Chat.id) == chat))
    return False


# Built once: SQLAlchemy takes longer to build a statement than SQLite to run it, and these run for every message.
# The chat's row comes first: whoever else writes in this chat waits there, so that no number is given twice.
SEAT = (
    select(col(Member.chat), col(Member.id), col(Chat.kind))
    .join(Chat, col(Member.chat) == col(Chat.id))
    .where(col(Chat.chat_id) == bindparam("chat_id"), col(Member.person) == bindparam("me"))
    .with_for_update(of=Chat)
)
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
SENT_BEFORE = select(col(Message.chat), col(Message.body), col(Message.seq), col(Message.rev)).where(
    col(Message.author) == bindparam("me"), col(Message.client_id) == bindparam("client_id")
)
NEXT = (
    update(Chat)
    .where(col(Chat.id) == bindparam("id_"))
    .values(last_seq=Chat.last_seq + 1, last_rev=Chat.last_rev + 1, last_at=bindparam("now", type_=Moment()))
    .returning(col(Chat.last_seq), col(Chat.last_rev))
)
SAY = insert(Message)
READ = (
    update(Member)
    .where(col(Member.id) == bindparam("id_"))
    .values(last_read_seq=bindparam("seq"))
    .returning(col(Member.id))
)
