"""Who does not want to hear from whom."""

from sqlalchemy import bindparam, or_, select
from sqlmodel import and_, col

from chat_app.domain.common.ids import Row
from chat_app.domain.common.work import Reader, door
from chat_app.domain.users.queries.people import PersonView
from chat_app.domain.users.tables import Block, User


def blocked_either_way(reader: Reader, one: Row, other: Row) -> bool:
    """Whether one of the two blocked the other."""
    return reader.connection.execute(BLOCKED, {"one": one, "other": other}).first() is not None


def blocked_by(reader: Reader, blocker: Row, blocked: Row) -> bool:
    """Whether `blocker` blocked `blocked`."""
    return reader.connection.execute(BLOCKED_BY, {"one": blocker, "other": blocked}).first() is not None


@door()
def my_blocks(reader: Reader) -> list[PersonView]:
    """Whom I blocked, the latest first."""
    mine = (
        select(col(User.user_id), col(User.username), col(User.name))
        .join(Block, col(Block.blocked) == col(User.id))
        .where(col(Block.blocker) == reader.me.row, col(User.deleted_at).is_(None))
        .order_by(col(Block.blocked_at).desc())
    )
    return [PersonView(*person) for person in reader.connection.execute(mine)]


BLOCKED_BY = select(col(Block.blocked_at)).where(
    col(Block.blocker) == bindparam("one"), col(Block.blocked) == bindparam("other")
)
BLOCKED = select(col(Block.blocked_at)).where(
    or_(
        and_(col(Block.blocker) == bindparam("one"), col(Block.blocked) == bindparam("other")),
        and_(col(Block.blocker) == bindparam("other"), col(Block.blocked) == bindparam("one")),
    )
)
