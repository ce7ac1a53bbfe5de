"""System lines: what the group itself says of who did what."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, update
from sqlmodel import col

from chat_app.domain.chats.events import ChatMoved
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ID_BYTES, ChatId, Row
from chat_app.domain.common.tables import Moment
from chat_app.domain.common.work import Work
from chat_app.domain.messages.tables import Message


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
) -> int:
    """Write that `by` did `event` in the chat, to `about`; its seq. Whoever did it has read it."""
    return leave_lines(work, chat, chat_id, event, by=by, about=[about], body=body, reply_to=reply_to)


def leave_lines(
    work: Work,
    chat: Row,
    chat_id: ChatId,
    event: str,
    *,
    by: Row,
    about: Sequence[Row | None],
    body: str = "",
    reply_to: int | None = None,
) -> int:
    """`leave_line` to each of `about`, at least one; the seq of the last."""
    seq, rev = work.connection.execute(NEXT, {"id_": chat, "count": len(about), "now": work.now}).one()
    lines = [
        {
            "chat": chat,
            "seq": seq - back,
            "rev": rev - back,
            "author": by,
            # no client can choose one with a dot
            "client_id": f".{work.dice.token(ID_BYTES)}",
            "body": body,
            "event": event,
            "about": person,
            "reply_to": reply_to,
            "sent_at": work.now,
        }
        for back, person in zip(range(len(about) - 1, -1, -1), about, strict=True)
    ]
    work.connection.execute(insert(Message), lines)
    read = update(Member).where(col(Member.chat) == chat, col(Member.person) == by).values(last_read_seq=seq)
    work.connection.execute(read)
    work.tell(ChatMoved(chat_id, rev))
    return seq


NEXT = (
    update(Chat)
    .where(col(Chat.id) == bindparam("id_"))
    .values(
        last_seq=Chat.last_seq + bindparam("count"),
        last_rev=Chat.last_rev + bindparam("count"),
        last_at=bindparam("now", type_=Moment()),
    )
    .returning(col(Chat.last_seq), col(Chat.last_rev))
)
"""The number of the last of so many messages. Whoever has it holds the chat's row until the commit."""
