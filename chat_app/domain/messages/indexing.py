"""The words of messages, where a search finds them: kept in the transaction that changes a message, read by
`queries/search.py`. Made by migration 0006, since neither engine's index is a table that SQLModel knows.

SQLite has an FTS5 table of the trigrams of each message and nothing else: with `content=''` and `detail=none` it holds
neither the text nor where in it anything stands, and to take a message out, its words are needed once more. In the
column `chat` stands a token for the chat, three characters that no text has, so that one query asks for words *and*
chats. PostgreSQL has a table with the folded text under an index of `pg_trgm`.

What is taken out of an FTS5 table is found no more, but stays in the file until its parts are merged: `owed` counts
what `forget_words` has to do.
"""

import re
from typing import Any

from sqlalchemy import text

from chat_app.domain.common.ids import Row
from chat_app.domain.common.values import folded_text
from chat_app.domain.common.work import Who, Work, door

PRIVATE = re.compile("[\ue000-\uf8ff]")
"""Characters that mean nothing by themselves (Unicode's private use area): our tokens are made of them."""

FIRST_PRIVATE = 0xE000
BASE = 6000
"""How many of them are digits of a token; three name 216 thousand million chats."""

MERGED = 64
"""Pages of the index that are put together in one step: some 10 ms."""


def searchable(body: str) -> str:
    """A message's words as they are found."""
    return PRIVATE.sub(" ", folded_text(body))


def chat_token(chat: Row) -> str:
    """A chat among the trigrams."""
    token, rest = "", int(chat)
    for _ in range(3):
        rest, digit = divmod(rest, BASE)
        token += chr(FIRST_PRIVATE + digit)
    return token


def index(work: Work, message: Row, chat: Row, body: str) -> None:
    """Let what was said be found."""
    if body:
        work.connection.execute(*_add(work, message, chat, body))


def unindex(work: Work, message: Row, chat: Row, body: str) -> None:
    """Let it be found no more; `body` is what was given to `index`."""
    if not body:
        return
    if work.engine == "sqlite":
        work.connection.execute(TAKE_OUT, {"message": message, "chat": chat_token(chat), "words": searchable(body)})
        work.connection.execute(OWE)
    else:
        work.connection.execute(DROP, {"message": message})


def _add(work: Work, message: Row, chat: Row, body: str) -> tuple[Any, dict[str, Any]]:
    if work.engine == "sqlite":
        return PUT_IN, {"message": message, "chat": chat_token(chat), "words": searchable(body)}
    return KEEP, {"message": message, "chat": chat, "words": searchable(body)}


@door(Who.SYSTEM)
def forget_words(work: Work) -> bool:
    """Have some more of what was taken out leave the file as well. False when nothing is left to do."""
    if work.engine != "sqlite" or not work.connection.execute(OWED).scalar():
        return False
    before = work.connection.execute(CHANGES).scalar_one()
    work.connection.execute(MERGE, {"pages": -MERGED})
    # so says FTS5's manual how one knows that there was nothing to merge
    if work.connection.execute(CHANGES).scalar_one() - before >= 2:
        return True
    work.connection.execute(PAID)
    return False


PUT_IN = text("INSERT INTO message_search (rowid, chat, body) VALUES (:message, :chat, :words)")
TAKE_OUT = text(
    "INSERT INTO message_search (message_search, rowid, chat, body) VALUES ('delete', :message, :chat, :words)"
)
OWE = text("UPDATE message_search_owed SET owed = owed + 1")
OWED = text("SELECT owed FROM message_search_owed")
PAID = text("UPDATE message_search_owed SET owed = 0")
MERGE = text("INSERT INTO message_search (message_search, rank) VALUES ('merge', :pages)")
CHANGES = text("SELECT total_changes()")
KEEP = text("INSERT INTO message_search (message, chat, folded) VALUES (:message, :chat, :words)")
DROP = text("DELETE FROM message_search WHERE message = :message")
