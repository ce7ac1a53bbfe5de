"""The end of an account, as the groups see it."""

from sqlmodel import col, select

from chat_app.domain.chats.actions.membership import depart
from chat_app.domain.chats.actions.seats import my_seat
from chat_app.domain.chats.tables import GROUP, Chat, Member
from chat_app.domain.common.ids import ChatId
from chat_app.domain.common.work import Who, Work, door
from chat_app.domain.users.actions import delete_account
from chat_app.domain.users.tables import User


@door(Who.SIGNED_IN)
def close_account(work: Work, proven: str | None = None, *, erase_messages: bool) -> None:
    """`delete_account`, after leaving every group: those that were mine go to an heir, or end.

    Refused: `NotYourPassword`.
    """
    # held before the groups are looked up: nobody adds me to another one in between. Not as firmly as what is written
    # in the end: whoever names me in one of these groups has its row already, and would wait for mine
    work.session.exec(select(User.id).where(User.id == work.me.row).with_for_update(key_share=True)).one()
    mine = (
        select(Chat.chat_id)
        .join(Member, col(Member.chat) == col(Chat.id))
        .where(Member.person == work.me.row, Chat.kind == GROUP)
        # in the same order whoever asks, so that two who leave at once do not wait for each other
        .order_by(col(Chat.id))
    )
    for chat_id in work.session.exec(mine).all():
        depart(work, my_seat(work, ChatId(chat_id)), "closed")
    delete_account(work, proven, erase_messages=erase_messages)
