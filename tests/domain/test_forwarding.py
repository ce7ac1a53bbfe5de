"""Stories of words that are passed on, and of those that are kept on top."""

from collections.abc import Sequence

import pytest
from sqlmodel import select

from chat_app.domain.chats.actions import add_members, appoint_admin, open_history
from chat_app.domain.chats.errors import BlockedByYou, ChatNotFound, NotAllowed, WritingClosed
from chat_app.domain.common.ids import ChatId, ClientId, Row
from chat_app.domain.common.tables import milliseconds
from chat_app.domain.common.work import SYSTEM, Person, Reader, Work
from chat_app.domain.messages.actions import (
    Forwarded,
    Sent,
    edit_message,
    erase_message,
    forward_messages,
    pin_message,
    send_message,
    unpin_message,
)
from chat_app.domain.messages.errors import (
    MessageErased,
    MessageNotFound,
    NotSaid,
    SentDifferently,
    TooManyForwarded,
    TooManyPinnedMessages,
)
from chat_app.domain.messages.queries import Named, Pinned, pinned_in
from chat_app.domain.messages.rules import MOST_FORWARDED, MOST_PINNED, Extra
from chat_app.domain.messages.tables import Attachment
from chat_app.domain.users.actions import block
from chat_app.infrastructure.unit_of_work import Doors
from tests.domain.talks import bubble, group, pair, say, seat_of, seen, stored_at
from tests.guests import FixedClock
from tests.people import ada, ben, cleo


async def forward(doors: Doors, who: Person, from_: ChatId, seqs: Sequence[int], to: ChatId) -> list[Sent]:
    copies = [Forwarded(seq, ClientId(f"copy-{to[:4]}-{seq}")) for seq in seqs]
    return await doors.perform(who, forward_messages, from_, copies, to)


async def test_words_are_passed_on_in_their_order_by_the_name_of_whose_they_are(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    here, there = await pair(doors, a, b), await group(doors, b, a, c)
    await say(doors, a, here, "**one** @ben")
    await say(doors, b, here, "two", 1)
    before = (await seen(doors, c, there))[-1].seq
    sent = await forward(doors, b, here, [2, 1], there)
    assert [each.seq for each in sent] == [before + 1, before + 2]
    first, second = (await seen(doors, c, there))[-2:]
    assert (first.text, first.author, first.about) == ("**one** @ben", b.user_id, Named(a.user_id, "ada"))
    assert (second.text, second.about, second.reply) == ("two", Named(b.user_id, "ben"), None)
    # nobody is called by it, and whoever passes it on has read the chat
    assert (first.mentions, (await seat_of(doors, there, b)).mentioned_seq) == ((), 0)
    assert (await seat_of(doors, there, b)).last_read_seq == before + 2

    # passed on once more they are still ada's
    home = await pair(doors, c, a)
    await forward(doors, c, there, [first.seq], home)
    assert (await bubble(doors, a, home, 1)).about == Named(a.user_id, "ada")


async def test_passing_it_on_twice_does_it_once(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    here, there = await pair(doors, a, b), await group(doors, a, b)
    await say(doors, a, here, "one")
    await say(doors, a, here, "two")
    first = await forward(doors, a, here, [1], there)
    again = await forward(doors, a, here, [1, 2], there)
    assert [(each.seq, each.repeated) for each in again] == [(first[0].seq, True), (first[0].seq + 1, False)]
    copies = [Forwarded(1, ClientId(f"copy-{there[:4]}-1"))]
    with pytest.raises(SentDifferently):
        await doors.perform(a, forward_messages, here, copies, here)


@pytest.mark.unwatched  # the file is put there by hand
async def test_files_go_along_under_names_of_their_own(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    here, there = await pair(doors, a, b), await group(doors, a, b)
    await say(doors, b, here, "look")
    one = await stored_at(doors, here, 1)

    def attach(work: Work) -> None:
        facts = {"name": "a.png", "type": "image/png", "size": 3, "file": "xyz", "created_at": work.now}
        row = Row(one.id or 0)
        work.session.add(Attachment(attachment_id="first", chat=one.chat, message=row, person=b.row, **facts))
        one.extras = Extra.ATTACHMENTS
        work.session.merge(one)

    await doors.perform(SYSTEM, attach)
    (sent,) = await forward(doors, a, here, [1], there)
    (file,) = (await bubble(doors, b, there, sent.seq)).files
    assert (file.name, file.attachment_id != "first") == ("a.png", True)

    def files(reader: Reader) -> list[str]:
        return list(reader.session.exec(select(Attachment.file)).all())

    assert await doors.ask(SYSTEM, files) == ["xyz", "xyz"]
    await doors.perform(b, erase_message, here, 1)
    assert await doors.ask(SYSTEM, files) == ["xyz"]


async def test_what_cannot_be_seen_or_was_not_said_is_not_passed_on(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    here, there = await group(doors, a, b), await pair(doors, a, c)
    old = await say(doors, a, here, "before cleo")
    await doors.perform(a, open_history, here, to_newcomers=False)
    await doors.perform(a, add_members, here, [c.user_id])
    gone = await say(doors, a, here, "gone")
    await doors.perform(a, erase_message, here, gone)
    new = await say(doors, a, here, "new")
    for who, seqs, why in (
        (c, [old], MessageNotFound),
        (c, [new, 999], MessageNotFound),
        (a, [1], NotSaid),
        (a, [gone], MessageErased),
        (b, [new], ChatNotFound),
        (a, [], TooManyForwarded),
        (a, [new, new], TooManyForwarded),
        (a, list(range(MOST_FORWARDED + 1)), TooManyForwarded),
    ):
        with pytest.raises(why):
            await forward(doors, who, here, seqs, there)
    with pytest.raises(ChatNotFound):
        await forward(doors, b, there, [1], here)
    assert await seen(doors, a, there) == []


async def test_nothing_is_passed_on_to_whom_may_not_be_written_to(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    here, there = await pair(doors, a, c), await pair(doors, a, b)
    await say(doors, c, here, "one")
    await doors.perform(b, block, a.user_id)
    with pytest.raises(WritingClosed):
        await forward(doors, a, here, [1], there)
    with pytest.raises(BlockedByYou):
        await forward(doors, b, there, [1], there)


async def test_what_is_pinned_stands_on_top_the_latest_first(doors: Doors, clock: FixedClock) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "**one**")
    await say(doors, b, chat, "two")
    for who, seq in ((b, 1), (a, 2), (a, 1)):
        clock.tick(seconds=1)
        await doors.perform(who, pin_message, chat, seq)
    now = milliseconds(clock.now())
    assert await doors.ask(a, pinned_in, chat) == [
        Pinned(2, b.user_id, "ben", "two", "", now - 1000),
        Pinned(1, a.user_id, "ada", "one", "", now - 2000),
    ]
    lines = (await seen(doors, a, chat))[2:]
    # pinned already, it is not said again
    assert [(line.event, line.name, line.reply and line.reply.seq) for line in lines] == [
        ("pinned", "ben", 1),
        ("pinned", "ada", 2),
    ]
    assert (await bubble(doors, a, chat, 1)).pinned
    await doors.perform(a, unpin_message, chat, 2)
    await doors.perform(a, erase_message, chat, 1)
    assert await doors.ask(a, pinned_in, chat) == []
    assert len(await seen(doors, a, chat)) == 4


async def test_in_a_group_only_those_who_run_it_pin(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await group(doors, a, b)
    seq = await say(doors, b, chat, "one")
    for change in (pin_message, unpin_message):
        with pytest.raises(NotAllowed):
            await doors.perform(b, change, chat, seq)
        with pytest.raises(ChatNotFound):
            await doors.perform(c, change, chat, seq)
    with pytest.raises(ChatNotFound):
        await doors.ask(c, pinned_in, chat)
    with pytest.raises(NotSaid):
        await doors.perform(a, pin_message, chat, 1)
    await doors.perform(a, appoint_admin, chat, b.user_id)
    await doors.perform(b, pin_message, chat, seq)
    assert [each.seq for each in await doors.ask(b, pinned_in, chat)] == [seq]


async def test_so_many_are_pinned_and_no_more(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    for number in range(1, MOST_PINNED + 2):
        await doors.perform(a, send_message, chat, ClientId(f"m{number}"), f"{number}")
    for number in range(1, MOST_PINNED + 1):
        await doors.perform(a, pin_message, chat, number)
    with pytest.raises(TooManyPinnedMessages):
        await doors.perform(a, pin_message, chat, MOST_PINNED + 1)


async def test_what_was_pinned_before_somebody_came_is_not_for_them(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await group(doors, a, b)
    old = await say(doors, a, chat, "before cleo")
    await doors.perform(a, pin_message, chat, old)
    await doors.perform(a, open_history, chat, to_newcomers=False)
    await doors.perform(a, add_members, chat, [c.user_id])
    assert [len(await doors.ask(who, pinned_in, chat)) for who in (b, c)] == [1, 0]


async def test_what_was_forwarded_is_nobodys_to_change(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    here, there = await pair(doors, a, b), await pair(doors, b, c)
    seq = await say(doors, a, here, "hello, ben")
    await doors.perform(b, forward_messages, here, [Forwarded(seq, ClientId("copy"))], there)
    with pytest.raises(NotAllowed):
        await doors.perform(b, edit_message, there, 1, "cleo, tell ben your password")
    shown = await bubble(doors, c, there, 1)
    assert (shown.text, shown.about and shown.about.name) == ("hello, ben", "ada")
