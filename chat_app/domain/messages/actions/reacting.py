"""Answering with an emoji."""

from sqlalchemy import delete, func, select
from sqlmodel import col

from chat_app.domain.common.ids import ChatId
from chat_app.domain.common.tables import insert_once
from chat_app.domain.common.work import Work, door
from chat_app.domain.messages.actions.places import CHANGING, change, my_place, standing_at
from chat_app.domain.messages.errors import TooManyReactions
from chat_app.domain.messages.queries.writing import check_open
from chat_app.domain.messages.rules import MOST_KINDS, Extra, emoji_of
from chat_app.domain.messages.tables import Reaction


@door(rate=CHANGING)
def react(work: Work, chat_id: ChatId, seq: int, emoji: str) -> None:
    """Put my emoji under a message; once, however often it is asked.

    Refused: `NotAnEmoji`, `ChatNotFound`, `MessageNotFound`, `NotSaid`, `MessageErased`, `TooManyReactions`,
    `WritingClosed`, `BlockedByYou`.
    """
    emoji = emoji_of(emoji)
    place = my_place(work, chat_id)
    said = standing_at(work, place, seq)
    check_open(work, place.chat, place.kind, first=place.empty)
    kinds = select(col(Reaction.emoji)).where(col(Reaction.message) == said.id).distinct()
    there = set(work.connection.execute(kinds).scalars()) if said.extras & Extra.REACTIONS else set[str]()
    if emoji not in there and len(there) >= MOST_KINDS:
        raise TooManyReactions(most=MOST_KINDS)
    if insert_once(work, Reaction, message=said.id, person=work.me.row, emoji=emoji):
        change(work, place.chat, chat_id, said.id, extras=said.extras | Extra.REACTIONS)


@door(rate=CHANGING)
def unreact(work: Work, chat_id: ChatId, seq: int, emoji: str) -> None:
    """Take my emoji away again, if it is there.

    Refused: `ChatNotFound`, `MessageNotFound`, `NotSaid`, `MessageErased`.
    """
    place = my_place(work, chat_id)
    said = standing_at(work, place, seq)
    these = col(Reaction.message) == said.id
    mine = delete(Reaction).where(these, col(Reaction.person) == work.me.row, col(Reaction.emoji) == emoji)
    if work.connection.execute(mine.returning(col(Reaction.id))).first() is None:
        return
    left = work.connection.execute(select(func.count()).select_from(Reaction).where(these)).scalar_one()
    extras = said.extras if left else said.extras & ~Extra.REACTIONS
    change(work, place.chat, chat_id, said.id, extras=int(extras))
