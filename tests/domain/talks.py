"""What the stories of messages begin with: a chat of two, a group of three, and saying something in it."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from chat_app.domain.chats.actions import add_members, create_group, open_direct_chat
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ChatId, ClientId
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import SYSTEM, Person, Reader
from chat_app.domain.messages.actions import send_message
from chat_app.domain.messages.queries import Bubble, page_of
from chat_app.domain.messages.tables import Message
from chat_app.infrastructure.unit_of_work import Doors

HOUR = timedelta(hours=1)


async def pair(doors: Doors, one: Person, other: Person) -> ChatId:
    """Their direct chat."""
    return await doors.perform(one, open_direct_chat, other.user_id)


async def group(doors: Doors, owner: Person, *others: Person) -> ChatId:
    """A group of theirs."""
    chat = await doors.perform(owner, create_group, GroupTitle("Hike"))
    await doors.perform(owner, add_members, chat, [other.user_id for other in others])
    return chat


async def say(doors: Doors, who: Person, chat: ChatId, body: str, reply_to: int | None = None) -> int:
    """Its seq."""
    name = ClientId(f"{chat[:6]}-{await length(doors, chat)}")
    return (await doors.perform(who, send_message, chat, name, body, reply_to)).seq


async def length(doors: Doors, chat: ChatId) -> int:
    """How many messages a chat has."""
    return (await row_of(doors, chat)).last_seq


async def row_of(doors: Doors, chat: ChatId) -> Chat:
    """What is stored of a chat."""

    def stored(reader: Reader) -> Chat:
        return reader.session.exec(select(Chat).where(Chat.chat_id == chat)).one()

    return await doors.ask(SYSTEM, stored)


async def stored_at(doors: Doors, chat: ChatId, seq: int) -> Message:
    """What is stored of a message."""

    def stored(reader: Reader) -> Message:
        here = select(Message).join(Chat, col(Chat.id) == col(Message.chat))
        return reader.session.exec(here.where(Chat.chat_id == chat, Message.seq == seq)).one()

    return await doors.ask(SYSTEM, stored)


async def seat_of(doors: Doors, chat: ChatId, who: Person) -> Member:
    """What is stored of a seat."""

    def stored(reader: Reader) -> Member:
        here = select(Member).join(Chat, col(Chat.id) == col(Member.chat))
        return reader.session.exec(here.where(Chat.chat_id == chat, Member.person == who.row)).one()

    return await doors.ask(SYSTEM, stored)


async def seen(doors: Doors, who: Person, chat: ChatId) -> Sequence[Bubble]:
    """The newest page."""
    return (await doors.ask(who, page_of, chat)).messages


async def bubble(doors: Doors, who: Person, chat: ChatId, seq: int) -> Bubble:
    """One message of it."""
    return next(each for each in await seen(doors, who, chat) if each.seq == seq)
