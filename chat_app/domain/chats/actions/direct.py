"""Direct chats: one for each pair."""

from sqlmodel import col, select

from chat_app.domain.chats.actions.groups import NEW_CHATS
from chat_app.domain.chats.actions.membership import hold_accounts
from chat_app.domain.chats.errors import PersonNotFound, WritingClosed, WritingToYourself
from chat_app.domain.chats.events import MembersJoined
from chat_app.domain.chats.tables import DIRECT, Chat, Member
from chat_app.domain.common.ids import ID_BYTES, ChatId, Row, UserId
from chat_app.domain.common.tables import insert_once
from chat_app.domain.common.work import Work, door
from chat_app.domain.users.queries import blocked_either_way, choices_of, is_confirmed, share_a_chat
from chat_app.domain.users.rules import open_to
from chat_app.domain.users.tables import User


@door(rate=NEW_CHATS)
def open_direct_chat(work: Work, with_: UserId) -> ChatId:
    """The one direct chat of the caller and a person, made if need be.

    Refused: `PersonNotFound`, `WritingToYourself`, `WritingClosed`.
    """
    other = work.session.exec(
        select(User.id).where(User.user_id == with_, col(User.deleted_at).is_(None), is_confirmed())
    ).first()
    if other is None:
        raise PersonNotFound
    if other == work.me.row:
        raise WritingToYourself

    pair_key = "{}:{}".format(*sorted((work.me.row, other)))
    other = Row(other)
    known = work.session.exec(select(Chat.id).where(Chat.pair_key == pair_key)).first() is not None
    if not known and not _may_write(work, other):
        raise WritingClosed
    if not known:
        hold_accounts(work, [work.me.row, other])
    made = insert_once(
        work,
        Chat,
        chat_id=ChatId(work.dice.token(ID_BYTES)),
        kind=DIRECT,
        pair_key=pair_key,
        last_seq=0,
        last_rev=0,
        members_rev=0,
        last_at=work.now,
        created_at=work.now,
    )
    chat, text = work.session.exec(select(Chat.id, Chat.chat_id).where(Chat.pair_key == pair_key)).one()
    chat_id = ChatId(text)
    if made:
        for person in (work.me.row, other):
            work.session.add(Member(chat=Row(chat or 0), person=person, joined_at=work.now))
        work.tell(MembersJoined(chat_id, (work.me.user_id, with_)))
    return chat_id


def _may_write(work: Work, other: Row) -> bool:
    open_ = open_to(choices_of(work, other).may_write, shares_a_chat=share_a_chat(work, other))
    # a block answers as the choice does
    return open_ and not blocked_either_way(work, work.me.row, other)
