"""Messages of the reader's chats by their words: the newest first, those with the very words before other forms.

The index (`domain/messages/indexing.py`) names candidates, at most so many for one answer; each is compared with what
is really said in it before it is one. Only chats the reader sits in are asked for, and of these only what is for them.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, select, text
from sqlmodel import col

from chat_app.domain.chats.queries.lists import ABOUT, AUTHOR, MINE, TITLED
from chat_app.domain.chats.tables import Chat, Member
from chat_app.domain.common.finding import ANYWHERE, MOST_WORDS, Part, occurs, snippet_of, stem_of, words_of
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.work import Rate, Reader, door
from chat_app.domain.messages.indexing import PRIVATE, chat_token, searchable
from chat_app.domain.messages.markup import plain_of
from chat_app.domain.messages.tables import Message

MOST_HITS = 50

CHATS_SEARCHED = 1000
"""Of the reader's, the latest."""

SCANNED = 2000
"""Candidates that are looked at for one answer."""

LOOKED_SECONDS = 0.5
"""For so long one answer looks: who fills chats of their own with what is hard to fold holds up themselves."""

FEW_CHATS = 50
"""With so many or fewer, SQLite's index is asked for words and chats together from the start."""

TOGETHER = 100
"""Chats in one group of such a question. At each step FTS5 looks at all of a group: with 500 in one, words that many
others say and none of these cost 126 ms in 100,000 messages."""

FEW_MESSAGES = 3000
"""So many or fewer in all of the reader's chats, and PostgreSQL walks them rather than an index of everybody's."""

NEWEST = 4000
"""Messages of everybody that PostgreSQL walks first: a word that is common is found among them."""

NEWEST_OF_CHAT = 1000
"""Messages in which words of one or two letters are looked for: no index has them."""

RECENT_CHATS = 20
"""With no chat open, these words are looked for in so many chats, in the newest messages of each."""

HIGHEST = 2**63 - 1


@dataclass(frozen=True)
class Mark:
    """Where a search goes on: at which of its stages, and the message it had come to."""

    stage: int
    chat_id: ChatId
    seq: int


@dataclass(frozen=True)
class FoundMessage:
    """A message with the words; `at` in milliseconds since 1970."""

    chat_id: ChatId
    seq: int
    kind: str
    title: str
    """Of its chat."""
    person: UserId | None
    """The other one, in a direct chat."""
    picture: str
    author: UserId
    name: str
    at: int
    parts: tuple[Part, ...]
    """What stands around the words."""


@dataclass(frozen=True)
class FoundMessages:
    """Some of what was found; `more` says where the rest begins, None when this was the last."""

    messages: list[FoundMessage]
    more: Mark | None


class Seat(NamedTuple):
    """One of the reader's chats, and from where on they see it."""

    chat: Row
    chat_id: ChatId
    since: int
    last_seq: int


class Candidate(NamedTuple):
    """A message that may have the words."""

    id: Row
    chat: Row
    seq: int
    body: str


@door(rate=Rate("search", per_second=3, burst=20))
def find_messages(
    reader: Reader,
    typed: str,
    *,
    open_chat: ChatId | None = None,
    within: bool = False,
    after: Mark | None = None,
    limit: int = 20,
) -> FoundMessages:
    """Messages that have every word of `typed`, or other forms of its long words; those after `after`. `within`: those
    of `open_chat` alone.

    Words of one or two letters alone are looked for in the newest messages of `open_chat`, or of the latest chats.
    """
    words = words_of(PRIVATE.sub(" ", typed))
    seats = {seat.chat: seat for seat in _seats(reader, open_chat if within else None)} if words else {}
    if not seats:
        return FoundMessages([], None)
    most = max(1, min(limit, MOST_HITS))
    stages = [words] if (stems := list(map(stem_of, words))) == words else [words, stems]
    stage, before = 0, HIGHEST
    if after is not None:
        found = reader.connection.execute(PLACE, {"me": reader.me.row, "chat_id": after.chat_id, "seq": after.seq})
        stage, before = max(0, min(after.stage, len(stages))), found.scalar() or 0

    hits: list[tuple[int, Candidate]] = []
    left, until = SCANNED, monotonic() + LOOKED_SECONDS
    for at in range(stage, len(stages)):
        for candidate in _candidates(reader, stages[at], seats, before, open_chat):
            left -= 1
            if _is_hit(candidate, stages[at], seats, but=words if at else None):
                hits.append((at, candidate))
            if len(hits) > most:
                break
            if left <= 0 or monotonic() > until:
                # that is as far as one answer goes
                return _answer(reader, hits[:most], words, _mark(at, candidate, seats))
        if len(hits) > most:
            break
        before = HIGHEST
    more = _mark(*hits[most - 1], seats) if len(hits) > most else None
    return _answer(reader, hits[:most], words, more)


def _mark(stage: int, candidate: Candidate, seats: dict[Row, Seat]) -> Mark:
    return Mark(stage, seats[candidate.chat].chat_id, candidate.seq)


def _is_hit(candidate: Candidate, words: Sequence[str], seats: dict[Row, Seat], but: Sequence[str] | None) -> bool:
    seat = seats.get(candidate.chat)
    if seat is None or candidate.seq <= seat.since:
        return False
    folded = searchable(candidate.body)
    if but is not None and all(occurs(word, folded) for word in but):
        # it was shown with those that have the very words
        return False
    return all(occurs(word, folded) for word in words)


def _seats(reader: Reader, only: ChatId | None) -> list[Seat]:
    query, facts = (SEATS, {}) if only is None else (SEAT, {"chat_id": only})
    rows = reader.connection.execute(query, {"me": reader.me.row, **facts}).all()
    return [Seat(Row(chat or 0), ChatId(chat_id), since, last_seq) for chat, chat_id, since, last_seq in rows]


def _candidates(
    reader: Reader, words: Sequence[str], seats: dict[Row, Seat], before: int, open_chat: ChatId | None
) -> Iterator[Candidate]:
    """Messages that may have these words, the newest first."""
    long = [word for word in words if len(word) >= ANYWHERE]
    if not long:
        return _newest(reader, seats, before, open_chat)
    if reader.engine == "sqlite":
        return _in_sqlite(reader, long, seats, before)
    return _in_postgres(reader, long, seats, before)


def _newest(reader: Reader, seats: dict[Row, Seat], before: int, open_chat: ChatId | None) -> Iterator[Candidate]:
    here = [seat.chat for seat in seats.values() if seat.chat_id == open_chat]
    chats = here or list(seats)[:RECENT_CHATS]
    rows: list[Candidate] = []
    for chat in chats:
        facts = {"chat": chat, "before": before, "most": NEWEST_OF_CHAT // len(chats)}
        rows += _rows(reader, NEWEST_SAID, facts)
    return iter(sorted(rows, reverse=True))


def _in_sqlite(reader: Reader, words: Sequence[str], seats: dict[Row, Seat], before: int) -> Iterator[Candidate]:
    asked = " AND ".join(dict.fromkeys(_quoted(word[at : at + 3]) for word in words for at in range(len(word) - 2)))
    if len(seats) > FEW_CHATS:
        # a word that few messages have is answered by them alone, and one that many have by the newest of them
        for most in (200, 600, 1200):
            rows = _matching(reader, asked, before, most)
            yield from _of_mine(reader, rows)
            if len(rows) < most:
                return
            before = rows[-1]
    tokens = [_quoted(chat_token(chat)) for chat in seats]
    groups = [" OR ".join(tokens[at : at + TOGETHER]) for at in range(0, len(tokens), TOGETHER)]
    mine = " OR ".join(f"({asked} AND ({group}))" for group in groups)
    for most in (100, 400, SCANNED):
        rows = _matching(reader, mine, before, most)
        yield from _of_mine(reader, rows)
        if len(rows) < most:
            return
        before = rows[-1]


def _matching(reader: Reader, asked: str, before: int, most: int) -> list[int]:
    facts = {"asked": asked, "before": before, "most": most}
    return list(reader.connection.execute(MATCHING, facts).scalars())


def _of_mine(reader: Reader, rows: list[int]) -> list[Candidate]:
    # as one value: a statement with a thousand of them takes SQLAlchemy longer than SQLite
    return _rows(reader, OF_MINE, {"me": reader.me.row, "messages": json.dumps(rows)}) if rows else []


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'


def _in_postgres(reader: Reader, words: Sequence[str], seats: dict[Row, Seat], before: int) -> Iterator[Candidate]:
    walked, among_newest, by_trigrams = BY_WORDS[len(words) - 1]
    facts: dict[str, Any] = {"chats": list(seats)}
    facts |= {f"word{at}": f"%{_escaped(word)}%" for at, word in enumerate(words)}
    if sum(seat.last_seq for seat in seats.values()) <= FEW_MESSAGES:
        yield from _rows(reader, walked, facts | {"before": before, "most": SCANNED})
        return
    yield from _rows(reader, among_newest, facts | {"before": before, "most": NEWEST})
    edge = reader.connection.execute(OLDEST_OF_NEWEST, {"before": before, "most": NEWEST}).scalar()
    if edge is not None:
        yield from _rows(reader, by_trigrams, facts | {"before": edge, "most": SCANNED})


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _rows(reader: Reader, query: Any, facts: dict[str, Any]) -> list[Candidate]:
    return [Candidate(*row) for row in reader.connection.execute(query, facts)]


def _answer(
    reader: Reader, hits: Sequence[tuple[int, Candidate]], words: Sequence[str], more: Mark | None
) -> FoundMessages:
    found = [candidate for _, candidate in hits]
    if not found:
        return FoundMessages([], more)
    # two lookups by number: joined into one, SQLite walks every message of every chat of the reader's
    facts = {"me": reader.me.row, "chats": list({candidate.chat for candidate in found})}
    about: Sequence[Any] = reader.connection.execute(CHATS_OF_HITS, facts).all()
    chats = {Row(row): rest for row, *rest in about}
    rows: Sequence[Any] = reader.connection.execute(HITS, {"messages": [candidate.id for candidate in found]}).all()
    said = {Row(row): rest for row, *rest in rows}
    shown = [each for each in found if each.chat in chats and each.id in said]
    return FoundMessages([_found(words, each, said[each.id], chats[each.chat]) for each in shown], more)


def _found(words: Sequence[str], candidate: Candidate, said: Any, about: Any) -> FoundMessage:
    author, name, at = said
    chat_id, kind, title, _, person, _, _, picture = about
    parts = snippet_of(plain_of(candidate.body), words)
    return FoundMessage(
        ChatId(chat_id),
        candidate.seq,
        kind,
        title,
        person,
        picture,
        UserId(author),
        name,
        milliseconds(at),
        parts,
    )


# Built once: SQLAlchemy takes longer to build a statement than the database to answer it.
THESE: BindParameter[Any] = bindparam("messages", expanding=True)
CHATS: BindParameter[Any] = bindparam("chats", expanding=True)
SAID = (col(Message.id), col(Message.chat), col(Message.seq), col(Message.body))
STANDING = (col(Message.event).is_(None), col(Message.erased_at).is_(None))
SEATS = (
    select(col(Chat.id), col(Chat.chat_id), col(Member.since_seq), col(Chat.last_seq))
    .join(Member, col(Member.chat) == col(Chat.id))
    .where(col(Member.person) == bindparam("me"))
    .order_by(col(Chat.last_at).desc())
    .limit(CHATS_SEARCHED)
)
SEAT = SEATS.where(col(Chat.chat_id) == bindparam("chat_id"))
PLACE = (
    select(col(Message.id))
    .join(Chat, col(Chat.id) == col(Message.chat))
    .join(Member, col(Member.chat) == col(Chat.id))
    .where(
        col(Member.person) == bindparam("me"),
        col(Chat.chat_id) == bindparam("chat_id"),
        col(Message.seq) == bindparam("seq"),
    )
)
NEWEST_SAID = (
    select(*SAID)
    .where(col(Message.chat) == bindparam("chat"), col(Message.id) < bindparam("before"), *STANDING)
    .order_by(col(Message.seq).desc())
    .limit(bindparam("most"))
)
OF_MINE = text(
    "SELECT m.id, m.chat, m.seq, m.body FROM json_each(:messages) these CROSS JOIN messages m ON m.id = these.value"
    " CROSS JOIN members ON members.chat = m.chat AND members.person = :me"
    " WHERE m.event IS NULL AND m.erased_at IS NULL ORDER BY m.id DESC"
)
HITS = (
    select(col(Message.id), col(AUTHOR.user_id), col(AUTHOR.name), col(Message.sent_at))
    .join(AUTHOR, col(AUTHOR.id) == col(Message.author))
    .where(col(Message.id).in_(THESE), *STANDING)
)
CHATS_OF_HITS = select(col(Chat.id), *ABOUT).select_from(TITLED).where(MINE, col(Member.chat).in_(CHATS))
MATCHING = text(
    "SELECT rowid FROM message_search WHERE message_search MATCH :asked AND rowid < :before"
    " ORDER BY rowid DESC LIMIT :most"
)
OLDEST_OF_NEWEST = text(
    "SELECT message FROM message_search WHERE message < :before ORDER BY message DESC OFFSET :most - 1 LIMIT 1"
)


def _by_words(count: int) -> tuple[Any, Any, Any]:
    """The three ways to find so many words in PostgreSQL. What is added to a column keeps the planner from an index
    that is worse here than it thinks: of LIKE it knows little."""
    said = "SELECT s.message, s.chat, m.seq, m.body FROM {} s JOIN messages m ON m.id = s.message"
    mine = " WHERE s.chat = ANY (CAST(:chats AS bigint[])) AND {}"
    newest_first = " ORDER BY s.message + 0 DESC LIMIT :most"
    words = " AND ".join(f"s.folded LIKE :word{at}" for at in range(count))
    hidden = words.replace("s.folded", "s.folded || ''")
    newest = "(SELECT * FROM message_search WHERE message < :before ORDER BY message DESC LIMIT :most)"
    before = " AND s.message < :before"
    walked = (said + mine).format("message_search", hidden) + before + newest_first
    among_newest = (said + mine).format(newest, words) + " ORDER BY s.message DESC"
    by_trigrams = (said + mine).format("message_search", words) + before + newest_first
    return text(walked), text(among_newest), text(by_trigrams)


BY_WORDS = [_by_words(count) for count in range(1, MOST_WORDS + 1)]
