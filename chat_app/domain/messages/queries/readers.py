"""Who has read a message."""

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.rules import SHOWN_PRESENT
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ChatId, UserId
from chat_app.domain.common.work import Reader, door
from chat_app.domain.users.queries import PICTURE, PersonView, tells_reading
from chat_app.domain.users.tables import Block, Preferences, User


@door(quick=True)
def readers_of(reader: Reader, chat_id: ChatId, seq: int) -> list[PersonView]:
    """Who of the others has read message `seq` of the reader's chat; nobody where there are more than
    `SHOWN_PRESENT`, and for whoever does not tell how far they have read. Refused: `ChatNotFound`."""
    found = reader.connection.execute(SEATED, {"me": reader.me.row, "chat_id": chat_id}).all()
    if not found:
        raise ChatNotFound
    if len(found) > SHOWN_PRESENT or not tells_reading(reader, reader.me.row):
        return []
    return [
        PersonView(UserId(user_id), username, name, picture)
        for user_id, username, name, read, told, picture in found
        if told and read >= seq and user_id != reader.me.user_id
    ]


# Built once, as all that indexes answer.
MINE = aliased(Member)
APART = or_(
    exists().where(col(Block.blocker) == bindparam("me"), col(Block.blocked) == col(Member.person)),
    exists().where(col(Block.blocked) == bindparam("me"), col(Block.blocker) == col(Member.person)),
)
SEATED = (
    select(
        col(User.user_id),
        col(User.username),
        col(User.name),
        col(Member.last_read_seq),
        func.coalesce(col(Preferences.receipts), True) & ~APART,
        PICTURE,
    )
    .select_from(Chat)
    .join(MINE, col(MINE.chat) == col(Chat.id))
    .join(Member, col(Member.chat) == col(Chat.id))
    .join(User, col(User.id) == col(Member.person))
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .where(col(Chat.chat_id) == bindparam("chat_id"), col(MINE.person) == bindparam("me"))
    .order_by(col(User.name_key), col(User.id))
    .limit(SHOWN_PRESENT + 1)
)
