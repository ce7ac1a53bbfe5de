"""Everything that is said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import col

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.events import ChatMoved
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import AttachmentId, ChatId, ClientId, Row
from chat_app.domain.common.tables import Moment
from chat_app.domain.common.work import Rate, Work, door
from chat_app.domain.messages.actions.attachments import attach, files_of
from chat_app.domain.messages.errors import SentDifferently, TooManyFiles
from chat_app.domain.messages.queries.writing import check_blocks
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
    work: Work, chat_id: ChatId, client_id: ClientId, body: str, files: Sequence[AttachmentId] = ()
) -> Sent:
    """Say `body` in a chat, once, however often the same `client_id` is sent; with `files` I have uploaded there.

    Refused: `ChatNotFound`, what `body_of` refuses, `SentDifferently`, `WritingClosed`, `BlockedByYou`; of files
    `TooManyFiles`, `AttachmentNotFound`.
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
        if (earlier.chat, earlier.body) != (seat.chat, body) or not _same_files(work, earlier, files):
            raise SentDifferently
        return Sent(earlier.seq, earlier.rev, repeated=True)
    check_blocks(work, seat.chat, seat.kind)

    seq, rev = connection.execute(NEXT, {"id_": seat.chat, "now": work.now}).one()
    said = {"chat": seat.chat, "seq": seq, "rev": rev, "author": work.me.row, "client_id": client_id, "body": body}
    extras = int(Extra.ATTACHMENTS) if files else 0
    message = Row(connection.execute(SAY, said | {"sent_at": work.now, "extras": extras}).scalar_one() or 0)
    if files:
        attach(work, seat.chat, message, files)
    connection.execute(READ, {"id_": seat.id, "seq": seq})

    work.tell(ChatMoved(chat_id, rev))
    return Sent(seq, rev, repeated=False)


def _same_files(work: Work, earlier: Any, files: Sequence[AttachmentId]) -> bool:
    if earlier.erased_at is not None or not (files or earlier.extras & Extra.ATTACHMENTS):
        return True
    return files_of(work, earlier.id) == list(files)


# Built once: SQLAlchemy takes longer to build a statement than SQLite to run it, and these run for every message.
# The chat's row comes first: whoever else writes in this chat waits there, so that no number is given twice.
SEAT = (
    select(col(Member.chat), col(Member.id), col(Chat.kind))
    .join(Chat, col(Member.chat) == col(Chat.id))
    .where(col(Chat.chat_id) == bindparam("chat_id"), col(Member.person) == bindparam("me"))
    .with_for_update(of=Chat)
)
SENT_BEFORE = select(
    col(Message.id),
    col(Message.chat),
    col(Message.body),
    col(Message.extras),
    col(Message.seq),
    col(Message.rev),
    col(Message.erased_at),
).where(col(Message.author) == bindparam("me"), col(Message.client_id) == bindparam("client_id"))
NEXT = (
    update(Chat)
    .where(col(Chat.id) == bindparam("id_"))
    .values(last_seq=Chat.last_seq + 1, last_rev=Chat.last_rev + 1, last_at=bindparam("now", type_=Moment()))
    .returning(col(Chat.last_seq), col(Chat.last_rev))
)
SAY = insert(Message).returning(col(Message.id))
READ = update(Member).where(col(Member.id) == bindparam("id_")).values(last_read_seq=bindparam("seq"))
