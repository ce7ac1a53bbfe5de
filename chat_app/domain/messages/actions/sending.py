"""Everything that is said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.events import ChatMoved
from chat_app.domain.chats.rules import GroupRole
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import AttachmentId, ChatId, ClientId, Row
from chat_app.domain.common.tables import Moment, is_taken
from chat_app.domain.common.work import Rate, Work, door
from chat_app.domain.messages.actions.attachments import attach, files_of
from chat_app.domain.messages.actions.naming import NOBODY, named_in, note
from chat_app.domain.messages.actions.places import Place, standing_at
from chat_app.domain.messages.errors import SentDifferently, TooManyFiles
from chat_app.domain.messages.indexing import index
from chat_app.domain.messages.queries.writing import check_open
from chat_app.domain.messages.rules import MOST_FILES, Extra, body_of
from chat_app.domain.messages.tables import Message

SENDING = Rate("send", per_second=5, burst=20)


@dataclass(frozen=True)
class Sent:
    """Where a message stands: its place in the chat, and whether it was already there."""

    seq: int
    rev: int
    repeated: bool


@door(rate=SENDING)
def send_message(
    work: Work,
    chat_id: ChatId,
    client_id: ClientId,
    body: str,
    reply_to: int | None = None,
    files: Sequence[AttachmentId] = (),
) -> Sent:
    """Say `body` in a chat, once, however often the same `client_id` is sent; in answer to message `reply_to`, with
    `files` I have uploaded there.

    Refused: `ChatNotFound`, what `body_of` refuses, `SentDifferently`, `WritingClosed`, `BlockedByYou`; of what is to
    be answered `MessageNotFound`, `NotSaid`, `MessageErased`; of files `TooManyFiles`, `AttachmentNotFound`.
    """
    body = body_of(body, with_files=bool(files))
    if len(files) > MOST_FILES or len(set(files)) < len(files):
        raise TooManyFiles(most=MOST_FILES)
    connection = work.connection
    seat = connection.execute(SEAT, {"chat_id": chat_id, "me": work.me.row}).first()
    if seat is None:
        raise ChatNotFound
    earlier = connection.execute(SENT_BEFORE, {"me": work.me.row, "client_id": client_id}).first()
    if earlier is not None:
        # whatever became of its words since
        as_sent = earlier.edited_at is None and earlier.erased_at is None
        other = as_sent and (earlier.body, earlier.reply_to) != (body, reply_to)
        if earlier.chat != seat.chat or other or not _same_files(work, earlier, files):
            raise SentDifferently
        return Sent(earlier.seq, earlier.rev, repeated=True)
    check_open(work, seat.chat, seat.kind, first=seat.last_seq == 0)
    role = GroupRole(seat.role)
    if reply_to is not None:
        standing_at(
            work,
            Place(seat.chat, chat_id, seat.id, seat.kind, role, seat.since_seq, empty=seat.last_seq == 0),
            reply_to,
        )
    named = named_in(work, body, chat=seat.chat, kind=seat.kind, role=role) if "@" in body else NOBODY

    extras = named.extras | (Extra.ATTACHMENTS if files else Extra(0))
    said: dict[str, Any] = {"body": body, "reply_to": reply_to, "extras": int(extras)}
    message, sent = say(work, seat.chat, chat_id, seat.id, client_id, **said)
    if named is not NOBODY:
        note(work, named, chat=seat.chat, message=message, seq=sent.seq)
    if files:
        attach(work, seat.chat, message, files)
    return sent


def _same_files(work: Work, earlier: Any, files: Sequence[AttachmentId]) -> bool:
    if earlier.erased_at is not None or not (files or earlier.extras & Extra.ATTACHMENTS):
        return True
    return files_of(work, earlier.id) == list(files)


def say(
    work: Work, chat: Row, chat_id: ChatId, seat: Row, client_id: ClientId, *, body: str, **said: Any
) -> tuple[Row, Sent]:
    """Write a message of mine; its row and place. Whoever says something has read what is above. The chat's row is
    held. Refused: `ChatNotFound`, when the seat was lost meanwhile; `SentDifferently`, when the same `client_id` was
    said in another chat meanwhile, whose row is another."""
    connection = work.connection
    seq, rev = connection.execute(NEXT, {"id_": chat, "now": work.now}).one()
    place = {"chat": chat, "seq": seq, "rev": rev, "author": work.me.row, "client_id": client_id, "sent_at": work.now}
    try:
        message: Any = connection.execute(SAY, place | said | {"body": body}).inserted_primary_key
    except IntegrityError as error:
        if is_taken(error):
            raise SentDifferently from error
        raise
    index(work, Row(message[0]), chat, body)
    if connection.execute(READ, {"id_": seat, "seq": seq}).rowcount == 0:
        raise ChatNotFound
    work.tell(ChatMoved(chat_id, rev))
    return Row(message[0]), Sent(seq, rev, repeated=False)


# Built once: SQLAlchemy takes longer to build a statement than SQLite to run it, and these run for every message.
# The chat's row comes first: whoever else writes in this chat waits there, so that no number is given twice.
SEAT = (
    select(
        col(Member.chat), col(Member.id), col(Member.role), col(Member.since_seq), col(Chat.kind), col(Chat.last_seq)
    )
    .join(Chat, col(Member.chat) == col(Chat.id))
    .where(col(Chat.chat_id) == bindparam("chat_id"), col(Member.person) == bindparam("me"))
    .with_for_update(of=Chat)
)
SENT_BEFORE = select(
    col(Message.id),
    col(Message.chat),
    col(Message.body),
    col(Message.reply_to),
    col(Message.extras),
    col(Message.seq),
    col(Message.rev),
    col(Message.edited_at),
    col(Message.erased_at),
).where(col(Message.author) == bindparam("me"), col(Message.client_id) == bindparam("client_id"))
NEXT = (
    update(Chat)
    .where(col(Chat.id) == bindparam("id_"))
    .values(last_seq=Chat.last_seq + 1, last_rev=Chat.last_rev + 1, last_at=bindparam("now", type_=Moment()))
    .returning(col(Chat.last_seq), col(Chat.last_rev))
)
SAY = insert(Message)
READ = update(Member).where(col(Member.id) == bindparam("id_")).values(last_read_seq=bindparam("seq"))
