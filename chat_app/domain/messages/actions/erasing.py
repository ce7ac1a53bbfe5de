"""Unsaying: what is left is a place in the chat."""

from typing import Any

from sqlalchemy import delete, select
from sqlmodel import col

from chat_app.domain.chats.errors import NotAllowed
from chat_app.domain.chats.rules import GroupRole, runs
from chat_app.domain.chats.tables import GROUP, Chat, Member
from chat_app.domain.common.ids import ChatId, Row
from chat_app.domain.common.work import Who, Work, door
from chat_app.domain.messages.actions.attachments import drop_attachments, drop_attachments_of_chat
from chat_app.domain.messages.actions.places import CHANGING, Place, change, my_place, said_at
from chat_app.domain.messages.indexing import unindex
from chat_app.domain.messages.rules import Extra
from chat_app.domain.messages.tables import Mention, Message, Reaction

ERASED_AT_ONCE = 100
"""In one transaction: everybody else's messages wait for it."""

KEPT_BY: dict[Extra, type[Mention] | type[Reaction]] = {Extra.MENTIONS: Mention, Extra.REACTIONS: Reaction}


@door(rate=CHANGING)
def erase_message(work: Work, chat_id: ChatId, seq: int) -> None:
    """Erase what I said, or what others did in a group I run: an admin what members said, the owner everything.

    Refused: `ChatNotFound`, `MessageNotFound`, `NotSaid`, `NotAllowed`.
    """
    place = my_place(work, chat_id)
    said = said_at(work, place, seq)
    if said.author != work.me.row and not _may_erase(work, place, said.author):
        raise NotAllowed
    if said.erased_at is None:
        _erase(work, place.chat, chat_id, said.id, seq, said.extras, said.body)


def _may_erase(work: Work, place: Place, author: Row) -> bool:
    if place.kind != GROUP or not runs(place.role):
        return False
    if place.role is GroupRole.OWNER:
        return True
    theirs = select(col(Member.role)).where(col(Member.chat) == place.chat, col(Member.person) == author)
    role = work.connection.execute(theirs).scalar()
    # who left speaks for nobody any more
    return role is None or not runs(GroupRole(role))


@door(Who.SYSTEM)
def erase_messages(work: Work, author: Row) -> bool:
    """Erase some of what `author` said, each message a change of its chat. False when nothing is left."""
    mine = (
        select(
            col(Message.id),
            col(Message.seq),
            col(Message.extras),
            col(Message.body),
            col(Message.chat),
            col(Chat.chat_id),
        )
        .join(Chat, col(Chat.id) == col(Message.chat))
        # what groups say of somebody is not what that person said
        .where(col(Message.author) == author, col(Message.erased_at).is_(None), col(Message.event).is_(None))
        .order_by(col(Message.chat))
        .limit(ERASED_AT_ONCE)
    )
    found = work.connection.execute(mine).all()
    for message, seq, extras, body, chat, chat_id in found:
        _erase(work, chat, ChatId(chat_id), Row(message or 0), seq, extras, body)
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
    if drop_attachments_of_chat(work, chat):
        return True
    # reactions and mentions go with their message
    some = select(col(Message.id)).where(col(Message.chat) == chat).limit(ERASED_AT_ONCE)
    drop = delete(Message).where(col(Message.id).in_(some))
    gone = work.connection.execute(drop.returning(col(Message.id), col(Message.event), col(Message.body))).all()
    for message, event, body in gone:
        if event is None:
            unindex(work, Row(message or 0), chat, body)
    if len(gone) == ERASED_AT_ONCE:
        return True
    work.connection.execute(delete(Chat).where(col(Chat.id) == chat))
    return False


def _erase(work: Work, chat: Row, chat_id: ChatId, message: Row, seq: int, extras: int, body: str) -> None:
    for extra, table in KEPT_BY.items():
        if extras & extra:
            work.connection.execute(delete(table).where(col(table.message) == message))
    if extras & Extra.ATTACHMENTS:
        drop_attachments(work, [message])
    unindex(work, message, chat, body)
    nothing: dict[str, Any] = {"body": "", "about": None, "reply_to": None, "pinned_at": None, "edited_at": None}
    change(work, chat, chat_id, message, quoted=seq, **nothing, extras=0, erased_at=work.now)
