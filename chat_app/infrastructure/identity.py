"""Who is asking: from the session cookie to a person, remembered for a few seconds."""

import time
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress

from chat_app.domain.common.errors import Busy
from chat_app.domain.common.ids import Row
from chat_app.domain.common.work import SYSTEM, Actor, Person, Visitor
from chat_app.domain.users.actions import refresh_session
from chat_app.domain.users.queries import session_of
from chat_app.domain.users.rules import REFRESH_AFTER
from chat_app.infrastructure.tokens import token_hash
from chat_app.infrastructure.unit_of_work import ask, perform, the_doors

REMEMBERED_SECONDS = 5.0
"""How long a process other than the one that ended a session may still believe in it, if the bus lost the news."""

REMEMBERED_SESSIONS = 20_000


class Identities:
    """The sessions this process has seen lately."""

    def __init__(self, cookie: str) -> None:
        self._cookie = cookie
        self._known: OrderedDict[str, tuple[float, Person]] = OrderedDict()
        self._forgotten = 0
        """How often something was forgotten: what was read before is not remembered after."""

    async def actor(self, cookies: str, address: str = "") -> Actor:
        """The person whose session a `Cookie` header carries, else a visitor from `address`."""
        token = cookie_value(cookies, self._cookie)
        if not token:
            return Visitor(address)
        digest = token_hash(token)
        known = self._known.get(digest)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        forgotten = self._forgotten
        found = await ask(SYSTEM, session_of, digest)
        if found is None:
            self._known.pop(digest, None)
            return Visitor(address)
        person = found.person
        if found.last_used_at + REFRESH_AFTER < the_doors().clock.now():
            # a writer that is busy has better things to do; the next event asks again
            with suppress(Busy):
                await perform(SYSTEM, refresh_session, person.session)
        if forgotten != self._forgotten:
            return person
        self._known[digest] = (time.monotonic() + REMEMBERED_SECONDS, person)
        self._known.move_to_end(digest)
        if len(self._known) > REMEMBERED_SESSIONS:
            self._known.popitem(last=False)
        return person

    def session_key(self, cookies: str) -> str:
        """What tells one session from another without being it; empty for none."""
        token = cookie_value(cookies, self._cookie)
        return token_hash(token) if token else ""

    def forget(self, sessions: Iterable[Row]) -> None:
        """Look these sessions up anew: they ended, or what is known of their person changed."""
        self._forgotten += 1
        gone = set(sessions)
        for digest in [digest for digest, (_, person) in self._known.items() if person.session in gone]:
            del self._known[digest]

    def forget_person(self, row: Row) -> None:
        """Look every session of this person up anew."""
        self._forgotten += 1
        for digest in [digest for digest, (_, person) in self._known.items() if person.row == row]:
            del self._known[digest]


def cookie_value(cookies: str, name: str) -> str:
    """The value of one cookie in a `Cookie` header; empty when it is not there."""
    for pair in cookies.split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name:
            return value
    return ""
