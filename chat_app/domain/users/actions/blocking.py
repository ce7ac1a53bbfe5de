"""Whom somebody does not want to hear from."""

from sqlmodel import col, delete, select

from chat_app.domain.common.errors import NotFound
from chat_app.domain.common.ids import Row, UserId
from chat_app.domain.common.tables import insert_once
from chat_app.domain.common.work import Rate, Work, door
from chat_app.domain.users.events import BlockChanged
from chat_app.domain.users.tables import Block, User

BLOCKS = Rate("blocks", per_second=0.5, burst=20)


@door(rate=BLOCKS)
def block(work: Work, person: UserId) -> None:
    """Neither of us writes to the other any more, adds them to groups, or sees when they were here.

    Refused: `NotFound`, of nobody and of myself.
    """
    row = _other(work, person)
    if insert_once(work, Block, blocker=work.me.row, blocked=row, blocked_at=work.now):
        work.tell(BlockChanged(work.me.user_id, person))


@door(rate=BLOCKS)
def unblock(work: Work, person: UserId) -> None:
    """Lift my block, if there is one. Refused: `NotFound`."""
    row = _other(work, person)
    lifted = delete(Block).where(col(Block.blocker) == work.me.row, col(Block.blocked) == row)
    if work.connection.execute(lifted.returning(col(Block.blocked))).first() is not None:
        work.tell(BlockChanged(work.me.user_id, person))


def _other(work: Work, person: UserId) -> Row:
    row = work.session.exec(select(User.id).where(User.user_id == person)).first()
    if row is None or row == work.me.row:
        raise NotFound("person")
    return Row(row)
