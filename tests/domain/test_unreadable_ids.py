"""Whatever is given in the place of an id: what no database can hold is what nobody has."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from chat_app.domain.chats.actions import (
    add_members,
    ban,
    create_group,
    exclude,
    hand_over,
    join_group,
    leave_group,
    mute_chat,
    open_direct_chat,
    read_up_to,
    revoke_invitation,
    unban,
)
from chat_app.domain.chats.queries import (
    card_of,
    check_avatar,
    check_invited_avatar,
    group_view,
    invited_to,
    member_ids,
    my_chat,
    my_group,
)
from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.ids import AttachmentId, ChatId, ClientId, UserId
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import SYSTEM, Person
from chat_app.domain.messages.actions import (
    Forwarded,
    edit_message,
    forward_messages,
    pin_message,
    react,
    send_message,
    unreact,
)
from chat_app.domain.messages.queries import (
    attachment_for,
    changes_after,
    check_upload,
    media_of,
    page_of,
    pinned_in,
    readers_of,
    tails_of,
)
from chat_app.domain.users.actions import block, unblock
from chat_app.infrastructure.unit_of_work import Doors
from tests.people import ada, ben

UNREADABLE = ("\x00", "a\x00", "\ud800", "a\udfff", "б\udc00")


@dataclass
class Story:
    """Ada's group with ben, and something she said in it."""

    doors: Doors
    ada: Person
    ben: Person
    chat: ChatId
    said: int


@pytest.fixture
async def story(doors: Doors) -> Story:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, create_group, GroupTitle("Altai"), [b.user_id])
    sent = await doors.perform(a, send_message, chat, ClientId("one"), "hello")
    return Story(doors, a, b, chat, sent.seq)


READ: dict[str, Callable[[Story, str], Any]] = {
    "attachment": lambda s, text: s.doors.ask(s.ada, attachment_for, AttachmentId(text)),
    "card": lambda s, text: s.doors.ask(s.ada, card_of, UserId(text)),
    "changes": lambda s, text: s.doors.ask(s.ada, changes_after, ChatId(text), 0),
    "chat": lambda s, text: s.doors.ask(s.ada, my_chat, ChatId(text)),
    "group": lambda s, text: s.doors.ask(s.ada, my_group, ChatId(text)),
    "group as it looks": lambda s, text: s.doors.ask(SYSTEM, group_view, ChatId(text)),
    "invitation": lambda s, text: s.doors.ask(s.ada, invited_to, text),
    "media": lambda s, text: s.doors.ask(s.ada, media_of, ChatId(text)),
    "media after": lambda s, text: s.doors.ask(s.ada, media_of, s.chat, AttachmentId(text)),
    "members": lambda s, text: s.doors.ask(s.ada, member_ids, ChatId(text)),
    "page": lambda s, text: s.doors.ask(s.ada, page_of, ChatId(text)),
    "picture": lambda s, text: s.doors.ask(s.ada, check_avatar, text),
    "picture of a group": lambda s, text: s.doors.ask(s.ada, check_invited_avatar, text, "picture"),
    "pinned": lambda s, text: s.doors.ask(s.ada, pinned_in, ChatId(text)),
    "readers": lambda s, text: s.doors.ask(s.ada, readers_of, ChatId(text), 1),
    "tails": lambda s, text: s.doors.ask(SYSTEM, tails_of, [(ChatId(text), 0)]),
    "upload": lambda s, text: s.doors.ask(s.ada, check_upload, ChatId(text), 1),
}
WRITE: dict[str, Callable[[Story, str], Any]] = {
    "add": lambda s, text: s.doors.perform(s.ada, add_members, s.chat, [s.ben.user_id, UserId(text)]),
    "add into": lambda s, text: s.doors.perform(s.ada, add_members, ChatId(text), [s.ben.user_id]),
    "attach": lambda s, text: s.doors.perform(
        s.ada, send_message, s.chat, ClientId("two"), "", files=[AttachmentId(text)]
    ),
    "ban": lambda s, text: s.doors.perform(s.ada, ban, s.chat, UserId(text)),
    "block": lambda s, text: s.doors.perform(s.ada, block, UserId(text)),
    "create": lambda s, text: s.doors.perform(s.ada, create_group, GroupTitle("Altai"), [UserId(text)]),
    "edit": lambda s, text: s.doors.perform(s.ada, edit_message, ChatId(text), 1, "bye"),
    "exclude": lambda s, text: s.doors.perform(s.ada, exclude, s.chat, UserId(text)),
    "forward": lambda s, text: s.doors.perform(
        s.ada, forward_messages, ChatId(text), [Forwarded(1, ClientId("two"))], s.chat
    ),
    "forward to": lambda s, text: s.doors.perform(
        s.ada, forward_messages, s.chat, [Forwarded(1, ClientId("two"))], ChatId(text)
    ),
    "hand over": lambda s, text: s.doors.perform(s.ada, hand_over, s.chat, UserId(text)),
    "join": lambda s, text: s.doors.perform(s.ada, join_group, text),
    "leave": lambda s, text: s.doors.perform(s.ada, leave_group, ChatId(text)),
    "leave to": lambda s, text: s.doors.perform(s.ada, leave_group, s.chat, heir=UserId(text)),
    "mute": lambda s, text: s.doors.perform(s.ada, mute_chat, ChatId(text), until=None),
    "open": lambda s, text: s.doors.perform(s.ada, open_direct_chat, UserId(text)),
    "pin": lambda s, text: s.doors.perform(s.ada, pin_message, ChatId(text), 1),
    "react": lambda s, text: s.doors.perform(s.ada, react, s.chat, s.said, text),
    "read": lambda s, text: s.doors.perform(s.ada, read_up_to, ChatId(text), 1),
    "revoke": lambda s, text: s.doors.perform(s.ada, revoke_invitation, s.chat, text),
    "send": lambda s, text: s.doors.perform(s.ada, send_message, ChatId(text), ClientId("two"), "hello"),
    "unban": lambda s, text: s.doors.perform(s.ada, unban, s.chat, UserId(text)),
    "unblock": lambda s, text: s.doors.perform(s.ada, unblock, UserId(text)),
    "unreact": lambda s, text: s.doors.perform(s.ada, unreact, s.chat, s.said, text),
}


@pytest.mark.parametrize("act", [*READ, *WRITE])
async def test_an_id_that_cannot_be_is_that_of_nobody(story: Story, act: str) -> None:
    async def answer(text: str) -> object:
        try:
            return await (READ | WRITE)[act](story, text)
        except Refusal as refusal:
            return refusal.code, refusal.field, refusal.params

    expected = await answer("nobody-at-all")
    assert [await answer(text) for text in UNREADABLE] == [expected] * len(UNREADABLE)
