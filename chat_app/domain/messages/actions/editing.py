"""Saying it better."""

from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col

from chat_app.domain.chats.errors import NotAllowed
from chat_app.domain.common.ids import ChatId, Row
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.work import Work, door
from chat_app.domain.messages.actions.naming import Named, named_in, note
from chat_app.domain.messages.actions.places import CHANGING, change, my_place, standing_at
from chat_app.domain.messages.errors import EditedMeanwhile, EditingOver, EmptyMessage
from chat_app.domain.messages.indexing import index, unindex
from chat_app.domain.messages.queries import people_named
from chat_app.domain.messages.queries.writing import check_open
from chat_app.domain.messages.rules import Extra, body_of
from chat_app.domain.messages.tables import Mention

EDITABLE = timedelta(hours=48)


@door(rate=CHANGING)
def edit_message(work: Work, chat_id: ChatId, seq: int, body: str, version: int | None = None) -> int:
    """Put `body` in the place of what I said; the chat's revision then. It keeps its place, is unread by nobody, and
    calls only people it did not name before. `version` is the `edited` of the bubble whose words are to be changed.

    Refused: `ChatNotFound`, `MessageNotFound`, `NotSaid`, `MessageErased`, `NotAllowed`, `EditingOver`, what `body_of`
    refuses, `EditedMeanwhile`, `WritingClosed`, `BlockedByYou`.
    """
    body = body_of(body, with_files=True)
    place = my_place(work, chat_id)
    said = standing_at(work, place, seq)
    if not (body or said.extras & Extra.ATTACHMENTS):
        raise EmptyMessage("body")
    # what was forwarded stands there by another one's name
    if said.author != work.me.row or said.about is not None:
        raise NotAllowed
    if said.body == body:
        # said again because the answer was lost, or nothing was changed
        return said.rev
    if work.now - said.sent_at > EDITABLE:
        raise EditingOver(hours=EDITABLE // timedelta(hours=1))
    if version is not None and version != (milliseconds(said.edited_at) if said.edited_at else 0):
        raise EditedMeanwhile
    check_open(work, place.chat, place.kind, first=place.empty)

    named = named_in(work, body, chat=place.chat, kind=place.kind, role=place.role, seq=seq)
    before = people_named(work, said.id) if said.extras & Extra.MENTIONS else frozenset[Row]()
    if forgotten := before - named.people:
        gone = delete(Mention).where(col(Mention.message) == said.id, col(Mention.person).in_(forgotten))
        work.connection.execute(gone)
    fresh = Named(named.people - before, named.everyone and not said.extras & Extra.EVERYONE)
    note(work, fresh, chat=place.chat, message=said.id, seq=seq)
    unindex(work, said.id, place.chat, said.body)
    index(work, said.id, place.chat, body)
    extras = said.extras & ~(Extra.MENTIONS | Extra.EVERYONE) | named.extras
    return change(work, place.chat, chat_id, said.id, quoted=seq, body=body, edited_at=work.now, extras=int(extras))
