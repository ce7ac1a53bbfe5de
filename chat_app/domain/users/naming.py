"""The words by which people are found: of each name and username, in a table of their own, so that the beginning of
any of them is a range of its index.
"""

import re

from sqlmodel import col, delete, insert

from chat_app.domain.common.ids import Row
from chat_app.domain.common.work import Work
from chat_app.domain.users.tables import NameWord, User


def name_words(username: str, name: str) -> set[str]:
    """The words of a folded username, itself one of them, and of a folded name."""
    return {username, *re.split(r"[._]", username), *name.split()} - {""}


def keep_name_words(work: Work, user: User) -> None:
    """Let a person be found by the name and username they have now; by none if they have none."""
    row = Row(user.id or 0)
    work.connection.execute(delete(NameWord).where(col(NameWord.person) == row))
    words = name_words(user.username_folded, user.name_key)
    if words:
        work.connection.execute(insert(NameWord), [{"word": word, "person": row} for word in sorted(words)])
