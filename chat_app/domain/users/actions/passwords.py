"""A new password: by the old one, or by a link to the email."""

from dataclasses import dataclass

from sqlmodel import col, delete, func, select, update

from chat_app.domain.common.ids import Row
from chat_app.domain.common.values import Email
from chat_app.domain.common.work import Rate, Who, Work, door
from chat_app.domain.users.actions.confirming import close_resets, my_locked_row
from chat_app.domain.users.actions.entering import end_sessions
from chat_app.domain.users.actions.throttling import forget
from chat_app.domain.users.errors import ResetExpired
from chat_app.domain.users.events import SendReset, TellPasswordChanged
from chat_app.domain.users.rules import MOST_RESETS, RESET_LIFETIME, RESETS_KEPT, reset_token
from chat_app.domain.users.tables import PasswordReset, SignIn, SignInTicket, User
from chat_app.domain.verification.actions import TOKEN_BYTES


@dataclass(frozen=True)
class ResetView:
    """Whose password a link is for, as far as the new one must not hold it."""

    username: str
    email: str


@door(rate=Rate("change_password", per_second=10 / 3600, burst=10))
def change_password(work: Work, password_hash: str, proven: str | None = None) -> None:
    """Another password from now on. All other sessions end. Whoever calls this has proven the old one against `proven`.

    Refused: `NotYourPassword`.
    """
    user = my_locked_row(work, proven)
    _set(work, user, password_hash)
    others = select(SignIn).where(SignIn.user == user.id, SignIn.id != work.me.session)
    end_sessions(work, work.session.exec(others).all())


@door(Who.ANYONE, rate=Rate("request_reset", per_second=10 / 3600, burst=10))
def request_reset(work: Work, email: Email) -> None:
    """Send a link to whoever owns this email; older links are void. For nobody's the same is done, but for the mail."""
    owner = work.session.exec(
        select(User.id).where(
            User.email_key == email.key, col(User.email_confirmed_at).is_not(None), col(User.deleted_at).is_(None)
        )
    ).first()
    mine = col(PasswordReset.user) == (owner or 0)
    lately = select(func.count()).where(mine, col(PasswordReset.created_at) > work.now - RESET_LIFETIME)
    enough = work.session.exec(lately).one() >= MOST_RESETS
    open_ones = update(PasswordReset).where(mine, col(PasswordReset.closed_at).is_(None))
    work.session.exec(open_ones.values(closed_at=PasswordReset.closed_at if enough else work.now))
    reset = PasswordReset(
        token=work.dice.token(TOKEN_BYTES),
        user=owner,
        created_at=work.now,
        expires_at=work.now + RESET_LIFETIME,
        # a mailbox is not to be flooded: of the ones beyond, none is sent
        closed_at=work.now if enough else None,
    )
    work.session.add(reset)
    work.session.flush()
    work.later(SendReset(reset.id or 0))


@door(Who.ANYONE, rate=Rate("check_reset", per_second=0.1, burst=30))
def check_reset(work: Work, link: str) -> ResetView:
    """Whose password this link is for. Refused: `ResetExpired`."""
    user = work.session.get(User, _open_reset(work, link).user)
    if user is None or user.deleted_at is not None:
        raise ResetExpired("link")
    return ResetView(user.username, user.email or "")


@door(Who.ANYONE, rate=Rate("reset_password", per_second=0.1, burst=30))
def reset_password(work: Work, link: str, password_hash: str) -> None:
    """Another password, once for each link. All sessions end. Refused: `ResetExpired`."""
    reset = _open_reset(work, link)
    user = work.session.exec(select(User).where(User.id == reset.user).with_for_update()).first()
    if user is None or user.deleted_at is not None:
        raise ResetExpired("link")
    used = update(PasswordReset).where(col(PasswordReset.user) == user.id, col(PasswordReset.closed_at).is_(None))
    closed = work.connection.execute(used.values(closed_at=work.now).returning(col(PasswordReset.id))).all()
    if reset.id not in {row.id for row in closed}:
        # somebody was faster with the same link
        raise ResetExpired("link")
    _set(work, user, password_hash)
    forget(work, "second factor", str(user.id))
    end_sessions(work, work.session.exec(select(SignIn).where(SignIn.user == user.id)).all())


def _open_reset(work: Work, link: str) -> PasswordReset:
    token = reset_token(work.seal, link)
    reset = work.session.exec(select(PasswordReset).where(PasswordReset.token == token)).first()
    if reset is None or reset.closed_at is not None or reset.expires_at <= work.now or reset.user is None:
        raise ResetExpired("link")
    return reset


def _set(work: Work, user: User, password_hash: str) -> None:
    user.password_hash, user.password_changed_at = password_hash, work.now
    work.session.add(user)
    close_resets(work, Row(user.id or 0))
    # what the old one had opened half
    work.session.exec(delete(SignInTicket).where(col(SignInTicket.user) == user.id))
    work.later(TellPasswordChanged(Row(user.id or 0)))


@door(Who.SYSTEM)
def erase_old_resets(work: Work) -> None:
    """Erase links that nobody can use any more."""
    work.session.exec(delete(PasswordReset).where(col(PasswordReset.expires_at) < work.now - RESETS_KEPT))
