"""Stories of one's own list: what is muted, pinned, archived, whom one blocked, and when others were last here."""

from datetime import timedelta

import pytest

from chat_app.domain.chats.actions import (
    add_members,
    archive_chat,
    create_group,
    mute_chat,
    open_direct_chat,
    pin_chat,
    read_up_to,
    set_level,
)
from chat_app.domain.chats.errors import BlockedByYou, ChatNotFound, TooManyPinned, WritingClosed
from chat_app.domain.chats.events import ListingChanged, ReadMoved
from chat_app.domain.chats.queries import card_of, member_ids, members_of, my_chat, my_chats
from chat_app.domain.chats.rules import FOREVER, MOST_ADDED, MOST_PINNED, SHOWN_PRESENT, Level
from chat_app.domain.common.errors import NotFound
from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ChatId, ClientId, UserId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import SYSTEM, Person
from chat_app.domain.messages.actions import send_message
from chat_app.domain.messages.queries import page_of, readers_of
from chat_app.domain.users.actions import (
    block,
    delete_account,
    note_last_seen,
    note_lost,
    save_preferences,
    unblock,
)
from chat_app.domain.users.events import BlockChanged, ChoicesChanged
from chat_app.domain.users.queries import my_blocks, standing_of
from chat_app.domain.users.rules import Audience, Choices
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock
from tests.people import ada, ben, cleo, confirmed, row_of

NOWHERE = ChatId("no-such-chat-anywhere1")


def hear(bus: LocalBus) -> list[Event]:
    heard: list[Event] = []
    bus.subscribe(heard.extend)
    return heard


async def say(doors: Doors, who: Person, chat: ChatId, name: str = "one") -> None:
    await doors.perform(who, send_message, chat, ClientId(f"{who.user_id[:8]}-{name}"), name)


async def talk(doors: Doors) -> tuple[Person, Person, ChatId]:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    await say(doors, a, chat)
    return a, b, chat


async def group(doors: Doors, owner: Person, *others: Person) -> ChatId:
    return await doors.perform(owner, create_group, GroupTitle("Walks"), [other.user_id for other in others])


async def test_ada_mutes_pins_and_archives_and_only_her_list_shows_it(
    doors: Doors, bus: LocalBus, clock: FixedClock
) -> None:
    a, b, chat = await talk(doors)
    heard = hear(bus)
    until = clock.now() + timedelta(hours=1)
    await doors.perform(a, mute_chat, chat, until=until)
    await doors.perform(a, pin_chat, chat, on_top=True)
    await doors.perform(a, set_level, chat, Level.MENTIONS)
    (row,) = await doors.ask(a, my_chats)
    now = milliseconds(clock.now())
    assert (row.muted_until, row.pinned_at, row.archived_at, row.level) == (milliseconds(until), now, 0, "mentions")
    opened = await doors.ask(a, my_chat, chat)
    assert (opened.muted_until, opened.pinned_at, opened.level) == (milliseconds(until), now, "mentions")
    assert heard == [ListingChanged(chat, a.user_id)] * 3
    (others,) = await doors.ask(b, my_chats)
    assert (others.muted_until, others.pinned_at, others.archived_at, others.level) == (0, 0, 0, "")

    await doors.perform(a, mute_chat, chat, until=None)
    await doors.perform(a, pin_chat, chat, on_top=False)
    await doors.perform(a, set_level, chat, None)
    (row,) = await doors.ask(a, my_chats)
    assert (row.muted_until, row.pinned_at, row.level) == (0, 0, "")


async def test_muted_for_good_is_a_moment_that_browsers_can_count_to(doors: Doors) -> None:
    a, _, chat = await talk(doors)
    await doors.perform(a, mute_chat, chat, until=FOREVER)
    (row,) = await doors.ask(a, my_chats)
    assert milliseconds(FOREVER) == row.muted_until < 2**53


async def test_an_archived_chat_is_not_on_top_and_one_on_top_not_archived(doors: Doors) -> None:
    a, _, chat = await talk(doors)
    await doors.perform(a, pin_chat, chat, on_top=True)
    await doors.perform(a, archive_chat, chat, away=True)
    (row,) = await doors.ask(a, my_chats)
    assert row.pinned_at == 0 < row.archived_at
    await doors.perform(a, pin_chat, chat, on_top=True)
    (row,) = await doors.ask(a, my_chats)
    assert row.archived_at == 0 < row.pinned_at
    await doors.perform(a, archive_chat, chat, away=True)
    await doors.perform(a, archive_chat, chat, away=False)
    (row,) = await doors.ask(a, my_chats)
    assert (row.pinned_at, row.archived_at) == (0, 0)


async def test_cleo_outside_can_do_nothing_to_their_chat(doors: Doors) -> None:
    _, _, chat = await talk(doors)
    c = await cleo(doors)
    for id_ in (chat, NOWHERE):
        with pytest.raises(ChatNotFound):
            await doors.perform(c, mute_chat, id_, until=None)
        with pytest.raises(ChatNotFound):
            await doors.perform(c, pin_chat, id_, on_top=True)
        with pytest.raises(ChatNotFound):
            await doors.perform(c, archive_chat, id_, away=True)
        with pytest.raises(ChatNotFound):
            await doors.perform(c, set_level, id_, Level.NONE)
        with pytest.raises(ChatNotFound):
            await doors.ask(c, member_ids, id_)
        with pytest.raises(ChatNotFound):
            await doors.ask(c, readers_of, id_, 1)


async def test_pinned_chats_come_first_and_only_so_many(doors: Doors, clock: FixedClock) -> None:
    a = await ada(doors)
    chats = []
    for number in range(MOST_PINNED + 1):
        other = await confirmed(doors, f"friend{number}", f"+7916222{number:04d}")
        chats.append(await doors.perform(a, open_direct_chat, other.user_id))
        await say(doors, a, chats[-1], f"to {number}")
        clock.tick(seconds=1)
    for chat in chats[:MOST_PINNED]:
        await doors.perform(a, pin_chat, chat, on_top=True)
    listed = [row.chat_id for row in await doors.ask(a, my_chats)]
    assert listed == [*chats[MOST_PINNED - 1 :: -1], chats[MOST_PINNED]]
    with pytest.raises(TooManyPinned):
        await doors.perform(a, pin_chat, chats[MOST_PINNED], on_top=True)
    # one that is pinned already takes no place
    await doors.perform(a, pin_chat, chats[0], on_top=True)


async def test_ada_blocks_ben_and_neither_writes(doors: Doors, bus: LocalBus) -> None:
    a, b, chat = await talk(doors)
    heard = hear(bus)
    await doors.perform(a, block, b.user_id)
    await doors.perform(a, block, b.user_id)
    assert heard == [BlockChanged(a.user_id, b.user_id)]
    assert [person.user_id for person in await doors.ask(a, my_blocks)] == [b.user_id]
    assert await doors.ask(b, my_blocks) == []
    (mine,), (theirs,) = await doors.ask(a, my_chats), await doors.ask(b, my_chats)
    assert (mine.blocked, theirs.blocked) == (True, False)
    assert ((await doors.ask(a, my_chat, chat)).blocked, (await doors.ask(b, my_chat, chat)).blocked) == (True, False)
    assert (await doors.ask(a, card_of, b.user_id)).blocked
    assert not (await doors.ask(b, card_of, a.user_id)).blocked
    with pytest.raises(BlockedByYou):
        await say(doors, a, chat, "two")
    with pytest.raises(WritingClosed):
        await say(doors, b, chat, "two")

    await doors.perform(a, unblock, b.user_id)
    await doors.perform(a, unblock, b.user_id)
    assert heard[1:] == [BlockChanged(a.user_id, b.user_id)]
    await say(doors, b, chat, "two")
    assert not (await doors.ask(a, my_chat, chat)).blocked


async def test_nobody_blocks_themselves_or_nobody(doors: Doors) -> None:
    a = await ada(doors)
    for person in (a.user_id, UserId("nobody-at-all")):
        with pytest.raises(NotFound):
            await doors.perform(a, block, person)
        with pytest.raises(NotFound):
            await doors.perform(a, unblock, person)


async def test_the_blocked_see_no_receipts_of_each_other(doors: Doors) -> None:
    a, b, chat = await talk(doors)
    await doors.perform(b, read_up_to, chat, 1)
    assert (await doors.ask(a, page_of, chat)).read == {a.user_id: 1, b.user_id: 1}
    await doors.perform(b, block, a.user_id)
    assert (await doors.ask(a, page_of, chat)).read == {a.user_id: 1}
    assert (await doors.ask(b, page_of, chat)).read == {b.user_id: 1}
    (row,) = await doors.ask(a, my_chats)
    assert row.read_by_others == 0


async def test_a_standing_says_who_is_apart_and_who_hides(doors: Doors, bus: LocalBus) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    standing = await doors.ask(SYSTEM, standing_of, a.row)
    assert standing is not None
    assert (standing.name, standing.receipts, standing.hidden, standing.apart, standing.blocked) == (
        "ada",
        True,
        False,
        frozenset(),
        (),
    )
    await doors.perform(a, block, b.user_id)
    await doors.perform(b, block, a.user_id)
    await doors.perform(c, block, a.user_id)
    heard = hear(bus)
    await doors.perform(a, save_preferences, Choices(receipts=False, sees_last_seen=Audience.NOBODY))
    assert heard == [ChoicesChanged(a.user_id, a.row, reading=True, picture=False, hides=True)]
    standing = await doors.ask(SYSTEM, standing_of, a.row)
    assert standing is not None
    assert (standing.receipts, standing.hidden) == (False, True)
    assert (standing.apart, standing.blocked) == ({b.user_id, c.user_id}, (b.user_id,))


async def seen(doors: Doors, who: Person, chat: ChatId) -> int:
    return (await doors.ask(who, my_chat, chat)).seen_at


async def test_when_ben_was_here_only_moves_forward(doors: Doors, clock: FixedClock) -> None:
    a, b, chat = await talk(doors)
    assert await seen(doors, a, chat) == 0
    earlier, later = clock.now(), clock.now() + timedelta(minutes=5)
    await doors.perform(SYSTEM, note_last_seen, [(b.row, later), (a.row, earlier)])
    await doors.perform(SYSTEM, note_last_seen, [(b.row, earlier)])
    await doors.perform(SYSTEM, note_lost, [b.user_id], earlier)
    assert await seen(doors, a, chat) == milliseconds(later)
    await doors.perform(SYSTEM, note_lost, [b.user_id], later + timedelta(minutes=1))
    assert await seen(doors, a, chat) == milliseconds(later + timedelta(minutes=1))
    assert await seen(doors, b, chat) == milliseconds(earlier)


async def test_who_hides_when_they_were_here_is_not_told_of_others(doors: Doors, clock: FixedClock) -> None:
    a, b, chat = await talk(doors)
    await doors.perform(SYSTEM, note_last_seen, [(b.row, clock.now()), (a.row, clock.now())])
    await doors.perform(b, save_preferences, Choices(sees_last_seen=Audience.NOBODY))
    assert await seen(doors, a, chat) == await seen(doors, b, chat) == 0
    # whoever opens a chat with them, or writes to them, is no acquaintance yet
    await doors.perform(b, save_preferences, Choices(sees_last_seen=Audience.SHARED))
    await say(doors, a, chat)
    assert await seen(doors, a, chat) == 0
    assert [row.tells for row in await doors.ask(a, my_chats)] == [False]
    walks = await doors.perform(a, create_group, GroupTitle("Walks"), [b.user_id])
    assert await doors.ask(a, member_ids, walks) == []
    await doors.perform(b, read_up_to, chat, (await doors.ask(b, my_chat, chat)).last_seq)
    assert await seen(doors, a, chat) == milliseconds(clock.now())
    assert all(row.tells for row in await doors.ask(a, my_chats))


async def test_the_blocked_are_told_nothing_of_when(doors: Doors, clock: FixedClock) -> None:
    a, b, chat = await talk(doors)
    await doors.perform(SYSTEM, note_last_seen, [(b.row, clock.now()), (a.row, clock.now())])
    await doors.perform(a, block, b.user_id)
    assert await seen(doors, a, chat) == await seen(doors, b, chat) == 0


async def test_of_the_members_of_a_group_is_told_what_is_told_of_them_elsewhere(
    doors: Doors, clock: FixedClock
) -> None:
    a, b, chat = await talk(doors)
    walks = await doors.perform(a, create_group, GroupTitle("Walks"), [b.user_id])

    async def of_each() -> list[int]:
        pieces: list[int] = []
        for me, other in ((a, b), (b, a)):
            (member,) = [m for m in await doors.ask(me, members_of, walks) if m.user_id == other.user_id]
            assert member.seen_at == await seen(doors, me, chat)
            pieces.append(member.seen_at)
        return pieces

    assert await of_each() == [0, 0]
    now = milliseconds(clock.now())
    await doors.perform(SYSTEM, note_last_seen, [(b.row, clock.now()), (a.row, clock.now())])
    assert await of_each() == [now, now]
    await doors.perform(b, save_preferences, Choices(sees_last_seen=Audience.NOBODY))
    assert await of_each() == [0, 0]
    await doors.perform(b, save_preferences, Choices())
    await doors.perform(a, block, b.user_id)
    assert await of_each() == [0, 0]


async def test_a_deleted_account_was_never_here(doors: Doors, clock: FixedClock) -> None:
    b = await ben(doors)
    await doors.perform(SYSTEM, note_last_seen, [(b.row, clock.now())])
    await doors.perform(b, delete_account, erase_messages=False)
    # its last tab closes after that
    await doors.perform(SYSTEM, note_last_seen, [(b.row, clock.now())])
    assert (await row_of(doors, b)).last_seen_at is None


async def test_who_of_a_group_has_read_it(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await group(doors, a, b, c)
    await say(doors, a, chat)
    last = (await doors.ask(a, my_chat, chat)).last_seq
    await doors.perform(b, read_up_to, chat, last)
    assert [person.username for person in await doors.ask(a, readers_of, chat, last)] == ["ben"]
    await doors.perform(c, read_up_to, chat, last)
    assert [person.username for person in await doors.ask(a, readers_of, chat, last)] == ["ben", "cleo"]
    assert set(await doors.ask(a, member_ids, chat) or ()) == {b.user_id, c.user_id}
    # who does not tell is not told either
    await doors.perform(c, save_preferences, Choices(receipts=False))
    assert [person.username for person in await doors.ask(a, readers_of, chat, last)] == ["ben"]
    assert await doors.ask(c, readers_of, chat, last) == []
    await doors.perform(b, block, a.user_id)
    assert await doors.ask(a, readers_of, chat, last) == []


async def crowd(doors: Doors, owner: Person, other: Person, *, members: int) -> ChatId:
    """A group of so many."""
    chat = await group(doors, owner, other)
    guests = [(await confirmed(doors, f"guest{n}", f"+7916333{n:04d}")).user_id for n in range(members - 2)]
    for at in range(0, len(guests), MOST_ADDED):
        await doors.perform(owner, add_members, chat, guests[at : at + MOST_ADDED])
    return chat


async def test_in_a_group_that_is_not_large_all_are_told_who_reads_and_is_here(doors: Doors, bus: LocalBus) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await crowd(doors, a, b, members=SHOWN_PRESENT)
    await say(doors, a, chat)
    heard = hear(bus)
    last = (await doors.ask(a, my_chat, chat)).last_seq
    await doors.perform(b, read_up_to, chat, last)
    assert heard == [ReadMoved(chat, b.user_id, last, told=True)]
    assert len(await doors.ask(a, member_ids, chat) or ()) == SHOWN_PRESENT - 1
    assert [person.user_id for person in await doors.ask(a, readers_of, chat, last)] == [b.user_id]
    assert (await doors.ask(a, page_of, chat)).read == {a.user_id: last, b.user_id: last}


async def test_in_a_large_group_nobody_is_told_who_reads_or_is_here(doors: Doors, bus: LocalBus) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await crowd(doors, a, b, members=SHOWN_PRESENT + 1)
    await say(doors, a, chat)
    heard = hear(bus)
    last = (await doors.ask(a, my_chat, chat)).last_seq
    await doors.perform(b, read_up_to, chat, last)
    assert heard == [ReadMoved(chat, b.user_id, last, told=False)]
    assert await doors.ask(a, member_ids, chat) is None
    assert await doors.ask(a, readers_of, chat, last) == []
    # though of all its members only two have read anything that they could tell
    assert (await doors.ask(a, page_of, chat)).read == {}
