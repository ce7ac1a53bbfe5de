"""All that is stored of a person, for them to take along."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import col, select

from chat_app.domain.chats.tables import Chat, Group, Member
from chat_app.domain.common.errors import NotSignedIn
from chat_app.domain.common.work import Rate, Reader, Who, door
from chat_app.domain.messages.tables import Attachment, Message
from chat_app.domain.users.queries import choices_of
from chat_app.domain.users.tables import SignIn, User


@dataclass(frozen=True)
class MyData:
    """`files` are what each holds, by their names; moments in ISO. `picture` names the file of my picture, if any."""

    files: dict[str, Any]
    picture: str | None


@door(Who.SIGNED_IN, rate=Rate("export", per_second=3 / 3600, burst=3))
def my_data(reader: Reader) -> MyData:
    """Profile, choices, sessions, chats, every message I sent and what was attached. Refused: `NotSignedIn`."""
    user = reader.session.get(User, reader.me.row)
    if user is None or user.deleted_at is not None:
        raise NotSignedIn
    sessions = reader.session.exec(select(SignIn).where(SignIn.user == user.id).order_by(col(SignIn.id)))
    chats: Any = reader.connection.execute(
        columns(col(Chat.chat_id), col(Chat.kind), col(Group.title), col(Member.role), col(Member.joined_at))
        .join(Member, col(Member.chat) == col(Chat.id))
        .outerjoin(Group, col(Group.chat) == col(Chat.id))
        .where(col(Member.person) == reader.me.row)
        .order_by(col(Member.id))
    )
    said = reader.session.exec(
        select(Chat.chat_id, Message.seq, Message.sent_at, Message.body)
        .join(Chat, col(Chat.id) == col(Message.chat))
        # what the chats say of what I did in them is nothing I said
        .where(Message.author == reader.me.row, col(Message.erased_at).is_(None), col(Message.event).is_(None))
        .order_by(col(Message.id))
    )
    attached: Any = reader.connection.execute(
        columns(
            col(Chat.chat_id),
            col(Message.seq),
            col(Attachment.attachment_id),
            col(Attachment.name),
            col(Attachment.type),
            col(Attachment.size),
        )
        .join(Message, col(Message.id) == col(Attachment.message))
        .join(Chat, col(Chat.id) == col(Message.chat))
        .where(col(Attachment.person) == reader.me.row)
        .order_by(col(Attachment.id))
    )
    files = {
        "profile": {
            "user_id": user.user_id,
            "public_id": user.public_id,
            "username": user.username,
            "name": user.name,
            "about": user.about,
            "birth_date": user.birth_date.isoformat() if user.birth_date else None,
            "email": user.email,
            "phone": user.phone,
            "language": user.language,
            "signed_up_at": _iso(user.created_at),
        },
        "choices": asdict(choices_of(reader, reader.me.row)),
        "sessions": [
            {
                "began_at": _iso(session.created_at),
                "last_used_at": _iso(session.last_used_at),
                "ended_at": _iso(session.ended_at),
                "device": session.device,
                "address": session.address,
            }
            for session in sessions
        ],
        "chats": [
            {"chat_id": chat, "kind": kind, "joined_at": _iso(joined)}
            | ({} if title is None else {"title": title, "role": role})
            for chat, kind, title, role, joined in chats
        ],
        "messages": [
            {"chat_id": chat, "seq": seq, "sent_at": _iso(sent), "text": body} for chat, seq, sent, body in said
        ],
        "files": [
            {"chat_id": chat, "seq": seq, "address": f"/files/{attachment}", "name": name, "type": kind, "bytes": size}
            for chat, seq, attachment, name, kind, size in attached
        ],
    }
    return MyData(files, user.avatar)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
