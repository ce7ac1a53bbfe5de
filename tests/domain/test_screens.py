"""What stands on several screens at once and changes on all of them: names, faces, pins, roles.

That each screen is what a fresh load would show is looked at after each action, by the tabs in the shadow.
"""

from chat_app.domain.chats.actions import mute_chat
from chat_app.domain.chats.queries import members_of
from chat_app.domain.chats.rules import FOREVER
from chat_app.domain.common.ids import ClientId
from chat_app.domain.common.values import About, PersonName, Username
from chat_app.domain.common.work import Person
from chat_app.domain.messages.actions import Forwarded, edit_message, forward_messages, pin_message, react
from chat_app.domain.messages.queries import pinned_in
from chat_app.domain.users.actions import NewProfile, delete_account, save_profile, set_avatar
from chat_app.infrastructure.unit_of_work import Doors
from tests.domain.talks import bubble, group, pair, say
from tests.people import ada, ben, cleo


async def rename(doors: Doors, who: Person, name: str, username: str) -> None:
    await doors.perform(who, save_profile, NewProfile(PersonName(name), Username(username), About(""), None))


async def test_a_new_name_stands_wherever_the_old_one_stood(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    direct, hike = await pair(doors, a, b), await group(doors, a, b, c)
    await say(doors, a, direct, "hello")
    said = await say(doors, b, hike, "to the lake")
    answer = await say(doors, a, hike, "with @cleo", said)
    await doors.perform(b, react, hike, answer, "👍")
    await doors.perform(c, react, hike, answer, "👍")
    await doors.perform(a, pin_message, hike, said)
    await doors.perform(a, forward_messages, hike, [Forwarded(said, ClientId("copy"))], direct)

    await rename(doors, b, "Boris", "ben")
    shown = await bubble(doors, c, hike, answer)
    assert (shown.reply and shown.reply.name, shown.reactions[0].names) == ("Boris", ("Boris", "cleo"))
    assert [each.name for each in await doors.ask(c, pinned_in, hike)] == ["Boris"]
    assert [each.name for each in await doors.ask(c, members_of, hike)] == ["ada", "Boris", "cleo"]
    # the list of chats is read anew
    await doors.perform(a, mute_chat, direct, until=FOREVER)
    await rename(doors, b, "Boris", "boris")
    await doors.perform(b, set_avatar, "boris.webp")
    await doors.perform(b, delete_account, erase_messages=False)


async def test_of_several_pinned_the_latest_stands_first(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    chat = await pair(doors, a, b)
    for words in ("one", "two", f"**three** {'x' * 300}"):
        await say(doors, a, chat, words)
    for seq in (3, 1, 2):
        await doors.perform(b, pin_message, chat, seq)
        await doors.perform(a, edit_message, chat, seq, f"{seq} {'_y_ ' * 90}")
