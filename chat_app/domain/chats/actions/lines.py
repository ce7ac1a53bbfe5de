"""System lines: what the group itself says of who did what."""

from sqlalchemy import bindparam, insert, update
from sqlmodel import col

from chat_app.domain.chats.events import ChatMoved
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ID_BYTES, ChatId, Row
from chat_app.domain.common.tables import Moment
from chat_app.domain.common.work import Work
from chat_app.domain.messages.tables import Message

NEXT = (
    update(Chat)
    .where(col(Chat.id) == bindparam("id_"))
    .values(last_seq=Chat.last_seq + 1, last_rev=Chat.last_rev + 1, last_at=bindparam("now", type_=Moment()))
    .returning(col(Chat.last_seq), col(Chat.last_rev))
)
"""The numbers of the next message. Whoever has them holds the chat's row until the commit."""


def leave_line(
    work: Work,
    chat: Row,
    chat_id: ChatId,
    event: str,
    *,
    by: Row,
    about: Row | None = None,
    body: str = "",
    reply_to: int | None = None,
    membership: bool = False,
) -> int:
    """Write that `by` did `event` in the chat, to `about`; its seq. Whoever did it has read it.

    With `membership`, nothing that happened before this line is sent to those who hear it.
    """
    seq, rev = work.connection.execute(NEXT, {"id_": chat, "now": work.now}).one()
    if membership:
        moved = update(Chat).where(col(Chat.id) == chat).values(members_rev=rev - 1)
        work.connection.execute(moved)
    said = {
        "chat": chat,
        "seq": seq,
        "rev": rev,
        "author": by,
        # no client can choose one with a dot
        "client_id": f".{work.dice.token(ID_BYTES)}",
        "body": body,
        "event": event,
        "about": about,
        "reply_to": reply_to,
        "sent_at": work.now,
    }
    work.connection.execute(insert(Message), said)
    read = update(Member).where(col(Member.chat) == chat, col(Member.person) == by).values(last_read_seq=seq)
    work.connection.execute(read)
    work.tell(ChatMoved(chat_id, rev))
    return seq
