"""Everything that is said."""

from dataclasses import dataclass

from sqlmodel import col, insert, select, update

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ChatId, ClientId
from chat_app.domain.common.work import Rate, Work, door
from chat_app.domain.messages.errors import SentDifferently
from chat_app.domain.messages.events import ChatMoved
from chat_app.domain.messages.rules import body_of
from chat_app.domain.messages.tables import Message

SENDING = Rate("send", per_second=5, burst=20)


@dataclass(frozen=True)
class Sent:
    """Where a message stands: its place in the chat, and whether it was already there."""

    seq: int
    rev: int
    repeated: bool


@door(rate=SENDING)
def send_message(work: Work, chat_id: ChatId, client_id: ClientId, body: str) -> Sent:
    """Say `body` in a chat, once, however often the same `client_id` is sent.

    Refused: `ChatNotFound`, what `body_of` refuses, `SentDifferently`.
    """
    body = body_of(body)
    # the chat's row first: whoever else writes in this chat waits here, so that no number is given twice
    seat = work.session.exec(
        select(Chat.id, Member.id)
        .join(Member, col(Member.chat) == Chat.id)
        .where(Chat.chat_id == chat_id, Member.person == work.me.row)
        .with_for_update(of=Chat)
    ).first()
    if seat is None:
        raise ChatNotFound
    chat, member = seat
    if earlier := _sent_before(work, client_id):
        if (earlier.chat, earlier.body) != (chat, body):
            raise SentDifferently
        return Sent(earlier.seq, earlier.rev, repeated=True)

    seq, rev = work.session.exec(
        update(Chat)
        .where(col(Chat.id) == chat)
        .values(last_seq=Chat.last_seq + 1, last_rev=Chat.last_rev + 1, last_at=work.now)
        .returning(col(Chat.last_seq), col(Chat.last_rev))
    ).one()
    work.session.exec(
        insert(Message).values(
            chat=chat, seq=seq, rev=rev, author=work.me.row, client_id=client_id, body=body, sent_at=work.now
        )
    )
    work.session.exec(update(Member).where(col(Member.id) == member).values(last_read_seq=seq))

    work.tell(ChatMoved(chat_id, rev))
    return Sent(seq, rev, repeated=False)


def _sent_before(work: Work, client_id: ClientId) -> Message | None:
    return work.session.exec(
        select(Message).where(Message.author == work.me.row, Message.client_id == client_id)
    ).first()
