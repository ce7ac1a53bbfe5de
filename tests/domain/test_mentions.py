"""Stories of people who are called by name."""

import pytest

from chat_app.domain.chats.actions import add_members, leave_group, open_history
from chat_app.domain.messages.actions import edit_message
from chat_app.domain.messages.actions.naming import MOST_NAMED
from chat_app.domain.messages.queries import Named
from chat_app.domain.messages.rules import Extra
from chat_app.infrastructure.unit_of_work import Doors
from tests.domain.talks import bubble, group, pair, say, seat_of, stored_at
from tests.people import ada, ben, cleo, confirmed, dan


async def test_members_are_called_by_their_usernames(doors: Doors) -> None:
    a, b, c, d = await ada(doors), await ben(doors, username="Пётр.Ё"), await cleo(doors), await dan(doors)
    chat = await group(doors, a, b, c)
    seq = await say(doors, a, chat, "@ПЕТР.е, look. And @cleo. But @dan is not here, nor @nobody or a@cleo")
    one = await bubble(doors, b, chat, seq)
    assert set(one.mentions) == {Named(b.user_id, "Пётр.Ё"), Named(c.user_id, "cleo")}
    assert [(await seat_of(doors, chat, who)).mentioned_seq for who in (a, b, c)] == [0, seq, seq]
    assert (await stored_at(doors, chat, seq)).extras == Extra.MENTIONS
    assert d.user_id not in {each.user_id for each in one.mentions}


@pytest.mark.parametrize("words", ["`@ben`", "```\n@ben\n```", "https://a.b/@ben", "a@ben", "@@ben", "@be", "@ben_x"])
async def test_what_only_looks_like_a_name_calls_nobody(doors: Doors, words: str) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, words)
    one = await stored_at(doors, chat, 1)
    assert (one.extras, (await seat_of(doors, chat, b)).mentioned_seq) == (0, 0)


async def test_a_name_that_only_looks_alike_is_another(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors, username="ivan")
    chat = await group(doors, a, b)
    seq = await say(doors, a, chat, "@lvan")
    assert (await bubble(doors, a, chat, seq)).mentions == ()


async def test_all_are_called_by_whoever_runs_the_group_and_by_nobody_else(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await group(doors, a, b, c)
    await doors.perform(c, leave_group, chat)
    calm = await say(doors, b, chat, "hey @all")
    loud = await say(doors, a, chat, "Эй, @Все!")
    assert [(await bubble(doors, a, chat, seq)).everyone for seq in (calm, loud)] == [False, True]
    assert [(await seat_of(doors, chat, who)).mentioned_seq for who in (a, b)] == [0, loud]
    # there is nobody else to call in a chat of two
    two = await pair(doors, a, b)
    await say(doors, a, two, "@all")
    assert (await seat_of(doors, two, b)).mentioned_seq == 0


async def test_an_edit_calls_only_whom_it_did_not_call_before(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await group(doors, a, b, c)
    first = await say(doors, a, chat, "@ben")
    second = await say(doors, a, chat, "@ben and @cleo")
    await doors.perform(a, edit_message, chat, second, "@cleo, not him")
    assert (await bubble(doors, b, chat, second)).mentions == (Named(c.user_id, "cleo"),)
    await doors.perform(a, edit_message, chat, first, "@ben, @cleo and @all")
    assert len((await bubble(doors, b, chat, first)).mentions) == 2
    # the latest stays the latest
    assert [(await seat_of(doors, chat, who)).mentioned_seq for who in (b, c)] == [second, second]
    await doors.perform(a, edit_message, chat, first, "nobody")
    assert (await stored_at(doors, chat, first)).extras == 0


async def test_nobody_is_called_to_what_they_may_not_see(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await group(doors, a, b)
    old = await say(doors, a, chat, "before")
    await doors.perform(a, open_history, chat, to_newcomers=False)
    await doors.perform(a, add_members, chat, [c.user_id])
    await doors.perform(a, edit_message, chat, old, "@cleo @all")
    assert (await seat_of(doors, chat, c)).mentioned_seq == 0
    assert (await bubble(doors, b, chat, old)).mentions == ()


async def test_fifty_are_called_and_those_after_them_are_only_words(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    hikers = [await confirmed(doors, f"hiker{at}", f"+7916222{at:04d}") for at in range(MOST_NAMED + 2)]
    chat = await group(doors, a, b, *hikers[:-3])
    await doors.perform(a, add_members, chat, [who.user_id for who in hikers[-3:]])
    # a name may end a sentence, and may be said again
    first = await say(doors, a, chat, "@hiker0! " + " ".join(f"@hiker{at}." for at in range(len(hikers))) + " @ben")
    called, beyond = hikers[:MOST_NAMED], [*hikers[MOST_NAMED:], b]
    assert {each.user_id for each in (await bubble(doors, b, chat, first)).mentions} == {who.user_id for who in called}
    assert {(await seat_of(doors, chat, who)).mentioned_seq for who in called} == {first}
    assert {(await seat_of(doors, chat, who)).mentioned_seq for who in beyond} == {0}

    # said better, it calls those who come into their place
    await doors.perform(a, edit_message, chat, first, "@ben, " + " ".join(f"@hiker{at}" for at in range(len(hikers))))
    called, beyond = [b, *hikers[: MOST_NAMED - 1]], hikers[MOST_NAMED:]
    assert {each.user_id for each in (await bubble(doors, b, chat, first)).mentions} == {who.user_id for who in called}
    assert (await seat_of(doors, chat, b)).mentioned_seq == first
    assert {(await seat_of(doors, chat, who)).mentioned_seq for who in beyond} == {0}
