"""A message as everybody in its chat sees it. What differs by reader is worked out in the browser."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Executable, and_, bindparam, case, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from chat_app.domain.common.ids import ClientId, Row, UserId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.work import Reader
from chat_app.domain.messages.markup import plain_of
from chat_app.domain.messages.rules import Extra
from chat_app.domain.messages.tables import Attachment, Mention, Message, Reaction
from chat_app.domain.users.queries import PICTURE
from chat_app.domain.users.tables import Preferences, User

REACTORS_TOLD = 1000
"""Of those who gave the same reaction, as many are told, so that each knows its own; a group has no more members."""

REACTORS_NAMED = 10
"""The first of them, by name."""

QUOTED = 160
"""Characters of a message that its answer shows."""


@dataclass(frozen=True)
class Named:
    """Somebody, by the name or username that is shown."""

    user_id: UserId
    name: str


@dataclass(frozen=True)
class Quote:
    """The message that another one answers, as short as its answer shows it."""

    seq: int
    author: UserId
    name: str
    text: str
    erased: bool
    files: str = ""
    """What is attached: `photo` when it is pictures alone, `file` otherwise; empty for nothing."""
    photo: str = ""
    """The first of the pictures, as its address ends: `<attachment id>/thumbnail` where there is a small one."""


@dataclass(frozen=True)
class Reactions:
    """One emoji under a message: how many gave it, and who."""

    emoji: str
    count: int
    people: tuple[UserId, ...]
    names: tuple[str, ...]
    """Of fewer of them."""


@dataclass(frozen=True)
class FileView:
    """An attachment. Width and height in pixels, of pictures only; `thumbnail`: there is a small one."""

    attachment_id: str
    name: str
    type: str
    size: int
    width: int | None
    height: int | None
    thumbnail: bool


@dataclass(frozen=True)
class Bubble:
    """A message; `at` in milliseconds since 1970."""

    seq: int
    rev: int
    author: UserId
    name: str
    client_id: ClientId
    at: int
    text: str
    erased: bool = False
    event: str = ""
    """Of a system line: what the author did."""
    about: Named | None = None
    """To whom; of what somebody said, whose words were forwarded."""
    edited: int = 0
    """When last, in milliseconds since 1970: the version of its words. 0 for never."""
    pinned: int = 0
    """When, in milliseconds since 1970; 0 for not."""
    reply: Quote | None = None
    everyone: bool = False
    """It calls all members."""
    mentions: tuple[Named, ...] = ()
    """By their usernames."""
    reactions: tuple[Reactions, ...] = ()
    files: tuple[FileView, ...] = ()
    picture: str = ""
    """The author's."""


def read_bubbles(reader: Reader, bubbles: Executable, **values: int) -> list[Bubble]:
    """The bubbles that a statement made of `BUBBLES` finds."""
    # straight over the connection: no row of it becomes an object of the session
    rows: Sequence[Any] = reader.connection.execute(bubbles, values).all()
    extras = _extras(reader, rows)
    return [
        Bubble(
            seq,
            rev,
            author,
            name,
            client_id,
            milliseconds(sent_at),
            body,
            erased_at is not None,
            event or "",
            None if about is None else Named(about, about_name),
            0 if edited_at is None else milliseconds(edited_at),
            0 if pinned_at is None else milliseconds(pinned_at),
            None
            if quoted is None
            else Quote(
                quoted,
                answered,
                quoted_name,
                plain_of(quoted_body),
                quoted_erased is not None,
                quoted_files,
                quoted_photo,
            ),
            bool(flags & Extra.EVERYONE),
            *extras.get(row, NO_EXTRAS),
            picture=picture,
        )
        for (
            row,
            flags,
            seq,
            rev,
            author,
            name,
            client_id,
            sent_at,
            body,
            erased_at,
            event,
            about,
            about_name,
            edited_at,
            pinned_at,
            quoted,
            answered,
            quoted_name,
            quoted_body,
            quoted_erased,
            quoted_files,
            quoted_photo,
            picture,
        ) in rows
    ]


def people_named(reader: Reader, message: Row) -> frozenset[Row]:
    """Whom a message names."""
    return frozenset(map(Row, reader.connection.execute(PEOPLE_NAMED, {"message": message}).scalars()))


Extras = tuple[tuple[Named, ...], tuple[Reactions, ...], tuple[FileView, ...]]
NO_EXTRAS: Extras = ((), (), ())


def _extras(reader: Reader, rows: Sequence[Any]) -> dict[Row, Extras]:
    """What the few messages have that have more than words."""
    having = {kind: [row.id for row in rows if row.extras & kind] for kind in Extra}
    if not any(having.values()):
        return {}
    mentions = _by_message(reader, MENTIONS, having[Extra.MENTIONS], Named)
    files = _by_message(reader, FILES, having[Extra.ATTACHMENTS], FileView)
    reactions = _reactions(reader, having[Extra.REACTIONS])
    some = {*mentions, *files, *reactions}
    return {row: (mentions.get(row, ()), reactions.get(row, ()), files.get(row, ())) for row in some}


def _by_message(reader: Reader, query: Executable, rows: list[Row], view: Any) -> dict[Row, tuple[Any, ...]]:
    found: dict[Row, list[Any]] = {}
    if rows:
        for row, *values in reader.connection.execute(query, {"messages": rows}):
            found.setdefault(row, []).append(view(*values))
    return {row: tuple(views) for row, views in found.items()}


def _reactions(reader: Reader, rows: list[Row]) -> dict[Row, tuple[Reactions, ...]]:
    given: dict[Row, dict[str, list[tuple[UserId, str]]]] = {}
    if rows:
        for row, emoji, person, name in reader.connection.execute(REACTIONS, {"messages": rows}):
            given.setdefault(row, {}).setdefault(emoji, []).append((UserId(person), name))
    return {row: tuple(_counted(emojis.items())) for row, emojis in given.items()}


def _counted(emojis: Iterable[tuple[str, list[tuple[UserId, str]]]]) -> list[Reactions]:
    return [
        Reactions(
            emoji,
            len(people),
            tuple(person for person, _ in people[:REACTORS_TOLD]),
            tuple(name for _, name in people[:REACTORS_NAMED]),
        )
        for emoji, people in emojis
    ]


def kind_of_files(message: Any) -> Any:
    """What is attached to `message`, a table or an alias of it, as `Quote.files` says it."""
    # of a picture the pixels are known
    kind = case((func.max(case((col(Attachment.width).is_(None), 1), else_=0)) == 0, "photo"), else_="file")
    found = select(kind).where(col(Attachment.message) == col(message.id)).correlate(message).scalar_subquery()
    return case((col(message.extras).bitwise_and(int(Extra.ATTACHMENTS)) != 0, found), else_="")


def first_photo(message: Any) -> Any:
    """The first picture attached to `message`, as `Quote.photo` says it."""
    small = case((col(Attachment.thumbnail).is_(None), ""), else_="/thumbnail")
    found = (
        select(col(Attachment.attachment_id) + small)
        .where(col(Attachment.message) == col(message.id), col(Attachment.width).is_not(None))
        .order_by(col(Attachment.place))
        .limit(1)
        .correlate(message)
        .scalar_subquery()
    )
    return case((col(message.extras).bitwise_and(int(Extra.ATTACHMENTS)) != 0, func.coalesce(found, "")), else_="")


# Built once: SQLAlchemy takes longer to build a statement than SQLite to answer it, and these run for every message.
ABOUT, ANSWERED, ANSWERED_AUTHOR = aliased(User), aliased(Message), aliased(User)
BUBBLES = (
    select(
        col(Message.id),
        col(Message.extras),
        col(Message.seq),
        col(Message.rev),
        col(User.user_id),
        col(User.name),
        col(Message.client_id),
        col(Message.sent_at),
        col(Message.body),
        col(Message.erased_at),
        col(Message.event),
        col(ABOUT.user_id),
        col(ABOUT.name),
        col(Message.edited_at),
        col(Message.pinned_at),
        col(ANSWERED.seq),
        col(ANSWERED_AUTHOR.user_id),
        col(ANSWERED_AUTHOR.name),
        func.substr(col(ANSWERED.body), 1, QUOTED),
        col(ANSWERED.erased_at),
        kind_of_files(ANSWERED),
        first_photo(ANSWERED),
        PICTURE,
    )
    .join(User, col(User.id) == col(Message.author))
    .outerjoin(Preferences, col(Preferences.user) == col(User.id))
    .outerjoin(ABOUT, col(ABOUT.id) == col(Message.about))
    .outerjoin(ANSWERED, and_(col(ANSWERED.chat) == col(Message.chat), col(ANSWERED.seq) == col(Message.reply_to)))
    .outerjoin(ANSWERED_AUTHOR, col(ANSWERED_AUTHOR.id) == col(ANSWERED.author))
)
THESE: BindParameter[Any] = bindparam("messages", expanding=True)
MENTIONS = (
    select(col(Mention.message), col(User.user_id), col(User.username))
    .join(User, col(User.id) == col(Mention.person))
    .where(col(Mention.message).in_(THESE))
    .order_by(col(Mention.message), col(Mention.person))
)
REACTIONS = (
    select(col(Reaction.message), col(Reaction.emoji), col(User.user_id), col(User.name))
    .join(User, col(User.id) == col(Reaction.person))
    .where(col(Reaction.message).in_(THESE))
    .order_by(col(Reaction.id))
)
PEOPLE_NAMED = select(col(Mention.person)).where(col(Mention.message) == bindparam("message"))
FILES = (
    select(
        col(Attachment.message),
        col(Attachment.attachment_id),
        col(Attachment.name),
        col(Attachment.type),
        col(Attachment.size),
        col(Attachment.width),
        col(Attachment.height),
        col(Attachment.thumbnail).is_not(None),
    )
    .where(col(Attachment.message).in_(THESE))
    .order_by(col(Attachment.message), col(Attachment.place))
)
