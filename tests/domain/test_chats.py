"""Stories of direct chats: who may open one, who sees it, how far it was read."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import col, update

from chat_app.domain.chats.actions import create_group, open_direct_chat, read_up_to
from chat_app.domain.chats.errors import AddingClosed, ChatNotFound, PersonNotFound, WritingClosed, WritingToYourself
from chat_app.domain.chats.events import MembersJoined, ReadMoved
from chat_app.domain.chats.queries import ChatRow, card_of, my_chat, my_chat_ids, my_chats
from chat_app.domain.common.errors import NotConfirmed, NotSignedIn
from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ChatId, ClientId, UserId
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import SYSTEM, Person, Work
from chat_app.domain.messages.actions import Forwarded, forward_messages, send_message
from chat_app.domain.messages.queries import changes_after, check_upload, page_of
from chat_app.domain.users.actions import save_preferences
from chat_app.domain.users.rules import Audience, Choices
from chat_app.domain.users.tables import User
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock
from tests.people import ada, ben, cleo, confirmed, dan, pending, stranger

NOWHERE = ChatId("no-such-chat-anywhere1")


def hear(bus: LocalBus) -> list[Event]:
    heard: list[Event] = []
    bus.subscribe(heard.extend)
    return heard


async def say(doors: Doors, who: Person, chat: ChatId, *bodies: str) -> None:
    for body in bodies:
        await doors.perform(who, send_message, chat, ClientId(f"{who.user_id[:8]}-{body}"), body)


async def gus_who_left(doors: Doors) -> UserId:
    gus = await confirmed(doors, "gus", "+79161110011")

    def leave(work: Work) -> None:
        work.session.exec(update(User).where(col(User.id) == gus.row).values(deleted_at=work.now))

    await doors.perform(SYSTEM, leave)
    return gus.user_id


async def row(doors: Doors, who: Person) -> ChatRow:
    (only,) = await doors.ask(who, my_chats)
    return only


async def test_ada_and_ben_have_one_chat_whoever_opens_it(doors: Doors, bus: LocalBus) -> None:
    a, b = await ada(doors), await ben(doors)
    heard = hear(bus)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    assert await doors.perform(b, open_direct_chat, a.user_id) == chat
    assert await doors.perform(a, open_direct_chat, b.user_id) == chat
    assert heard == [MembersJoined(chat, (a.user_id, b.user_id))]

    seen = await doors.ask(b, my_chat, chat)
    assert (seen.kind, seen.title, seen.username, seen.person) == ("direct", "ada", "ada", a.user_id)
    assert await doors.ask(a, my_chat_ids) == [chat]
    # an empty one is nobody's news
    assert await doors.ask(a, my_chats) == []


async def test_both_press_at_once_many_times(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    presses = [(a, b), (b, a)] * 10
    pressed = [doors.perform(one, open_direct_chat, other.user_id) for one, other in presses]
    assert len(set(await asyncio.gather(*pressed))) == 1
    assert len(await doors.ask(a, my_chat_ids)) == len(await doors.ask(b, my_chat_ids)) == 1


async def test_nobody_writes_to_themselves_or_to_nobody(doors: Doors) -> None:
    a = await ada(doors)
    with pytest.raises(WritingToYourself):
        await doors.perform(a, open_direct_chat, a.user_id)
    eve = await pending(doors, "eve")
    half = await confirmed(doors, "hal", "+79161110010", phone_confirmed_at=None)
    gone = await gus_who_left(doors)
    for nobody in ("nobody", "", "' OR 1=1 --", str(a.row), eve.user_id, half.user_id, gone):
        with pytest.raises(PersonNotFound):
            await doors.perform(a, open_direct_chat, UserId(nobody))
    assert await doors.ask(a, my_chat_ids) == []


async def test_the_unconfirmed_and_strangers_open_nothing(doors: Doors) -> None:
    a = await ada(doors)
    eve = await pending(doors, "eve")
    with pytest.raises(NotConfirmed):
        await doors.perform(eve, open_direct_chat, a.user_id)
    with pytest.raises(NotSignedIn):
        await doors.perform(stranger(), open_direct_chat, a.user_id)


Way = Callable[[Doors, Person, ChatId], Any]
WAYS: dict[str, Way] = {
    "my_chat": lambda doors, who, chat: doors.ask(who, my_chat, chat),
    "page_of": lambda doors, who, chat: doors.ask(who, page_of, chat),
    "older": lambda doors, who, chat: doors.ask(who, page_of, chat, 2),
    "changes_after": lambda doors, who, chat: doors.ask(who, changes_after, chat, 0),
    "changes ahead": lambda doors, who, chat: doors.ask(who, changes_after, chat, 99),
    "read_up_to": lambda doors, who, chat: doors.perform(who, read_up_to, chat, 1),
    "send_message": lambda doors, who, chat: doors.perform(who, send_message, chat, ClientId("c1"), "let me in"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_cleo_outside_sees_nothing(doors: Doors, bus: LocalBus, way: Way) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    await say(doors, a, chat, "one", "two")
    heard = hear(bus)

    answers = []
    for asked in (chat, NOWHERE):
        with pytest.raises(ChatNotFound) as refused:
            await way(doors, c, asked)
        answers.append((refused.value.code, refused.value.field, refused.value.params))
    # somebody else's and nobody's: the same answer
    assert answers[0] == answers[1]
    assert heard == []
    assert await doors.ask(c, my_chats) == [] == await doors.ask(c, my_chat_ids)
    page = await doors.ask(a, page_of, chat)
    assert [message.text for message in page.messages] == ["one", "two"]
    # and the insider is let in
    await way(doors, b, chat)


async def test_unread_counts_up_and_reading_moves_only_forward(doors: Doors, bus: LocalBus) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    await say(doors, a, chat, "one", "two", "three")
    assert (await row(doors, b)).last_read_seq == 0
    # what I say myself, I have read
    assert (await row(doors, a)).last_read_seq == 3

    heard = hear(bus)
    await doors.perform(b, read_up_to, chat, 2)
    for back in (1, 0, 2, -5):
        await doors.perform(b, read_up_to, chat, back)
    assert heard == [ReadMoved(chat, b.user_id, 2)]
    assert (await row(doors, b)).last_read_seq == 2
    assert (await row(doors, a)).read_by_others == 2

    await doors.perform(b, read_up_to, chat, 2**53)
    assert (await row(doors, b)).last_read_seq == 3
    assert heard[1:] == [ReadMoved(chat, b.user_id, 3)]


async def test_who_does_not_tell_how_far_they_read_is_not_told_either(doors: Doors, bus: LocalBus) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    for at in range(2):
        await doors.perform(a, send_message, chat, ClientId(f"a{at}"), "word")
    await doors.perform(b, read_up_to, chat, 1)
    await doors.perform(b, save_preferences, Choices(receipts=False))
    told: list[Event] = []
    bus.subscribe(told.extend)
    await doors.perform(b, read_up_to, chat, 2)
    # for ben's other tabs only
    assert told == [ReadMoved(chat, b.user_id, 2, told=False)]
    assert (await row(doors, a)).read_by_others == 0
    assert (await doors.ask(a, page_of, chat)).read == {a.user_id: 2}
    assert (await row(doors, b)).read_by_others == 0
    assert (await row(doors, b)).last_read_seq == 2
    assert (await doors.ask(b, page_of, chat)).read == {b.user_id: 2}
    await doors.perform(b, save_preferences, Choices())
    assert (await doors.ask(a, page_of, chat)).read == {a.user_id: 2, b.user_id: 2}
    assert (await row(doors, a)).read_by_others == 2


async def test_reading_at_once_in_two_tabs_ends_at_the_furthest(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    await say(doors, a, chat, *map(str, range(20)))
    await asyncio.gather(*(doors.perform(b, read_up_to, chat, seq) for seq in (3, 20, 7, 12, 1, 19)))
    assert (await row(doors, b)).last_read_seq == 20


async def test_the_list_has_the_latest_first_with_its_last_words(doors: Doors, clock: FixedClock) -> None:
    a, b, c, d = await ada(doors), await ben(doors), await cleo(doors), await dan(doors)
    chats = [await doors.perform(a, open_direct_chat, other.user_id) for other in (b, c, d)]
    for chat in chats:
        clock.tick(seconds=1)
        await say(doors, a, chat, f"to {chat}")
    clock.tick(seconds=1)
    await say(doors, b, chats[0], "x" * 200)

    listed = await doors.ask(a, my_chats)
    assert [entry.title for entry in listed] == ["ben", "dan", "cleo"]
    assert listed[0].last is not None
    assert (listed[0].last.name, listed[0].last.body) == ("ben", "x" * 120)
    assert (listed[0].last_seq, listed[0].last_read_seq, listed[0].last_rev) == (2, 1, 2)
    assert await doors.ask(a, my_chat_ids) == [chats[0], chats[2], chats[1]]


async def test_who_writes_and_is_not_read_is_no_acquaintance(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    await doors.perform(a, save_preferences, Choices(may_add=Audience.SHARED, sees_phone=Audience.SHARED))
    chat = await doors.perform(b, open_direct_chat, a.user_id)
    assert (await doors.ask(b, card_of, a.user_id)).phone == ""
    with pytest.raises(AddingClosed):
        await doors.perform(b, create_group, GroupTitle("Come in"), [a.user_id])
    await doors.perform(b, send_message, chat, ClientId("one"), "hello")
    assert (await doors.ask(b, card_of, a.user_id)).phone == ""
    # ada said something to him
    await doors.perform(a, send_message, chat, ClientId("one"), "hello")
    assert (await doors.ask(b, card_of, a.user_id)).phone != ""
    await doors.perform(b, create_group, GroupTitle("Come in"), [a.user_id])


@pytest.mark.parametrize("closed", [Audience.NOBODY, Audience.SHARED])
async def test_a_chat_opened_before_it_was_forbidden_takes_no_first_word(doors: Doors, closed: Audience) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(b, open_direct_chat, a.user_id)
    elsewhere = await doors.perform(b, create_group, GroupTitle("Notes"))
    noted = await doors.perform(b, send_message, elsewhere, ClientId("note"), "to pass on")
    await doors.perform(a, save_preferences, Choices(may_write=closed))
    with pytest.raises(WritingClosed):
        await doors.perform(b, send_message, chat, ClientId("one"), "hello")
    with pytest.raises(WritingClosed):
        await doors.ask(b, check_upload, chat, 100)
    with pytest.raises(WritingClosed):
        await doors.perform(b, forward_messages, elsewhere, [Forwarded(noted.seq, ClientId("copy"))], chat)
    # ada may begin, and is answered
    await doors.perform(a, send_message, chat, ClientId("one"), "hello")
    await doors.perform(b, send_message, chat, ClientId("two"), "hi")
