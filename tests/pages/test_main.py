"""The main page's handlers, through Reflex's own processor and our policy."""

from collections.abc import AsyncIterator

import pytest

from chat_app.components.notices import NoticeState
from chat_app.domain.chats.actions import open_direct_chat
from chat_app.domain.common.errors import TooMany
from chat_app.domain.common.ids import AttachmentId, ChatId, ClientId
from chat_app.domain.common.work import Person, Rate
from chat_app.domain.messages.actions import NewFile, register_attachment, send_message
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.pages.main.state import MainState, PeopleState
from chat_app.pages.main.verify_state import VerifyState
from chat_app.realtime.hub import Hub, chat_room, open_room, session_room, user_room
from tests.people import ada, ben, cleo, cookie_of, pending
from tests.tabs import Tab, settled


class Talk:
    """ada and ben, and their chat with two messages."""

    def __init__(self, ada: Person, ben: Person, chat: ChatId) -> None:
        self.ada, self.ben, self.chat = ada, ben, chat


@pytest.fixture
async def talk(doors: Doors) -> Talk:
    a, b = await ada(doors), await ben(doors)
    chat = await doors.perform(a, open_direct_chat, b.user_id)
    for number in (1, 2):
        await doors.perform(a, send_message, chat, ClientId(f"c{number}"), f"message {number}")
    return Talk(a, b, chat)


@pytest.fixture
async def ben_s_tab(talk: Talk, hub: Hub) -> AsyncIterator[Tab]:
    async with Tab(hub.push._server, cookie_of("ben"), f"/chat/{talk.chat}") as tab:
        await tab.open()
        yield tab


async def test_a_visitor_is_led_to_sign_in_and_back(hub: Hub) -> None:
    async with Tab(hub.push._server, "", "/chat/abc") as tab:
        await tab.open()
        assert tab.redirects == ["/signin?next=/chat/abc"]
        assert tab.ear.heard == []


async def test_the_unconfirmed_see_what_to_confirm_and_nothing_else(doors: Doors, hub: Hub) -> None:
    eve = await pending(doors, "eve")
    async with Tab(hub.push._server, cookie_of("eve")) as tab:
        await tab.open()
        state = await tab.state(MainState)
        assert (state.ready, state.me.username, state.me.confirmed) == (True, "eve", False)
        assert (await tab.state(VerifyState)).step == "email"
        await tab.fire(MainState.refresh)
        assert tab.ear.heard == []
        assert not hub.push._server.manager.has(user_room(eve.user_id))


async def test_ben_opens_the_chat(talk: Talk, ben_s_tab: Tab, hub: Hub) -> None:
    state = await ben_s_tab.state(MainState)
    assert (state.chat.chat_id, state.chat.title, state.me.username, state.ready) == (talk.chat, "ada", "ben", True)
    assert [name for name, _ in ben_s_tab.ear.fields()] == [
        "chats",
        "receipts",
        "notices",
        "blocked",
        "upload_mb",
        f"page_newest_{talk.chat}",
        f"pinned_{talk.chat}",
        "present",
    ]
    ((_, page),) = ben_s_tab.ear.fields("page_")
    assert [message["text"] for message in page["messages"]] == ["message 1", "message 2"]
    rooms = set(hub.push._server.manager.get_rooms(ben_s_tab.sid, "/_event"))
    wanted = {user_room(talk.ben.user_id), session_room(talk.ben.session), chat_room(talk.chat), open_room(talk.chat)}
    assert rooms - {ben_s_tab.sid} == wanted


async def test_cleo_outside_is_led_away(doors: Doors, talk: Talk, hub: Hub) -> None:
    await cleo(doors)
    async with Tab(hub.push._server, cookie_of("cleo"), f"/chat/{talk.chat}") as tab:
        await tab.open()
        assert tab.redirects == ["/"]
        assert (await tab.state(NoticeState)).fault["code"] == "chat_not_found"
        assert tab.ear.fields("page_") == []
        assert not hub.push._server.manager.has(chat_room(talk.chat))
        for handler in (MainState.older(talk.chat, 5), MainState.catch_up(talk.chat, 0), MainState.read(talk.chat, 1)):
            await tab.fire(handler)
        assert (await tab.state(NoticeState)).count == 4
        assert [name for name, _ in tab.ear.fields()] == ["chats", "receipts", "notices", "blocked", "upload_mb"]


async def test_ben_sends_and_says_it_again(ben_s_tab: Tab, talk: Talk) -> None:
    await ben_s_tab.fire(MainState.send(talk.chat, "mine", "hello"))
    assert ben_s_tab.ear.fields("refused") == []
    await ben_s_tab.fire(MainState.send(talk.chat, "mine", "hello"))
    ((_, missed),) = ben_s_tab.ear.fields("missed_")
    assert [(message["client_id"], message["text"]) for message in missed["messages"]] == [("mine", "hello")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("  \u200b", "empty_message"),
        ("x" * 4097, "message_too_long"),
        ("half \ud83d", "unreadable_message"),
        ("nul \0", "unreadable_message"),
    ],
)
async def test_a_refused_message_is_told_by_its_name(ben_s_tab: Tab, talk: Talk, body: str, code: str) -> None:
    await ben_s_tab.fire(MainState.send(talk.chat, "mine", body))
    assert ben_s_tab.ear.fields("refused") == [("refused_mine", {"client_id": "mine", "code": code})]


async def test_sending_into_a_foreign_chat_is_refused(ben_s_tab: Tab) -> None:
    await ben_s_tab.fire(MainState.send("no-such-chat", "mine", "hello"))
    assert ben_s_tab.ear.fields("refused") == [("refused_mine", {"client_id": "mine", "code": "chat_not_found"})]


async def uploaded(doors: Doors, who: Person, chat: ChatId, count: int) -> list[str]:
    ids = [f"upload-{number}" for number in range(count)]
    for file in ids:
        new = NewFile("a.txt", "application/octet-stream", 10, f"the-file-of-{file}")
        await doors.perform(who, register_attachment, chat, AttachmentId(file), new)
    return ids


async def test_ben_sends_files_and_all_see_them(doors: Doors, ben_s_tab: Tab, talk: Talk, hub: Hub) -> None:
    files = await uploaded(doors, talk.ben, talk.chat, 2)
    await ben_s_tab.fire(MainState.send(talk.chat, "mine", "", 0, files))
    await settled(hub)
    assert ben_s_tab.ear.fields("refused") == []
    said = ben_s_tab.ear.fields("tail_")[-1][1]["messages"][-1]
    assert [file["attachment_id"] for file in said["files"]] == files
    # said again, it is the same
    await ben_s_tab.fire(MainState.send(talk.chat, "mine", "", 0, files))
    ((_, missed),) = ben_s_tab.ear.fields("missed_")
    assert [file["attachment_id"] for file in missed["messages"][0]["files"]] == files


async def test_files_that_cannot_be_sent_are_told_by_their_name(doors: Doors, ben_s_tab: Tab, talk: Talk) -> None:
    files = await uploaded(doors, talk.ben, talk.chat, 11)
    await ben_s_tab.fire(MainState.send(talk.chat, "many", "", 0, files))
    await ben_s_tab.fire(MainState.send(talk.chat, "none", "", 0, ["nothing"]))
    await ben_s_tab.fire(MainState.send(talk.chat, "empty", "", 0, []))
    codes = [value["code"] for _, value in ben_s_tab.ear.fields("refused")]
    assert codes == ["too_many_files", "attachment_not_found", "empty_message"]


@pytest.mark.parametrize("files", [["../x"], [""], ["x" * 37], ["a"] * 21, [1], "abc", None, [["a"]]])
async def test_what_are_no_files_is_dropped(ben_s_tab: Tab, talk: Talk, files: object) -> None:
    await ben_s_tab.fire(MainState.send(talk.chat, "mine", "words", 0, files))
    assert ben_s_tab.ear.fields("refused") == []
    assert ben_s_tab.ear.fields("tail_") == []


class NoMore:
    """A limit that is reached."""

    def spend(self, rate: Rate, key: str) -> None:
        if rate.name == "send":
            raise TooMany(wait_s=7)


async def test_too_many_messages_say_when_to_come_again(doors: Doors, ben_s_tab: Tab, talk: Talk) -> None:
    doors._limiter = NoMore()
    await ben_s_tab.fire(MainState.send(talk.chat, "mine", "hello"))
    said = {"client_id": "mine", "code": "too_many", "wait_s": 7}
    assert ben_s_tab.ear.fields("refused") == [("refused_mine", said)]


async def test_ben_scrolls_reads_and_catches_up(ben_s_tab: Tab, talk: Talk) -> None:
    await ben_s_tab.fire(MainState.older(talk.chat, 2))
    await ben_s_tab.fire(MainState.catch_up(talk.chat, 1))
    await ben_s_tab.fire(MainState.read(talk.chat, 2))
    await ben_s_tab.fire(MainState.refresh)
    fields = ben_s_tab.ear.fields()
    older = dict(fields)[f"page_1_{talk.chat}"]
    assert ([message["seq"] for message in older["messages"]], older["newest"]) == ([1], False)
    missed = dict(fields)[f"missed_1_{talk.chat}"]
    assert ([message["seq"] for message in missed["messages"]], missed["rev"]) == ([2], 2)
    (chat,) = [value for name, value in fields if name == "chats"][-1]
    assert (chat["chat_id"], chat["last_read_seq"], chat["initials"]) == (talk.chat, 2, "A")
    assert (await ben_s_tab.state(NoticeState)).count == 0


async def test_ben_writes_to_cleo(doors: Doors, ben_s_tab: Tab) -> None:
    c = await cleo(doors)
    await ben_s_tab.fire(PeopleState.write_to(c.user_id))
    (path,) = ben_s_tab.redirects
    assert path.startswith("/chat/")


async def test_nobody_to_write_to_is_said(ben_s_tab: Tab, talk: Talk) -> None:
    await ben_s_tab.fire(PeopleState.write_to("nobody"))
    assert (await ben_s_tab.state(NoticeState)).fault["code"] == "person_not_found"
    await ben_s_tab.fire(PeopleState.write_to(talk.ben.user_id))
    assert (await ben_s_tab.state(NoticeState)).fault["code"] == "writing_to_yourself"
    assert ben_s_tab.redirects == []


async def test_a_state_that_expired_under_an_open_tab_is_no_loss(
    doors: Doors, ben_s_tab: Tab, talk: Talk, hub: Hub
) -> None:
    ben_s_tab.forget()
    # a push needs no state
    await doors.perform(talk.ada, send_message, talk.chat, ClientId("c3"), "message 3")
    await settled(hub)
    ((_, tail),) = ben_s_tab.ear.fields("tail_")
    assert tail["messages"][-1]["text"] == "message 3"
    # a click says what it acts on, and the screen is built anew from cookie and address
    await ben_s_tab.fire(MainState.send(talk.chat, "mine", "still here"))
    await settled(hub)
    assert ben_s_tab.ear.fields("tail_")[-1][1]["messages"][-1]["text"] == "still here"
    state = await ben_s_tab.state(MainState)
    assert (state.chat.chat_id, state.me.username, state.ready) == (talk.chat, "ben", True)
    assert ben_s_tab.redirects == []
