"""Finding what is to be changed: my seat, with the chat's row held, and a message that can be seen from there."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.events import ChatMoved
from chat_app.domain.chats.rules import GroupRole
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ChatId, Row
from chat_app.domain.common.work import Rate, Work
from chat_app.domain.messages.errors import MessageErased, MessageNotFound, NotSaid
from chat_app.domain.messages.tables import Message

CHANGING = Rate("change_messages", per_second=5, burst=20)
"""As sending, but counted apart: reactions hold up nobody's words."""

ANSWERS_CHANGED = 50
"""Answers that change with the message they quote, the latest; older ones show its new words when they are read
again."""


@dataclass(frozen=True)
class Place:
    """My seat in a chat; `chat` and `seat` are rows, what was said up to `since` is not for me."""

    chat: Row
    chat_id: ChatId
    seat: Row
    kind: str
    role: GroupRole
    since: int
    empty: bool
    """Nothing was said yet."""


def my_place(work: Work, chat_id: ChatId) -> Place:
    """My seat. The chat's row is nobody else's to change until the commit. Refused: `ChatNotFound`."""
    chat = work.connection.execute(HOLD, {"chat_id": chat_id}).first()
    # asked only now: who lost the seat while we waited for the row has none
    seat = None if chat is None else work.connection.execute(SEAT, {"chat": chat.id, "me": work.me.row}).first()
    if chat is None or seat is None:
        raise ChatNotFound
    return Place(chat.id, chat_id, seat.id, chat.kind, GroupRole(seat.role), seat.since_seq, chat.last_seq == 0)


def said_at(work: Work, place: Place, seq: int) -> Any:
    """What somebody said, as a row. Refused: `MessageNotFound`, `NotSaid`."""
    found = work.connection.execute(MESSAGE, {"chat": place.chat, "seq": seq, "since": place.since}).first()
    if found is None:
        raise MessageNotFound
    if found.event is not None:
        raise NotSaid
    return found


def standing_at(work: Work, place: Place, seq: int) -> Any:
    """What somebody said and nobody erased, as a row. Refused: `MessageNotFound`, `NotSaid`, `MessageErased`."""
    found = said_at(work, place, seq)
    if found.erased_at is not None:
        raise MessageErased
    return found


def change(work: Work, chat: Row, chat_id: ChatId, message: Row, *, quoted: int | None = None, **values: Any) -> int:
    """Write `values` into a message, as the next change of its chat; the revision.

    `quoted` is its seq when others that answer it show what changes: each of them changes as well, after it.
    """
    answers: list[Row] = []
    if quoted is not None:
        found = work.connection.execute(ANSWERS, {"chat": chat, "seq": quoted})
        answers = [Row(answer or 0) for answer in found.scalars()]
    last = work.connection.execute(MOVE, {"id_": chat, "by": 1 + len(answers)}).scalar_one()
    rev = last - len(answers)
    work.connection.execute(update(Message).where(col(Message.id) == message).values(rev=rev, **values))
    work.tell(ChatMoved(chat_id, rev))
    if answers:
        revs = [{"id_": answer, "now": rev + place} for place, answer in enumerate(reversed(answers), 1)]
        work.connection.execute(TOUCH, revs)
        work.tell(ChatMoved(chat_id, last))
    return rev


HOLD = (
    select(col(Chat.id), col(Chat.kind), col(Chat.last_seq))
    .where(col(Chat.chat_id) == bindparam("chat_id"))
    .with_for_update()
)
SEAT = select(col(Member.id), col(Member.role), col(Member.since_seq)).where(
    col(Member.chat) == bindparam("chat"), col(Member.person) == bindparam("me")
)
MESSAGE = select(
    col(Message.id),
    col(Message.author),
    col(Message.rev),
    col(Message.body),
    col(Message.event),
    col(Message.about),
    col(Message.extras),
    col(Message.pinned_at),
    col(Message.edited_at),
    col(Message.erased_at),
    col(Message.sent_at),
).where(
    col(Message.chat) == bindparam("chat"),
    col(Message.seq) == bindparam("seq"),
    col(Message.seq) > bindparam("since"),
)
ANSWERS = (
    select(col(Message.id))
    .where(col(Message.chat) == bindparam("chat"), col(Message.reply_to) == bindparam("seq"))
    .order_by(col(Message.seq).desc())
    .limit(ANSWERS_CHANGED)
)
MOVE = (
    update(Chat)
    .where(col(Chat.id) == bindparam("id_"))
    .values(last_rev=Chat.last_rev + bindparam("by"))
    .returning(col(Chat.last_rev))
)
TOUCH = update(Message).where(col(Message.id) == bindparam("id_")).values(rev=bindparam("now"))
