"""Who may be added to a group, what a newcomer sees of what was said before, and what is left when a group ends."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, col, insert, select, update

from chat_app.domain.chats.actions import (
    add_members,
    appoint_admin,
    create_group,
    delete_group,
    hand_over,
    join_group,
    leave_group,
    make_invitation,
    open_direct_chat,
    open_history,
    read_up_to,
)
from chat_app.domain.chats.errors import AddingClosed
from chat_app.domain.chats.events import ChatMoved, EraseChat
from chat_app.domain.chats.queries import card_of, check_avatar, members_of, my_chat, my_chats, my_group
from chat_app.domain.chats.tables import Chat, Group, GroupBan, Invitation, Member
from chat_app.domain.common.errors import NotFound, Refusal
from chat_app.domain.common.ids import ChatId, ClientId, Row
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import SYSTEM, Person, Reader, Work
from chat_app.domain.messages.actions import erase_chat, erase_messages, send_message
from chat_app.domain.messages.actions.erasing import ERASED_AT_ONCE
from chat_app.domain.messages.indexing import index
from chat_app.domain.messages.queries import Bubble, Changes, Page, changes_after, page_of, tails_of
from chat_app.domain.messages.tables import Message, Reaction
from chat_app.domain.users.actions import block, delete_account, save_preferences
from chat_app.domain.users.export import my_data
from chat_app.domain.users.queries import find_people
from chat_app.domain.users.rules import Audience, Choices
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.delivery import Delivery
from chat_app.infrastructure.jobs import JobRunner
from chat_app.infrastructure.outbox import Outbox
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock, LoadedDice
from tests.people import ada, ben, cleo, dan, pending

TITLE = GroupTitle("Altai")


async def say(doors: Doors, who: Person, chat: ChatId, *texts: str) -> None:
    for text in texts:
        await doors.perform(who, send_message, chat, ClientId(f"{who.row}-{text}"[:36]), text)


async def seen(doors: Doors, who: Person, chat: ChatId) -> list[str]:
    """What the newest page shows somebody: words, and events in brackets."""
    return shown((await doors.ask(who, page_of, chat)).messages)


def shown(bubbles: list[Bubble]) -> list[str]:
    return [bubble.text if not bubble.event else f"[{bubble.event}]" for bubble in bubbles]


async def only(doors: Doors, who: Person, audience: Audience) -> None:
    await doors.perform(who, save_preferences, replace(Choices(), may_add=audience))


# Who may be added.


@pytest.mark.parametrize("act", ["create", "add"])
@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("nobody", "adding_closed"),
        ("shared", "adding_closed"),
        ("blocks ada", "adding_closed"),
        ("blocked by ada", "adding_closed"),
        ("pending", "person_not_found"),
        ("deleted", "person_not_found"),
    ],
)
async def test_who_may_not_be_added(doors: Doors, act: str, reason: str, code: str) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, create_group, TITLE)
    match reason:
        case "blocks ada":
            await doors.perform(b, block, a.user_id)
        case "blocked by ada":
            await doors.perform(a, block, b.user_id)
        case "pending":
            b = await pending(doors, "eve")
        case "deleted":
            await doors.perform(b, delete_account, erase_messages=False)
        case _:
            await only(doors, b, Audience(reason))
    c = await cleo(doors)
    people = [c.user_id, b.user_id]
    attempt = (
        doors.perform(a, create_group, TITLE, people)
        if act == "create"
        else doors.perform(a, add_members, chat, people)
    )
    with pytest.raises(Refusal) as refused:
        await attempt
    assert refused.value.code == code
    # all or nobody
    assert await doors.ask(c, my_chats) == []
    assert (await doors.ask(a, my_group, chat)).group.members == 1


async def test_who_shares_a_chat_may_be_added_by_those_who_do(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    await only(doors, b, Audience.SHARED)
    known = await doors.perform(c, open_direct_chat, b.user_id)
    await doors.perform(c, send_message, known, ClientId("one"), "hello")
    with pytest.raises(Refusal, match="adding_closed"):
        await doors.perform(c, create_group, TITLE, [b.user_id])
    await doors.perform(b, read_up_to, known, 1)
    chat = await doors.perform(c, create_group, TITLE, [b.user_id])
    assert (await doors.ask(b, my_group, chat)).group.members == 2
    with pytest.raises(Refusal, match="adding_closed") as refused:
        await doors.perform(a, create_group, TITLE, [b.user_id])
    assert refused.value.params == {"name": "ben"}


async def test_who_wants_to_be_added_by_nobody_comes_by_a_link(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    await only(doors, b, Audience.NOBODY)
    chat = await doors.perform(a, create_group, TITLE)
    await doors.perform(b, join_group, await doors.perform(a, make_invitation, chat))
    assert (await doors.ask(b, my_group, chat)).role == "member"
    # and is no hindrance to others who are added, once there
    c = await cleo(doors)
    await doors.perform(a, add_members, chat, [b.user_id, c.user_id])
    assert (await doors.ask(c, my_group, chat)).group.members == 3


# Who becomes an acquaintance by it.

TO_ACQUAINTANCES = Choices(*[Audience.SHARED] * 7)


async def known_to(doors: Doors, who: Person, other: Person, chat: ChatId) -> set[bool]:
    """Whether what `other` shows to those they share a chat with is open to `who`, wherever it is asked for: one answer
    if all agree."""
    card = await doors.ask(who, card_of, other.user_id)
    (member,) = await doors.ask(who, members_of, chat, card.username)
    found = await doors.ask(who, find_people, f"{card.username}@example.org")
    allowed = set[bool]()
    for attempt in (
        doors.ask(who, check_avatar, "the-picture"),
        doors.perform(who, create_group, GroupTitle("Another"), [other.user_id]),
    ):
        try:
            await attempt
        except (NotFound, AddingClosed):
            allowed.add(False)
        else:
            allowed.add(True)
    shown = (card.phone, card.birth_date, card.about, card.picture, member.picture, found)
    return allowed | set(map(bool, shown))


@pytest.fixture
async def shy(doors: Doors) -> Person:
    """Ben, who shows everything to those he shares a chat with, and nothing to others."""
    return await ben(doors, about="Машины", birth_date=date(1990, 1, 1), avatar="the-picture")


@pytest.mark.unwatched  # what strangers do not see is shown to acquaintances with the next load
async def test_whoever_adds_somebody_is_no_acquaintance_of_theirs_yet(doors: Doors, shy: Person) -> None:
    a, c = await ada(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, TITLE, [shy.user_id])
    await doors.perform(shy, save_preferences, TO_ACQUAINTANCES)
    # whatever they do there
    await doors.perform(a, add_members, chat, [c.user_id])
    await say(doors, a, chat, "one", "@ben two")
    await doors.perform(a, appoint_admin, chat, shy.user_id)
    await doors.perform(a, hand_over, chat, shy.user_id)
    assert await known_to(doors, a, shy, chat) == await known_to(doors, c, shy, chat) == {False}
    written = await doors.perform(shy, open_direct_chat, a.user_id)
    with pytest.raises(Refusal, match="writing_closed"):
        await say(doors, a, written, "three")

    last = (await doors.ask(shy, my_chat, chat)).last_seq
    await doors.perform(shy, read_up_to, chat, last)
    assert await known_to(doors, a, shy, chat) == await known_to(doors, c, shy, chat) == {True}
    await say(doors, a, written, "three")


async def test_whoever_adds_others_shows_them_what_acquaintances_see(doors: Doors, shy: Person) -> None:
    a = await ada(doors)
    await doors.perform(shy, save_preferences, TO_ACQUAINTANCES)
    chat = await doors.perform(shy, create_group, TITLE, [a.user_id])
    assert await known_to(doors, a, shy, chat) == {True}


@pytest.mark.unwatched  # what strangers do not see is shown to acquaintances with the next load
@pytest.mark.parametrize("act", ["reads", "says"])
async def test_who_came_by_a_link_is_an_acquaintance_once_they_take_part(doors: Doors, shy: Person, act: str) -> None:
    a = await ada(doors)
    chat = await doors.perform(a, create_group, TITLE)
    await doors.perform(shy, join_group, await doors.perform(a, make_invitation, chat))
    await doors.perform(shy, save_preferences, TO_ACQUAINTANCES)
    assert await known_to(doors, a, shy, chat) == {False}
    if act == "reads":
        await say(doors, a, chat, "one")
        await doors.perform(shy, read_up_to, chat, (await doors.ask(shy, my_chat, chat)).last_seq)
    else:
        await say(doors, shy, chat, "one")
    assert await known_to(doors, a, shy, chat) == {True}
    await doors.perform(shy, leave_group, chat)
    assert (await doors.ask(a, card_of, shy.user_id)).phone == ""


# What a newcomer sees.


async def test_a_newcomer_sees_what_was_said_before_and_has_nothing_to_read(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, create_group, TITLE)
    await say(doors, a, chat, "one", "two")
    await doors.perform(a, add_members, chat, [b.user_id])
    assert await seen(doors, b, chat) == ["[created]", "one", "two", "[added]"]
    (row,) = await doors.ask(b, my_chats)
    assert row.last_seq - row.last_read_seq == 0
    await say(doors, a, chat, "three")
    (row,) = await doors.ask(b, my_chats)
    assert row.last_seq - row.last_read_seq == 1


@pytest.fixture
async def closed(doors: Doors) -> tuple[ChatId, Person, Person, Person]:
    """A group with a closed history: ada and ben from the start, cleo since "three"."""
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, TITLE, [b.user_id])
    await say(doors, a, chat, "one", "two")
    await doors.perform(a, open_history, chat, to_newcomers=False)
    await say(doors, b, chat, "three")
    await doors.perform(a, add_members, chat, [c.user_id])
    await say(doors, b, chat, "four")
    return chat, a, b, c


async def test_a_closed_history_begins_with_ones_own_coming(
    doors: Doors, closed: tuple[ChatId, Person, Person, Person]
) -> None:
    chat, _, b, c = closed
    assert await seen(doors, b, chat) == ["[created]", "one", "two", "[history_closed]", "three", "[added]", "four"]
    page = await doors.ask(c, page_of, chat)
    assert (shown(page.messages), page.has_older) == (["[added]", "four"], False)
    first = page.messages[0].seq
    # nor by any other way
    for where in ({"before": first}, {"before": 2}, {"after": 0}, {"around": 2}, {"around": 1}):
        before = where.pop("before", None)
        found = await doors.ask(c, page_of, chat, before, **where)
        assert all(message.seq >= first for message in found.messages)
        assert not found.has_older
    missed = await doors.ask(c, changes_after, chat, 0)
    assert isinstance(missed, Changes)
    assert shown(missed.messages) == ["[added]", "four"]
    # how far the others have read is a number, and no words
    (row,) = await doors.ask(c, my_chats)
    assert row.last is not None
    assert row.last.body == "four"


async def test_two_who_come_together_see_each_other_come(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, TITLE)
    await doors.perform(a, open_history, chat, to_newcomers=False)
    await doors.perform(a, add_members, chat, [b.user_id, c.user_id])
    assert await seen(doors, b, chat) == await seen(doors, c, chat) == ["[added]", "[added]"]
    assert [row.last_seq - row.last_read_seq for who in (b, c) for row in await doors.ask(who, my_chats)] == [0, 0]


async def test_opening_the_history_again_is_for_those_who_come_after(
    doors: Doors, closed: tuple[ChatId, Person, Person, Person]
) -> None:
    chat, a, _, c = closed
    d = await dan(doors)
    await doors.perform(a, open_history, chat, to_newcomers=True)
    await doors.perform(a, add_members, chat, [d.user_id])
    assert (await seen(doors, d, chat))[:2] == ["[created]", "one"]
    assert (await seen(doors, c, chat))[0] == "[added]"


async def changed(doors: Doors, chat: ChatId, seq: int, **columns: Any) -> int:
    """Have a message changed as an edit does; the revision before."""

    def change(work: Work) -> int:
        row = work.session.exec(select(Chat).where(Chat.chat_id == chat)).one()
        row.last_rev += 1
        work.session.add(row)
        edit = update(Message).where(col(Message.chat) == row.id, col(Message.seq) == seq)
        work.session.exec(edit.values(rev=row.last_rev, **columns))
        work.tell(ChatMoved(chat, row.last_rev))
        return row.last_rev - 1

    return await doors.perform(SYSTEM, change)


async def tail(doors: Doors, chat: ChatId, after: int) -> Changes:
    return (await doors.ask(SYSTEM, tails_of, [(chat, after)]))[chat]


async def test_what_somebody_may_not_see_is_not_sent_to_all(
    doors: Doors, closed: tuple[ChatId, Person, Person, Person]
) -> None:
    chat, a, b, c = closed
    rev = await changed(doors, chat, 2, body="one, better")
    sent = await tail(doors, chat, rev)
    # the tabs find that there is something, and ask by themselves
    assert (sent.messages, sent.after, sent.rev) == ([], rev + 1, rev + 1)
    for who, words in ((a, ["one, better"]), (b, ["one, better"]), (c, [])):
        missed = await doors.ask(who, changes_after, chat, rev)
        assert isinstance(missed, Changes)
        assert shown(missed.messages) == words
    # and of what all may see nothing is kept back
    rev = await changed(doors, chat, 7, body="four, better")
    assert shown((await tail(doors, chat, rev)).messages) == ["four, better"]


async def test_an_answer_does_not_show_a_newcomer_what_it_answers(
    doors: Doors, closed: tuple[ChatId, Person, Person, Person]
) -> None:
    chat, a, _, c = closed
    rev = await changed(doors, chat, 7, reply_to=2)
    assert (await tail(doors, chat, rev)).messages == []
    (theirs,) = [m for m in (await doors.ask(a, page_of, chat)).messages if m.seq == 7]
    assert theirs.reply is not None
    assert theirs.reply.text == "one"
    (mine,) = [m for m in (await doors.ask(c, page_of, chat)).messages if m.seq == 7]
    assert (mine.text, mine.reply) == ("four", None)
    missed = await doors.ask(c, changes_after, chat, rev)
    assert isinstance(missed, Changes)
    assert [message.reply for message in missed.messages] == [None]


async def test_many_who_come_at_once_make_no_hole(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, TITLE)
    await say(doors, a, chat, "one")
    known = (await doors.ask(a, page_of, chat)).rev
    await doors.perform(a, add_members, chat, [b.user_id])
    await doors.perform(a, add_members, chat, [c.user_id])
    sent = await tail(doors, chat, known)
    assert (sent.after, shown(sent.messages)) == (known, ["[added]", "[added]"])


async def test_reading_goes_on_from_where_one_came(doors: Doors, closed: tuple[ChatId, Person, Person, Person]) -> None:
    chat, _, _, c = closed
    await doors.perform(c, read_up_to, chat, 2)
    (row,) = await doors.ask(c, my_chats)
    assert (row.last_read_seq, row.last_seq) == (6, 7)
    await doors.perform(c, read_up_to, chat, 7)
    (row,) = await doors.ask(c, my_chats)
    assert row.last_read_seq == 7


# What is left of a group that ended, and of a person's part in one.


async def rows(doors: Doors, *tables: type[SQLModel]) -> list[int]:
    def counted(reader: Reader) -> list[int]:
        return [reader.session.exec(select(func.count()).select_from(table)).one() for table in tables]

    return await doors.ask(SYSTEM, counted)


ALL = (Chat, Group, Member, GroupBan, Invitation, Message, Reaction)


@pytest.mark.parametrize("how", ["deleted", "left"])
async def test_of_a_group_that_ended_nothing_is_left(
    doors: Doors, seal: KeyedSeal, dice: LoadedDice, clock: FixedClock, tmp_path: Path, how: str
) -> None:
    a, b = await ada(doors), await ben(doors)
    other = await doors.perform(b, create_group, GroupTitle("Other"))
    chat = await doors.perform(a, create_group, TITLE, [b.user_id])
    await doors.perform(a, make_invitation, chat)
    await say(doors, a, chat, "one")
    await doors.perform(SYSTEM, _reacted, a)
    if how == "deleted":
        await doors.perform(a, delete_group, chat)
    else:
        await doors.perform(a, leave_group, chat)
        await doors.perform(b, leave_group, chat)
    assert await doors.ask(a, my_chats) == []
    # from now on nobody finds it; what was said goes with the job
    assert (await rows(doors, Chat, Member, Invitation)) == [2, 1, 0]
    delivery = Delivery(doors, seal, Outbox(tmp_path / "o", "mail", clock), Outbox(tmp_path / "o", "sms", clock))
    assert await JobRunner(doors, dice, delivery.handlers).run_due() == 1
    assert await rows(doors, *ALL) == [1, 1, 1, 0, 0, 1, 0]
    assert await seen(doors, b, other) == ["[created]"]
    # twice is once
    await delivery.erase_chat(EraseChat(chat))
    assert await rows(doors, *ALL) == [1, 1, 1, 0, 0, 1, 0]


def _reacted(work: Work, who: Person) -> None:
    message = work.session.exec(select(Message.id).order_by(col(Message.id).desc())).first()
    work.session.add(Reaction(message=message or 0, person=who.row, emoji="👍"))


@pytest.mark.unwatched  # what is said in it is put there by hand
async def test_a_long_group_is_erased_in_portions(doors: Doors) -> None:
    a = await ada(doors)
    chat = await doors.perform(a, create_group, TITLE)

    def said(work: Work) -> None:
        (row,) = work.session.exec(select(Chat.id)).all()
        values = [
            {"chat": row, "seq": n, "rev": n, "author": a.row, "client_id": f"c{n}", "body": "x", "sent_at": work.now}
            for n in range(2, 2 * ERASED_AT_ONCE + 1)
        ]
        work.connection.execute(insert(Message), values)
        for message in work.session.exec(select(Message.id).where(col(Message.event).is_(None))).all():
            index(work, Row(message or 0), Row(row or 0), "x")

    await doors.perform(SYSTEM, said)
    await doors.perform(a, leave_group, chat)
    left = []
    for _ in range(3):
        more = await doors.perform(SYSTEM, erase_chat, chat)
        left.append((more, *await rows(doors, Message, Chat)))
    assert left == [(True, ERASED_AT_ONCE, 1), (True, 0, 1), (False, 0, 0)]


async def test_a_chat_that_somebody_sits_in_is_never_erased(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    group = await doors.perform(a, create_group, TITLE)
    direct = await doors.perform(a, open_direct_chat, b.user_id)
    before = await rows(doors, *ALL)
    for chat in (group, direct, ChatId("no-such-chat")):
        assert not await doors.perform(SYSTEM, erase_chat, chat)
    assert await rows(doors, *ALL) == before


async def test_what_a_group_says_of_somebody_is_nothing_they_said(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, create_group, TITLE, [b.user_id])
    await say(doors, a, chat, "one")
    data = (await doors.ask(a, my_data)).files
    (group,) = data["chats"]
    assert (group["kind"], group["title"], group["role"]) == ("group", "Altai", "owner")
    assert [message["text"] for message in data["messages"]] == ["one"]
    (group,) = (await doors.ask(b, my_data)).files["chats"]
    assert group["role"] == "member"
    # and stays when what they said is erased
    while await doors.perform(SYSTEM, erase_messages, a.row):
        pass
    assert await seen(doors, b, chat) == ["[created]", ""]


async def test_a_direct_chat_is_exported_without_title_and_role(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    await doors.perform(a, open_direct_chat, b.user_id)
    (chat,) = (await doors.ask(a, my_data)).files["chats"]
    assert set(chat) == {"chat_id", "kind", "joined_at"}


async def test_who_missed_too_much_of_a_closed_history_gets_their_own_page(
    doors: Doors, closed: tuple[ChatId, Person, Person, Person]
) -> None:
    chat, _, _, c = closed
    missed = await doors.ask(c, changes_after, chat, 10_000)
    assert isinstance(missed, Page)
    assert shown(missed.messages) == ["[added]", "four"]
