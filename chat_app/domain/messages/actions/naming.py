"""Whom a message names: members of its chat, or all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, bindparam, insert, select, update
from sqlmodel import col

from chat_app.domain.chats.rules import GroupRole, runs
from chat_app.domain.chats.tables import GROUP, Member
from chat_app.domain.common.ids import Row
from chat_app.domain.common.values import skeleton
from chat_app.domain.common.work import Work
from chat_app.domain.messages.markup import names_in
from chat_app.domain.messages.rules import EVERYONE, Extra
from chat_app.domain.messages.tables import Mention
from chat_app.domain.users.tables import User

MOST_NAMED = 50
"""People whom one message names; those after them are only words."""


@dataclass(frozen=True)
class Named:
    """The people a message names; `everyone` when it calls all members."""

    people: frozenset[Row] = frozenset()
    everyone: bool = False

    @property
    def extras(self) -> Extra:
        return (Extra.MENTIONS if self.people else Extra(0)) | (Extra.EVERYONE if self.everyone else Extra(0))


NOBODY = Named()


def named_in(work: Work, body: str, *, chat: Row, kind: str, role: GroupRole, seq: int | None = None) -> Named:
    """Whom `body` names of those who may see message `seq` of the chat."""
    names = names_in(body)
    if not names:
        return NOBODY
    everyone = kind == GROUP and runs(role) and not EVERYONE.isdisjoint(names)
    # a name at the end of a sentence may be spelt with its dot or without
    keys = {skeleton(name) for name in names[: 2 * MOST_NAMED]}
    facts = {"chat": chat, "keys": sorted(keys), "seq": FUTURE if seq is None else seq}
    members = {folded: Row(row or 0) for row, folded in work.connection.execute(MEMBERS, facts)}
    # names that only look alike have the same key
    people = [members[name] for name in names if name in members]
    return Named(frozenset(people[:MOST_NAMED]), everyone)


def note(work: Work, named: Named, *, chat: Row, message: Row, seq: int) -> None:
    """Remember whom message `seq` names, and that it did."""
    people = sorted(named.people)
    if people:
        work.connection.execute(insert(Mention), [{"message": message, "person": person} for person in people])
    facts: dict[str, Any] = {"in_chat": chat, "seq": seq, "me": work.me.row}
    if named.everyone:
        work.connection.execute(CALL_ALL, facts)
    elif people:
        work.connection.execute(CALL, facts | {"people": people})


FUTURE = 2**31 - 1
KEYS: BindParameter[Sequence[str]] = bindparam("keys", expanding=True)
PEOPLE: BindParameter[Sequence[int]] = bindparam("people", expanding=True)
MEMBERS = (
    select(col(User.id), col(User.username_folded))
    .join(Member, col(Member.person) == col(User.id))
    .where(
        col(Member.chat) == bindparam("chat"),
        col(User.username_key).in_(KEYS),
        col(User.deleted_at).is_(None),
        col(Member.since_seq) < bindparam("seq"),
    )
)
CALL_ALL = (
    update(Member)
    .where(
        col(Member.chat) == bindparam("in_chat"),
        col(Member.person) != bindparam("me"),
        col(Member.since_seq) < bindparam("seq"),
        col(Member.mentioned_seq) < bindparam("seq"),
    )
    .values(mentioned_seq=bindparam("seq"))
)
CALL = CALL_ALL.where(col(Member.person).in_(PEOPLE))
