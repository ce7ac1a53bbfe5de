"""Stories of emoji under messages."""

import asyncio

import pytest

from chat_app.domain.chats.actions import leave_group
from chat_app.domain.common.events import Event
from chat_app.domain.messages.actions import react, unreact
from chat_app.domain.messages.errors import NotAnEmoji, NotSaid, TooManyReactions
from chat_app.domain.messages.queries import Reactions
from chat_app.domain.messages.rules import MOST_KINDS, emoji_of
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.unit_of_work import Doors
from tests.domain.talks import bubble, group, pair, row_of, say, stored_at
from tests.people import ada, ben, cleo

EMOJI = "👍👎❤️🔥🎉😂😮😢🙏👏🤔😡💯👀🚀🤝💔⭐✅❌🙌"


def kinds() -> list[str]:
    """As many as may be, and one more."""
    found = [char for char in EMOJI if char != "\ufe0f" and char != "❤"] + ["❤️"]
    assert len(found) == MOST_KINDS + 1
    return found


async def test_ben_likes_it_and_takes_that_back(doors: Doors, bus: LocalBus) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "cake")
    await doors.perform(b, react, chat, 1, "👍")
    await doors.perform(a, react, chat, 1, "👍")
    await doors.perform(a, react, chat, 1, "🔥")
    one = await bubble(doors, a, chat, 1)
    assert one.rev == 4
    assert one.reactions == (
        Reactions("👍", 2, (b.user_id, a.user_id), ("ben", "ada")),
        Reactions("🔥", 1, (a.user_id,), ("ada",)),
    )
    # nothing is unread by it
    assert (await row_of(doors, chat)).last_seq == 1
    await doors.perform(a, unreact, chat, 1, "🔥")
    await doors.perform(a, unreact, chat, 1, "👍")
    assert (await bubble(doors, a, chat, 1)).reactions == (Reactions("👍", 1, (b.user_id,), ("ben",)),)
    await doors.perform(b, unreact, chat, 1, "👍")
    assert (await stored_at(doors, chat, 1)).extras == 0

    heard: list[Event] = []
    bus.subscribe(heard.extend)
    await doors.perform(b, unreact, chat, 1, "👍")
    assert heard == []


async def test_once_however_often_it_is_asked(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "cake")
    await asyncio.gather(*(doors.perform(b, react, chat, 1, "👍") for _ in range(5)))
    assert [each.count for each in (await bubble(doors, a, chat, 1)).reactions] == [1]
    assert (await row_of(doors, chat)).last_rev == 2


async def test_there_are_twenty_kinds_and_no_more(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await group(doors, a, b, c)
    seq = await say(doors, a, chat, "cake")
    *some, another = kinds()
    for at, emoji in enumerate(some):
        await doors.perform((a, b)[at % 2], react, chat, seq, emoji)
    with pytest.raises(TooManyReactions):
        await doors.perform(c, react, chat, seq, another)
    await doors.perform(c, react, chat, seq, some[0])
    # two at once for the last place
    await doors.perform(b, unreact, chat, seq, some[1])
    await asyncio.gather(
        doors.perform(a, react, chat, seq, another),
        doors.perform(b, react, chat, seq, "🐞"),
        return_exceptions=True,
    )
    assert len((await bubble(doors, a, chat, seq)).reactions) == MOST_KINDS


@pytest.mark.parametrize(
    "text",
    ["", "a", "👍👍", "❤", "☺", "©", ":thumbsup:", "👍 ", "\u200d", "🏻" * 2, "1", "<b>", "🏳️\u200d🌈x", "x" * 5000],
)
def test_what_is_no_emoji_is_refused(text: str) -> None:
    with pytest.raises(NotAnEmoji):
        emoji_of(text)


@pytest.mark.parametrize("text", ["👍", "❤️", "👍🏽", "🏳️\u200d🌈", "1️⃣", "🇷🇺", "👩\u200d👩\u200d👧\u200d👦"])
def test_one_emoji_however_many_signs_it_is_made_of(text: str) -> None:
    assert emoji_of(text) == text
    assert len(text) <= 32


async def test_reactions_stay_when_somebody_leaves(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await group(doors, a, b)
    seq = await say(doors, a, chat, "cake")
    await doors.perform(b, react, chat, seq, "👍")
    await doors.perform(b, leave_group, chat)
    assert [each.names for each in (await bubble(doors, a, chat, seq)).reactions] == [("ben",)]
    with pytest.raises(NotSaid):
        await doors.perform(a, react, chat, 1, "👍")
