"""How a chat stands in my own list: muted, pinned, archived, and of what it tells me."""

from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select, update

from chat_app.domain.chats.errors import ChatNotFound, TooManyPinned
from chat_app.domain.chats.events import ListingChanged
from chat_app.domain.chats.rules import MOST_PINNED, Level
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.ids import ChatId
from chat_app.domain.common.work import Rate, Work, door

LISTING = Rate("listing", per_second=2, burst=30)


@door(rate=LISTING)
def mute_chat(work: Work, chat_id: ChatId, *, until: datetime | None) -> None:
    """Be told of nothing in this chat until then, or again of what its level says. Refused: `ChatNotFound`."""
    _list(work, chat_id, muted_until=until)


@door(rate=LISTING)
def set_level(work: Work, chat_id: ChatId, level: Level | None) -> None:
    """Of what this chat tells me; None for what my settings say. Refused: `ChatNotFound`."""
    _list(work, chat_id, level=level)


@door(rate=LISTING)
def pin_chat(work: Work, chat_id: ChatId, *, on_top: bool) -> None:
    """Keep a chat on top of my list, which takes it out of the archive, or not any more.

    Refused: `ChatNotFound`, `TooManyPinned`.
    """
    if not on_top:
        _list(work, chat_id, pinned_at=None)
        return
    others = (
        select(func.count())
        .select_from(Member)
        .join(Chat, col(Chat.id) == col(Member.chat))
        .where(col(Member.person) == work.me.row, col(Member.pinned_at).is_not(None), col(Chat.chat_id) != chat_id)
    )
    if work.session.exec(others).one() >= MOST_PINNED:
        raise TooManyPinned(most=MOST_PINNED)
    _list(work, chat_id, pinned_at=work.now, archived_at=None)


@door(rate=LISTING)
def archive_chat(work: Work, chat_id: ChatId, *, away: bool) -> None:
    """Put a chat out of my list until something is said in it, or back; one on top no longer is. Muted, it stays away.

    Refused: `ChatNotFound`.
    """
    if away:
        _list(work, chat_id, archived_at=work.now, pinned_at=None)
    else:
        _list(work, chat_id, archived_at=None)


def _list(work: Work, chat_id: ChatId, **values: Any) -> None:
    chat = select(Chat.id).where(Chat.chat_id == chat_id).scalar_subquery()
    mine = update(Member).where(col(Member.chat) == chat, col(Member.person) == work.me.row)
    if work.connection.execute(mine.values(**values).returning(col(Member.id))).first() is None:
        raise ChatNotFound
    work.tell(ListingChanged(chat_id, work.me.user_id))
