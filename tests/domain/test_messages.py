"""Stories of what is said: once, in order, in pages, and caught up with after a gap."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, update

from chat_app.domain.chats.actions import open_direct_chat, read_up_to
from chat_app.domain.chats.events import ChatMoved
from chat_app.domain.chats.queries import my_chat, my_chats
from chat_app.domain.chats.tables import Chat
from chat_app.domain.common.errors import Forbidden, NotSignedIn
from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ChatId, ClientId
from chat_app.domain.common.work import SYSTEM, Person, Work
from chat_app.domain.messages.actions import Forwarded, Sent, forward_messages, send_message
from chat_app.domain.messages.errors import EmptyMessage, MessageTooLong, SentDifferently, UnreadableMessage
from chat_app.domain.messages.queries import CAUGHT_UP, PAGE, TAIL, Changes, Page, changes_after, page_of, tails_of
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.rate_limits import NoLimits
from chat_app.infrastructure.unit_of_work import Doors
from tests.domain.races import POSTGRES_ONLY, meanwhile
from tests.guests import FixedClock, LoadedDice
from tests.people import ada, ben, cleo, confirmed, stranger


async def say(doors: Doors, who: Person, chat: ChatId, body: str, client_id: str = "") -> Sent:
    return await doors.perform(who, send_message, chat, ClientId(client_id or f"{who.row}-{body}"[:36]), body)


async def talk(doors: Doors, who: Person, chat: ChatId, count: int) -> None:
    await asyncio.gather(*(say(doors, who, chat, f"{number}") for number in range(count)))


async def everything(doors: Doors, who: Person, chat: ChatId) -> list[int]:
    """All of a chat, page by page upward, as a reader who scrolls sees it."""
    page = await doors.ask(who, page_of, chat)
    numbers = [message.seq for message in page.messages]
    while page.has_older:
        page = await doors.ask(who, page_of, chat, numbers[0])
        numbers = [message.seq for message in page.messages] + numbers
    return numbers


async def test_ada_writes_and_ben_reads_it(doors: Doors, bus: LocalBus, clock: FixedClock) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    heard: list[Event] = []
    bus.subscribe(heard.extend)
    assert await say(doors, a, chat, "  hello,\r\nben \n", "one") == Sent(1, 1, repeated=False)
    assert heard == [ChatMoved(chat, 1)]

    page = await doors.ask(b, page_of, chat)
    (bubble,) = page.messages
    assert (bubble.text, bubble.author, bubble.name, bubble.client_id) == ("hello,\nben", a.user_id, "ada", "one")
    assert bubble.at == int(clock.now().timestamp() * 1000)
    assert page == Page([bubble], 1, has_older=False, newest=True, read={a.user_id: 1, b.user_id: 0})


async def test_what_stands_on_lines_of_its_own_does_so_in_the_list(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    await say(doors, a, chat, "> one\ntwo\n```\nthree\n```\nfour")
    (row,) = await doors.ask(b, my_chats)
    assert row.last is not None
    assert row.last.body.split() == ["one", "two", "three", "four"]


async def test_saying_it_twice_says_it_once(doors: Doors, bus: LocalBus) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    await say(doors, a, chat, "hello", "one")
    await say(doors, b, chat, "hi", "one")
    heard: list[Event] = []
    bus.subscribe(heard.extend)
    # trimmed alike, it is the same
    assert await say(doors, a, chat, "hello\n", "one") == Sent(1, 1, repeated=True)
    assert heard == []
    assert await everything(doors, b, chat) == [1, 2]


async def test_saying_it_ten_times_at_once_says_it_once(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    sent = await asyncio.gather(*(say(doors, a, chat, "hello", "one") for _ in range(10)))
    assert sorted(answer.repeated for answer in sent) == [False] + [True] * 9
    assert {(answer.seq, answer.rev) for answer in sent} == {(1, 1)}
    assert (await doors.ask(a, my_chat, chat)).last_seq == 1


@POSTGRES_ONLY
@pytest.mark.parametrize("forwarded", [True, False])
async def test_the_same_name_in_two_chats_at_once_is_refused_in_one(doors: Doors, forwarded: bool) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    other = await doors.perform(a, open_direct_chat, c.user_id)
    await say(doors, b, chat, "hello", "two")

    async def again() -> None:
        if forwarded:
            await doors.perform(a, forward_messages, chat, [Forwarded(1, ClientId("one"))], other)
        else:
            await say(doors, a, other, "hello", "one")

    saying = meanwhile(doors, "INSERT INTO messages", again)
    assert not (await say(doors, a, chat, "hello", "one")).repeated
    with pytest.raises(SentDifferently):
        await asyncio.wrap_future(saying[0])
    # no number was lost with it
    assert await everything(doors, a, chat) == [1, 2]
    assert (await say(doors, a, other, "hello", "three")).seq == 1


async def test_the_same_name_for_other_words_is_refused(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    other = await doors.perform(a, open_direct_chat, c.user_id)
    await say(doors, a, chat, "hello", "one")
    for where, body in ((chat, "goodbye"), (other, "hello")):
        with pytest.raises(SentDifferently):
            await say(doors, a, where, body, "one")
    assert await everything(doors, a, other) == []


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (" \n\u200b", EmptyMessage),
        ("x" * 4097, MessageTooLong),
        ("x" * 1_000_000, MessageTooLong),
        ("nul \x00", UnreadableMessage),
        ("half \ud83d", UnreadableMessage),
    ],
    ids=["invisible", "too long", "huge", "nul", "surrogate"],
)
async def test_what_is_no_message_leaves_no_trace(doors: Doors, body: str, refusal: type[Exception]) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    with pytest.raises(refusal):
        await say(doors, a, chat, body, "one")
    # nothing is taken: neither a number nor the client's name for it
    assert await say(doors, a, chat, "x" * 4096, "one") == Sent(1, 1, repeated=False)


async def test_a_hundred_at_once_have_numbers_without_gaps(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    sent = await asyncio.gather(*(say(doors, who, chat, str(number)) for number in range(50) for who in (a, b)))
    assert sorted(answer.seq for answer in sent) == list(range(1, 101))
    assert all(answer.seq == answer.rev for answer in sent)
    assert await everything(doors, a, chat) == list(range(1, 101))


async def test_strangers_say_nothing(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    with pytest.raises(NotSignedIn):
        await doors.perform(stranger(), send_message, chat, ClientId("one"), "hello")
    with pytest.raises(Forbidden):
        await doors.ask(a, tails_of, [(chat, 0)])


async def test_history_comes_in_pages(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    assert await doors.ask(b, page_of, chat) == Page([], 0, False, True, {a.user_id: 0, b.user_id: 0})
    await talk(doors, a, chat, 2 * PAGE + 1)

    newest = await doors.ask(b, page_of, chat)
    assert [message.seq for message in newest.messages] == list(range(PAGE + 2, 2 * PAGE + 2))
    assert newest.has_older
    assert newest.newest
    middle = await doors.ask(b, page_of, chat, PAGE + 2)
    assert [message.seq for message in middle.messages] == list(range(2, PAGE + 2))
    assert (middle.has_older, middle.newest, middle.read) == (True, False, {})
    oldest = await doors.ask(b, page_of, chat, 2)
    assert ([message.seq for message in oldest.messages], oldest.has_older) == ([1], False)
    for before in (1, 0, -1):
        assert (await doors.ask(b, page_of, chat, before)).messages == []
    beyond = await doors.ask(b, page_of, chat, 2**53)
    assert [message.seq for message in beyond.messages] == [message.seq for message in newest.messages]


async def test_whoever_missed_something_is_told_all_of_it(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    await talk(doors, a, chat, CAUGHT_UP + 1)

    missed = await doors.ask(b, changes_after, chat, 1)
    assert isinstance(missed, Changes)
    assert (missed.after, missed.rev) == (1, CAUGHT_UP + 1)
    assert [message.rev for message in missed.messages] == list(range(2, CAUGHT_UP + 2))
    nothing = await doors.ask(b, changes_after, chat, CAUGHT_UP + 1)
    assert nothing == Changes(CAUGHT_UP + 1, CAUGHT_UP + 1, [])

    # more than that, or from another database: the newest page
    for known in (0, CAUGHT_UP + 2, 2**53):
        page = await doors.ask(b, changes_after, chat, known)
        assert isinstance(page, Page)
        assert page == await doors.ask(b, page_of, chat)


async def test_what_is_sent_live_never_reaches_behind_the_last_newcomer(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    await talk(doors, a, chat, TAIL + 10)

    tail = (await doors.ask(SYSTEM, tails_of, [(chat, 0)]))[chat]
    assert (tail.after, tail.rev, len(tail.messages)) == (10, TAIL + 10, TAIL)

    def somebody_came(work: Work) -> None:
        work.session.exec(update(Chat).where(col(Chat.chat_id) == chat).values(members_rev=TAIL + 8))

    await doors.perform(SYSTEM, somebody_came)
    tail = (await doors.ask(SYSTEM, tails_of, [(chat, 0)]))[chat]
    assert (tail.after, [message.rev for message in tail.messages]) == (TAIL + 8, [TAIL + 9, TAIL + 10])


@dataclass
class Model:
    """What a direct chat is, in a few lines: its length, and how far each of two has read."""

    length: int = 0
    read: dict[int, int] = field(default_factory=lambda: {0: 0, 1: 0})

    def say(self, who: int) -> None:
        self.length += 1
        self.read[who] = self.length

    def see(self, who: int, seq: int) -> None:
        self.read[who] = max(self.read[who], min(seq, self.length))


STEPS = st.lists(st.tuples(st.sampled_from([0, 1]), st.one_of(st.none(), st.integers(-3, 40))), max_size=30)


@pytest.fixture
def sqlite_doors(sqlite_url: str, clock: FixedClock, dice: LoadedDice, seal: KeyedSeal) -> Iterator[Doors]:
    """Doors for a test that is not a coroutine itself."""
    database = open_database(sqlite_url)
    doors = Doors(database, clock=clock, dice=dice, seal=seal, limiter=NoLimits(), bus=LocalBus())
    yield doors
    doors.close()


# every example is a chat of two new people, so that the database may stay
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_reading_positions_are_those_of_the_model(sqlite_doors: Doors, steps: list[tuple[int, int | None]]) -> None:
    asyncio.run(follow(sqlite_doors, steps))


async def follow(doors: Doors, steps: list[tuple[int, int | None]]) -> None:
    pair = [await confirmed(doors, f"one_{uuid4().hex[:12]}", None) for _ in (0, 1)]
    chat = await doors.perform(pair[0], open_direct_chat, pair[1].user_id)
    model = Model()
    for who, seq in steps:
        if seq is None:
            model.say(who)
            assert await say(doors, pair[who], chat, str(model.length)) == Sent(model.length, model.length, False)
        else:
            model.see(who, seq)
            await doors.perform(pair[who], read_up_to, chat, seq)
        for reader in (0, 1):
            rows = await doors.ask(pair[reader], my_chats)
            listed = [(row.last_seq, row.last_read_seq, row.read_by_others) for row in rows]
            wanted = (model.length, model.read[reader], model.read[1 - reader])
            assert listed == ([wanted] if model.length else [])
