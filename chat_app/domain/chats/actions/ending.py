"""The end of a group."""

from sqlmodel import col, delete, select, update

from chat_app.domain.chats.events import EraseChat, MembersLeft
from chat_app.domain.chats.tables import Group, GroupBan, Invitation, Member
from chat_app.domain.common.events import RemoveFile
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.work import Work
from chat_app.domain.users.tables import User


def end_group(work: Work, chat: Row, chat_id: ChatId, why: str) -> None:
    """Nobody has a seat in it any more, which they are told by `why`; what was said in it is erased soon after."""
    people = work.session.exec(
        select(User.user_id).join(Member, col(Member.person) == col(User.id)).where(col(Member.chat) == chat)
    ).all()
    for table in (Invitation, GroupBan, Member):
        work.session.exec(delete(table).where(col(table.chat) == chat))
    picture = work.session.exec(select(Group.avatar).where(col(Group.chat) == chat)).first()
    if picture:
        work.later(RemoveFile(picture))
    nothing = {"title": "", "title_key": "", "description": "", "avatar": None}
    work.session.exec(update(Group).where(col(Group.chat) == chat).values(**nothing))
    work.tell(MembersLeft(chat_id, tuple(map(UserId, people)), why))
    work.later(EraseChat(chat_id))
