"""What is attached to messages: taken in before it is sent, sent, passed on, and let go of.

The bytes are kept by whoever stores files; here are their names. A file goes when no row names it any more: a message
that was passed on shares those of the original.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, insert, select, update
from sqlmodel import col

from chat_app.domain.common.events import RemoveFile
from chat_app.domain.common.ids import ID_BYTES, AttachmentId, ChatId, Row
from chat_app.domain.common.tables import Moment, insert_once
from chat_app.domain.common.work import Who, Work, door
from chat_app.domain.messages.errors import AttachmentNotFound
from chat_app.domain.messages.queries.writing import chat_to_write
from chat_app.domain.messages.rules import UNSENT_KEPT, kibibytes, name_of_file, upload_rate
from chat_app.domain.messages.tables import Attachment
from chat_app.domain.users.actions.throttling import spend_lasting

ERASED_AT_ONCE = 200
"""Attachments, in one transaction."""


@dataclass(frozen=True)
class NewFile:
    """A file that was taken in. `file` and `thumbnail` are names in the store; of pictures, pixels are known."""

    name: str
    type: str
    size: int
    file: str
    thumbnail: str | None = None
    width: int | None = None
    height: int | None = None


@door()
def register_attachment(
    work: Work, chat_id: ChatId, attachment_id: AttachmentId, new: NewFile, hourly_bytes: int | None = None
) -> None:
    """Remember what I have uploaded to be sent in a chat, once for each `attachment_id`.

    Refused: `ChatNotFound`, `WritingClosed`, `BlockedByYou`, and `TooMany` beyond `hourly_bytes` within an hour.
    """
    chat = chat_to_write(work, chat_id)
    if hourly_bytes is not None:
        spend_lasting(work, upload_rate(hourly_bytes), str(work.me.row), amount=kibibytes(new.size))
    insert_once(
        work,
        Attachment,
        attachment_id=attachment_id,
        chat=chat,
        person=work.me.row,
        place=0,
        name=name_of_file(new.name),
        type=new.type,
        size=new.size,
        width=new.width,
        height=new.height,
        file=new.file,
        thumbnail=new.thumbnail,
        created_at=work.now,
    )


def attach(work: Work, chat: Row, message: Row, files: Sequence[AttachmentId]) -> None:
    """Send what I uploaded for this chat with a message, in this order. Refused: `AttachmentNotFound`."""
    for place, attachment_id in enumerate(files):
        facts = {"attachment": attachment_id, "place_": place, "message_": message, "chat_": chat, "me": work.me.row}
        if work.connection.execute(ATTACH, facts).rowcount == 0:
            raise AttachmentNotFound("files")


def files_of(work: Work, message: Row) -> list[AttachmentId]:
    """What was sent with a message, in order."""
    return [AttachmentId(text) for text in work.connection.execute(OF_MESSAGE, {"message_": message}).scalars()]


def copy_attachments(work: Work, from_message: Row, to_message: Row, chat: Row) -> bool:
    """The same files with another message of mine, in `chat`, each under an id of its own: it is served to those who
    may see that message. False when there was nothing."""
    # held, so that they are not let go of before the copies are there
    rows = work.connection.execute(ORIGINALS, {"message_": from_message}).mappings().all()
    mine = {"chat": chat, "message": to_message, "person": work.me.row, "created_at": work.now}
    copies = [dict(row) | mine | {"attachment_id": work.dice.token(ID_BYTES)} for row in rows]
    if copies:
        work.connection.execute(insert(Attachment), copies)
    return bool(copies)


def drop_attachments(work: Work, messages: Sequence[Row | None]) -> None:
    """These messages have no files any more; those that nothing else has are removed."""
    if messages:
        _drop(work, work.connection.execute(OF_MESSAGES, {"messages": list(messages)}).scalars().all())


def drop_attachments_of_chat(work: Work, chat: Row) -> bool:
    """Drop some of what was sent in a chat, or uploaded to be. False when nothing is left."""
    some = work.connection.execute(OF_CHAT, {"chat_": chat}).scalars().all()
    _drop(work, some)
    return bool(some)


@door(Who.SYSTEM)
def erase_unsent(work: Work) -> bool:
    """Erase what was uploaded a day ago and never sent. False when there was nothing."""
    some = work.connection.execute(UNSENT, {"before": work.now - UNSENT_KEPT}).scalars().all()
    _drop(work, some)
    return bool(some)


def _drop(work: Work, rows: Sequence[Row | None]) -> None:
    if not rows:
        return
    files = work.connection.execute(FILES_OF, {"rows": list(rows)}).scalars().all()
    # all that share them, in one order for everybody: of two that let go of the last two at once, one comes second
    work.connection.execute(SHARING, {"files": list(files)})
    gone = work.connection.execute(DROP, {"rows": list(rows)}).all()
    names = {row.file: row.thumbnail for row in gone}
    needed = set(work.connection.execute(NEEDED, {"files": list(names)}).scalars()) if names else set[str]()
    for file, thumbnail in names.items():
        if file not in needed:
            for name in filter(None, (file, thumbnail)):
                work.later(RemoveFile(name))


THESE: BindParameter[Any] = bindparam("rows", expanding=True)
THEIR_FILES: BindParameter[Any] = bindparam("files", expanding=True)
MESSAGES: BindParameter[Any] = bindparam("messages", expanding=True)
IT = col(Attachment.message) == bindparam("message_")
COPIED = [
    col(column)
    for column in (
        Attachment.name,
        Attachment.type,
        Attachment.size,
        Attachment.width,
        Attachment.height,
        Attachment.file,
        Attachment.thumbnail,
        Attachment.place,
    )
]
ATTACH = (
    update(Attachment)
    .where(
        col(Attachment.attachment_id) == bindparam("attachment"),
        col(Attachment.person) == bindparam("me"),
        col(Attachment.chat) == bindparam("chat_"),
        col(Attachment.message).is_(None),
    )
    .values(message=bindparam("message_"), place=bindparam("place_"))
)
OF_MESSAGE = select(col(Attachment.attachment_id)).where(IT).order_by(col(Attachment.place))
ORIGINALS = select(*COPIED).where(IT).order_by(col(Attachment.place)).with_for_update()
OF_MESSAGES = select(col(Attachment.id)).where(col(Attachment.message).in_(MESSAGES))
OF_CHAT = select(col(Attachment.id)).where(col(Attachment.chat) == bindparam("chat_")).limit(ERASED_AT_ONCE)
UNSENT = (
    select(col(Attachment.id))
    .where(col(Attachment.message).is_(None), col(Attachment.created_at) < bindparam("before", type_=Moment()))
    .limit(ERASED_AT_ONCE)
    .with_for_update(skip_locked=True)
)
FILES_OF = select(col(Attachment.file)).where(col(Attachment.id).in_(THESE))
SHARING = (
    select(col(Attachment.id))
    .where(col(Attachment.file).in_(THEIR_FILES))
    .order_by(col(Attachment.id))
    .with_for_update()
)
DROP = (
    delete(Attachment).where(col(Attachment.id).in_(THESE)).returning(col(Attachment.file), col(Attachment.thumbnail))
)
NEEDED = select(col(Attachment.file)).where(col(Attachment.file).in_(THEIR_FILES))
