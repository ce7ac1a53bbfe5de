"""Pictures of groups: who may put one up, who sees it, and what becomes of the ones before."""

from pathlib import Path

import pytest
from httpx import AsyncClient, Response

from chat_app.domain.chats.actions import (
    appoint_admin,
    ban,
    create_group,
    delete_group,
    exclude,
    make_invitation,
    open_direct_chat,
    revoke_invitation,
    set_group_avatar,
)
from chat_app.domain.chats.queries import my_group
from chat_app.domain.common.ids import ChatId
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import Person
from chat_app.domain.users.rules import MOST_PICTURE_BYTES
from chat_app.infrastructure.files import FOLDER, removal
from chat_app.infrastructure.jobs import JobRunner
from chat_app.infrastructure.unit_of_work import Doors
from tests.api.conftest import HOME, Site
from tests.guests import LoadedDice
from tests.people import ada, ben, cleo, cookie_of, dan
from tests.pictures import BLUE, RED, alike, corners, opened, photo


def as_(site: Site, name: str) -> AsyncClient:
    """Their browser, before all that stands before the routes."""
    client = site.guarded()
    client.cookies.set("sid", cookie_of(name))
    client.headers["origin"] = HOME
    return client


async def upload(site: Site, name: str, chat: str, content: bytes | None = None) -> Response:
    body = photo() if content is None else content
    return await as_(site, name).post("/session/group-avatar", params={"chat": chat}, content=body)


async def see(site: Site, name: str, picture: str, join: str = "") -> Response:
    return await as_(site, name).get(f"/avatars/{picture}", params={"join": join} if join else None)


async def worn(doors: Doors, who: Person, chat: ChatId) -> str:
    return (await doors.ask(who, my_group, chat)).group.avatar


class Hike:
    """Ada's group with Ben, an admin, and Cleo; Dan is outside."""

    def __init__(self, people: list[Person], chat: ChatId) -> None:
        self.ada, self.ben, self.cleo, self.dan = people
        self.chat = chat


@pytest.fixture
async def hike(doors: Doors) -> Hike:
    people = [await ada(doors), await ben(doors), await cleo(doors), await dan(doors)]
    chat = await doors.perform(people[0], create_group, GroupTitle("Hike"), [who.user_id for who in people[1:3]])
    await doors.perform(people[0], appoint_admin, chat, people[1].user_id)
    return Hike(people, chat)


@pytest.fixture
def stored(tmp_path: Path):
    def names() -> set[str]:
        return {path.name for path in (tmp_path / FOLDER).rglob("*") if path.is_file()}

    return names


async def test_ben_puts_one_up_and_members_see_it(doors: Doors, site: Site, hike: Hike) -> None:
    assert (await upload(site, "ben", hike.chat)).status_code == 204
    picture = await worn(doors, hike.cleo, hike.chat)
    for name in ("ada", "ben", "cleo"):
        seen = await see(site, name, picture)
        assert (seen.status_code, seen.headers["content-type"]) == (200, "image/webp")
        assert alike(corners(opened(seen.content))[0], RED)
    assert (await see(site, "dan", picture)).status_code == 404


async def test_cleo_may_not_and_dan_finds_no_group(doors: Doors, site: Site, hike: Hike, stored) -> None:
    refused = await upload(site, "cleo", hike.chat)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    outside, missing = await upload(site, "dan", hike.chat), await upload(site, "dan", "no-such-chat")
    assert (outside.status_code, outside.json()["code"]) == (404, "chat_not_found")
    assert outside.json() == missing.json()
    pair = await doors.perform(hike.ada, open_direct_chat, hike.ben.user_id)
    assert (await upload(site, "ada", pair)).json()["code"] == "chat_not_found"
    assert (await site.guarded().post("/session/group-avatar", content=photo())).status_code == 401
    assert (await worn(doors, hike.ada, hike.chat), stored()) == ("", set())


async def test_who_is_dismissed_while_it_comes_leaves_nothing(
    doors: Doors, site: Site, hike: Hike, stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    square = site.pictures.square

    async def slow(content: bytes) -> bytes:
        await doors.perform(hike.ada, exclude, hike.chat, hike.ben.user_id)
        return await square(content)

    monkeypatch.setattr(site.pictures, "square", slow)
    assert (await upload(site, "ben", hike.chat)).json()["code"] == "chat_not_found"
    assert (await worn(doors, hike.ada, hike.chat), stored()) == ("", set())


async def test_another_takes_its_place_and_its_file_goes(
    doors: Doors, site: Site, hike: Hike, stored, dice: LoadedDice
) -> None:
    jobs = JobRunner(doors, dice, [removal(site.files)])
    await upload(site, "ada", hike.chat)
    first = await worn(doors, hike.ada, hike.chat)
    await upload(site, "ben", hike.chat, photo(BLUE))
    second = await worn(doors, hike.ada, hike.chat)
    assert stored() == {first, second}
    assert await jobs.run_due() == 1
    assert stored() == {second}
    assert (await see(site, "ada", first)).status_code == 404
    # as when the connection broke before the commit was heard of
    await doors.perform(hike.ben, set_group_avatar, hike.chat, second)
    assert await jobs.run_due() == 0
    await doors.perform(hike.ada, set_group_avatar, hike.chat, None)
    assert await jobs.run_due() == 1
    assert (await worn(doors, hike.ada, hike.chat), stored()) == ("", set())


async def test_with_the_group_its_picture_goes(doors: Doors, site: Site, hike: Hike, stored, dice: LoadedDice) -> None:
    await upload(site, "ada", hike.chat)
    picture = await worn(doors, hike.ada, hike.chat)
    await doors.perform(hike.ada, delete_group, hike.chat)
    assert (await see(site, "ada", picture)).status_code == 404
    await JobRunner(doors, dice, [removal(site.files)]).run_due()
    assert stored() == set()


async def test_a_link_shows_the_face_of_its_group_alone(doors: Doors, site: Site, hike: Hike) -> None:
    other = await doors.perform(hike.ada, create_group, GroupTitle("Other"))
    await upload(site, "ada", hike.chat)
    await upload(site, "ada", other, photo(BLUE))
    picture, foreign = await worn(doors, hike.ada, hike.chat), await worn(doors, hike.ada, other)
    link = await doors.perform(hike.ada, make_invitation, hike.chat)
    assert (await see(site, "dan", picture, join=link)).status_code == 200
    assert (await see(site, "dan", foreign, join=link)).status_code == 404
    assert (await see(site, "dan", picture, join="x" * 22)).status_code == 404
    # nor to who may not come in by it
    await doors.perform(hike.ada, ban, hike.chat, hike.dan.user_id)
    assert (await see(site, "dan", picture, join=link)).status_code == 404
    await doors.perform(hike.ada, revoke_invitation, hike.chat, link)
    assert (await see(site, "ada", picture, join=link)).status_code == 200


HOSTILE = {
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "half a picture": photo()[:200],
    "nothing": b"",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
async def test_what_is_no_picture_is_refused(doors: Doors, site: Site, hike: Hike, content: bytes) -> None:
    refused = await upload(site, "ada", hike.chat, content)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_a_picture")
    assert await worn(doors, hike.ada, hike.chat) == ""


async def test_what_is_too_large_is_refused_by_its_length(doors: Doors, site: Site, hike: Hike) -> None:
    refused = await upload(site, "ada", hike.chat, bytes(MOST_PICTURE_BYTES + 1))
    assert (refused.status_code, refused.json()["code"]) == (413, "picture_too_large")
    assert refused.json()["params"]["most_mb"] == 8


async def test_another_site_may_not_post_one(site: Site, hike: Hike) -> None:
    client = as_(site, "ada")
    client.headers["origin"] = "https://evil.example"
    answer = await client.post("/session/group-avatar", params={"chat": hike.chat}, content=photo())
    assert answer.status_code == 403
