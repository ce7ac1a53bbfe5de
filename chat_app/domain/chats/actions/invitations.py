"""Links by which people join a group by themselves."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col, select, update

from chat_app.domain.chats.actions.lines import leave_line
from chat_app.domain.chats.actions.membership import take_seats
from chat_app.domain.chats.actions.naming import named_by
from chat_app.domain.chats.actions.seats import my_seat_running
from chat_app.domain.chats.errors import InvitationNotFound, TooManyInvitations
from chat_app.domain.chats.events import GroupChanged
from chat_app.domain.chats.rules import MOST_INVITATIONS, MOST_MEMBERS
from chat_app.domain.chats.tables import Chat, GroupBan, Invitation, Member
from chat_app.domain.common.errors import Invalid
from chat_app.domain.common.ids import ID_BYTES, ChatId, ClientId, Row
from chat_app.domain.common.work import Rate, Work, door

LONGEST_LIFE = timedelta(days=365)


@door(rate=Rate("invitations", per_second=0.2, burst=10))
def make_invitation(
    work: Work,
    chat_id: ChatId,
    *,
    lifetime: timedelta | None = None,
    most_uses: int | None = None,
    client_id: ClientId | None = None,
) -> str:
    """The token of a new link; for ever and for as many as the group takes, unless limited. With the same `client_id`
    it is made once, however often that is asked.

    Refused: `ChatNotFound`, `NotAllowed`, `TooManyInvitations`, `Invalid`.
    """
    seat = my_seat_running(work, chat_id)
    if lifetime is not None and not timedelta(0) < lifetime <= LONGEST_LIFE:
        raise Invalid("lifetime")
    if most_uses is not None and not 1 <= most_uses <= MOST_MEMBERS:
        raise Invalid("most_uses")
    token = work.dice.token(ID_BYTES) if client_id is None else named_by(work, f"invitation {chat_id}", client_id)
    if work.session.exec(select(Invitation.id).where(col(Invitation.token) == token)).first() is not None:
        return token
    living = select(func.count()).where(col(Invitation.chat) == seat.chat, *_living(work))
    if work.session.exec(living).one() >= MOST_INVITATIONS:
        raise TooManyInvitations(most=MOST_INVITATIONS)
    expires_at = None if lifetime is None else work.now + lifetime
    made = Invitation(chat=seat.chat, token=token, made_by=seat.person, made_at=work.now)
    made.expires_at, made.most_uses = expires_at, most_uses
    work.session.add(made)
    work.session.flush()
    leave_line(work, seat.chat, chat_id, "linked", by=seat.person)
    work.tell(GroupChanged(chat_id))
    return token


@door(rate=Rate("invitations", per_second=0.2, burst=10))
def revoke_invitation(work: Work, chat_id: ChatId, token: str) -> None:
    """Nobody joins by this link any more. Refused: `ChatNotFound`, `NotAllowed`, `InvitationNotFound`."""
    seat = my_seat_running(work, chat_id)
    mine = update(Invitation).where(
        col(Invitation.chat) == seat.chat, col(Invitation.token) == token, col(Invitation.revoked_at).is_(None)
    )
    gone = work.connection.execute(mine.values(revoked_at=work.now).returning(col(Invitation.id))).first()
    if gone is None:
        raise InvitationNotFound
    leave_line(work, seat.chat, chat_id, "unlinked", by=seat.person)
    work.tell(GroupChanged(chat_id))


@door(rate=Rate("join", per_second=0.2, burst=10))
def join_group(work: Work, token: str) -> ChatId:
    """Take a seat by a link; who has one keeps it, and uses nothing up.

    Refused: `InvitationNotFound`, `GroupFull`; `PersonNotFound` when my account has ended meanwhile.
    """
    found = work.session.exec(
        select(Chat.id, Chat.chat_id)
        .join(Invitation, col(Invitation.chat) == col(Chat.id))
        .where(col(Invitation.token) == token)
        .with_for_update(of=Chat)
    ).first()
    if found is None:
        raise InvitationNotFound
    row, text = found
    chat, chat_id = Row(row or 0), ChatId(text)
    seat = select(Member.id).where(col(Member.chat) == chat, col(Member.person) == work.me.row)
    if work.session.exec(seat).first() is not None:
        return chat_id
    if work.session.get(GroupBan, (chat, work.me.row)):
        raise InvitationNotFound
    # counted in the same statement that looks whether any is left: fifty at once use no more than there are
    use = update(Invitation).where(col(Invitation.token) == token, *_living(work)).values(uses=Invitation.uses + 1)
    if work.connection.execute(use.returning(col(Invitation.id))).first() is None:
        raise InvitationNotFound
    take_seats(work, chat, chat_id, {work.me.row: work.me.user_id}, lines=1)
    leave_line(work, chat, chat_id, "joined", by=work.me.row)
    return chat_id


def _living(work: Work) -> list[ColumnElement[bool]]:
    return [
        col(Invitation.revoked_at).is_(None),
        or_(col(Invitation.expires_at).is_(None), col(Invitation.expires_at) > work.now),
        or_(col(Invitation.most_uses).is_(None), col(Invitation.uses) < col(Invitation.most_uses)),
    ]
