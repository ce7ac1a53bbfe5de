"""Who has read a message."""

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.rules import READERS_TOLD, SHOWN_PRESENT
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.work import Reader, Who, door
from chat_app.domain.messages.tables import Message
from chat_app.domain.users.queries import PICTURE, PersonView, tells_reading
from chat_app.domain.users.tables import Block, Preferences, User

MOST_POSITIONS = 2000
"""Reading positions that are told anew when somebody tells theirs again."""


@door(quick=True)
def readers_of(reader: Reader, chat_id: ChatId, seq: int) -> list[PersonView]:
    """Who of the others has read message `seq` of the reader's chat; nobody where there are more than
    `SHOWN_PRESENT`, of a message older than `READERS_TOLD`, and for whoever does not tell how far they have read.
    Refused: `ChatNotFound`."""
    found = reader.connection.execute(SEATED, {"me": reader.me.row, "chat_id": chat_id}).all()
    if not found:
        raise ChatNotFound
    said_at = reader.connection.execute(SAID_AT, {"chat_id": chat_id, "seq": seq}).scalar()
    old = said_at is None or reader.now - said_at > READERS_TOLD
    if old or len(found) > SHOWN_PRESENT or not tells_reading(reader, reader.me.row):
        return []
    return [
        PersonView(UserId(user_id), username, name, picture)
        for user_id, username, name, read, joined, told, picture in found
        # who came later begins behind it and has seen nothing of it
        if told and read >= seq > joined and user_id != reader.me.user_id
    ]


@door(Who.SYSTEM)
def read_by(reader: Reader, one: UserId, other: UserId) -> list[tuple[ChatId, int]]:
    """How far `one` has read in the chats that two people share: where each may see it of the other. A block between
    them is not looked at."""
    rows = reader.connection.execute(BETWEEN, {"one": one, "other": other})
    return [(ChatId(chat_id), seq) for chat_id, seq in rows]


@door(Who.SYSTEM)
def read_with(reader: Reader, person: Row) -> list[tuple[ChatId, UserId, int]]:
    """How far the people of somebody's chats have read, they too: where each may see it of the other. Of the most
    recent chats, `MOST_POSITIONS` at most."""
    rows = reader.connection.execute(WITH, {"me": person})
    # who came later and has not gone on since has seen nothing of what stands before
    return [
        (ChatId(chat_id), UserId(user_id), seq if seq > joined or not joined else 0)
        for chat_id, user_id, seq, joined in rows
    ]


# Built once, as all that indexes answer.
MINE = aliased(Member)
APART = or_(
    exists().where(col(Block.blocker) == bindparam("me"), col(Block.blocked) == col(Member.person)),
    exists().where(col(Block.blocked) == bindparam("me"), col(Block.blocker) == col(Member.person)),
)
WITH_ME, ANY = aliased(Member), aliased(Member)
SIZE = select(func.count()).where(col(ANY.chat) == col(Chat.id)).correlate(Chat).scalar_subquery()
WITH = (
    select(col(Chat.chat_id), col(User.user_id), col(Member.last_read_seq), col(Member.joined_seq))
    .select_from(WITH_ME)
    .join(Chat, col(Chat.id) == col(WITH_ME.chat))
    .join(Member, col(Member.chat) == col(Chat.id))
    .join(User, col(User.id) == col(Member.person))
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .where(
        col(WITH_ME.person) == bindparam("me"),
        func.coalesce(col(Preferences.receipts), True),
        ~APART,
        SIZE <= SHOWN_PRESENT,
    )
    .order_by(col(Chat.last_at).desc())
    .limit(MOST_POSITIONS)
)
ONE, OTHER, THEIRS = aliased(User), aliased(User), aliased(Member)
ONE_CHOICES, OTHER_CHOICES = aliased(Preferences), aliased(Preferences)
BETWEEN = (
    select(col(Chat.chat_id), col(MINE.last_read_seq))
    .select_from(ONE)
    .join(MINE, col(MINE.person) == col(ONE.id))
    .join(THEIRS, col(THEIRS.chat) == col(MINE.chat))
    .join(OTHER, col(OTHER.id) == col(THEIRS.person))
    .join(Chat, col(Chat.id) == col(MINE.chat))
    .outerjoin(ONE_CHOICES, col(ONE_CHOICES.user) == col(ONE.id))
    .outerjoin(OTHER_CHOICES, col(OTHER_CHOICES.user) == col(OTHER.id))
    .where(
        col(ONE.user_id) == bindparam("one"),
        col(OTHER.user_id) == bindparam("other"),
        func.coalesce(col(ONE_CHOICES.receipts), True),
        func.coalesce(col(OTHER_CHOICES.receipts), True),
        SIZE <= SHOWN_PRESENT,
    )
)
SAID_AT = (
    select(col(Message.sent_at))
    .join(Chat, col(Chat.id) == col(Message.chat))
    .where(col(Chat.chat_id) == bindparam("chat_id"), col(Message.seq) == bindparam("seq"))
)
SEATED = (
    select(
        col(User.user_id),
        col(User.username),
        col(User.name),
        col(Member.last_read_seq),
        col(Member.joined_seq),
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
