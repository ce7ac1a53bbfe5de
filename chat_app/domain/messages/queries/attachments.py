"""Files of messages: who may upload one, and who may have it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlmodel import col

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import AttachmentId, ChatId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.work import Rate, Reader, door
from chat_app.domain.messages.errors import AttachmentNotFound
from chat_app.domain.messages.queries.bubbles import FileView
from chat_app.domain.messages.queries.writing import chat_to_write
from chat_app.domain.messages.rules import kibibytes, upload_rate
from chat_app.domain.messages.tables import Attachment, Message
from chat_app.domain.users.actions.throttling import check_lasting
from chat_app.domain.users.tables import User

MEDIA_PAGE = 60
"""Files in one answer."""


@dataclass(frozen=True)
class StoredFile:
    """Where an attachment is kept: `file` and `thumbnail` are names in the store."""

    file: str
    thumbnail: str | None
    name: str
    type: str
    size: int


@dataclass(frozen=True)
class MediaView:
    """A file of a chat, and the message it came with; `at` in milliseconds since 1970."""

    file: FileView
    seq: int
    author: str
    at: int


@door()
def check_upload(reader: Reader, chat_id: ChatId, size: int, hourly_bytes: int | None = None) -> None:
    """Asked before `size` bytes are taken in for a chat; they are counted once they have arrived.

    Refused: `ChatNotFound`, `WritingClosed`, `BlockedByYou`, and `TooMany` beyond `hourly_bytes` within an hour.
    """
    chat_to_write(reader, chat_id)
    if hourly_bytes is not None:
        check_lasting(reader, upload_rate(hourly_bytes), str(reader.me.row), amount=kibibytes(size))


@door(rate=Rate("photos", per_second=0.25, burst=60), quick=True)
def check_photo(_reader: Reader) -> None:
    """Asked before a photo is decoded, which takes up to a second, whatever becomes of it. Refused: `TooMany`."""


@door(quick=True)
def attachment_for(reader: Reader, attachment_id: AttachmentId) -> StoredFile:
    """An attachment that the reader may have: of a message they may see, or their own before it is sent.

    Refused: `AttachmentNotFound`, whyever not.
    """
    found = reader.connection.execute(MINE_TO_SEE, {"attachment_id": attachment_id, "me": reader.me.row}).first()
    if found is None:
        raise AttachmentNotFound
    return StoredFile(*found)


@door(rate=Rate("media", per_second=2, burst=20))
def media_of(reader: Reader, chat_id: ChatId, after: AttachmentId | None = None) -> list[MediaView]:
    """What was sent in a chat of the reader's, the latest first, at most `MEDIA_PAGE`; `after` one that was shown.

    Refused: `ChatNotFound`.
    """
    seat: Any = reader.connection.execute(MY_SEAT, {"chat_id": chat_id, "me": reader.me.row}).first()
    if seat is None:
        raise ChatNotFound
    chat, since = seat
    facts = {"chat_": chat, "since": since, "before": HIGHEST}
    if after is not None:
        facts["before"] = reader.connection.execute(PLACE, {"chat_": chat, "attachment_id": after}).scalar() or 0
    found: Any = reader.connection.execute(MEDIA, facts)
    return [MediaView(FileView(*file), seq, name, milliseconds(at)) for seq, name, at, *file in found]


HIGHEST = 2**63 - 1
MY_SEAT = (
    select(col(Member.chat), col(Member.since_seq))
    .join(Chat, col(Chat.id) == col(Member.chat))
    .where(col(Chat.chat_id) == bindparam("chat_id"), col(Member.person) == bindparam("me"))
)
PLACE = select(col(Attachment.id)).where(
    col(Attachment.chat) == bindparam("chat_"), col(Attachment.attachment_id) == bindparam("attachment_id")
)
MEDIA = (
    select(
        col(Message.seq),
        col(User.name),
        col(Message.sent_at),
        col(Attachment.attachment_id),
        col(Attachment.name),
        col(Attachment.type),
        col(Attachment.size),
        col(Attachment.width),
        col(Attachment.height),
        col(Attachment.thumbnail).is_not(None),
    )
    .join(Message, col(Message.id) == col(Attachment.message))
    .join(User, col(User.id) == col(Message.author))
    .where(
        col(Attachment.chat) == bindparam("chat_"),
        col(Attachment.id) < bindparam("before"),
        col(Message.seq) > bindparam("since"),
    )
    .order_by(col(Attachment.id).desc())
    .limit(MEDIA_PAGE)
)
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
