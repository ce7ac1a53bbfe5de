"""Stories of groups: who is in them, who may do what, and what becomes of a group without its owner."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from chat_app.domain.chats.actions import (
    add_members,
    appoint_admin,
    ban,
    change_group,
    close_account,
    create_group,
    delete_group,
    dismiss_admin,
    exclude,
    hand_over,
    join_group,
    leave_group,
    make_invitation,
    open_direct_chat,
    open_history,
    revoke_invitation,
    set_group_avatar,
    unban,
)
from chat_app.domain.chats.errors import ChatNotFound, NotAllowed
from chat_app.domain.chats.queries import (
    banned_from,
    group_view,
    invitations_of,
    invited_to,
    members_of,
    my_chat,
    my_chats,
    my_group,
)
from chat_app.domain.chats.tables import Member
from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.ids import ChatId, ClientId, Row, UserId
from chat_app.domain.common.values import DescriptionLength, GroupDescription, GroupTitle, TitleLength
from chat_app.domain.common.work import SYSTEM, Person, Reader
from chat_app.domain.messages.actions import send_message
from chat_app.domain.messages.queries import page_of
from chat_app.infrastructure.unit_of_work import Doors
from tests.domain.races import POSTGRES_ONLY, meanwhile
from tests.guests import FixedClock
from tests.people import ada, again, ben, cleo, confirmed, cookie_of, dan

TITLE = GroupTitle("Altai")


@dataclass
class Hike:
    """A group: ada owns it, ben is an admin, cleo a member; dan is outside."""

    chat: ChatId
    ada: Person
    ben: Person
    cleo: Person
    dan: Person


@pytest.fixture
async def hike(doors: Doors) -> Hike:
    a, b, c, d = await ada(doors), await ben(doors), await cleo(doors), await dan(doors)
    chat = await doors.perform(a, create_group, TITLE, [b.user_id, c.user_id])
    await doors.perform(a, appoint_admin, chat, b.user_id)
    return Hike(chat, a, b, c, d)


async def say(doors: Doors, who: Person, chat: ChatId, text: str) -> None:
    await doors.perform(who, send_message, chat, ClientId(f"{who.row}-{text}"[:36]), text)


async def roles(doors: Doors, who: Person, chat: ChatId) -> dict[str, str]:
    """Usernames and roles, as a member sees them: the owner first, then admins."""
    return {member.username: str(member.role) for member in await doors.ask(who, members_of, chat)}


async def lines(doors: Doors, who: Person, chat: ChatId) -> list[tuple[str, str, str]]:
    """What the group says was done: what, by whom, to whom."""
    page = await doors.ask(who, page_of, chat)
    return [
        (line.event, line.name, line.about.name if line.about else line.text) for line in page.messages if line.event
    ]


async def last_line(doors: Doors, who: Person, chat: ChatId) -> tuple[str, str, str]:
    return (await lines(doors, who, chat))[-1]


async def unread(doors: Doors, who: Person, chat: ChatId) -> int:
    (row,) = [row for row in await doors.ask(who, my_chats) if row.chat_id == chat]
    return row.last_seq - row.last_read_seq


# Making a group, and what it is called.


async def test_a_group_that_is_asked_for_ten_times_at_once_is_made_once(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    made = [doors.perform(a, create_group, TITLE, [b.user_id], client_id=ClientId("one")) for _ in range(10)]
    (chat,) = set(await asyncio.gather(*made))
    assert [row.chat_id for row in await doors.ask(b, my_chats)] == [chat]
    # what somebody else calls the same is another one
    assert await doors.perform(b, create_group, TITLE, client_id=ClientId("one")) != chat
    # and one that has ended is not made again
    await doors.perform(a, delete_group, chat)
    with pytest.raises(ChatNotFound):
        await doors.perform(a, create_group, TITLE, client_id=ClientId("one"))


async def test_ada_makes_a_group_and_everybody_sees_it(doors: Doors) -> None:
    a, b, c, d = await ada(doors), await ben(doors), await cleo(doors), await dan(doors)
    chat = await doors.perform(a, create_group, TITLE, [b.user_id, c.user_id, b.user_id, a.user_id])
    assert await roles(doors, c, chat) == {"ada": "owner", "ben": "member", "cleo": "member"}
    mine = await doors.ask(b, my_group, chat)
    assert (mine.role, mine.group.title, mine.group.members, mine.group.history_open) == ("member", "Altai", 3, True)
    # one line for all of them, and nobody has it to read
    assert await lines(doors, b, chat) == [("created", "ada", "Altai")]
    assert [await unread(doors, who, chat) for who in (a, b, c)] == [0, 0, 0]
    (row,) = await doors.ask(b, my_chats)
    assert (row.kind, row.title, row.person) == ("group", "Altai", None)
    assert row.last is not None
    assert (row.last.event, row.last.name, row.last.body) == ("created", "ada", "Altai")
    opened = await doors.ask(b, my_chat, chat)
    assert (opened.kind, opened.title, opened.username, opened.members) == ("group", "Altai", "", 3)
    assert await doors.ask(d, my_chats) == []


async def test_a_group_of_one_is_a_group(doors: Doors) -> None:
    a = await ada(doors)
    chat = await doors.perform(a, create_group, TITLE)
    assert await roles(doors, a, chat) == {"ada": "owner"}


async def test_nobody_is_in_a_group_that_could_not_be_made(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    with pytest.raises(Refusal, match="person_not_found"):
        await doors.perform(a, create_group, TITLE, [b.user_id, UserId("nobody")])
    assert await doors.ask(a, my_chats) == []
    assert await doors.ask(b, my_chats) == []


async def test_a_group_is_renamed_and_described(doors: Doors, hike: Hike) -> None:
    about = GroupDescription("Two weeks.\n  Bring a tent. ")
    await doors.perform(hike.ben, change_group, hike.chat, GroupTitle("Altai 2026"), about)
    group = (await doors.ask(hike.cleo, my_group, hike.chat)).group
    assert (group.title, group.description) == ("Altai 2026", "Two weeks.\nBring a tent.")
    assert (await lines(doors, hike.cleo, hike.chat))[-2:] == [
        ("renamed", "ben", "Altai 2026"),
        ("described", "ben", ""),
    ]
    # saying the same again changes nothing
    rev = group.rev
    await doors.perform(hike.ada, change_group, hike.chat, GroupTitle("Altai 2026"), about)
    assert (await doors.ask(hike.cleo, my_group, hike.chat)).group.rev == rev


def test_a_title_has_a_length_and_something_to_see() -> None:
    assert GroupTitle("  Altai\t2026 ").text == "Altai 2026"
    assert GroupTitle("x" * 128).text == "x" * 128
    for bad in ("", "   ", "\u200b", "x" * 129):
        with pytest.raises(TitleLength):
            GroupTitle(bad)
    assert GroupDescription("").text == ""
    with pytest.raises(DescriptionLength):
        GroupDescription("x" * 501)


async def test_what_no_screen_can_show_is_taken_out_of_what_a_group_is_called(doors: Doors, hike: Hike) -> None:
    title, about = GroupTitle("Al\x00tai\ud83d 2026"), GroupDescription("Two\x00 weeks.\n\udc00Bring a\ud800 tent.\x00")
    await doors.perform(hike.ada, change_group, hike.chat, title, about)
    group = (await doors.ask(hike.cleo, my_group, hike.chat)).group
    assert (group.title, group.description) == ("Altai 2026", "Two weeks.\nBring a tent.")
    assert (await lines(doors, hike.cleo, hike.chat))[-2] == ("renamed", "ada", "Altai 2026")
    # what is left of nothing else is no title, but may be a description
    with pytest.raises(TitleLength):
        GroupTitle("\x00\ud83d")
    assert GroupDescription("\x00\ud83d").text == ""


async def test_a_group_has_a_picture_and_loses_it(doors: Doors, hike: Hike) -> None:
    await doors.perform(hike.ben, set_group_avatar, hike.chat, "one.webp")
    assert (await doors.ask(hike.cleo, my_group, hike.chat)).group.avatar == "one.webp"
    await doors.perform(hike.ada, set_group_avatar, hike.chat, None)
    # there is none to be taken off any more
    await doors.perform(hike.ben, set_group_avatar, hike.chat, None)
    assert [line[0] for line in (await lines(doors, hike.cleo, hike.chat))[-2:]] == ["pictured", "unpictured"]


# Adding, excluding, banning, leaving.


async def test_several_are_added_each_with_a_line(doors: Doors, hike: Hike) -> None:
    eve = await confirmed(doors, "eve", "+79161110005")
    await doors.perform(hike.ben, add_members, hike.chat, [hike.dan.user_id, hike.cleo.user_id, eve.user_id])
    assert (await lines(doors, hike.dan, hike.chat))[-2:] == [("added", "ben", "dan"), ("added", "ben", "eve")]
    assert (await roles(doors, hike.dan, hike.chat))["eve"] == "member"
    # newcomers have read all there is, whoever added them too; to the others it is news
    assert [await unread(doors, who, hike.chat) for who in (hike.dan, eve, hike.ben)] == [0, 0, 0]
    assert await unread(doors, hike.cleo, hike.chat) == 3
    # again is nothing
    before = await lines(doors, hike.ada, hike.chat)
    await doors.perform(hike.ben, add_members, hike.chat, [hike.dan.user_id])
    assert await lines(doors, hike.ada, hike.chat) == before


async def test_an_excluded_person_finds_no_group_and_may_be_added_again(doors: Doors, hike: Hike) -> None:
    await doors.perform(hike.ben, exclude, hike.chat, hike.cleo.user_id)
    assert await last_line(doors, hike.ada, hike.chat) == ("excluded", "ben", "cleo")
    for attempt in (my_group, my_chat, page_of, members_of):
        with pytest.raises(ChatNotFound):
            await doors.ask(hike.cleo, attempt, hike.chat)
    with pytest.raises(ChatNotFound):
        await say(doors, hike.cleo, hike.chat, "still here?")
    assert await doors.ask(hike.cleo, my_chats) == []
    await doors.perform(hike.ben, add_members, hike.chat, [hike.cleo.user_id])
    assert (await roles(doors, hike.cleo, hike.chat))["cleo"] == "member"


async def test_an_admin_who_returns_is_a_member(doors: Doors, hike: Hike) -> None:
    await doors.perform(hike.ben, leave_group, hike.chat)
    assert await last_line(doors, hike.ada, hike.chat) == ("left", "ben", "")
    await doors.perform(hike.ada, add_members, hike.chat, [hike.ben.user_id])
    assert (await roles(doors, hike.ada, hike.chat))["ben"] == "member"


async def test_a_banned_person_stays_out_until_the_ban_is_lifted(doors: Doors, hike: Hike) -> None:
    await doors.perform(hike.ben, ban, hike.chat, hike.cleo.user_id)
    assert await last_line(doors, hike.ada, hike.chat) == ("banned", "ben", "cleo")
    assert [person.username for person in await doors.ask(hike.ada, banned_from, hike.chat)] == ["cleo"]
    with pytest.raises(Refusal, match="person_banned") as refused:
        await doors.perform(hike.ada, add_members, hike.chat, [hike.dan.user_id, hike.cleo.user_id])
    assert refused.value.params == {"name": "cleo"}
    assert "dan" not in await roles(doors, hike.ada, hike.chat)
    # twice is once
    before = await lines(doors, hike.ada, hike.chat)
    await doors.perform(hike.ada, ban, hike.chat, hike.cleo.user_id)
    assert await lines(doors, hike.ada, hike.chat) == before

    await doors.perform(hike.ben, unban, hike.chat, hike.cleo.user_id)
    assert await last_line(doors, hike.ada, hike.chat) == ("unbanned", "ben", "cleo")
    assert await doors.ask(hike.ada, banned_from, hike.chat) == []
    await doors.perform(hike.ben, unban, hike.chat, hike.cleo.user_id)
    assert await last_line(doors, hike.ada, hike.chat) == ("unbanned", "ben", "cleo")
    await doors.perform(hike.ben, add_members, hike.chat, [hike.cleo.user_id])
    assert "cleo" in await roles(doors, hike.ada, hike.chat)


async def test_somebody_outside_may_be_banned_beforehand(doors: Doors, hike: Hike) -> None:
    await doors.perform(hike.ben, ban, hike.chat, hike.dan.user_id)
    assert await last_line(doors, hike.cleo, hike.chat) == ("banned", "ben", "dan")
    with pytest.raises(Refusal, match="person_not_found"):
        await doors.perform(hike.ben, ban, hike.chat, UserId("nobody"))


async def test_a_group_has_so_many_members_and_no_more(
    doors: Doors, hike: Hike, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_app.domain.chats.actions.membership.MOST_MEMBERS", 4)
    eve = await confirmed(doors, "eve", "+79161110005")
    link = await doors.perform(hike.ada, make_invitation, hike.chat)
    with pytest.raises(Refusal, match="group_full") as refused:
        await doors.perform(hike.ada, add_members, hike.chat, [hike.dan.user_id, eve.user_id])
    assert refused.value.params == {"most": 4}
    await doors.perform(hike.ada, add_members, hike.chat, [hike.dan.user_id])
    with pytest.raises(Refusal, match="group_full"):
        await doors.perform(eve, join_group, link)
    # the link was not used up by the attempt
    (left,) = await doors.ask(hike.ada, invitations_of, hike.chat)
    assert left.uses == 0
    # who is in it already is not one more
    await doors.perform(hike.ada, add_members, hike.chat, [hike.dan.user_id])
    with pytest.raises(Refusal, match="group_full"):
        await doors.perform(
            eve, create_group, TITLE, [who.user_id for who in (hike.ada, hike.ben, hike.cleo, hike.dan)]
        )


async def test_only_so_many_are_added_at_once(doors: Doors, hike: Hike, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat_app.domain.chats.actions.membership.MOST_ADDED", 1)
    eve = await confirmed(doors, "eve", "+79161110005")
    with pytest.raises(Refusal, match="too_many_at_once"):
        await doors.perform(hike.ada, add_members, hike.chat, [hike.dan.user_id, eve.user_id])
    assert "dan" not in await roles(doors, hike.ada, hike.chat)


# Who may do what.

Act = Callable[[Doors, Hike, Person], Any]

EVERYBODY = {"ada", "ben", "cleo"}
RUNNING = {"ada", "ben"}
OWNER = {"ada"}

ACTS: dict[str, tuple[set[str], Act]] = {
    "rename": (RUNNING, lambda doors, h, me: doors.perform(me, change_group, h.chat, GroupTitle("x"), NO_WORDS)),
    "picture": (RUNNING, lambda doors, h, me: doors.perform(me, set_group_avatar, h.chat, "a.webp")),
    "history": (RUNNING, lambda doors, h, me: doors.perform(me, open_history, h.chat, to_newcomers=False)),
    "add": (RUNNING, lambda doors, h, me: doors.perform(me, add_members, h.chat, [h.dan.user_id])),
    "exclude a member": (RUNNING, lambda doors, h, me: doors.perform(me, exclude, h.chat, h.cleo.user_id)),
    "exclude an admin": (OWNER, lambda doors, h, me: doors.perform(me, exclude, h.chat, h.ben.user_id)),
    "exclude the owner": (set(), lambda doors, h, me: doors.perform(me, exclude, h.chat, h.ada.user_id)),
    "exclude oneself": (set(), lambda doors, h, me: doors.perform(me, exclude, h.chat, me.user_id)),
    "ban a member": (RUNNING, lambda doors, h, me: doors.perform(me, ban, h.chat, h.cleo.user_id)),
    "ban an admin": (OWNER, lambda doors, h, me: doors.perform(me, ban, h.chat, h.ben.user_id)),
    "ban the owner": (set(), lambda doors, h, me: doors.perform(me, ban, h.chat, h.ada.user_id)),
    "unban": (RUNNING, lambda doors, h, me: doors.perform(me, unban, h.chat, h.dan.user_id)),
    "see the banned": (RUNNING, lambda doors, h, me: doors.ask(me, banned_from, h.chat)),
    "appoint": (OWNER, lambda doors, h, me: doors.perform(me, appoint_admin, h.chat, h.cleo.user_id)),
    "dismiss": (OWNER, lambda doors, h, me: doors.perform(me, dismiss_admin, h.chat, h.ben.user_id)),
    "hand over": (OWNER, lambda doors, h, me: doors.perform(me, hand_over, h.chat, h.cleo.user_id)),
    "invite": (RUNNING, lambda doors, h, me: doors.perform(me, make_invitation, h.chat)),
    "see the links": (RUNNING, lambda doors, h, me: doors.ask(me, invitations_of, h.chat)),
    "delete": (OWNER, lambda doors, h, me: doors.perform(me, delete_group, h.chat)),
    "leave": (EVERYBODY, lambda doors, h, me: doors.perform(me, leave_group, h.chat)),
    "see it": (EVERYBODY, lambda doors, h, me: doors.ask(me, my_group, h.chat)),
    "see who is in it": (EVERYBODY, lambda doors, h, me: doors.ask(me, members_of, h.chat)),
}
NO_WORDS = GroupDescription("")


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", ["ada", "ben", "cleo", "dan"])
async def test_who_may(doors: Doors, hike: Hike, name: str, act: str) -> None:
    allowed, attempt = ACTS[act]
    before = await everything(doors, hike.chat)
    who: Person = getattr(hike, name)
    if name in allowed:
        await attempt(doors, hike, who)
        return
    # to a stranger there is no such group
    with pytest.raises(ChatNotFound if name == "dan" else NotAllowed):
        await attempt(doors, hike, who)
    assert await everything(doors, hike.chat) == before


@pytest.mark.parametrize("act", ACTS)
async def test_a_direct_chat_is_no_group(doors: Doors, hike: Hike, act: str) -> None:
    direct = await doors.perform(hike.ada, open_direct_chat, hike.ben.user_id)
    _, attempt = ACTS[act]
    with pytest.raises(ChatNotFound):
        await attempt(doors, Hike(direct, hike.ada, hike.ben, hike.cleo, hike.dan), hike.ada)


async def everything(doors: Doors, chat: ChatId) -> Any:
    def stored(reader: Reader) -> list[tuple[int, str]]:
        return [
            (member.person, str(member.role)) for member in reader.session.exec(select(Member).order_by(col(Member.id)))
        ]

    return await doors.ask(SYSTEM, group_view, chat), await doors.ask(SYSTEM, stored)


# Roles.


async def test_an_admin_is_appointed_and_dismissed(doors: Doors, hike: Hike) -> None:
    await doors.perform(hike.ada, appoint_admin, hike.chat, hike.cleo.user_id)
    assert await last_line(doors, hike.ben, hike.chat) == ("promoted", "ada", "cleo")
    assert (await roles(doors, hike.ben, hike.chat))["cleo"] == "admin"
    before = await lines(doors, hike.ben, hike.chat)
    await doors.perform(hike.ada, appoint_admin, hike.chat, hike.cleo.user_id)
    assert await lines(doors, hike.ben, hike.chat) == before
    await doors.perform(hike.ada, dismiss_admin, hike.chat, hike.cleo.user_id)
    assert await last_line(doors, hike.ben, hike.chat) == ("dismissed", "ada", "cleo")
    assert (await roles(doors, hike.ben, hike.chat))["cleo"] == "member"


@pytest.mark.parametrize("act", [appoint_admin, dismiss_admin, hand_over])
async def test_the_owner_is_the_owner_already(doors: Doors, hike: Hike, act: Any) -> None:
    with pytest.raises(Refusal, match="already_owner"):
        await doors.perform(hike.ada, act, hike.chat, hike.ada.user_id)
    with pytest.raises(Refusal, match="person_not_found"):
        await doors.perform(hike.ada, act, hike.chat, hike.dan.user_id)


async def test_a_group_is_handed_over(doors: Doors, hike: Hike) -> None:
    await doors.perform(hike.ada, hand_over, hike.chat, hike.cleo.user_id)
    assert await last_line(doors, hike.ben, hike.chat) == ("handed_over", "ada", "cleo")
    assert await roles(doors, hike.ben, hike.chat) == {"cleo": "owner", "ada": "admin", "ben": "admin"}
    with pytest.raises(NotAllowed):
        await doors.perform(hike.ada, hand_over, hike.chat, hike.ada.user_id)


# What becomes of a group whose owner goes.


async def test_an_owner_who_leaves_names_who_follows(doors: Doors, hike: Hike) -> None:
    await doors.perform(hike.ada, leave_group, hike.chat, heir=hike.cleo.user_id)
    assert await roles(doors, hike.ben, hike.chat) == {"cleo": "owner", "ben": "admin"}
    assert (await lines(doors, hike.ben, hike.chat))[-2:] == [("left", "ada", ""), ("inherited", "ada", "cleo")]


@pytest.mark.parametrize("heir", ["ada", "dan"])
async def test_nobody_outside_follows_nor_the_owner(doors: Doors, hike: Hike, heir: str) -> None:
    with pytest.raises(Refusal, match="person_not_found"):
        await doors.perform(hike.ada, leave_group, hike.chat, heir=getattr(hike, heir).user_id)
    assert (await roles(doors, hike.ben, hike.chat))["ada"] == "owner"


async def test_a_member_who_leaves_names_nobody(doors: Doors, hike: Hike) -> None:
    await doors.perform(hike.cleo, leave_group, hike.chat, heir=hike.ben.user_id)
    assert await roles(doors, hike.ben, hike.chat) == {"ada": "owner", "ben": "admin"}


async def test_without_a_name_the_senior_admin_follows(doors: Doors, clock: FixedClock) -> None:
    a, b, c, d = await ada(doors), await ben(doors), await cleo(doors), await dan(doors)
    chat = await doors.perform(a, create_group, TITLE, [b.user_id])
    for later in (c, d):
        clock.tick(days=1)
        await doors.perform(a, add_members, chat, [later.user_id])
        await doors.perform(a, appoint_admin, chat, later.user_id)
    # ben has been here longer, but cleo is an admin; dan is one as well, but came later
    await doors.perform(a, leave_group, chat)
    assert await roles(doors, d, chat) == {"cleo": "owner", "dan": "admin", "ben": "member"}


async def test_without_admins_the_longest_standing_member_follows(doors: Doors, clock: FixedClock) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, TITLE, [c.user_id])
    clock.tick(days=1)
    await doors.perform(a, add_members, chat, [b.user_id])
    await doors.perform(a, leave_group, chat)
    assert await roles(doors, b, chat) == {"cleo": "owner", "ben": "member"}


@pytest.mark.parametrize("account", [False, True])
async def test_an_account_that_ends_hands_its_groups_over(doors: Doors, hike: Hike, account: bool) -> None:
    alone = await doors.perform(hike.ada, create_group, GroupTitle("Notes"))
    await doors.perform(hike.ada, close_account, erase_messages=account)
    assert await roles(doors, hike.cleo, hike.chat) == {"ben": "owner", "cleo": "member"}
    # nothing of the name is left
    said = await lines(doors, hike.cleo, hike.chat)
    assert said[-2:] == [("closed", "", ""), ("inherited", "", "ben")]
    assert said[0] == ("created", "", "Altai")
    group = await doors.ask(SYSTEM, group_view, alone)
    assert group is not None
    assert (group.title, group.members) == ("", 0)


# What two do at the same moment.


async def settled(*attempts: Any) -> list[str]:
    """What became of attempts made at once: "done", or the refusal's code."""
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, Refusal):
            raise answer
    return ["done" if not isinstance(answer, Refusal) else answer.code for answer in answers]


async def test_an_owner_who_leaves_in_two_tabs_leaves_once(doors: Doors, hike: Hike) -> None:
    for chat in (hike.chat, await doors.perform(hike.ada, create_group, TITLE)):
        told = await settled(*(doors.perform(hike.ada, leave_group, chat) for _ in range(2)))
        assert sorted(told) == ["chat_not_found", "done"]
    assert await roles(doors, hike.cleo, hike.chat) == {"ben": "owner", "cleo": "member"}


async def test_the_last_two_leave_at_once_and_the_group_ends(doors: Doors) -> None:
    a, b = await ada(doors), await ben(doors)
    for _ in range(5):
        chat = await doors.perform(a, create_group, TITLE, [b.user_id])
        assert await settled(doors.perform(a, leave_group, chat), doors.perform(b, leave_group, chat)) == ["done"] * 2
        group = await doors.ask(SYSTEM, group_view, chat)
        assert group is not None
        assert group.members == 0


async def test_owner_and_admin_act_on_each_other_and_one_of_them_was_first(doors: Doors, hike: Hike) -> None:
    told = await settled(
        doors.perform(hike.ada, hand_over, hike.chat, hike.ben.user_id),
        doors.perform(hike.ada, exclude, hike.chat, hike.ben.user_id),
        doors.perform(hike.ben, leave_group, hike.chat),
        doors.perform(hike.ben, exclude, hike.chat, hike.cleo.user_id),
    )
    assert "done" in told
    owners = [name for name, role in (await roles(doors, hike.ada, hike.chat)).items() if role == "owner"]
    assert len(owners) == 1


async def test_two_admins_never_exclude_each_other(doors: Doors, hike: Hike) -> None:
    await doors.perform(hike.ada, appoint_admin, hike.chat, hike.cleo.user_id)
    told = await settled(
        doors.perform(hike.ben, exclude, hike.chat, hike.cleo.user_id),
        doors.perform(hike.cleo, ban, hike.chat, hike.ben.user_id),
    )
    assert told == ["not_allowed"] * 2
    assert await roles(doors, hike.ada, hike.chat) == {"ada": "owner", "ben": "admin", "cleo": "admin"}


async def test_a_group_handed_to_two_has_one_owner(doors: Doors, hike: Hike) -> None:
    told = await settled(
        doors.perform(hike.ada, hand_over, hike.chat, hike.ben.user_id),
        doors.perform(hike.ada, hand_over, hike.chat, hike.cleo.user_id),
        doors.perform(hike.ada, leave_group, hike.chat, heir=hike.cleo.user_id),
    )
    assert told.count("done") in (1, 2)
    assert list((await roles(doors, hike.ben, hike.chat)).values()).count("owner") == 1


async def test_a_dismissed_admin_excludes_nobody_any_more(doors: Doors, hike: Hike) -> None:
    told = await settled(
        doors.perform(hike.ada, dismiss_admin, hike.chat, hike.ben.user_id),
        doors.perform(hike.ben, exclude, hike.chat, hike.cleo.user_id),
    )
    assert told[0] == "done"
    happened = [line[0] for line in await lines(doors, hike.ada, hike.chat)]
    # if cleo was excluded, it was while ben still might
    assert ("excluded" in happened) == (told[1] == "done")
    if told[1] == "done":
        assert happened.index("excluded") < happened.index("dismissed")


async def test_everybody_leaves_at_once_and_nothing_is_left(doors: Doors, hike: Hike) -> None:
    everybody = [await again(doors, cookie_of(name)) for name in ("ada", "ben", "cleo")]
    told = await settled(*(doors.perform(who, close_account, erase_messages=False) for who in everybody))
    assert told == ["done"] * 3
    group = await doors.ask(SYSTEM, group_view, hike.chat)
    assert group is not None
    assert group.members == 0


# Links.


async def test_dan_joins_by_a_link(doors: Doors, hike: Hike) -> None:
    link = await doors.perform(hike.ben, make_invitation, hike.chat)
    assert await doors.perform(hike.dan, join_group, link) == hike.chat
    assert await last_line(doors, hike.cleo, hike.chat) == ("joined", "dan", "")
    assert await unread(doors, hike.dan, hike.chat) == 0
    # again is nothing, and uses nothing up
    assert await doors.perform(hike.dan, join_group, link) == hike.chat
    (view,) = await doors.ask(hike.ada, invitations_of, hike.chat)
    assert (view.token, view.uses, view.uses_left, view.expires_at) == (link, 1, None, None)


async def test_a_link_for_five_opened_by_fifty_lets_five_in(doors: Doors, hike: Hike) -> None:
    crowd = [await confirmed(doors, f"guest{number}", f"+7916222{number:04d}") for number in range(50)]
    link = await doors.perform(hike.ada, make_invitation, hike.chat, most_uses=5)
    told = await settled(*(doors.perform(who, join_group, link) for who in crowd))
    assert (told.count("done"), told.count("invitation_not_found")) == (5, 45)
    assert (await doors.ask(hike.ada, my_group, hike.chat)).group.members == 8
    assert [line[0] for line in await lines(doors, hike.ada, hike.chat)].count("joined") == 5


async def test_one_person_in_two_tabs_uses_a_link_once(doors: Doors, hike: Hike) -> None:
    link = await doors.perform(hike.ada, make_invitation, hike.chat, most_uses=2)
    assert await settled(*(doors.perform(hike.dan, join_group, link) for _ in range(4))) == ["done"] * 4
    (view,) = await doors.ask(hike.ada, invitations_of, hike.chat)
    assert (view.uses, view.uses_left) == (1, 1)


@pytest.mark.parametrize("reason", ["unknown", "expired", "used up", "revoked", "banned", "ended"])
async def test_a_link_that_does_not_work_says_nothing_else(
    doors: Doors, hike: Hike, clock: FixedClock, reason: str
) -> None:
    link = await doors.perform(hike.ada, make_invitation, hike.chat, lifetime=timedelta(days=1), most_uses=1)
    seen = await doors.ask(hike.dan, invited_to, link)
    assert (seen.chat_id, seen.title, seen.members) == (None, "Altai", 3)
    assert (await doors.ask(hike.cleo, invited_to, link)).chat_id == hike.chat
    match reason:
        case "unknown":
            link = "no-such-link"
        case "expired":
            clock.tick(days=1)
        case "used up":
            await doors.perform(await confirmed(doors, "eve", "+79161110005"), join_group, link)
        case "revoked":
            await doors.perform(hike.ben, revoke_invitation, hike.chat, link)
        case "banned":
            await doors.perform(hike.ada, ban, hike.chat, hike.dan.user_id)
        case _:
            await doors.perform(hike.ada, delete_group, hike.chat)
    for attempt in (doors.perform(hike.dan, join_group, link), doors.ask(hike.dan, invited_to, link)):
        with pytest.raises(Refusal) as refused:
            await attempt
        assert (refused.value.code, refused.value.params) == ("invitation_not_found", {})
    if reason in ("expired", "used up", "revoked"):
        assert await doors.ask(hike.ada, invitations_of, hike.chat) == []


async def test_a_member_may_still_open_a_link_that_is_over(doors: Doors, hike: Hike) -> None:
    link = await doors.perform(hike.ada, make_invitation, hike.chat)
    await doors.perform(hike.ada, revoke_invitation, hike.chat, link)
    assert await doors.perform(hike.cleo, join_group, link) == hike.chat


async def test_only_living_links_of_this_group_are_revoked(doors: Doors, hike: Hike) -> None:
    other = await doors.perform(hike.ada, create_group, TITLE)
    link = await doors.perform(hike.ada, make_invitation, hike.chat)
    with pytest.raises(Refusal, match="invitation_not_found"):
        await doors.perform(hike.ada, revoke_invitation, other, link)
    await doors.perform(hike.ada, revoke_invitation, hike.chat, link)
    with pytest.raises(Refusal, match="invitation_not_found"):
        await doors.perform(hike.ada, revoke_invitation, hike.chat, link)


async def test_a_group_has_so_many_living_links(
    doors: Doors, hike: Hike, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_app.domain.chats.actions.invitations.MOST_INVITATIONS", 2)
    for lifetime in (timedelta(days=1), None):
        await doors.perform(hike.ada, make_invitation, hike.chat, lifetime=lifetime)
    with pytest.raises(Refusal, match="too_many_invitations"):
        await doors.perform(hike.ada, make_invitation, hike.chat)
    clock.tick(days=2)
    await doors.perform(hike.ada, make_invitation, hike.chat)


@pytest.mark.parametrize(
    "limits",
    [
        {"lifetime": timedelta(0)},
        {"lifetime": timedelta(days=366)},
        {"lifetime": timedelta(days=-1)},
        {"most_uses": 0},
        {"most_uses": 1001},
    ],
)
async def test_odd_limits_are_refused(doors: Doors, hike: Hike, limits: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="invalid"):
        await doors.perform(hike.ada, make_invitation, hike.chat, **limits)
    assert await doors.ask(hike.ada, invitations_of, hike.chat) == []


# The list of members.


async def test_members_are_found_by_the_beginning_of_a_name(doors: Doors, hike: Hike) -> None:
    await confirmed(doors, "zoya", "+79161110006", name="Зоя Ёлкина")
    zoya = await again(doors, cookie_of("zoya"))
    await doors.perform(hike.ada, add_members, hike.chat, [zoya.user_id])

    async def found(text: str) -> list[str]:
        return [member.username for member in await doors.ask(hike.cleo, members_of, hike.chat, text)]

    assert await found("") == ["ada", "ben", "cleo", "zoya"]
    assert await found("елк") == ["zoya"]
    assert await found("ЗОЯ") == ["zoya"]
    assert await found("cl") == ["cleo"]
    assert await found("leo") == []
    assert await found("%") == []
    assert [m.username for m in await doors.ask(hike.cleo, members_of, hike.chat, after=3)] == ["zoya"]


async def test_nobody_is_heard_after_they_were_excluded(doors: Doors, hike: Hike) -> None:
    for number in range(5):
        sends = [say(doors, hike.cleo, hike.chat, f"{number}-{word}") for word in range(12)]
        told = await settled(*sends[:6], doors.perform(hike.ada, exclude, hike.chat, hike.cleo.user_id), *sends[6:])
        assert {*told} <= {"done", "chat_not_found"}
        page = await doors.ask(hike.ada, page_of, hike.chat)
        out = max(message.seq for message in page.messages if message.event == "excluded")
        assert [message.text for message in page.messages if message.name == "cleo" and message.seq > out] == []
        await doors.perform(hike.ada, add_members, hike.chat, [hike.cleo.user_id])


WAYS_IN = ("added", "created", "joined", "founded", "written to")


async def come_in(doors: Doors, hike: Hike, way: str) -> None:
    """Dan gets a seat somewhere."""
    match way:
        case "added":
            await doors.perform(hike.ada, add_members, hike.chat, [hike.dan.user_id])
        case "created":
            await doors.perform(hike.ada, create_group, TITLE, [hike.dan.user_id])
        case "joined":
            await doors.perform(hike.dan, join_group, await doors.perform(hike.ada, make_invitation, hike.chat))
        case "founded":
            await doors.perform(hike.dan, create_group, TITLE, [hike.ben.user_id])
        case _:
            await doors.perform(hike.ada, open_direct_chat, hike.dan.user_id)


def seats_of(reader: Reader, person: Row) -> int:
    return len(reader.session.exec(select(Member.id).where(Member.person == person)).all())


@POSTGRES_ONLY
@pytest.mark.parametrize("way", WAYS_IN)
async def test_nobody_comes_in_whose_account_is_ending(doors: Doors, hike: Hike, way: str) -> None:
    coming = meanwhile(doors, "SELECT chats.chat_id \nFROM chats JOIN members", lambda: come_in(doors, hike, way))
    await doors.perform(hike.dan, close_account, erase_messages=False)
    with pytest.raises(Refusal, match="person_not_found"):
        await asyncio.wrap_future(coming[0])
    assert await doors.ask(SYSTEM, seats_of, hike.dan.row) == 0


@POSTGRES_ONLY
@pytest.mark.parametrize("way", WAYS_IN)
async def test_an_account_that_ends_leaves_what_it_was_just_coming_into(doors: Doors, hike: Hike, way: str) -> None:
    async def end() -> None:
        await doors.perform(hike.dan, close_account, erase_messages=False)

    ending = meanwhile(doors, "INSERT INTO members", end)
    # of a new group the first seat is that of its owner: then dan is not there yet
    with nullcontext() if way != "created" else pytest.raises(Refusal, match="person_not_found"):
        await come_in(doors, hike, way)
    await asyncio.wrap_future(ending[0])
    # a direct chat keeps those who were in it
    assert await doors.ask(SYSTEM, seats_of, hike.dan.row) == (1 if way == "written to" else 0)
    assert await roles(doors, hike.ada, hike.chat) == {"ada": "owner", "ben": "admin", "cleo": "member"}


@POSTGRES_ONLY
async def test_whose_account_ends_holds_up_nobody_who_does_something_to_them(
    doors: Doors, hike: Hike, caplog: pytest.LogCaptureFixture
) -> None:
    async def end() -> None:
        await doors.perform(hike.cleo, close_account, erase_messages=False)

    caplog.set_level("INFO")
    # the line that says so names her row, while she waits for the group's
    ending = meanwhile(doors, "UPDATE members SET role", end)
    await doors.perform(hike.ada, appoint_admin, hike.chat, hike.cleo.user_id)
    await asyncio.wrap_future(ending[0])
    assert await last_line(doors, hike.ada, hike.chat) == ("closed", "", "")
    assert "run again" not in caplog.text


async def test_links_to_two_groups_are_two_whatever_they_are_called(doors: Doors, hike: Hike) -> None:
    other = await doors.perform(hike.ada, create_group, TITLE)
    asked = [doors.perform(hike.ada, make_invitation, chat, client_id=ClientId("one")) for chat in (hike.chat, other)]
    first, second = await asyncio.gather(*asked)
    assert await doors.perform(hike.dan, join_group, second) == other
    assert await doors.perform(hike.dan, join_group, first) == hike.chat


async def test_a_link_that_is_asked_for_twice_is_made_once(doors: Doors, hike: Hike) -> None:
    asked = [doors.perform(hike.ada, make_invitation, hike.chat, client_id=ClientId("one")) for _ in range(5)]
    (mine,) = set(await asyncio.gather(*asked))
    other = await doors.perform(hike.ben, make_invitation, hike.chat, client_id=ClientId("one"))
    assert {link.token for link in await doors.ask(hike.ada, invitations_of, hike.chat)} == {mine, other}
