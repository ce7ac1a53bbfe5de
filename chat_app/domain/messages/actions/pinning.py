"""Keeping a message on top of its chat."""

from sqlalchemy import func, select
from sqlmodel import col

from chat_app.domain.chats.actions.lines import leave_line
from chat_app.domain.chats.errors import NotAllowed
from chat_app.domain.chats.rules import runs
from chat_app.domain.chats.tables import GROUP
from chat_app.domain.common.ids import ChatId
from chat_app.domain.common.work import Work, door
from chat_app.domain.messages.actions.places import CHANGING, Place, change, my_place, standing_at
from chat_app.domain.messages.errors import TooManyPinnedMessages
from chat_app.domain.messages.queries.writing import check_open
from chat_app.domain.messages.rules import MOST_PINNED
from chat_app.domain.messages.tables import Message


@door(rate=CHANGING)
def pin_message(work: Work, chat_id: ChatId, seq: int) -> None:
    """Keep a message on top, and say so in the chat. In a group its owner and admins do.

    Refused: `ChatNotFound`, `MessageNotFound`, `NotSaid`, `MessageErased`, `NotAllowed`, `TooManyPinnedMessages`,
    `WritingClosed`, `BlockedByYou`.
    """
    place = _place_to_pin(work, chat_id)
    said = standing_at(work, place, seq)
    if said.pinned_at is not None:
        return
    check_open(work, place.chat, place.kind, first=place.empty)
    pinned = select(func.count()).where(col(Message.chat) == place.chat, col(Message.pinned_at).is_not(None))
    if work.connection.execute(pinned).scalar_one() >= MOST_PINNED:
        raise TooManyPinnedMessages(most=MOST_PINNED)
    change(work, place.chat, chat_id, said.id, pinned_at=work.now)
    leave_line(work, place.chat, chat_id, "pinned", by=work.me.row, reply_to=seq)


@door(rate=CHANGING)
def unpin_message(work: Work, chat_id: ChatId, seq: int) -> None:
    """Keep a message on top no more.

    Refused: `ChatNotFound`, `MessageNotFound`, `NotSaid`, `MessageErased`, `NotAllowed`.
    """
    place = _place_to_pin(work, chat_id)
    said = standing_at(work, place, seq)
    if said.pinned_at is not None:
        change(work, place.chat, chat_id, said.id, pinned_at=None)


def _place_to_pin(work: Work, chat_id: ChatId) -> Place:
    place = my_place(work, chat_id)
    if place.kind == GROUP and not runs(place.role):
        raise NotAllowed
    return place
