"""How much is unread, whatever several people do at once: the product against a model of a few lines.

Short here; in full (`python -m bench.proof`, or CHAT_LONG_TESTS=1) it is 10,000 steps.
"""

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chat_app.domain.chats.actions import (
    add_members,
    change_group,
    create_group,
    exclude,
    leave_group,
    open_history,
    read_up_to,
)
from chat_app.domain.chats.queries import my_chats
from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.ids import ChatId, ClientId
from chat_app.domain.common.values import GroupDescription, GroupTitle
from chat_app.domain.common.work import Person
from chat_app.domain.messages.actions import (
    edit_message,
    erase_message,
    pin_message,
    react,
    send_message,
    unpin_message,
    unreact,
)
from chat_app.domain.messages.queries import page_of
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.rate_limits import NoLimits
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock, LoadedDice
from tests.people import confirmed

LONG = bool(os.environ.get("CHAT_LONG_TESTS"))
EXAMPLES, STEPS = (100, 100) if LONG else (30, 40)

T = TypeVar("T")
PEOPLE = st.integers(0, 3)
BACK = st.integers(-1, 6)
"""How far back a message is from the last; -1 is one that is not there."""
MOSTLY = st.sampled_from([True, True, True, False])


@dataclass
class Line:
    """A message of the model."""

    author: int
    text: str
    event: bool = False
    erased: bool = False
    edited: bool = False
    pinned: bool = False
    reply_to: int = 0
    likes: set[int] = field(default_factory=set[int])


@dataclass
class Seat:
    """Where somebody sits: how far they have read, and from where on they see."""

    read: int
    since: int


class Talk(RuleBasedStateMachine):
    """Four people and a group of the first one's; the others come and go."""

    doors: Doors

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self.seats: dict[int, Seat] = {}
        self.open = True
        self.rev = 0
        self.title = 0

    @initialize()
    def begin(self) -> None:
        self.people = [self.run(confirmed(self.doors, f"p{at}_{uuid4().hex[:10]}", None)) for at in range(4)]
        self.chat: ChatId = self.run(self.doors.perform(self.people[0], create_group, GroupTitle("group")))
        self.seats[0] = Seat(0, 0)
        self.line(0)
        # enough to begin with that most of what is tried can be done
        for who in (1, 2):
            self.join(who)
        for who in (0, 1, 2):
            self.say(who, 99)
            self.say(who, 1)

    @rule(who=PEOPLE, answering=st.one_of(st.just(99), BACK))
    def say(self, who: int, answering: int) -> None:
        answering = self.nth(answering)
        answered = self.line_at(who, answering)
        if answered is None or answered.event or answered.erased:
            answering = 0
        self.act(who, who in self.seats, send_message, ClientId(uuid4().hex), f"{self.rev}", answering or None)
        if who in self.seats:
            self.lines.append(Line(who, f"{self.rev}", reply_to=answering))
            self.rev += 1
            self.seats[who].read = len(self.lines)

    @rule(who=PEOPLE, back=BACK, own=MOSTLY)
    def edit(self, who: int, back: int, own: bool) -> None:
        seq = self.own(who, back) if own else self.nth(back)
        line = self.line_at(who, seq)
        may = line is not None and not (line.event or line.erased) and line.author == who
        text = f"better {self.rev}"
        self.act(who, may, edit_message, seq, text)
        if line is not None and may:
            line.text, line.edited = text, True
            self.rev += 1 + self.answers(seq)

    @rule(who=PEOPLE, back=BACK, own=MOSTLY)
    def erase(self, who: int, back: int, own: bool) -> None:
        seq = self.own(who, back) if own else self.nth(back)
        line = self.line_at(who, seq)
        may = line is not None and not line.event and who in (line.author, 0)
        self.act(who, may, erase_message, seq)
        if line is not None and may and not line.erased:
            self.rev += 1 + self.answers(seq)
            self.lines[seq - 1] = Line(line.author, "", erased=True)

    @rule(who=PEOPLE, back=BACK, on=st.booleans())
    def like(self, who: int, back: int, on: bool) -> None:
        seq = self.nth(back)
        line = self.line_at(who, seq)
        may = line is not None and not (line.event or line.erased)
        self.act(who, may, react if on else unreact, seq, "👍")
        if line is not None and may and (who in line.likes) is not on:
            line.likes ^= {who}
            self.rev += 1

    @rule(who=PEOPLE, back=BACK, on=st.booleans())
    def pin(self, who: int, back: int, on: bool) -> None:
        seq = self.own(who, back)
        line = self.line_at(who, seq)
        may = who == 0 and line is not None and not (line.event or line.erased)
        self.act(who, may, pin_message if on else unpin_message, seq)
        if line is not None and may and line.pinned is not on:
            line.pinned = on
            self.rev += 1
            if on:
                self.line(0, reply_to=seq)

    @rule(who=PEOPLE, seq=st.integers(-2, 80))
    def see(self, who: int, seq: int) -> None:
        self.act(who, who in self.seats, read_up_to, seq)
        if who in self.seats:
            self.seats[who].read = max(self.seats[who].read, min(seq, len(self.lines)))

    @rule(who=st.integers(1, 3))
    def join(self, who: int) -> None:
        self.act(0, True, add_members, [self.people[who].user_id])
        if who not in self.seats:
            before = len(self.lines)
            self.line(0)
            # the line that says so is not unread either
            self.seats[who] = Seat(before + 1, 0 if self.open else before)

    @rule(who=st.integers(1, 3), thrown=st.booleans())
    def leave(self, who: int, thrown: bool) -> None:
        if thrown:
            self.act(0, who in self.seats, exclude, self.people[who].user_id)
        else:
            self.act(who, who in self.seats, leave_group)
        if self.seats.pop(who, None):
            # who left has nothing to read; who threw somebody out has
            self.line(0 if thrown else who)

    @rule()
    def rename(self) -> None:
        self.title += 1
        self.act(0, True, change_group, GroupTitle(f"group {self.title}"), GroupDescription(""))
        self.line(0)

    @rule()
    @precondition(lambda self: len(self.lines) > 3)
    def change_what_newcomers_see(self) -> None:
        self.open = not self.open
        self.run(self.doors.perform(self.people[0], open_history, self.chat, to_newcomers=self.open))
        self.line(0)

    @invariant()
    def everybody_s_list_is_that_of_the_model(self) -> None:
        for who, seat in self.seats.items():
            (row,) = self.run(self.doors.ask(self.people[who], my_chats))
            unread = row.last_seq - row.last_read_seq
            assert (row.last_seq, unread, row.last_rev) == (len(self.lines), len(self.lines) - seat.read, self.rev)

    @invariant()
    def everybody_sees_what_is_for_them(self) -> None:
        for who, seat in self.seats.items():
            page = self.run(self.doors.ask(self.people[who], page_of, self.chat))
            first = page.messages[0].seq if page.messages else len(self.lines) + 1
            assert [bubble.seq for bubble in page.messages] == list(range(first, len(self.lines) + 1))
            assert page.has_older is (first > seat.since + 1)
            for bubble in page.messages:
                line = self.lines[bubble.seq - 1]
                assert (bubble.author, bool(bubble.event)) == (self.people[line.author].user_id, line.event)
                assert (bubble.erased, bubble.edited > 0, bubble.pinned > 0) == (line.erased, line.edited, line.pinned)
                assert line.event or bubble.text == line.text
                assert sum(each.count for each in bubble.reactions) == len(line.likes)
                shown = bubble.reply.seq if bubble.reply else 0
                assert shown == (line.reply_to if line.reply_to > seat.since else 0)
                if bubble.reply and not self.lines[shown - 1].event:
                    assert bubble.reply.text == self.lines[shown - 1].text

    def nth(self, back: int) -> int:
        """The seq of a message so far back; 0 or less where there is none."""
        return len(self.lines) - back

    def own(self, who: int, back: int) -> int:
        """The seq of a message that somebody said, so far back among those; 0 when there is none."""
        mine = [seq for seq, line in enumerate(self.lines, 1) if line.author == who and not line.event]
        return mine[-1 - back % len(mine)] if mine else 0

    def line_at(self, who: int, seq: int) -> Line | None:
        """A message that somebody can see."""
        seat = self.seats.get(who)
        return None if seat is None or not seat.since < seq <= len(self.lines) else self.lines[seq - 1]

    def line(self, who: int, reply_to: int = 0) -> None:
        """The group says something of what somebody did, who has read it."""
        self.lines.append(Line(who, "", event=True, reply_to=reply_to))
        self.rev += 1
        if who in self.seats:
            self.seats[who].read = len(self.lines)

    def answers(self, seq: int) -> int:
        return sum(line.reply_to == seq for line in self.lines)

    def act(self, who: int, may: bool, action: Any, *arguments: Any) -> None:
        """Do it, or be refused."""
        doing = self.doors.perform(self.people[who], action, self.chat, *arguments)
        if may:
            self.run(doing)
            return
        with pytest.raises(Refusal):
            self.run(doing)

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(what)

    loop: asyncio.AbstractEventLoop
    people: list[Person]


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_unread_is_what_was_said_after_what_was_read(
    engine: str, request: pytest.FixtureRequest, clock: FixedClock, dice: LoadedDice, seal: KeyedSeal
) -> None:
    url = request.getfixturevalue(f"{engine}_url")
    doors = Doors(open_database(url), clock=clock, dice=dice, seal=seal, limiter=NoLimits(), bus=LocalBus())
    loop = asyncio.new_event_loop()
    # every example is a group of four new people, so that the database may stay
    machine = type("Machine", (Talk,), {"doors": doors, "loop": loop})
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.close()
        doors.close()
