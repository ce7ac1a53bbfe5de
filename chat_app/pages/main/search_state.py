"""What was looked for and found. It is thrown away when the search is closed."""

from dataclasses import dataclass
from typing import Annotated, Literal

import reflex as rx
from pydantic import Field

from chat_app.domain.chats.queries.search import FoundChat, find_chats
from chat_app.domain.chats.tables import DIRECT
from chat_app.domain.common.finding import Part, parts_of, words_of
from chat_app.domain.common.ids import ChatId
from chat_app.domain.common.work import Person, Who
from chat_app.domain.messages.queries.search import FoundMessage, Mark, find_messages
from chat_app.domain.users.queries import PersonView, find_people
from chat_app.infrastructure.unit_of_work import ask
from chat_app.pages.main.state import ID, MainState, Seq
from chat_app.realtime.faces import Face, face_of
from chat_app.realtime.policy import actor, handler

SHOWN = 20
"""Of a section that is open; there may be more messages."""

SHOWN_OF_ALL = {"chats": 3, "people": 3, "messages": 5}
"""Of each section while all are open."""

MOST_MESSAGES = 200
"""Until the words have to be better chosen."""

Section = Literal["all", "chats", "people", "messages", "here"]
"""`here`: messages of the chat that is open."""


@dataclass(frozen=True)
class ChatHit:
    """A chat as the search shows it."""

    chat_id: str
    direct: bool
    parts: list[Part]
    username: list[Part]
    members: int
    face: Face


@dataclass(frozen=True)
class PersonHit:
    """A person as the search shows them."""

    user_id: str
    parts: list[Part]
    username: list[Part]
    together: bool
    face: Face


@dataclass(frozen=True)
class MessageHit:
    """A message as the search shows it."""

    key: str
    chat_id: str
    seq: int
    path: str
    """Where it stands among others."""
    title: str
    direct: bool
    mine: bool
    name: str
    at: int
    parts: list[Part]
    face: Face


@dataclass(frozen=True)
class Counts:
    """How much was found, as it is shown: `20+` for more than is counted, empty for nothing."""

    chats: str = ""
    people: str = ""
    messages: str = ""
    all: int = 0
    more: bool = False


class SearchState(rx.State):
    """The search, while it is open."""

    text: str = ""
    """What the answer is about."""
    section: str = "all"
    counts: Counts = Counts()
    chats: list[ChatHit] = []
    people: list[PersonHit] = []
    messages: list[MessageHit] = []
    more: bool = False
    """There are more messages than these."""
    answer: int = 0
    """Changes with what is found and shown, for whoever keeps a place in it."""

    _chats: list[ChatHit] = []
    _people: list[PersonHit] = []
    _messages: list[MessageHit] = []
    _mark: Mark | None = None

    @handler(Who.CONFIRMED, supersedes=True)
    async def find(self, text: Annotated[str, Field(max_length=200)]):
        """My chats, people and messages with these words."""
        await self._look(text.strip())

    async def _look(self, typed: str) -> None:
        who, within = actor(), self.section == "here"
        chats = await ask(who, find_chats, typed, limit=SHOWN + 1) if typed and not within else []
        people = await ask(who, find_people, typed, limit=SHOWN + 1) if typed and not within else []
        here = self._open_chat()
        found = await ask(who, find_messages, typed, open_chat=here, within=within, limit=SHOWN) if typed else None
        words = words_of(typed)
        self.text, self._mark = typed, found.more if found else None
        self._chats = [_chat(chat, words) for chat in chats[:SHOWN]]
        self._people = [_person(person, words) for person in people[:SHOWN]]
        self._messages = [_message(message, who) for message in found.messages] if found else []
        all_ = len(self._chats) + len(self._people) + len(self._messages)
        more = [len(chats) > SHOWN, len(people) > SHOWN, self._mark is not None]
        several = (self._chats, self._people, self._messages)
        shown = [_count(hits, is_more) for hits, is_more in zip(several, more, strict=True)]
        self.counts = Counts(*shown, all_, any(more))
        self._show()

    @handler(Who.CONFIRMED)
    async def turn(self, section: Section):
        """Show one section of what was found, or the beginning of all."""
        elsewhere = "here" in (self.section, section) and self.section != section
        self.section = section
        if elsewhere:
            await self._look(self.text)
        else:
            self._show()

    @handler(Who.CONFIRMED)
    async def go_on(self):
        """More messages, below those that are there."""
        if self._mark is None or len(self._messages) >= MOST_MESSAGES:
            return
        within, here = self.section == "here", self._open_chat()
        found = await ask(
            actor(), find_messages, self.text, open_chat=here, within=within, after=self._mark, limit=SHOWN
        )
        self._messages = [*self._messages, *(_message(message, actor()) for message in found.messages)]
        self._mark = found.more
        self._show()

    @handler(Who.CONFIRMED)
    async def clear(self):
        """Put away what was found."""
        self.reset()

    @handler(Who.CONFIRMED)
    async def lead(self, chat_id: ID, seq: Seq):
        """Show a message of the chat that is open already: there, the address leads to it only once."""
        return MainState.jump(chat_id, seq) if getattr(self, "chat_id", "") == chat_id else None

    def _open_chat(self) -> ChatId:
        return ChatId(getattr(self, "chat_id", ""))

    def _show(self) -> None:
        open_section = "messages" if self.section == "here" else self.section

        def some(section: str) -> int:
            return SHOWN_OF_ALL[section] if self.section == "all" else MOST_MESSAGES * (open_section == section)

        self.chats = self._chats[: some("chats")]
        self.people = self._people[: some("people")]
        self.messages = self._messages[: some("messages")]
        left = self._mark is not None and len(self._messages) < MOST_MESSAGES
        self.more = open_section == "messages" and left
        self.answer += 1


def _count(hits: list[ChatHit] | list[PersonHit] | list[MessageHit], more: bool) -> str:
    return f"{len(hits)}{'+' if more else ''}" if hits else ""


def _chat(chat: FoundChat, words: list[str]) -> ChatHit:
    return ChatHit(
        chat.chat_id,
        chat.kind == DIRECT,
        list(chat.parts),
        list(parts_of(chat.username, words)),
        chat.members,
        face_of(chat.person or chat.chat_id, chat.title, chat.picture),
    )


def _person(person: PersonView, words: list[str]) -> PersonHit:
    return PersonHit(
        person.user_id,
        list(parts_of(person.name, words)),
        list(parts_of(person.username, words)),
        person.together,
        face_of(person.user_id, person.name, person.picture),
    )


def _message(message: FoundMessage, who: object) -> MessageHit:
    return MessageHit(
        f"{message.chat_id}-{message.seq}",
        message.chat_id,
        message.seq,
        f"/chat/{message.chat_id}?m={message.seq}",
        message.title,
        message.kind == DIRECT,
        isinstance(who, Person) and message.author == who.user_id,
        message.name,
        message.at,
        list(message.parts),
        face_of(message.person or message.chat_id, message.title, message.picture),
    )
