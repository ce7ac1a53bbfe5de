"""Files of messages over HTTP: who may bring one, who gets it, and what becomes of hostile ones on the way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from httpx import AsyncClient, Response

from chat_app.api.files import disposition
from chat_app.domain.chats.actions import create_group, exclude, open_direct_chat
from chat_app.domain.common.ids import AttachmentId, ChatId, ClientId
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import SYSTEM, Person
from chat_app.domain.messages.actions import erase_messages, erase_unsent, send_message
from chat_app.domain.messages.queries import page_of
from chat_app.domain.users.actions import block
from chat_app.infrastructure.files import FOLDER, StoreFailed, removal
from chat_app.infrastructure.jobs import JobRunner
from chat_app.infrastructure.rate_limits import MemoryLimits
from chat_app.infrastructure.s3_files import S3Files
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.infrastructure.uploads import AT_ONCE
from tests.api.conftest import Site
from tests.bucket import bucket_service
from tests.guests import FixedClock, LoadedDice
from tests.people import ada, ben, cleo, cookie_of, pending
from tests.pictures import flag, heading, opened, photo, saved

MB = 1024 * 1024
TEXT = b"0123456789" * 100


def as_(site: Site, name: str) -> AsyncClient:
    """Their browser, before all that stands before the routes."""
    client = site.guarded()
    client.cookies.set("sid", cookie_of(name))
    return client


async def upload(
    site: Site, who: str, chat: str, content: bytes = TEXT, name: str = "notes.txt", **headers: str
) -> Response:
    return await as_(site, who).post("/files", params={"chat": chat, "name": name}, content=content, headers=headers)


async def taken(site: Site, who: str, chat: str, content: bytes = TEXT, name: str = "notes.txt") -> dict[str, Any]:
    answer = await upload(site, who, chat, content, name)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def sent(doors: Doors, who: Person, chat: ChatId, *files: str, client_id: str = "one") -> None:
    attached = [AttachmentId(file) for file in files]
    await doors.perform(who, send_message, chat, ClientId(client_id), "", files=attached)


async def get(site: Site, who: str, attachment_id: str, part: str = "", **headers: str) -> Response:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return await as_(site, who).get(f"/files/{attachment_id}{part}", headers=headers)


async def pair(doors: Doors) -> tuple[Person, Person, ChatId]:
    a, b = await ada(doors), await ben(doors)
    return a, b, await doors.perform(a, open_direct_chat, b.user_id)


@pytest.fixture
def stored(tmp_path: Path) -> "Stored":
    return Stored(tmp_path)


class Stored:
    """What lies in the folders of files and uploads."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    @property
    def files(self) -> list[Path]:
        return [path for path in (self._data_dir / FOLDER).rglob("*") if path.is_file()]

    @property
    def uploads(self) -> list[Path]:
        folder = self._data_dir / ".uploads"
        return list(folder.iterdir()) if folder.exists() else []


async def test_ada_uploads_a_photo_sends_it_and_ben_sees_it(doors: Doors, site: Site, stored: Stored) -> None:
    a, _, chat = await pair(doors)
    file = await taken(site, "ada", chat, saved(flag((1000, 500)), "PNG"), "the lake.png")
    facts = {"name": "the lake.png", "type": "image/png", "width": 1000, "height": 500, "thumbnail": True}
    assert facts.items() <= file.items()
    assert (len(stored.files), stored.uploads) == (2, [])
    await sent(doors, a, chat, file["attachment_id"])

    seen = await get(site, "ben", file["attachment_id"])
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/png")
    assert len(seen.content) == file["size"]
    assert opened(seen.content).size == (1000, 500)
    assert seen.headers["content-disposition"] == ("inline; filename=\"the lake.png\"; filename*=UTF-8''the%20lake.png")
    small = await get(site, "ben", file["attachment_id"], "/thumbnail")
    assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
    assert opened(small.content).size == (800, 400)


async def test_every_answer_says_that_it_is_no_page(doors: Doors, site: Site) -> None:
    _, _, chat = await pair(doors)
    file = await taken(site, "ada", chat, photo(), "cat.jpg")
    answers = [await get(site, "ada", file["attachment_id"]), await get(site, "ada", "nothing")]
    for answer in answers:
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
    assert answers[0].headers["cache-control"] == "private, max-age=3600"
    assert answers[1].headers["cache-control"] == "no-store"


async def test_on_request_a_picture_is_saved_instead_of_shown(doors: Doors, site: Site) -> None:
    _, _, chat = await pair(doors)
    file = await taken(site, "ada", chat, photo(), "cat.jpg")
    saved_ = await get(site, "ada", file["attachment_id"], "?download=1")
    assert saved_.headers["content-disposition"].startswith("attachment;")


HOSTILE = [
    ("a page called a picture", b"<!doctype html><script>alert(1)</script>", "cat.png"),
    ("a drawing with a script", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "cat.svg"),
    ("xml", b'<?xml version="1.0"?><?xml-stylesheet href="evil.xsl"?><a/>', "a.xml"),
    ("a page", b"<html><body onload=alert(1)>", "index.html"),
    ("a script", b"alert(document.cookie)", "a.js"),
    ("a program", b"MZ\x90\0" + b"\0" * 200, "cat.jpg"),
    ("a pdf", b"%PDF-1.7\n/JS (app.alert(1))" + b"x" * 200, "a.pdf"),
]


@pytest.mark.parametrize(("_", "content", "name"), HOSTILE, ids=[case[0] for case in HOSTILE])
async def test_what_could_do_something_is_only_saved(
    doors: Doors, site: Site, _: str, content: bytes, name: str
) -> None:
    _a, _b, chat = await pair(doors)
    file = await taken(site, "ada", chat, content, name)
    assert (file["width"], file["height"], file["thumbnail"]) == (None, None, False)
    got = await get(site, "ada", file["attachment_id"])
    assert got.content == content
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.headers["content-type"] in ("application/octet-stream", "application/pdf")
    assert got.headers["x-content-type-options"] == "nosniff"


async def test_a_page_that_says_it_is_a_picture_is_not_believed(doors: Doors, site: Site) -> None:
    _, _, chat = await pair(doors)
    answer = await upload(site, "ada", chat, b"<script>alert(1)</script>", "a.png", **{"content-type": "image/png"})
    assert answer.json()["type"] == "application/octet-stream"
    # nor the other way round
    answer = await upload(site, "ada", chat, photo(), "a.html", **{"content-type": "text/html"})
    assert answer.json()["type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "empty_file"),
        (b"GIF89a/*" + b"\0" * 8 + b"*/=1;alert(document.cookie)", 422, "broken_picture"),
        (saved(flag((300, 300)), "PNG")[:-40], 422, "broken_picture"),
        (photo()[: len(photo()) // 2], 422, "broken_picture"),
        (heading(30_000, 30_000), 422, "picture_too_detailed"),
        (b"x" * (20 * MB + 1), 413, "file_too_large"),
        (b"x" * (21 * MB), 413, "file_too_large"),
    ],
    ids=["nothing", "gif and script", "cut png", "cut jpeg", "bomb", "a byte too many", "21 MB"],
)
async def test_what_cannot_be_taken_leaves_nothing(
    doors: Doors, site: Site, stored: Stored, content: bytes, status: int, code: str
) -> None:
    _, _, chat = await pair(doors)
    answer = await upload(site, "ada", chat, content, "cat.png")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code
    assert (stored.files, stored.uploads) == ([], [])


async def test_twenty_megabytes_are_taken(doors: Doors, site: Site, stored: Stored) -> None:
    _, _, chat = await pair(doors)
    file = await taken(site, "ada", chat, b"x" * (20 * MB))
    assert file["size"] == 20 * MB
    assert [path.stat().st_size for path in stored.files] == [20 * MB]


async def test_of_a_photo_is_kept_what_says_nothing(doors: Doors, site: Site, stored: Stored) -> None:
    _, _, chat = await pair(doors)
    telling = photo()[:2] + b"\xff\xfe\x00\x10by ada, Moscow" + photo()[2:] + b"<script>"
    file = await taken(site, "ada", chat, telling, "cat.jpg")
    assert not any(b"Moscow" in path.read_bytes() or b"script" in path.read_bytes() for path in stored.files)
    assert file["size"] == len((await get(site, "ada", file["attachment_id"])).content)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\Windows\\win.ini", "win.ini"),
        ("annex\u202egnp.exe", "annexgnp.exe"),
        ("nul\x00\r\nSet-Cookie: a=b.txt", "nulSet-Cookie_ a=b.txt"),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
        ("отчёт «март».txt", "отчёт «март».txt"),
        ('a"b%41.txt', "a_b%41.txt"),
        ("", "file"),
    ],
)
async def test_a_name_is_cleaned_and_said_whole(doors: Doors, site: Site, name: str, kept: str) -> None:
    _, _, chat = await pair(doors)
    file = await taken(site, "ada", chat, TEXT, name)
    assert file["name"] == kept
    said = (await get(site, "ada", file["attachment_id"])).headers["content-disposition"]
    assert unquote(said.partition("filename*=UTF-8''")[2]) == kept
    assert said.isascii()
    assert "\r" not in said


def test_a_name_cannot_leave_its_quotes() -> None:
    said = disposition('a"; filename="evil.html', inline=False)
    assert said.count('"') == 2
    assert disposition("ж.png", inline=True) == "inline; filename=\"_.png\"; filename*=UTF-8''%D0%B6.png"


async def test_who_may_not_write_there_may_not_upload(doors: Doors, site: Site, stored: Stored) -> None:
    a, b, chat = await pair(doors)
    await cleo(doors)
    await pending(doors, "eve")
    foreign, missing = await upload(site, "cleo", chat), await upload(site, "cleo", "no-such-chat")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json() == missing.json()
    assert (await upload(site, "nobody", chat)).status_code == 401
    assert (await upload(site, "eve", chat)).status_code == 403
    await doors.perform(b, block, a.user_id)
    assert (await upload(site, "ada", chat)).json()["code"] == "writing_closed"
    assert (await upload(site, "ben", chat)).json()["code"] == "blocked_by_you"
    assert (stored.files, stored.uploads) == ([], [])


async def test_nothing_is_read_of_what_is_refused_anyway(doors: Doors, site: Site) -> None:
    _, _, chat = await pair(doors)
    await cleo(doors)
    read: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(1)
        yield TEXT

    answer = await as_(site, "cleo").post(
        "/files", params={"chat": chat}, content=body(), headers={"content-length": str(len(TEXT))}
    )
    assert answer.status_code == 404
    assert read == []


async def test_another_sites_page_uploads_nothing(doors: Doors, site: Site, stored: Stored) -> None:
    _, _, chat = await pair(doors)
    for origin in ("https://evil.example", "null"):
        answer = await upload(site, "ada", chat, origin=origin)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert stored.files == []


async def test_a_length_that_is_wrong_or_missing_is_refused(doors: Doors, site: Site, stored: Stored) -> None:
    _, _, chat = await pair(doors)

    async def body() -> AsyncIterator[bytes]:
        yield TEXT

    client = as_(site, "ada")
    unknown = await client.post("/files", params={"chat": chat}, content=body())
    assert (unknown.status_code, unknown.json()["code"]) == (411, "length_required")
    for length in (1, len(TEXT) - 1, len(TEXT) + 1):
        answer = await client.post(
            "/files", params={"chat": chat}, content=body(), headers={"content-length": str(length)}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "file_cut")
    for length in ("-1", "1e3", " "):
        answer = await client.post("/files", params={"chat": chat}, content=TEXT, headers={"content-length": length})
        assert answer.status_code == 411
    assert (stored.files, stored.uploads) == ([], [])


async def test_only_members_get_it_and_nobody_learns_that_it_is_there(doors: Doors, site: Site) -> None:
    a, _, chat = await pair(doors)
    await cleo(doors)
    file = (await taken(site, "ada", chat, saved(flag((1000, 500)), "PNG")))["attachment_id"]
    missing = await get(site, "cleo", "no-such-file")
    assert missing.status_code == 404
    for part in ("", "/thumbnail", "?download=1"):
        # before it is sent only she who uploaded it
        assert (await get(site, "ada", file, part)).status_code == 200
        for who in ("ben", "cleo"):
            refused = await get(site, who, file, part)
            assert (refused.status_code, refused.json()) == (404, missing.json())
    await sent(doors, a, chat, file)
    for part in ("", "/thumbnail"):
        assert (await get(site, "ben", file, part)).status_code == 200
        assert (await get(site, "cleo", file, part)).json() == missing.json()
        assert (await get(site, "nobody", file, part)).status_code == 401
    # an etag opens nothing either
    tag = (await get(site, "ben", file)).headers["etag"]
    assert (await get(site, "cleo", file, if_none_match=tag)).status_code == 404


async def test_with_the_seat_or_the_message_the_file_is_gone(
    doors: Doors, site: Site, stored: Stored, dice: LoadedDice
) -> None:
    a, b = await ada(doors), await ben(doors)
    group = await doors.perform(a, create_group, GroupTitle("hikers"), [b.user_id])
    file = (await taken(site, "ada", group))["attachment_id"]
    await sent(doors, a, group, file)
    assert (await get(site, "ben", file)).status_code == 200
    await doors.perform(a, exclude, group, b.user_id)
    assert (await get(site, "ben", file)).status_code == 404
    assert (await get(site, "ada", file)).status_code == 200

    await doors.perform(SYSTEM, erase_messages, a.row)
    assert (await get(site, "ada", file)).status_code == 404
    assert len(stored.files) == 1
    await JobRunner(doors, dice, [removal(site.files)]).run_due()
    assert stored.files == []


async def test_what_was_never_sent_is_removed_after_a_day(
    doors: Doors, site: Site, stored: Stored, dice: LoadedDice, clock: FixedClock
) -> None:
    _, _, chat = await pair(doors)
    file = await taken(site, "ada", chat, saved(flag((1000, 500)), "PNG"))
    assert len(stored.files) == 2
    clock.tick(hours=24, seconds=1)
    await doors.perform(SYSTEM, erase_unsent)
    await JobRunner(doors, dice, [removal(site.files)]).run_due()
    assert stored.files == []
    assert (await get(site, "ada", file["attachment_id"])).status_code == 404


async def test_files_come_in_parts(doors: Doors, site: Site) -> None:
    _, _, chat = await pair(doors)
    file = (await taken(site, "ada", chat))["attachment_id"]
    whole = await get(site, "ada", file)
    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "bytes")
    for wanted, start, stop in (("bytes=0-9", 0, 10), ("bytes=990-", 990, 1000), ("bytes=-5", 995, 1000)):
        part = await get(site, "ada", file, range=wanted)
        assert (part.status_code, part.content) == (206, TEXT[start:stop])
        assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/1000"
        assert part.headers["content-length"] == str(stop - start)
    beyond = await get(site, "ada", file, range="bytes=1000-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */1000")
    several = await get(site, "ada", file, range="bytes=0-1,5-6")
    assert (several.status_code, several.content) == (200, TEXT)
    tag = whole.headers["etag"]
    assert (await get(site, "ada", file, range="bytes=0-1", if_range=tag)).status_code == 206
    assert (await get(site, "ada", file, range="bytes=0-1", if_range='"old"')).content == TEXT


async def test_what_a_browser_has_is_not_sent_again(doors: Doors, site: Site) -> None:
    _, _, chat = await pair(doors)
    file = (await taken(site, "ada", chat, saved(flag((1000, 500)), "PNG")))["attachment_id"]
    for part in ("", "/thumbnail"):
        first = await get(site, "ada", file, part)
        again = await get(site, "ada", file, part, if_none_match=first.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["cache-control"] == "private, max-age=3600"
        head = await as_(site, "ada").head(f"/files/{file}{part}")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == first.headers["content-type"]
        assert head.headers["etag"] == first.headers["etag"]
    assert (await as_(site, "ada").head(f"/files/{file}")).headers["content-length"] == str(
        len((await get(site, "ada", file)).content)
    )


async def test_a_small_picture_has_no_smaller_one(doors: Doors, site: Site) -> None:
    _, _, chat = await pair(doors)
    file = await taken(site, "ada", chat, photo(), "cat.jpg")
    assert file["thumbnail"] is False
    assert (await get(site, "ada", file["attachment_id"], "/thumbnail")).status_code == 404


async def test_what_is_no_picture_after_all_counts_as_one(
    doors: Doors, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, chat = await pair(doors)
    broken = saved(flag((64, 64)), "PNG")[:120]
    monkeypatch.setattr(doors, "_limiter", MemoryLimits())
    answers = [await upload(site, "ada", chat, broken, "x.png") for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {422}
    assert answers[60].status_code == 429
    # what is no picture is looked at for nothing
    assert (await upload(site, "ada", chat, b"%PDF-1.7 and so on", "x.pdf")).status_code == 201


async def test_so_much_in_an_hour_and_no_more(doors: Doors, site: Site, stored: Stored, clock: FixedClock) -> None:
    _, _, chat = await pair(doors)
    site.uploads.hourly_bytes = 3 * 1024
    for _ in range(3):
        await taken(site, "ada", chat)
    answer = await upload(site, "ada", chat)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3600")
    assert len(stored.files) == 3
    await taken(site, "ben", chat)
    clock.tick(hours=1)
    await taken(site, "ada", chat)


async def test_many_at_once_wait_their_turn(doors: Doors, site: Site, stored: Stored) -> None:
    _, _, chat = await pair(doors)
    answers = await asyncio.gather(*(upload(site, "ada", chat, b"x" * MB) for _ in range(3 * AT_ONCE)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {201, 429}
    assert statuses.count(201) >= AT_ONCE
    assert len(stored.files) == statuses.count(201)
    assert stored.uploads == []


async def test_it_is_sent_with_its_message_once(doors: Doors, site: Site) -> None:
    a, b, chat = await pair(doors)
    file = await taken(site, "ada", chat)
    await sent(doors, a, chat, file["attachment_id"])
    (bubble,) = (await doors.ask(b, page_of, chat)).messages
    (view,) = bubble.files
    assert vars(view) == file


async def test_files_are_kept_in_a_bucket_as_well(doors: Doors, dice: LoadedDice, tmp_path: Path) -> None:
    _, _, chat = await pair(doors)
    with bucket_service() as service:
        site = Site(dice, tmp_path, files=S3Files(service.url()))
        content = saved(flag((1000, 500)), "PNG")
        file = (await taken(site, "ada", chat, content))["attachment_id"]
        whole = (await get(site, "ada", file)).content
        assert opened(whole).size == (1000, 500)
        part = await get(site, "ada", file, range="bytes=5-14")
        assert (part.status_code, part.content) == (206, whole[5:15])
        assert opened((await get(site, "ada", file, "/thumbnail")).content).size == (800, 400)
        assert list((tmp_path / ".uploads").iterdir()) == []
    assert not (tmp_path / FOLDER).exists()


async def test_while_the_bucket_is_away_people_are_asked_to_wait(
    doors: Doors, dice: LoadedDice, tmp_path: Path, stored: Stored, caplog: pytest.LogCaptureFixture
) -> None:
    _, _, chat = await pair(doors)
    away = S3Files("s3+http://the-key:the-secret@127.0.0.1:1/chat", retries=0)
    site = Site(dice, tmp_path, files=away)
    answer = await upload(site, "ada", chat)
    assert (answer.status_code, answer.json()["code"]) == (429, "busy")
    assert StoreFailed.__name__ in caplog.text
    assert "the-secret" not in caplog.text
    assert stored.uploads == []
