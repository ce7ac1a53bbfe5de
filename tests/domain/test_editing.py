"""Stories of words that are changed or taken back, and of the answers that quote them."""

import asyncio

import pytest
from sqlmodel import select

from chat_app.domain.chats.actions import add_members, appoint_admin, leave_group, open_history
from chat_app.domain.chats.errors import ChatNotFound, NotAllowed, WritingClosed
from chat_app.domain.chats.events import ChatMoved
from chat_app.domain.chats.queries import my_chats
from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ClientId
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.work import SYSTEM, Reader
from chat_app.domain.messages.actions import (
    edit_message,
    erase_message,
    erase_messages,
    pin_message,
    react,
    send_message,
)
from chat_app.domain.messages.actions.places import ANSWERS_CHANGED
from chat_app.domain.messages.errors import (
    EditedMeanwhile,
    EditingOver,
    EmptyMessage,
    MessageErased,
    MessageNotFound,
    NotSaid,
    SentDifferently,
    UnreadableMessage,
)
from chat_app.domain.messages.queries import Changes, Quote, changes_after, page_of, tails_of
from chat_app.domain.messages.tables import Attachment, Mention, Reaction
from chat_app.domain.users.actions import block
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.unit_of_work import Doors
from tests.domain.talks import bubble, group, pair, row_of, say, seat_of, seen, stored_at
from tests.guests import FixedClock
from tests.people import ada, ben, cleo, dan


async def test_ada_says_it_better_and_ben_sees_that_she_did(doors: Doors, bus: LocalBus, clock: FixedClock) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "helo")
    await say(doors, b, chat, "hi")
    before = await row_of(doors, chat)
    heard: list[Event] = []
    bus.subscribe(heard.extend)
    clock.tick(hours=1)
    assert await doors.perform(a, edit_message, chat, 1, " hello ") == 3
    assert heard == [ChatMoved(chat, 3)]
    one = await bubble(doors, b, chat, 1)
    assert (one.text, one.rev, one.edited, one.at) == ("hello", 3, milliseconds(clock.now()), one.edited - 3_600_000)
    # no reorder, nothing unread
    after = await row_of(doors, chat)
    assert (after.last_seq, after.last_at) == (before.last_seq, before.last_at)
    (row,) = await doors.ask(a, my_chats)
    assert row.last_read_seq == 1


async def test_the_same_words_again_change_nothing(doors: Doors, bus: LocalBus, clock: FixedClock) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "hello")
    assert await doors.perform(a, edit_message, chat, 1, "hello, ben", 0) == 2
    heard: list[Event] = []
    bus.subscribe(heard.extend)
    clock.tick(hours=100)
    # an answer that was lost: asked again, with the version of before
    assert await doors.perform(a, edit_message, chat, 1, "hello, ben", 0) == 2
    assert heard == []


async def test_whoever_did_not_say_it_cannot_say_it_better(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await group(doors, a, b)
    seq = await say(doors, b, chat, "mine")
    with pytest.raises(NotAllowed):
        await doors.perform(a, edit_message, chat, seq, "ours")
    with pytest.raises(NotSaid):
        await doors.perform(a, edit_message, chat, 1, "no group of mine")
    with pytest.raises(EmptyMessage):
        await doors.perform(b, edit_message, chat, seq, " \u200b")
    for somebody, where in ((b, seq + 1), (b, 0), (b, -1), (b, 2**31 - 1)):
        with pytest.raises(MessageNotFound):
            await doors.perform(somebody, edit_message, chat, where, "nothing")
    for where in (seq, seq + 1):
        with pytest.raises(ChatNotFound):
            await doors.perform(c, edit_message, chat, where, "who am I")
    assert (await bubble(doors, a, chat, seq)).text == "mine"


@pytest.mark.parametrize("typed", ["a\x00b", "half \ud83d", "\udc00\ud800"])
async def test_what_is_no_text_takes_the_place_of_nothing(doors: Doors, typed: str) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "one")
    with pytest.raises(UnreadableMessage):
        await doors.perform(a, edit_message, chat, 1, typed)
    one = await bubble(doors, b, chat, 1)
    assert (one.text, one.edited) == ("one", 0)


async def test_words_can_be_changed_for_two_days(doors: Doors, clock: FixedClock) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "one")
    clock.tick(hours=48)
    await doors.perform(a, edit_message, chat, 1, "two")
    clock.tick(seconds=1)
    with pytest.raises(EditingOver) as over:
        await doors.perform(a, edit_message, chat, 1, "three")
    assert over.value.params == {"hours": 48}


async def test_of_two_edits_at_once_the_second_is_told(doors: Doors, clock: FixedClock) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "one")
    clock.tick(seconds=1)
    done = await asyncio.gather(
        *(doors.perform(a, edit_message, chat, 1, words, 0) for words in ("two", "three")), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in done) == ["EditedMeanwhile", "int"]
    # a reaction in between is no other version of the words
    now = await bubble(doors, a, chat, 1)
    await doors.perform(b, react, chat, 1, "👍")
    clock.tick(seconds=1)
    await doors.perform(a, edit_message, chat, 1, "four", now.edited)
    with pytest.raises(EditedMeanwhile):
        await doors.perform(a, edit_message, chat, 1, "five", now.edited)
    await doors.perform(a, edit_message, chat, 1, "five")


async def test_what_was_blocked_reaches_nobody_by_an_edit(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "one")
    await doors.perform(b, block, a.user_id)
    with pytest.raises(WritingClosed):
        await doors.perform(a, edit_message, chat, 1, "look at me")
    with pytest.raises(WritingClosed):
        await doors.perform(a, react, chat, 1, "👍")
    # taking back is always possible
    await doors.perform(a, erase_message, chat, 1)


async def test_ada_takes_it_back_and_only_its_place_is_left(doors: Doors, bus: LocalBus) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "to @ben")
    await doors.perform(b, react, chat, 1, "👍")
    await doors.perform(b, pin_message, chat, 1)
    await doors.perform(a, edit_message, chat, 1, "for @ben")
    await doors.perform(a, erase_message, chat, 1)
    one = await bubble(doors, b, chat, 1)
    assert (one.text, one.erased, one.edited, one.pinned, one.mentions, one.reactions) == ("", True, 0, 0, (), ())
    kept = await stored_at(doors, chat, 1)
    assert (kept.extras, kept.about, kept.reply_to, kept.client_id) == (0, None, None, f"{chat[:6]}-0")

    def rows(reader: Reader) -> list[object]:
        return [each for table in (Mention, Reaction, Attachment) for each in reader.session.exec(select(table)).all()]

    assert await doors.ask(SYSTEM, rows) == []
    # once more is the same, and says nothing
    heard: list[Event] = []
    bus.subscribe(heard.extend)
    await doors.perform(a, erase_message, chat, 1)
    assert heard == []
    for change in (edit_message, react):
        with pytest.raises(MessageErased):
            await doors.perform(a, change, chat, 1, "👍")


async def test_in_a_direct_chat_nobody_takes_back_what_the_other_said(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "hello")
    with pytest.raises(NotAllowed):
        await doors.perform(b, erase_message, chat, 1)


async def test_in_a_group_the_owner_takes_back_all_and_admins_what_members_said(doors: Doors) -> None:
    a, b, c, d = await ada(doors), await ben(doors), await cleo(doors), await dan(doors)
    chat = await group(doors, a, b, c, d)
    await doors.perform(a, appoint_admin, chat, b.user_id)
    await doors.perform(a, appoint_admin, chat, c.user_id)
    mine = {who.row: [await say(doors, who, chat, f"{which}") for which in range(3)] for who in (a, b, c, d)}
    with pytest.raises(NotAllowed):
        await doors.perform(d, erase_message, chat, mine[b.row][0])
    for above in (a, c):
        with pytest.raises(NotAllowed):
            await doors.perform(b, erase_message, chat, mine[above.row][0])
    await doors.perform(b, erase_message, chat, mine[d.row][0])
    await doors.perform(a, erase_message, chat, mine[b.row][0])
    # who left speaks for nobody
    await doors.perform(c, leave_group, chat)
    await doors.perform(b, erase_message, chat, mine[c.row][0])
    with pytest.raises(NotSaid):
        await doors.perform(a, erase_message, chat, 1)


async def test_an_answer_shows_what_it_answers_as_that_is_now(doors: Doors, bus: LocalBus) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "**where** to?")
    await say(doors, b, chat, "home", 1)
    await say(doors, b, chat, "or not", 1)
    assert (await bubble(doors, a, chat, 2)).reply == Quote(1, a.user_id, "ada", "where to?", erased=False)

    heard: list[Event] = []
    bus.subscribe(heard.extend)
    assert await doors.perform(a, edit_message, chat, 1, "when?") == 4
    # the answers are changes as well, each its own: whoever was away hears of all of them
    assert heard == [ChatMoved(chat, 4), ChatMoved(chat, 6)]
    missed = await doors.ask(b, changes_after, chat, 3)
    assert isinstance(missed, Changes)
    assert [(each.seq, each.rev, each.reply and each.reply.text) for each in missed.messages] == [
        (1, 4, None),
        (2, 5, "when?"),
        (3, 6, "when?"),
    ]
    await doors.perform(a, erase_message, chat, 1)
    tail = (await doors.ask(SYSTEM, tails_of, [(chat, 6)]))[chat]
    assert [each.reply and (each.reply.text, each.reply.erased) for each in tail.messages[1:]] == [("", True)] * 2


async def test_of_many_answers_the_latest_change_with_it(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "ask me anything")
    for number in range(ANSWERS_CHANGED + 3):
        await doors.perform(b, send_message, chat, ClientId(f"a{number}"), f"{number}", 1)
    last = (await row_of(doors, chat)).last_rev
    rev = await doors.perform(a, edit_message, chat, 1, "ask me nothing")
    assert (await row_of(doors, chat)).last_rev == rev + ANSWERS_CHANGED == last + 1 + ANSWERS_CHANGED
    newest = (await seen(doors, a, chat))[-ANSWERS_CHANGED:]
    assert [each.rev for each in newest] == list(range(rev + 1, rev + ANSWERS_CHANGED + 1))


async def test_only_what_can_be_seen_is_answered(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await group(doors, a, b)
    old = await say(doors, a, chat, "before cleo")
    await doors.perform(a, open_history, chat, to_newcomers=False)
    await doors.perform(a, add_members, chat, [c.user_id])
    gone = await say(doors, a, chat, "gone")
    await doors.perform(a, erase_message, chat, gone)
    refused: list[tuple[int, type[Refusal]]] = [(1, MessageNotFound), (old, MessageNotFound), (999, MessageNotFound)]
    for seq, why in [*refused, (gone - 1, NotSaid), (gone, MessageErased)]:
        with pytest.raises(why):
            await doors.perform(c, send_message, chat, ClientId(f"c{seq}"), "indeed", seq)
    for what in (edit_message, react):
        with pytest.raises(MessageNotFound):
            await doors.perform(c, what, chat, old, "👍")

    # and what is answered is shown to nobody whom it is not for
    answer = await say(doors, b, chat, "I remember", old)
    (theirs, mine) = [await bubble(doors, who, chat, answer) for who in (c, b)]
    assert (theirs.reply, mine.reply and mine.reply.text) == (None, "before cleo")
    tail = (await doors.ask(SYSTEM, tails_of, [(chat, mine.rev - 1)]))[chat]
    assert (tail.after, tail.messages) == (mine.rev, [])


async def test_sending_again_what_was_changed_since_is_still_the_same(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, b, chat, "well?")
    await doors.perform(a, send_message, chat, ClientId("one"), "yes", 1)
    with pytest.raises(SentDifferently):
        await doors.perform(a, send_message, chat, ClientId("one"), "yes")
    await doors.perform(a, edit_message, chat, 2, "no")
    assert (await doors.perform(a, send_message, chat, ClientId("one"), "yes", 1)).repeated
    await doors.perform(a, erase_message, chat, 2)
    assert (await doors.perform(a, send_message, chat, ClientId("one"), "yes", 1)).repeated


async def test_editing_what_is_being_erased_ends_erased(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    for _ in range(5):
        seq = await say(doors, a, chat, "one")
        edited, _ = await asyncio.gather(
            doors.perform(a, edit_message, chat, seq, "two"),
            doors.perform(a, erase_message, chat, seq),
            return_exceptions=True,
        )
        assert isinstance(edited, int | MessageErased)
        one = await stored_at(doors, chat, seq)
        assert (one.body, one.edited_at, one.erased_at is not None) == ("", None, True)


async def test_reacting_while_leaving_is_done_before_or_not_at_all(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    for _ in range(5):
        chat = await group(doors, a, b)
        seq = await say(doors, a, chat, "one")
        left, reacted = await asyncio.gather(
            doors.perform(b, leave_group, chat), doors.perform(b, react, chat, seq, "👍"), return_exceptions=True
        )
        assert left is None
        one = await bubble(doors, a, chat, seq)
        assert [each.count for each in one.reactions] == ([1] if reacted is None else [])
        assert reacted is None or isinstance(reacted, ChatNotFound)


async def test_whoever_left_says_nothing_more(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    for _ in range(5):
        chat = await group(doors, a, b)
        left, sent = await asyncio.gather(
            doors.perform(b, leave_group, chat),
            doors.perform(b, send_message, chat, ClientId(chat[:20]), "wait"),
            return_exceptions=True,
        )
        assert left is None
        said = [(each.event, each.text) for each in await seen(doors, a, chat)]
        # never after the line that says that ben left
        assert said[-1][0] == "left"
        assert isinstance(sent, ChatNotFound) or ("", "wait") in said


async def test_all_that_ada_said_can_be_erased_with_her_account(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await group(doors, a, b)
    seq = await say(doors, a, chat, "to @ben")
    await say(doors, b, chat, "yes?", seq)
    await doors.perform(b, react, chat, seq, "👍")
    assert await doors.perform(SYSTEM, erase_messages, a.row)
    assert not await doors.perform(SYSTEM, erase_messages, a.row)
    page = await doors.ask(b, page_of, chat)
    # what the group says stays
    assert [(each.event, each.text, each.erased) for each in page.messages] == [
        ("created", "Hike", False),
        ("added", "", False),
        ("", "", True),
        ("", "yes?", False),
    ]
    assert page.messages[-1].reply == Quote(seq, a.user_id, "ada", "", erased=True)
    assert (await seat_of(doors, chat, b)).last_read_seq == seq + 1
