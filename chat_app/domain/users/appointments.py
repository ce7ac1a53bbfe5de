"""Who moderates and who administers: roles, and how they are given."""

from sqlmodel import col, select

from chat_app.domain.common.errors import NotConfirmed, NotFound
from chat_app.domain.common.ids import Row
from chat_app.domain.common.values import Email
from chat_app.domain.common.work import Who, Work, door
from chat_app.domain.users.events import PersonChanged
from chat_app.domain.users.rules import Role
from chat_app.domain.users.tables import User


@door(Who.SYSTEM)
def appoint(work: Work, email: Email, role: Role) -> bool:
    """Give `role` to the account that owns `email`. False when it has it already.

    Refused: `NotFound` when nobody signed up with it, `NotConfirmed` when nobody who did has confirmed all.
    """
    accounts = select(User).where(User.email_key == email.key, col(User.deleted_at).is_(None))
    # of several accounts that say the email is theirs, one at most has proven it
    owner = work.session.exec(accounts.where(col(User.email_confirmed_at).is_not(None)).with_for_update()).first()
    if owner is None and work.session.exec(accounts).first() is None:
        raise NotFound("email")
    if owner is None or not owner.confirmed:
        raise NotConfirmed("email")
    if owner.role == role:
        return False
    owner.role = role.value
    work.session.add(owner)
    work.tell(PersonChanged(owner.user_id, Row(owner.id or 0)))
    return True
