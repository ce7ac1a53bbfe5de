"""Files of messages: who may upload one, and who may have it."""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, or_, select
from sqlmodel import col

from chat_app.domain.chats.tables import Member
from chat_app.domain.common.ids import AttachmentId, ChatId
from chat_app.domain.common.work import Reader, door
from chat_app.domain.messages.errors import AttachmentNotFound
from chat_app.domain.messages.queries.writing import chat_to_write
from chat_app.domain.messages.rules import kibibytes, upload_rate
from chat_app.domain.messages.tables import Attachment, Message
from chat_app.domain.users.actions.throttling import check_lasting


@dataclass(frozen=True)
class StoredFile:
    """Where an attachment is kept: `file` and `thumbnail` are names in the store."""

    file: str
    thumbnail: str | None
    name: str
    type: str
    size: int


@door()
def check_upload(reader: Reader, chat_id: ChatId, size: int, hourly_bytes: int | None = None) -> None:
    """Asked before `size` bytes are taken in for a chat; they are counted once they have arrived.

    Refused: `ChatNotFound`, `WritingClosed`, `BlockedByYou`, and `TooMany` beyond `hourly_bytes` within an hour.
    """
    chat_to_write(reader, chat_id)
    if hourly_bytes is not None:
        check_lasting(reader, upload_rate(hourly_bytes), str(reader.me.row), amount=kibibytes(size))


@door(quick=True)
def attachment_for(reader: Reader, attachment_id: AttachmentId) -> StoredFile:
    """An attachment that the reader may have: of a message they may see, or their own before it is sent.

    Refused: `AttachmentNotFound`, whyever not.
    """
    found = reader.connection.execute(MINE_TO_SEE, {"attachment_id": attachment_id, "me": reader.me.row}).first()
    if found is None:
        raise AttachmentNotFound
    return StoredFile(*found)


MINE_TO_SEE = (
    select(
        col(Attachment.file),
        col(Attachment.thumbnail),
        col(Attachment.name),
        col(Attachment.type),
        col(Attachment.size),
    )
    .join(Member, and_(col(Member.chat) == col(Attachment.chat), col(Member.person) == bindparam("me")))
    .outerjoin(Message, col(Message.id) == col(Attachment.message))
    .where(
        col(Attachment.attachment_id) == bindparam("attachment_id"),
        or_(
            and_(col(Attachment.message).is_(None), col(Attachment.person) == bindparam("me")),
            and_(col(Message.erased_at).is_(None), col(Message.seq) > col(Member.since_seq)),
        ),
    )
)
