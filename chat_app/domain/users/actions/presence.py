"""When people were last here."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlmodel import and_, col, or_

from chat_app.domain.common.ids import Row, UserId
from chat_app.domain.common.tables import Moment
from chat_app.domain.common.work import Who, Work, door
from chat_app.domain.users.tables import User


@door(Who.SYSTEM)
def note_last_seen(work: Work, seen: Sequence[tuple[Row, datetime]]) -> None:
    """Remember when the last tab of each of these people closed. Only ever moves forward."""
    if seen:
        work.connection.execute(SEEN, [{"person": person, "at": at} for person, at in sorted(seen)])


@door(Who.SYSTEM)
def note_lost(work: Work, people: Sequence[UserId], at: datetime) -> None:
    """The same of people whose server went down with them."""
    if people:
        work.connection.execute(LOST, [{"person": person, "at": at} for person in sorted(people)])


AT = bindparam("at", type_=Moment())
EARLIER = and_(col(User.deleted_at).is_(None), or_(col(User.last_seen_at).is_(None), col(User.last_seen_at) < AT))
# for many at once the ORM's own way takes primary keys only
SEEN = update(User.__table__).where(col(User.id) == bindparam("person"), EARLIER).values(last_seen_at=AT)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]  # SQLModel does not say that a class has a table
LOST = update(User.__table__).where(col(User.user_id) == bindparam("person"), EARLIER).values(last_seen_at=AT)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]  # the same
