"""The handlers of groups: the panel, its dialogs, a new group, and the page of a link."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from chat_app.components.notices import NoticeState
from chat_app.domain.chats.actions import appoint_admin, create_group, exclude, make_invitation, revoke_invitation
from chat_app.domain.chats.queries import banned_from, invitations_of, members_of, my_chats, my_group
from chat_app.domain.common.ids import ChatId, UserId
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import Person
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.pages.join.state import JoinState
from chat_app.pages.main.group_state import GroupState
from chat_app.pages.main.new_group_state import NewGroupState
from chat_app.pages.main.pick_state import PickState
from chat_app.pages.main.state import MainState
from chat_app.realtime.hub import Hub
from tests.people import ada, ben, cleo, cookie_of, dan, pending
from tests.tabs import Tab


class Hike:
    """A group: ada owns it, ben is an admin, cleo a member; dan is outside."""

    def __init__(self, hub: Hub, chat: ChatId, people: dict[str, Person]) -> None:
        self._hub = hub
        self.chat, self.people = chat, people

    @asynccontextmanager
    async def at(self, name: str, path: str = "") -> AsyncIterator[Tab]:
        """A tab of somebody's, with the panel open; or at another page."""
        async with Tab(self._hub.push._server, cookie_of(name) if name else "", path or f"/chat/{self.chat}") as tab:
            await tab.open()
            if not path:
                await tab.fire(GroupState.show(self.chat))
            yield tab


@pytest.fixture
async def hike(doors: Doors, hub: Hub) -> Hike:
    people = {"ada": await ada(doors), "ben": await ben(doors), "cleo": await cleo(doors), "dan": await dan(doors)}
    inside = [people["ben"].user_id, people["cleo"].user_id]
    chat = await doors.perform(people["ada"], create_group, GroupTitle("Altai"), inside)
    await doors.perform(people["ada"], appoint_admin, chat, people["ben"].user_id)
    return Hike(hub, chat, people)


async def panel(tab: Tab) -> GroupState:
    return await tab.state(GroupState)


async def code(tab: Tab) -> str:
    return (await tab.state(NoticeState)).fault["code"]


async def roles(doors: Doors, hike: Hike) -> dict[str, str]:
    members = await doors.ask(hike.people["ada"], members_of, hike.chat)
    return {member.username: str(member.role) for member in members}


async def test_each_sees_what_they_may_do(hike: Hike) -> None:
    seen: dict[str, GroupState] = {}
    for name in hike.people:
        async with hike.at(name) as tab:
            seen[name] = await panel(tab)
    assert [(seen[name].role, seen[name].runs, seen[name].owns) for name in ("ada", "ben", "cleo")] == [
        ("owner", True, True),
        ("admin", True, False),
        ("member", False, False),
    ]
    below = {name: [member.username for member in state.members if member.below] for name, state in seen.items()}
    assert below == {"ada": ["ben", "cleo"], "ben": ["cleo"], "cleo": [], "dan": []}
    assert [(member.username, member.me) for member in seen["ben"].members] == [
        ("ada", False),
        ("ben", True),
        ("cleo", False),
    ]
    # a stranger's panel stays empty, and says nothing
    assert (seen["dan"].group.chat_id, seen["dan"].members) == ("", [])


async def test_the_head_says_how_many_are_in_it(hike: Hike) -> None:
    async with hike.at("cleo") as tab:
        chat = (await tab.state(MainState)).chat
    assert (chat.kind, chat.title, chat.members) == ("group", "Altai", 3)


async def test_ada_renames_it_and_sees_why_she_may_not(doors: Doors, hike: Hike) -> None:
    async with hike.at("ada") as tab:
        await tab.fire(GroupState.edit(True))
        await tab.fire(GroupState.save(hike.chat, " ", ""))
        state = await panel(tab)
        assert (state.editing, state.title_fault["code"], state.description_fault["code"]) == (True, "title_length", "")
        await tab.fire(GroupState.save(hike.chat, "Altai 2026", "x" * 501))
        state = await panel(tab)
        assert (state.editing, state.title_fault["code"], state.description_fault["code"]) == (
            True,
            "",
            "description_length",
        )
        await tab.fire(GroupState.save(hike.chat, "Altai 2026", "Two weeks"))
        state = await panel(tab)
        assert (state.editing, state.group.title, state.group.description) == (False, "Altai 2026", "Two weeks")
        await tab.fire(GroupState.show_history(hike.chat, False))
        assert not (await panel(tab)).group.history_open


async def test_a_member_who_calls_what_is_not_theirs_is_told(doors: Doors, hike: Hike) -> None:
    b = hike.people["ben"].user_id
    async with hike.at("cleo") as tab:
        before = await doors.ask(hike.people["ada"], my_group, hike.chat), await roles(doors, hike)
        attempts = [
            GroupState.save(hike.chat, "Mine", ""),
            GroupState.show_history(hike.chat, False),
            GroupState.appoint(hike.chat, b),
            GroupState.dismiss(hike.chat, b),
            GroupState.do("exclude", hike.chat, b),
            GroupState.do("ban", hike.chat, b),
            GroupState.do("hand_over", hike.chat, b),
            GroupState.forgive(hike.chat, b),
            GroupState.delete(hike.chat),
            GroupState.revoke_link(hike.chat, "some-link"),
        ]
        for count, attempt in enumerate(attempts, 1):
            await tab.fire(attempt)
            assert (await code(tab), (await tab.state(NoticeState)).count) == ("not_allowed", count)
        # in a dialog the refusal stands where it was asked
        for attempt in (GroupState.add(hike.chat, [b]), GroupState.make_link(hike.chat, "none", 0, 0)):
            await tab.fire(attempt)
            assert (await panel(tab)).fault["code"] == "not_allowed"
        assert (await doors.ask(hike.people["ada"], my_group, hike.chat), await roles(doors, hike)) == before


async def test_a_stranger_finds_no_group(doors: Doors, hike: Hike) -> None:
    async with hike.at("dan") as tab:
        for attempt in (
            GroupState.save(hike.chat, "Mine", ""),
            GroupState.leave(hike.chat, ""),
            GroupState.find(hike.chat, "a"),
        ):
            await tab.fire(attempt)
            assert await code(tab) == "chat_not_found"
        assert (await panel(tab)).members == []


async def test_ada_gives_roles_and_takes_them(doors: Doors, hike: Hike) -> None:
    c = hike.people["cleo"].user_id
    async with hike.at("ada") as tab:
        await tab.fire(GroupState.appoint(hike.chat, c))
        assert {member.username: member.role for member in (await panel(tab)).members}["cleo"] == "admin"
        await tab.fire(GroupState.dismiss(hike.chat, c))
        assert (await roles(doors, hike))["cleo"] == "member"
        await tab.fire(GroupState.consider("hand_over", c))
        state = await panel(tab)
        assert (state.dialog, state.about.username) == ("hand_over", "cleo")
        await tab.fire(GroupState.do("hand_over", hike.chat, c))
        state = await panel(tab)
        assert (state.dialog, state.role, state.owns) == ("", "admin", False)


async def test_ben_excludes_bans_and_forgives(doors: Doors, hike: Hike) -> None:
    c = hike.people["cleo"].user_id
    async with hike.at("ben") as tab:
        await tab.fire(GroupState.do("exclude", hike.chat, c))
        assert [member.username for member in (await panel(tab)).members] == ["ada", "ben"]
        await tab.fire(GroupState.add(hike.chat, [c]))
        await tab.fire(GroupState.do("ban", hike.chat, c))
        assert [person.username for person in (await panel(tab)).banned] == ["cleo"]
        await tab.fire(GroupState.forgive(hike.chat, c))
        assert (await panel(tab)).banned == []
        assert await doors.ask(hike.people["ada"], banned_from, hike.chat) == []


async def test_people_are_picked_and_added(doors: Doors, hike: Hike) -> None:
    d = hike.people["dan"].user_id
    async with hike.at("ben") as tab:
        await tab.fire(GroupState.open("add"))
        await tab.fire(PickState.find("da"))
        await tab.fire(PickState.pick(d))
        await tab.fire(PickState.pick(d))
        picked = await tab.state(PickState)
        assert (picked.ids, picked.text, picked.found) == ([d], "", [])
        # nobody is picked whom the search did not find
        await tab.fire(PickState.pick("somebody"))
        assert (await tab.state(PickState)).ids == [d]
        await tab.fire(GroupState.add(hike.chat, [d]))
        assert "dan" in [member.username for member in (await panel(tab)).members]
        assert (await panel(tab)).dialog == ""
        # the next time nobody is picked yet
        await tab.fire(GroupState.open("add"))
        assert (await tab.state(PickState)).picked == []


async def test_links_are_made_renewed_and_revoked(doors: Doors, hike: Hike) -> None:
    async with hike.at("ben") as tab:
        await tab.fire(GroupState.make_link(hike.chat, "one", 7, 10))
        (link,) = (await panel(tab)).links
        assert (link.left_s, link.uses_left) == (7 * 24 * 3600, 10)
        await tab.fire(GroupState.make_link(hike.chat, "none", 0, 0))
        state = await panel(tab)
        assert [(each.left_s, each.uses_left) for each in state.links] == [(-1, -1), (7 * 24 * 3600, 10)]
        newest = state.link
        await tab.fire(GroupState.renew_link(hike.chat, "three", newest))
        state = await panel(tab)
        assert len(state.links) == 2
        assert newest not in [each.token for each in state.links]
        for each in state.links:
            await tab.fire(GroupState.revoke_link(hike.chat, each.token))
        assert ((await panel(tab)).links, (await panel(tab)).link) == ([], "")
        assert await doors.ask(hike.people["ada"], invitations_of, hike.chat) == []


async def test_members_are_looked_for(hike: Hike) -> None:
    async with hike.at("cleo") as tab:
        await tab.fire(GroupState.find(hike.chat, " be"))
        state = await panel(tab)
        assert (state.text, [member.username for member in state.members]) == ("be", ["ben"])
        # and stay those while the group changes
        await tab.fire(GroupState.show(hike.chat))
        assert [member.username for member in (await panel(tab)).members] == ["ben"]


async def test_the_owner_leaves_to_whom_she_names(doors: Doors, hike: Hike) -> None:
    async with hike.at("ada") as tab:
        await tab.fire(GroupState.leave(hike.chat, hike.people["cleo"].user_id))
        ((_, gone),) = tab.ear.fields("gone_")
    members = await doors.ask(hike.people["cleo"], members_of, hike.chat)
    assert {member.username: str(member.role) for member in members} == {"cleo": "owner", "ben": "admin"}
    assert gone["why"] == "left"


async def test_a_panel_of_a_group_one_was_excluded_from_empties(doors: Doors, hike: Hike) -> None:
    async with hike.at("cleo") as tab:
        await doors.perform(hike.people["ada"], exclude, hike.chat, hike.people["cleo"].user_id)
        await tab.fire(GroupState.show(hike.chat))
        assert (await panel(tab)).group.chat_id == ""
        assert await code(tab) == ""


async def test_a_new_group_is_made_of_a_title_and_people(doors: Doors, hike: Hike) -> None:
    d = hike.people["dan"].user_id
    async with hike.at("ada") as tab:
        await tab.fire(NewGroupState.start)
        await tab.fire(NewGroupState.create("one", " ", [d]))
        state = await tab.state(NewGroupState)
        assert (state.open, state.title_fault["code"], state.people_fault["code"]) == (True, "title_length", "")
        await tab.fire(NewGroupState.create("one", "Books", [d, UserId("nobody")]))
        state = await tab.state(NewGroupState)
        assert (state.open, state.title_fault["code"], state.people_fault["code"]) == (True, "", "person_not_found")
        # with a second click
        await tab.fire(NewGroupState.create("one", "Books", [d]))
        await tab.fire(NewGroupState.create("one", "Books", [d]))
        assert not (await tab.state(NewGroupState)).open
        (path,) = set(tab.redirects)
        (row,) = await doors.ask(hike.people["dan"], my_chats)
        assert path == f"/chat/{row.chat_id}"


# The page of a link.


@pytest.fixture
async def link(doors: Doors, hike: Hike) -> str:
    return await doors.perform(hike.people["ada"], make_invitation, hike.chat, lifetime=timedelta(days=1))


async def test_dan_sees_what_the_link_leads_to_and_joins(doors: Doors, hike: Hike, link: str) -> None:
    async with hike.at("dan", f"/join/{link}") as tab:
        state = await tab.state(JoinState)
        assert (state.step, state.invited.title, state.invited.members) == ("open", "Altai", 3)
        assert hike.chat not in str(tab.deltas)
        await tab.fire(JoinState.join(link))
        assert tab.redirects == [f"/chat/{hike.chat}"]
        assert (await roles(doors, hike))["dan"] == "member"


async def test_who_is_in_it_goes_there(hike: Hike, link: str) -> None:
    async with hike.at("cleo", f"/join/{link}") as tab:
        assert tab.redirects == [f"/chat/{hike.chat}"]


async def test_a_link_that_does_not_work_says_so(hike: Hike) -> None:
    async with hike.at("dan", "/join/no-such-link") as tab:
        assert (await tab.state(JoinState)).step == "closed"
        await tab.fire(JoinState.join("no-such-link"))
        assert (await tab.state(JoinState)).step == "closed"
        assert await code(tab) == ""


async def test_a_link_that_ends_while_it_is_looked_at(doors: Doors, hike: Hike, link: str) -> None:
    async with hike.at("dan", f"/join/{link}") as tab:
        await doors.perform(hike.people["ada"], revoke_invitation, hike.chat, link)
        await tab.fire(JoinState.join(link))
        assert (await tab.state(JoinState)).step == "closed"
        assert "dan" not in await roles(doors, hike)


async def test_a_visitor_signs_in_first_and_comes_back(hike: Hike, link: str) -> None:
    async with hike.at("", f"/join/{link}") as tab:
        assert tab.redirects == [f"/signin?next=/join/{link}"]
        assert (await tab.state(JoinState)).invited.title == ""


async def test_the_unconfirmed_are_told_nothing_yet(doors: Doors, hike: Hike, link: str) -> None:
    await pending(doors, "eve")
    async with hike.at("eve", f"/join/{link}") as tab:
        state = await tab.state(JoinState)
        assert (state.step, state.invited.title) == ("", "")
        await tab.fire(JoinState.join(link))
        assert "eve" not in await roles(doors, hike)
