"""What screens hear of messages that change: all of it, and nothing that is not for them."""

import asyncio
from typing import Any

from chat_app.domain.chats.actions import add_members, leave_group, open_history
from chat_app.domain.common.ids import ChatId
from chat_app.domain.messages.actions import edit_message, erase_message, pin_message, react
from chat_app.domain.messages.queries import Changes, changes_after
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.realtime.hub import Hub
from tests.domain.talks import group, pair, say
from tests.people import ada, ben, cleo
from tests.realtime.test_hub import at_screen
from tests.tabs import Ear, settled


def heard(ear: Ear, chat: ChatId) -> list[dict[str, Any]]:
    """Messages in the tails, as they came."""
    return [message for _, tail in ear.fields(f"tail_{chat}") for message in tail["messages"]]


async def test_a_tail_carries_what_became_of_a_message(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    await say(doors, a, chat, "hello @ben")
    await say(doors, b, chat, "**hi**", 1)
    ear = await at_screen(hub, b)
    for change in (
        doors.perform(b, react, chat, 1, "👍"),
        doors.perform(a, edit_message, chat, 1, "_hello_"),
        doors.perform(b, pin_message, chat, 1),
        doors.perform(a, erase_message, chat, 1),
    ):
        await change
        await settled(hub)
    told = heard(ear, chat)
    assert [message["seq"] for message in told] == [1, 1, 2, 1, 3, 1, 2, 3]
    reacted, edited, answer, pinned, line, erased, orphan, _ = told
    assert reacted["reactions"] == [{"emoji": "👍", "count": 1, "people": [b.user_id], "names": ["ben"]}]
    assert reacted["parts"] == ["hello ", ["@", b.user_id, "@ben"]]
    assert (edited["parts"], edited["edited"] > 0, "mentions" in edited) == ([["i", "hello"]], True, False)
    assert (answer["reply"]["text"], answer["parts"]) == ("hello", [["b", "hi"]])
    assert (pinned["pinned"] > 0, line["event"], line["reply"]["seq"]) == (True, "pinned", 1)
    assert (erased["text"], erased["erased"]) == ("", True)
    assert {"reactions", "parts", "pinned", "edited"}.isdisjoint(erased)
    assert (orphan["reply"]["erased"], orphan["reply"]["text"]) == (True, "")
    # in order, without a hole
    known = 2
    for _, tail in ear.fields(f"tail_{chat}"):
        assert tail["after"] <= known < tail["rev"]
        known = tail["rev"]


async def test_plain_words_cost_no_byte_more(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    ear = await at_screen(hub, b)
    await say(doors, a, chat, "hello")
    await settled(hub)
    (message,) = heard(ear, chat)
    assert set(message) == {"seq", "rev", "author", "name", "client_id", "at", "text"}


async def test_whoever_came_later_hears_nothing_of_what_was_said_before(doors: Doors, hub: Hub) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await group(doors, a, b)
    old = await say(doors, a, chat, "a secret")
    await doors.perform(a, open_history, chat, to_newcomers=False)
    await doors.perform(a, add_members, chat, [c.user_id])
    ears = [await at_screen(hub, who) for who in (b, c)]
    await doors.perform(b, react, chat, old, "👍")
    await doors.perform(a, edit_message, chat, old, "a **secret** plan")
    await doors.perform(a, pin_message, chat, old)
    answer = await say(doors, b, chat, "what secret?", old)
    await doors.perform(a, edit_message, chat, old, "no secret")
    await settled(hub)
    # the same for all: nothing of it, only that something is missing
    for ear in ears:
        assert all(message["seq"] > old and "reply" not in message for message in heard(ear, chat))
        assert "secret" not in str(ear.heard).replace("what secret?", "")
        holes = [tail["after"] for _, tail in ear.fields(f"tail_{chat}")]
        assert holes[-1] > 0
    # and each finds what is for them
    for who, sees in ((b, True), (c, False)):
        missed = await doors.ask(who, changes_after, chat, 6)
        assert isinstance(missed, Changes)
        assert (old in {bubble.seq for bubble in missed.messages}) is sees
        (found,) = [bubble for bubble in missed.messages if bubble.seq == answer]
        assert (found.reply is not None) is sees


async def test_whoever_left_hears_of_no_change(doors: Doors, hub: Hub) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await group(doors, a, b)
    seq = await say(doors, a, chat, "one")
    ear = await at_screen(hub, b)
    await doors.perform(b, leave_group, chat)
    await settled(hub)
    ear.heard.clear()
    await doors.perform(a, edit_message, chat, seq, "two")
    await asyncio.gather(*(doors.perform(a, react, chat, seq, emoji) for emoji in "👍🔥"))
    await settled(hub)
    assert ear.heard == []
