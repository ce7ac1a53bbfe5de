"""Passing on what was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import col

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ChatId, ClientId, Row
from chat_app.domain.common.work import Rate, Work, door
from chat_app.domain.messages.actions.attachments import copy_attachments
from chat_app.domain.messages.actions.places import my_place
from chat_app.domain.messages.actions.sending import SENT_BEFORE, Sent, say
from chat_app.domain.messages.errors import (
    MessageErased,
    MessageNotFound,
    NotSaid,
    SentDifferently,
    TooManyForwarded,
)
from chat_app.domain.messages.queries.writing import check_open
from chat_app.domain.messages.rules import MOST_FORWARDED, Extra
from chat_app.domain.messages.tables import Message


@dataclass(frozen=True)
class Forwarded:
    """A message to pass on, by its seq, and what the copy is called."""

    seq: int
    client_id: ClientId


@door(rate=Rate("forward", per_second=0.5, burst=5))
def forward_messages(work: Work, from_: ChatId, messages: Sequence[Forwarded], to: ChatId) -> list[Sent]:
    """Say in the chat `to` what was said in the chat `from_`, in its order there, by its author's name. Whom it
    names is not called again. What has the same `client_id` is passed on once.

    Refused: `ChatNotFound` of either chat, `TooManyForwarded`, `MessageNotFound`, `NotSaid`, `MessageErased`,
    `SentDifferently`, `WritingClosed`, `BlockedByYou`; then nothing is passed on.
    """
    if not 0 < len({message.seq for message in messages}) == len(messages) <= MOST_FORWARDED:
        raise TooManyForwarded(most=MOST_FORWARDED)
    place = my_place(work, to)
    source = work.connection.execute(SOURCE, {"chat_id": from_, "me": work.me.row}).first()
    if source is None:
        raise ChatNotFound
    check_open(work, place.chat, place.kind, first=place.empty)
    return [
        _forward(work, source, message, to, place.chat, place.seat)
        for message in sorted(messages, key=lambda message: message.seq)
    ]


def _forward(work: Work, source: Any, message: Forwarded, to: ChatId, chat: Row, seat: Row) -> Sent:
    earlier = work.connection.execute(SENT_BEFORE, {"me": work.me.row, "client_id": message.client_id}).first()
    if earlier is not None:
        if earlier.chat != chat:
            raise SentDifferently
        return Sent(earlier.seq, earlier.rev, repeated=True)
    facts = {"chat": source.chat, "seq": message.seq, "since": source.since_seq}
    said = work.connection.execute(ORIGINAL, facts).first()
    if said is None:
        raise MessageNotFound
    if said.event is not None:
        raise NotSaid
    if said.erased_at is not None:
        raise MessageErased
    extras = said.extras & Extra.ATTACHMENTS
    copy = {"body": said.body, "about": said.about or said.author, "extras": extras}
    row, sent = say(work, chat, to, seat, message.client_id, **copy)
    if extras:
        copy_attachments(work, said.id, row, chat)
    return sent


SOURCE = (
    select(col(Member.chat), col(Member.since_seq))
    .join(Chat, col(Chat.id) == col(Member.chat))
    .where(col(Chat.chat_id) == bindparam("chat_id"), col(Member.person) == bindparam("me"))
)
ORIGINAL = select(
    col(Message.id),
    col(Message.author),
    col(Message.about),
    col(Message.body),
    col(Message.event),
    col(Message.extras),
    col(Message.erased_at),
).where(
    col(Message.chat) == bindparam("chat"),
    col(Message.seq) == bindparam("seq"),
    col(Message.seq) > bindparam("since"),
)
