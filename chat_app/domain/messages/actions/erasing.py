"""Unsaying: what is left is a place in the chat."""

from sqlalchemy import select, update
from sqlmodel import col

from chat_app.domain.chats.events import ChatMoved
from chat_app.domain.chats.tables import Chat
from chat_app.domain.common.ids import ChatId, Row
from chat_app.domain.common.work import Who, Work, door
from chat_app.domain.messages.actions.attachments import drop_attachments
from chat_app.domain.messages.rules import Extra
from chat_app.domain.messages.tables import Message

ERASED_AT_ONCE = 100
"""In one transaction: everybody else's messages wait for it."""


@door(Who.SYSTEM)
def erase_messages(work: Work, author: Row) -> bool:
    """Erase some of what `author` said, each message a change of its chat. False when nothing is left."""
    left = select(col(Message.id), col(Message.chat), col(Message.extras), col(Chat.chat_id)).join(
        Chat, col(Chat.id) == col(Message.chat)
    )
    mine = left.where(col(Message.author) == author, col(Message.erased_at).is_(None)).order_by(col(Message.chat))
    found = work.connection.execute(mine.limit(ERASED_AT_ONCE)).all()
    for message, chat, extras, chat_id in found:
        if extras & Extra.ATTACHMENTS:
            drop_attachments(work, [message])
        moved = (
            update(Chat).where(col(Chat.id) == chat).values(last_rev=Chat.last_rev + 1).returning(col(Chat.last_rev))
        )
        rev = work.connection.execute(moved).scalar_one()
        gone = update(Message).where(col(Message.id) == message)
        kept = extras & ~Extra.ATTACHMENTS
        work.connection.execute(gone.values(body="", extras=kept, erased_at=work.now, rev=rev))
        work.tell(ChatMoved(ChatId(chat_id), rev))
    return bool(found)
