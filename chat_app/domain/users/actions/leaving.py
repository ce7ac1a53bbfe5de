"""The end of an account: by its owner, or because nobody ever confirmed it."""

from sqlalchemy import or_
from sqlmodel import col, delete, select

from chat_app.domain.common.events import RemoveFile
from chat_app.domain.common.ids import Row
from chat_app.domain.common.work import Who, Work, door
from chat_app.domain.users.actions.confirming import my_locked_row
from chat_app.domain.users.actions.entering import end_sessions
from chat_app.domain.users.events import EraseMessages, PersonChanged, TellDeleted
from chat_app.domain.users.naming import keep_name_words
from chat_app.domain.users.rules import PENDING_LIFETIME
from chat_app.domain.users.tables import (
    ContactChange,
    PasswordReset,
    Preferences,
    SecondFactor,
    SignIn,
    SignInTicket,
    User,
)
from chat_app.domain.verification.actions import forget_codes

ERASED_AT_ONCE = 500


@door(Who.SIGNED_IN)
def delete_account(work: Work, proven: str | None = None, *, erase_messages: bool) -> None:
    """Wipe what is known of me; email, phone and name may be somebody else's from now on. All sessions end.

    What I said stays, by a "deleted account", unless `erase_messages`. Whoever calls this has proven their password
    against `proven`. Refused: `NotYourPassword`.
    """
    user = my_locked_row(work, proven)
    row = Row(user.id or 0)
    if user.email and user.email_confirmed_at:
        work.later(TellDeleted(user.email, user.username, user.language))
    if user.avatar:
        work.later(RemoveFile(user.avatar))
    end_sessions(work, work.session.exec(select(SignIn).where(SignIn.user == row)).all())
    work.session.flush()
    for table in (SignIn, ContactChange, PasswordReset, Preferences, SecondFactor, SignInTicket):
        work.session.exec(delete(table).where(col(table.user) == row))
    forget_codes(work, row)
    for name in ("email", "email_key", "email_confirmed_at", "phone", "phone_confirmed_at", "birth_date", "avatar"):
        setattr(user, name, None)
    user.last_seen_at = None
    for name in ("username", "username_folded", "name", "name_key", "about", "password_hash"):
        setattr(user, name, "")
    # unique, and never what a username can be
    user.username_key = f"deleted {user.user_id}"
    user.deleted_at = work.now
    work.session.add(user)
    keep_name_words(work, user)
    work.tell(PersonChanged(user.user_id, row))
    if erase_messages:
        work.later(EraseMessages(row))


@door(Who.SYSTEM)
def erase_pending(work: Work) -> int:
    """Erase accounts that nobody confirmed within a day; how many there were."""
    unproven = or_(
        col(User.email_confirmed_at).is_(None), col(User.phone).is_not(None) & col(User.phone_confirmed_at).is_(None)
    )
    overdue = select(User).where(
        unproven, col(User.deleted_at).is_(None), col(User.created_at) < work.now - PENDING_LIFETIME
    )
    erased = 0
    for user in work.session.exec(overdue.limit(ERASED_AT_ONCE).with_for_update(skip_locked=True)):
        sessions = work.session.exec(select(SignIn).where(SignIn.user == user.id)).all()
        end_sessions(work, sessions)
        work.session.flush()
        work.session.exec(delete(User).where(col(User.id) == user.id))
        erased += 1
    return erased
