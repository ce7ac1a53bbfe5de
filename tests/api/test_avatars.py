"""Pictures of people: who may put one up, who sees it, and what becomes of the ones before."""

from pathlib import Path

import pytest
from httpx import AsyncClient, Response

from chat_app.api.avatars import PICTURE_BODY_BYTES
from chat_app.domain.chats.actions import open_direct_chat
from chat_app.domain.common.errors import TooMany
from chat_app.domain.common.ids import ClientId
from chat_app.domain.common.work import Person, Rate
from chat_app.domain.messages.actions import send_message
from chat_app.domain.users.actions import delete_account, save_preferences, set_avatar
from chat_app.domain.users.rules import MOST_PICTURE_BYTES, Audience, Choices
from chat_app.infrastructure.files import FOLDER, removal
from chat_app.infrastructure.jobs import JobRunner
from chat_app.infrastructure.pictures import SIDE
from chat_app.infrastructure.unit_of_work import Doors
from tests.api.conftest import HOME, STATIC, Site
from tests.guests import LoadedDice
from tests.people import ada, ben, cleo, cookie_of, pending, row_of
from tests.pictures import BLUE, RED, alike, corners, opened, photo

TWO = [("picture", ("a.jpg", photo())), ("picture", ("b.jpg", photo()))]


@pytest.fixture
def stored(tmp_path: Path) -> "Stored":
    return Stored(tmp_path / FOLDER)


class Stored:
    """What lies in the folder of files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def names(self) -> list[str]:
        return [path.name for path in self._folder.rglob("*") if path.is_file()]


def as_(site: Site, name: str) -> AsyncClient:
    """Their browser."""
    client = site.client()
    client.cookies.set("sid", cookie_of(name))
    client.headers["origin"] = HOME
    return client


async def upload(site: Site, name: str, picture: bytes | None = None, **headers: str) -> Response:
    """What their browser sends when a picture was chosen."""
    chosen = {"picture": ("my cat.jpg", picture or photo(), "image/jpeg")}
    return await as_(site, name).post("/session/avatar", files=chosen, headers=headers)


async def see(site: Site, name: str, picture: str | None, **headers: str) -> Response:
    return await as_(site, name).get(f"/avatars/{picture}", headers=headers)


async def picture_of(doors: Doors, person: Person) -> str:
    name = (await row_of(doors, person)).avatar
    assert name is not None
    return name


def code(site: Site, answer: Response) -> str:
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    return site.refused(answer).refusal.code


async def test_ada_puts_a_picture_up_and_sees_it(doors: Doors, site: Site, stored: Stored) -> None:
    me = await ada(doors)
    answer = await upload(site, "ada")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    name = await picture_of(doors, me)
    assert stored.names == [name]
    seen = await see(site, "ada", name)
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/webp")
    made = opened(seen.content)
    assert (made.format, made.size) == ("WEBP", (SIDE, SIDE))
    assert alike(corners(made)[0], RED)


async def test_it_leads_back_to_pages_of_another_server(doors: Doors, site: Site) -> None:
    await ada(doors)
    assert (await upload(site, "ada", origin=STATIC)).headers["location"] == f"{STATIC}/settings"


async def test_another_picture_takes_its_place_and_its_file_goes(
    doors: Doors, site: Site, stored: Stored, dice: LoadedDice
) -> None:
    me, jobs = await ada(doors), JobRunner(doors, dice, [removal(site.files)])
    await upload(site, "ada")
    first = await picture_of(doors, me)
    await upload(site, "ada", photo(BLUE))
    second = await picture_of(doors, me)
    assert first != second
    # not before it is stored that nobody needs it
    assert set(stored.names) == {first, second}
    assert await jobs.run_due() == 1
    assert stored.names == [second]
    assert (await see(site, "ada", first)).status_code == 404
    assert alike(corners(opened((await see(site, "ada", second)).content))[0], BLUE)

    answer = await as_(site, "ada").post("/session/avatar-off")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    assert (await row_of(doors, me)).avatar is None
    assert await jobs.run_due() == 1
    assert stored.names == []
    # and once more changes nothing
    await as_(site, "ada").post("/session/avatar-off")
    assert await jobs.run_due() == 0


async def test_a_change_that_is_stored_twice_keeps_its_file(
    doors: Doors, site: Site, stored: Stored, dice: LoadedDice
) -> None:
    me = await ada(doors)
    await upload(site, "ada")
    # as when the connection broke before the commit was heard of
    await doors.perform(me, set_avatar, await picture_of(doors, me))
    assert await JobRunner(doors, dice, [removal(site.files)]).run_due() == 0
    assert (await see(site, "ada", await picture_of(doors, me))).status_code == 200


async def test_with_her_account_her_picture_goes(doors: Doors, site: Site, stored: Stored, dice: LoadedDice) -> None:
    me, _ = await ada(doors), await ben(doors)
    await upload(site, "ada")
    name = await picture_of(doors, me)
    assert (await see(site, "ben", name)).status_code == 200
    await doors.perform(me, delete_account, erase_messages=False)
    assert (await see(site, "ben", name)).status_code == 404
    await JobRunner(doors, dice, [removal(site.files)]).run_due()
    assert stored.names == []


async def test_who_is_nobody_yet_puts_up_and_sees_nothing(doors: Doors, site: Site, stored: Stored) -> None:
    me = await ada(doors)
    await upload(site, "ada")
    name = await picture_of(doors, me)
    assert code(site, await upload(site, "nobody")) == "not_signed_in"
    assert code(site, await as_(site, "nobody").post("/session/avatar-off")) == "not_signed_in"
    assert (await see(site, "nobody", name)).status_code == 401

    eve = await pending(doors, "eve")
    assert code(site, await upload(site, "eve")) == "not_confirmed"
    assert code(site, await as_(site, "eve").post("/session/avatar-off")) == "not_confirmed"
    assert (await see(site, "eve", name)).status_code == 403
    assert (await row_of(doors, eve)).avatar is None
    # whether there is such a picture they do not learn
    for person in ("nobody", "eve"):
        answers = [await see(site, person, asked) for asked in (name, "a" * 22)]
        assert answers[0].json() == answers[1].json()
    assert stored.names == [name]


SEEN = {
    (Audience.EVERYONE, "ada"): 200,
    (Audience.EVERYONE, "ben"): 200,
    (Audience.EVERYONE, "cleo"): 200,
    (Audience.SHARED, "ada"): 200,
    (Audience.SHARED, "ben"): 200,
    (Audience.SHARED, "cleo"): 404,
    (Audience.NOBODY, "ada"): 200,
    (Audience.NOBODY, "ben"): 404,
    (Audience.NOBODY, "cleo"): 404,
}
"""Ada and Ben have a chat; Cleo knows neither."""


@pytest.mark.parametrize(("audience", "reader"), SEEN)
async def test_ada_is_seen_by_whom_she_lets(doors: Doors, site: Site, audience: Audience, reader: str) -> None:
    me, other, _ = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(me, open_direct_chat, other.user_id)
    await doors.perform(me, send_message, chat, ClientId("one"), "hello")
    await doors.perform(me, save_preferences, Choices(sees_avatar=audience))
    await upload(site, "ada")
    answer = await see(site, reader, await picture_of(doors, me))
    assert answer.status_code == SEEN[audience, reader]


@pytest.mark.parametrize(
    "name", ["a" * 22, "short", "x" * 100, "..", "%2e%2e%2fsecret", "a%00" + "a" * 20, "%D0%96" * 20, "' OR 1=1 --"]
)
async def test_hidden_unknown_and_impossible_are_the_same(doors: Doors, site: Site, name: str) -> None:
    me, _ = await ada(doors), await ben(doors)
    await doors.perform(me, save_preferences, Choices(sees_avatar=Audience.NOBODY))
    await upload(site, "ada")
    hidden = await see(site, "ben", await picture_of(doors, me))
    other = await see(site, "ben", name)
    assert hidden.status_code == other.status_code == 404
    assert hidden.json() == other.json()
    assert hidden.headers["content-type"] == other.headers["content-type"] == "application/problem+json"


async def test_a_picture_whose_file_is_lost_is_not_found(doors: Doors, site: Site) -> None:
    me = await ada(doors)
    await upload(site, "ada")
    name = await picture_of(doors, me)
    await site.files.remove(name)
    assert (await see(site, "ada", name)).status_code == 404


async def test_an_hour_in_the_browser_of_one_person(doors: Doors, site: Site) -> None:
    me = await ada(doors)
    await upload(site, "ada")
    name = await picture_of(doors, me)
    async with site.guarded() as client:
        client.cookies.set("sid", cookie_of("ada"))
        seen = await client.get(f"/avatars/{name}")
        again = await client.get(f"/avatars/{name}", headers={"If-None-Match": seen.headers["etag"]})
        other = await client.get(f"/avatars/{name}", headers={"If-None-Match": '"another"'})
        for answer, status in ((seen, 200), (again, 304), (other, 200)):
            assert answer.status_code == status
            assert answer.headers["cache-control"] == "private, max-age=3600"
            assert answer.headers["cross-origin-resource-policy"] == "same-site"
            assert answer.headers["x-content-type-options"] == "nosniff"
        assert again.content == b""
        gone = await client.get("/avatars/" + "a" * 22, headers={"If-None-Match": seen.headers["etag"]})
        assert (gone.status_code, gone.headers["cache-control"]) == (404, "no-store")
        # who may not see it any more is not told that it is still the same
        client.cookies.set("sid", "nobody's")
        out = await client.get(f"/avatars/{name}", headers={"If-None-Match": seen.headers["etag"]})
        assert (out.status_code, out.headers["cache-control"]) == (401, "no-store")


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"files": TWO}, "bad_form"),
        ({"files": [*TWO[:1], ("another", ("b.jpg", photo()))]}, "bad_form"),
        ({"files": TWO[:1], "data": {"next": "/"}}, "bad_form"),
        ({"files": {"another": ("a.jpg", photo())}}, "bad_form"),
        ({"files": {"picture": (None, photo())}}, "bad_form"),
        ({"files": {"picture": ("a.jpg", b"")}}, "missing"),
        ({"data": {"picture": "a.jpg"}}, "bad_form"),
        ({"content": photo(), "headers": {"content-type": "image/jpeg"}}, "bad_form"),
        ({"content": photo(), "headers": {"content-type": "multipart/form-data"}}, "bad_form"),
        ({"content": photo(), "headers": {"content-type": "multipart/form-data; boundary=x"}}, "bad_form"),
        ({"content": b"--x--\r\n", "headers": {"content-type": "multipart/form-data; boundary=x"}}, "bad_form"),
        ({"content": b"", "headers": {"content-type": "multipart/form-data; boundary=x"}}, "bad_form"),
        ({"content": b"", "headers": {"content-type": f"multipart/form-data; boundary={'x' * 300}"}}, "bad_form"),
        ({"files": {"picture": ("a.jpg", b"<script>alert(1)</script>", "image/jpeg")}}, "not_a_picture"),
        ({"files": {"picture": ("a.jpg", photo() + bytes(MOST_PICTURE_BYTES))}}, "picture_too_large"),
    ],
)
async def test_what_is_no_form_with_one_picture_is_refused(
    doors: Doors, site: Site, stored: Stored, form: dict[str, object], refusal: str
) -> None:
    me = await ada(doors)
    answer = await as_(site, "ada").post("/session/avatar", **form)  # pyright: ignore[reportArgumentType]
    assert code(site, answer) == refusal
    assert (await row_of(doors, me)).avatar is None
    assert stored.names == []


async def test_what_is_called_a_picture_or_not_does_not_matter(doors: Doors, site: Site) -> None:
    me = await ada(doors)
    chosen = {"picture": ("../../evil.html", photo(), "text/html")}
    await as_(site, "ada").post("/session/avatar", files=chosen)
    seen = await see(site, "ada", await picture_of(doors, me))
    assert seen.headers["content-type"] == "image/webp"


async def test_a_foreign_page_puts_up_nothing(doors: Doors, site: Site, stored: Stored) -> None:
    me = await ada(doors)
    for client in (as_(site, "ada"), site.guarded()):
        client.cookies.set("sid", cookie_of("ada"))
        headers = {"origin": "https://evil.example"}
        answer = await client.post("/session/avatar", files=TWO[:1], headers=headers)
        assert answer.status_code == 403
        assert (await client.post("/session/avatar-off", headers=headers)).status_code == 403
    assert (await row_of(doors, me)).avatar is None
    assert stored.names == []


async def test_too_much_is_turned_away_before_it_is_read(doors: Doors, site: Site) -> None:
    me = await ada(doors)
    async with site.guarded() as client:
        client.cookies.set("sid", cookie_of("ada"))
        large = {"picture": ("a.jpg", photo() + bytes(PICTURE_BODY_BYTES))}
        answer = await client.post("/session/avatar", files=large)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert answer.json()["params"] == {"max_bytes": PICTURE_BODY_BYTES}
        # nowhere else is so much taken
        for path in ("/session/avatar-off", "/session/avatar/", "/session/signin"):
            answer = await client.post(path, files={"picture": ("a.jpg", bytes(100_000))})
            assert answer.status_code == 413
        just_within = {"picture": ("a.jpg", photo() + bytes(MOST_PICTURE_BYTES - len(photo())))}
        answer = await client.post("/session/avatar", files=just_within)
        assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    assert (await row_of(doors, me)).avatar


async def test_a_body_without_end_is_cut_off(doors: Doors, site: Site, stored: Stored) -> None:
    await ada(doors)
    sent = 0

    async def endless():
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\n'
        while sent < 100_000_000:
            sent += 100_000
            yield bytes(100_000)

    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = await as_(site, "ada").post("/session/avatar", content=endless(), headers=kind)
    assert code(site, answer) == "bad_form"
    assert sent <= PICTURE_BODY_BYTES + 200_000
    assert stored.names == []


class NoMore:
    """A limit that is reached."""

    lifted = False

    def __init__(self, name: str) -> None:
        self._name = name

    def spend(self, rate: Rate, key: str) -> None:
        if rate.name == self._name:
            raise TooMany(wait_s=7)


@pytest.mark.parametrize("limit", ["upload", "set_avatar"])
async def test_what_is_refused_at_the_end_leaves_no_file(doors: Doors, site: Site, stored: Stored, limit: str) -> None:
    me = await ada(doors)
    doors._limiter = NoMore(limit)  # pyright: ignore[reportPrivateUsage]
    assert code(site, await upload(site, "ada")) == "too_many"
    assert (await row_of(doors, me)).avatar is None
    assert stored.names == []
