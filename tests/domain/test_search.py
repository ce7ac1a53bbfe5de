"""Finding what was said, where, and by whom; and what nobody finds."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url

from chat_app.domain.chats.actions import (
    add_members,
    change_group,
    delete_group,
    exclude,
    leave_group,
    open_history,
    read_up_to,
)
from chat_app.domain.chats.errors import ChatNotFound
from chat_app.domain.chats.queries.search import find_chats
from chat_app.domain.common.errors import Forbidden, NotSignedIn
from chat_app.domain.common.finding import Part, occurs, parts_of, snippet_of, stem_of, words_of
from chat_app.domain.common.ids import ClientId, Row
from chat_app.domain.common.values import About, GroupDescription, GroupTitle, PersonName, Username, fold
from chat_app.domain.common.work import SYSTEM, Person, Work
from chat_app.domain.messages.actions import (
    Forwarded,
    edit_message,
    erase_chat,
    erase_message,
    erase_messages,
    forward_messages,
    send_message,
)
from chat_app.domain.messages.errors import EmptyMessage
from chat_app.domain.messages.indexing import chat_token, forget_words, searchable
from chat_app.domain.messages.queries.search import FoundMessages, Mark, find_messages
from chat_app.domain.users.actions import NewProfile, block, delete_account, save_preferences, save_profile
from chat_app.domain.users.queries import find_people
from chat_app.domain.users.rules import Audience, Choices
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.rate_limits import NoLimits
from chat_app.infrastructure.unit_of_work import Doors
from tests.domain.talks import group, pair, say
from tests.guests import FixedClock, LoadedDice
from tests.people import ada, ben, cleo, confirmed, pending, stranger


async def found(doors: Doors, who: Person, typed: str, **options: object) -> list[str]:
    """What the messages say that somebody finds."""
    answer: FoundMessages = await doors.ask(who, find_messages, typed, **options)  # pyright: ignore
    return ["".join(part.text for part in message.parts) for message in answer.messages]


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("Встречаемся в субботу", "субботу"),
        ("Выходной: суббота", "субботу"),
        ("в субботу", "суббота"),
        ("Привет всем", "приВЕТ"),
        ("наша елка", "ёлка"),
        ("наша Ёлка", "елка"),
        ("наша е\u0308лка", "ёлка"),
        ("мои\u0306 друг", "мой друг"),
        ("The Deployments failed", "deploy"),
        ("deploy it", "deployments"[:6]),
        ("подъезд и объезд", "езд"),
        ("Straße", "STRASSE"),
        ("ﬁne print", "fine"),
        ("100% done", "100%"),
        ("snake_case", "snake_case"),
        ("back\\slash it", "back\\slash"),
        ('she said "never" twice', '"never"'),
        ("a AND b OR NOT c NEAR", "not near"),
        ("it's here", "it's"),
        ("слово* звезда", "слово*"),
        ("日本語テキスト", "日本語"),
        ("👩‍👩‍👧‍👦 family", "👩‍👩‍👧‍👦"),
        ("завтра в кино или в парк", "парк кино"),
        ("one\ntwo  three", "two three"),
        ("на даче", "на даче"),
    ],
)
async def test_it_is_found(doors: Doors, said: str, typed: str) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, said)
    await say(doors, a, chat, "something else altogether")
    assert await found(doors, b, typed) == [" ".join(said.split())]


NO_WORDS = ["", "  ", "%", "_", "*", '"', "su%", "\x00", "\ue000\ue000\ue001", "x" * 5000]
OTHER_WORDS = [
    "воскресенье",
    "субботний",
    "суб%",
    "с_ббо",
    "елка рыба",
    "ъъъ",
    "суббота OR привет",
    "body:суббота",
    "(суббота)",
]


@pytest.mark.parametrize("typed", NO_WORDS + OTHER_WORDS)
async def test_it_is_not_found(doors: Doors, typed: str) -> None:
    a, b = await ada(doors), await ben(doors)
    await say(doors, a, await pair(doors, a, b), "В субботу елка")
    assert await found(doors, b, typed) == []


async def test_the_very_word_comes_before_its_forms_and_the_newest_first(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    for text in ("субботу раз", "суббота раз", "субботу два", "суббота два"):
        await say(doors, a, chat, text)
    assert await found(doors, b, "субботу") == ["субботу два", "субботу раз", "суббота два", "суббота раз"]


async def test_the_rest_comes_page_by_page_each_once(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    for number in range(7):
        await say(doors, a, chat, f"{'субботу' if number % 2 else 'суббота'} {number}")
    seen: list[str] = []
    more: Mark | None = None
    for _ in range(4):
        page = await doors.ask(b, find_messages, "суббота", after=more, limit=2)
        seen += ["".join(part.text for part in each.parts) for each in page.messages]
        if (more := page.more) is None:
            break
    assert more is None
    assert seen == [f"суббота {n}" for n in (6, 4, 2, 0)] + [f"субботу {n}" for n in (5, 3, 1)]


async def test_a_place_in_a_chat_of_others_leads_nowhere(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    theirs, mine = await pair(doors, a, b), await pair(doors, a, c)
    await say(doors, a, mine, "secret for cleo")
    await say(doors, a, theirs, "secret for ben")
    assert await found(doors, c, "secret", after=Mark(0, theirs, 1)) == []
    assert await found(doors, c, "secret", after=Mark(10**9, mine, -5)) == []


async def test_cleo_finds_nothing_of_a_chat_she_is_not_in(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "the treasure is under the oak")
    assert await found(doors, c, "treasure") == []
    assert await found(doors, c, "treasure", open_chat=chat) == []
    assert await found(doors, c, "is", open_chat=chat) == []
    # as anybody with a chat of their own
    await say(doors, c, await pair(doors, c, a), "hello")
    assert await found(doors, c, "treasure") == []
    assert len(await found(doors, b, "treasure")) == 1


async def test_neither_strangers_nor_the_unconfirmed_search(doors: Doors) -> None:
    eve = await pending(doors, "eve")
    for query in (find_messages, find_chats, find_people):
        with pytest.raises(NotSignedIn):
            await doors.ask(stranger(), query, "word")  # pyright: ignore
        with pytest.raises(Forbidden):
            await doors.ask(eve, query, "word")  # pyright: ignore


async def test_a_newcomer_finds_only_what_is_for_them(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await group(doors, a, b)
    await say(doors, a, chat, "budget before")
    await doors.perform(a, open_history, chat, to_newcomers=False)
    await doors.perform(a, add_members, chat, [c.user_id])
    await say(doors, a, chat, "budget after")
    assert await found(doors, c, "budget") == ["budget after"]
    assert await found(doors, b, "budget") == ["budget after", "budget before"]


async def test_who_left_finds_no_more(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await group(doors, a, b, c)
    await say(doors, a, chat, "agenda for monday")
    await doors.perform(b, leave_group, chat)
    await doors.perform(a, exclude, chat, c.user_id)
    for who in (b, c):
        assert await found(doors, who, "agenda") == []
        assert await doors.ask(who, find_chats, "hike") == []
    assert len(await found(doors, a, "agenda")) == 1


async def test_system_lines_are_not_found(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await group(doors, a, b)
    await doors.perform(a, change_group, chat, GroupTitle("Expedition"), GroupDescription(""))
    assert await found(doors, a, "expedition") == []


async def test_an_edited_message_is_found_by_its_new_words_alone(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    seq = await say(doors, a, chat, "meet at noon")
    await doors.perform(a, edit_message, chat, seq, "meet at midnight")
    assert await found(doors, b, "noon") == []
    assert await found(doors, b, "midnight") == ["meet at midnight"]


async def test_what_is_passed_on_is_found_in_both_chats(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat, other = await pair(doors, a, b), await pair(doors, a, c)
    seq = await say(doors, a, chat, "recipe of borscht")
    await doors.perform(a, forward_messages, chat, [Forwarded(seq, ClientId("copy"))], other)
    assert len(await found(doors, a, "borscht")) == 2
    assert len(await found(doors, c, "borscht")) == 1


async def test_an_erased_message_is_found_by_nobody(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    seq = await say(doors, a, chat, "password is swordfish")
    await say(doors, a, chat, "swordfish again")
    await doors.perform(a, erase_message, chat, seq)
    assert await found(doors, b, "swordfish") == ["swordfish again"]
    await doors.perform(SYSTEM, erase_messages, a.row)
    assert await found(doors, b, "swordfish") == []


async def test_a_refused_message_in_between_takes_no_other_s_words_along(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)

    def say_and_break(work: Work, name: str) -> None:
        send_message(work, chat, ClientId(name), "kept by nobody")
        raise ChatNotFound

    # on SQLite these are one transaction, each with a savepoint
    bodies = [f"kept {number}" for number in range(20)]
    sends = [doors.perform(a, send_message, chat, ClientId(f"k{n}"), body) for n, body in enumerate(bodies)]
    fails = [doors.perform(a, say_and_break, f"b{n}") for n in range(len(bodies))]
    mixed = [each for both in zip(sends, fails, strict=True) for each in both]
    outcomes = await asyncio.gather(*mixed, return_exceptions=True)
    assert sum(isinstance(outcome, ChatNotFound) for outcome in outcomes) == 20
    assert sorted(await found(doors, b, "kept")) == sorted(bodies)


async def test_short_words_are_looked_for_where_the_reader_is(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat, other = await pair(doors, a, b), await pair(doors, a, c)
    await say(doors, a, chat, "да, я за")
    await say(doors, a, other, "вода и да")
    assert await found(doors, a, "да", open_chat=chat) == ["да, я за"]
    assert await found(doors, a, "да") == ["вода и да", "да, я за"]
    # within a word two letters are nothing
    assert await found(doors, a, "од") == []


async def test_within_one_chat_nothing_of_another_is_found(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat, other, apart = await pair(doors, a, b), await pair(doors, a, c), await pair(doors, b, c)
    for place in (chat, other):
        await say(doors, a, place, f"суббота, {len(place)}")
        await say(doors, a, place, "во")
    await say(doors, b, apart, "суббота без вас")
    assert await found(doors, a, "субботу", open_chat=chat, within=True) == [f"суббота, {len(chat)}"]
    assert await found(doors, a, "во", open_chat=chat, within=True) == ["во"]
    assert await found(doors, a, "субботу", open_chat=apart, within=True) == []


async def test_an_answer_that_took_its_time_says_where_to_go_on(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    for n in range(7):
        await say(doors, a, chat, f"слово {n}")
    monkeypatch.setattr("chat_app.domain.messages.queries.search.LOOKED_SECONDS", -1)
    pieces, mark = list[int](), None
    for _ in range(20):
        answer = await doors.ask(a, find_messages, "слово", after=mark)
        pieces += [len(answer.messages)]
        if (mark := answer.more) is None:
            break
    assert sum(pieces) == 7
    assert max(pieces) == 1


async def test_what_is_found_says_who_where_and_what(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await group(doors, a, b)
    long = "начало " * 40 + "**важное** слово посреди всего " + "конец " * 40
    seq = await say(doors, a, chat, long)
    (hit,) = (await doors.ask(b, find_messages, "важное")).messages
    assert (hit.chat_id, hit.seq, hit.kind, hit.title, hit.name, hit.author) == (
        chat,
        seq,
        "group",
        "Hike",
        "ada",
        a.user_id,
    )
    assert [part.text for part in hit.parts if part.hit] == ["важное"]
    shown = "".join(part.text for part in hit.parts)
    assert "*" not in shown
    assert len(shown) <= 122
    assert (shown[0], shown[-1]) == ("…", "…")


# Chats and people


async def test_my_chats_are_found_by_title_and_by_the_other_one(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors, name="Пётр Ёлкин"), await cleo(doors)
    direct, hike = await pair(doors, a, b), await group(doors, a, b)
    await say(doors, a, direct, "hello")
    await doors.perform(a, change_group, hike, GroupTitle("Поход на Алтай"), GroupDescription(""))
    for typed in ("елкин", "ПЁТР", "пе", "ben", "петр елк"):
        assert [chat.chat_id for chat in await doors.ask(a, find_chats, typed)] == [direct], typed
    for typed in ("алт", "на алтай", "лтай", "по", "ПОХОД"):
        (chat,) = await doors.ask(a, find_chats, typed)
        assert (chat.chat_id, chat.members, chat.person) == (hike, 2, None), typed
    for typed in ("тай поезд", "лт", "%", "_", "", "ada"):
        assert await doors.ask(a, find_chats, typed) == [], typed
    assert await doors.ask(c, find_chats, "поход") == []


async def test_a_direct_chat_in_which_nothing_was_said_is_in_no_list(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    await pair(doors, a, b)
    assert await doors.ask(b, find_chats, "ada") == []


async def test_people_are_found_by_the_beginning_of_any_word(doors: Doors) -> None:
    a = await ada(doors)
    await confirmed(doors, "vera_pohod", "+79161110021", name="Вера Ким")
    await confirmed(doors, "ilya", "+79161110022", name="Илья Походин Ёжиков")
    for typed, names in {
        "ве": ["vera_pohod"],
        "pohod": ["vera_pohod"],
        "vera_p": ["vera_pohod"],
        "походин": ["ilya"],
        "ежи": ["ilya"],
        "или": [],
        "ки ве": ["vera_pohod"],
        "ким походин": [],
        "охо": [],
        "ad": [],
    }.items():
        assert [person.username for person in await doors.ask(a, find_people, typed)] == names, typed


async def test_a_new_name_is_found_and_the_old_one_is_not(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    profile = NewProfile(PersonName("Борис Лис"), Username("boris"), About(""), None)
    await doors.perform(b, save_profile, profile)
    assert [person.name for person in await doors.ask(a, find_people, "лис")] == ["Борис Лис"]
    assert await doors.ask(a, find_people, "ben") == []
    await doors.perform(b, delete_account, erase_messages=False)
    assert await doors.ask(a, find_people, "лис") == []


async def test_a_block_hides_both_from_each_other(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    await doors.perform(a, block, b.user_id)
    assert await doors.ask(a, find_people, "ben") == []
    assert await doors.ask(b, find_people, "ada") == []
    assert len(await doors.ask(c, find_people, "ben")) == 1


@pytest.mark.parametrize("typed", ["+79161110002", "89161110002", "8 (916) 111-00-02", "+7 916 111 00 02"])
async def test_by_a_phone_are_found_those_who_show_it(doors: Doors, typed: str) -> None:
    a, b = await ada(doors), await ben(doors)
    assert await doors.ask(a, find_people, typed) == []
    await doors.perform(b, save_preferences, Choices(sees_phone=Audience.SHARED))
    assert await doors.ask(a, find_people, typed) == []
    chat = await pair(doors, a, b)
    # to open a chat asks nobody, nor does to write
    await say(doors, a, chat, "hello")
    assert await doors.ask(a, find_people, typed) == []
    await doors.perform(b, read_up_to, chat, 1)
    assert [person.username for person in await doors.ask(a, find_people, typed)] == ["ben"]
    await doors.perform(b, save_preferences, Choices(sees_phone=Audience.NOBODY))
    assert await doors.ask(a, find_people, typed) == []
    await doors.perform(b, save_preferences, Choices(sees_phone=Audience.EVERYONE))
    c = await cleo(doors)
    assert [person.username for person in await doors.ask(c, find_people, typed)] == ["ben"]
    # not a part of it
    assert await doors.ask(c, find_people, typed[:-1]) == []


async def test_by_an_email_are_found_those_one_shares_a_chat_with(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    assert await doors.ask(a, find_people, "ben@example.org") == []
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "hello")
    assert await doors.ask(a, find_people, "ben@example.org") == []
    await doors.perform(b, read_up_to, chat, 1)
    assert [person.username for person in await doors.ask(a, find_people, "BEN@Example.org")] == ["ben"]
    assert await doors.ask(a, find_people, "ben@example") == []
    assert await doors.ask(c, find_people, "ben@example.org") == []
    await doors.perform(b, block, a.user_id)
    assert await doors.ask(a, find_people, "ben@example.org") == []


# What stays in the file


def raw(url: str) -> bytes:
    """The database as it lies on the disk, its log put into it."""
    path = Path(str(make_url(url).database))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    return path.read_bytes()


@pytest.fixture
def sqlite_doors(sqlite_url: str, clock: FixedClock, dice: LoadedDice, seal: KeyedSeal) -> Iterator[Doors]:
    """Doors for a test that is not a coroutine itself."""
    database = open_database(sqlite_url)
    doors = Doors(database, clock=clock, dice=dice, seal=seal, limiter=NoLimits(), bus=LocalBus())
    yield doors
    doors.close()


# letters of a script that nothing else here has: the index leaves out what a trigram shares with the one before it
GOTHIC = "𐌰𐌱𐌲𐌳𐌴𐌵"
TRIGRAM = GOTHIC[:3].encode()


@pytest.mark.parametrize("how", ["erased", "edited", "chat ended"])
async def test_the_file_keeps_no_trace_of_what_was_taken_back(sqlite_doors: Doors, sqlite_url: str, how: str) -> None:
    doors = sqlite_doors
    a, b = await ada(doors), await ben(doors)
    chat = await (group if how == "chat ended" else pair)(doors, a, b)
    for number in range(30):
        await say(doors, a, chat, f"around it {number}")
    seq = await say(doors, a, chat, f"secret {GOTHIC} words")
    await say(doors, a, chat, "after it")
    assert TRIGRAM in raw(sqlite_url)
    match how:
        case "erased":
            await doors.perform(a, erase_message, chat, seq)
        case "edited":
            await doors.perform(a, edit_message, chat, seq, "harmless")
        case _:
            await doors.perform(a, delete_group, chat)
            while await doors.perform(SYSTEM, erase_chat, chat):
                pass
    assert await found(doors, b, GOTHIC) == []
    assert GOTHIC.encode() not in raw(sqlite_url)
    if how != "chat ended":
        # what is to be forgotten; where much was taken out at once, the index has put itself in order
        assert TRIGRAM in raw(sqlite_url)
    while await doors.perform(SYSTEM, forget_words):
        pass
    assert TRIGRAM not in raw(sqlite_url)
    # nothing is owed any more, and what stays is still found
    assert not await doors.perform(SYSTEM, forget_words)
    if how != "chat ended":
        assert await found(doors, b, "after") == ["after it"]


# Against a naive search

ALPHABET = "абвеёжу ABe_%*\"'\n"
TEXTS = st.text(st.sampled_from(ALPHABET), min_size=1, max_size=14)
TYPED = st.text(st.sampled_from(ALPHABET), min_size=1, max_size=8)


def naive(said: list[str], typed: str) -> list[str]:
    """The texts to be found, the newest first: a search in a few lines."""
    words = fold(typed).split()
    stems = [word[:-2] if len(word) >= 5 else word for word in words]

    def has(text: str, wanted: list[str]) -> bool:
        folded = text.casefold().replace("ё", "е")
        starts = {at for at in range(len(folded)) if at == 0 or not (folded[at - 1].isalnum() or folded[at - 1] == "_")}
        return bool(wanted) and all(
            word in folded if len(word) > 2 else any(folded.startswith(word, at) for at in starts) for word in wanted
        )

    newest = said[::-1]
    exact = [text for text in newest if has(text, words)]
    return exact + [text for text in newest if has(text, stems) and not has(text, words)]


_numbers = count()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(TEXTS, max_size=12), typed=TYPED)
def test_it_finds_what_a_naive_search_finds(sqlite_doors: Doors, said: list[str], typed: str) -> None:
    asyncio.run(compare(sqlite_doors, said, typed))


async def compare(doors: Doors, said: list[str], typed: str) -> None:
    # every example is a chat of two new people, so that the database may stay
    number = next(_numbers)
    one, other = [await confirmed(doors, f"{name}{number}", None) for name in ("one", "two")]
    chat = await pair(doors, one, other)
    kept: list[str] = []
    for text in said:
        try:
            await say(doors, one, chat, text)
        except EmptyMessage:
            continue
        kept.append(text.strip())
    answer = await doors.ask(other, find_messages, typed, limit=50)
    by_seq = dict(enumerate(kept, 1))
    assert [by_seq[hit.seq] for hit in answer.messages] == naive(kept, typed)
    assert answer.more is None


# The rules


@given(text=st.text(max_size=60), typed=st.text(min_size=1, max_size=10))
def test_marking_loses_and_invents_nothing(text: str, typed: str) -> None:
    words = words_of(typed)
    assert "".join(part.text for part in parts_of(text, words)) == text
    for part in parts_of(text, words):
        assert part.text
    snippet = snippet_of(text, words)
    assert len("".join(part.text for part in snippet)) <= 122


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("Поход на Алтай", "поход", [Part("Поход", True), Part(" на Алтай")]),
        ("в субботу", "суббота", [Part("в "), Part("суббо", True), Part("ту")]),
        ("ёж и Ёж", "еж", [Part("ёж", True), Part(" и "), Part("Ёж", True)]),
        ("Straße", "strasse", [Part("Straße", True)]),
        ("е\u0308лка", "елка", [Part("е\u0308лка", True)]),
        ("ababa", "aba bab", [Part("ababa", True)]),
        ("ничего", "xyz", [Part("ничего")]),
    ],
)
def test_what_was_looked_for_is_marked(text: str, typed: str, marked: list[Part]) -> None:
    assert list(parts_of(text, words_of(typed))) == marked


def test_words_are_few_and_each_once() -> None:
    assert words_of("Ёлка елка ЁЛКА") == ["елка"]
    assert len(words_of(" ".join("абвгдежзикл"))) == 8
    assert stem_of("субботу") == "суббо"
    assert stem_of("кино") == "кино"
    assert occurs("да", "ну да")
    assert not occurs("да", "вода")


def test_no_text_has_a_token_of_a_chat() -> None:
    tokens = {chat_token(Row(number)) for number in [*range(1, 20_000), 6000**2, 6000**3 - 1]}
    assert len(tokens) == 20_001
    assert all(len(token) == 3 and searchable(token) == "   " for token in tokens)
