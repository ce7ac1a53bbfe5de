"""Whoever knocks at the event socket without being a browser of ours: one story for each way in that was tried.

What Reflex, python-socketio and uvicorn would let through by themselves; T1 to T16 number the threats.
"""

import asyncio
import json
import os
from typing import Any

import httpx
import pytest

from chat_app.realtime.socket_server import EVENTS_AT_ONCE, FRAME_BYTES
from tests.live_server import HYDRATE, Refused, socket_to, tab_at
from tests.people import cookie_of
from tests.realtime.conftest import House

pytestmark = pytest.mark.slow

ADA, BEN, CLEO, EVE = map(cookie_of, ("ada", "ben", "cleo", "eve"))
STATE = "reflex___state____state"
MAIN = f"{STATE}.chat_app___pages___main___state____main_state"
FINDING = f"{STATE}.chat_app___pages___main___search_state____search_state"
NOTICE = f"{STATE}.chat_app___components___notices____notice_state"


async def lives(house: House) -> None:
    """The server still serves."""
    async with tab_at(house, cookie=ADA) as tab:
        await tab.hear_of('"chats"')
        tab.say("ping")
        await tab.hear_of('"pong"')


def since(house: House, mark: int) -> str:
    return house.logged()[mark:]


async def test_ada_connects_and_sees_her_chat(house: House) -> None:
    async with tab_at(house, f"/chat/{house.chat}", cookie=ADA, origin=f"http://127.0.0.1:{house.port}") as tab:
        heard = "".join(await tab.hear_all())
        assert f'"page_newest_{house.chat}"' in heard
        assert '"username":"ada"' in heard.replace(" ", "")


@pytest.mark.parametrize(
    "frame",
    [
        "40",
        "40/",
        "40/admin,",
        '42/admin,["event",{}]',
        '42["event",{}]',
    ],
)
async def test_an_unknown_namespace_is_closed(house: House, frame: str) -> None:
    async with socket_to(house, cookie=ADA, token="t") as tab:
        tab.frame(frame)
        assert await tab.closed()


# T4: python-socketio would run `on_connect` for an event of that name, with the environment the client sends along
@pytest.mark.parametrize(
    "event", ["connect", "disconnect", "trigger_event", "link_token_to_sid", "emit_update", "__init__", ""]
)
async def test_forged_events_are_closed(house: House, event: str) -> None:
    forged = {
        "asgi.scope": {"headers": [], "client": ["203.0.113.66", 1]},
        "HTTP_COOKIE": f"sid={BEN}",
        "QUERY_STRING": "token=x",
    }
    async with tab_at(house, cookie=ADA) as tab:
        await tab.hear_of('"chats"')
        tab.say(event, forged)
        assert await tab.closed()


# T13: Reflex logs events that it does not know, with what they hold and every header
async def test_unknown_handlers_leave_nothing_in_the_log(house: House) -> None:
    async with tab_at(house, cookie=ADA, x_internal="s3cr3t-header") as tab:
        await tab.hear_of('"chats"')
        mark = len(house.logged())
        for name in ("no_such_state.handler", f"{MAIN}.no_such_handler", "", "x" * 5000):
            tab.call(name, password="hunter2")
        tab.say("ping")
        await tab.hear_of('"pong"')
        logged = since(house, mark)
        assert "hunter2" not in logged
        assert ADA not in logged
        assert "s3cr3t-header" not in logged
        assert len(logged) < 500


HOSTILE: dict[str, str | bytes] = {
    "binary": b"\x04binary",
    "base64": "bAAAA",
    "binary event": '451-/_event,["event",{"_placeholder":true,"num":0}]',
    "binary event, many": '45999-/_event,["event"]',
    "ack": "43/_event,1[]",
    "connect error": '44/_event,{"message":"x"}',
    "garbage json": '42/_event,["event",{',
    "no json": "42/_event,",
    "no list": '42/_event,{"event":1}',
    "three arguments": '42/_event,["event",{},{}]',
    "number as event": "42/_event,[1,{}]",
    "deep json": "42/_event," + "[" * 30_000 + "]" * 30_000,
    "long number": '42/_event,["event",' + "9" * 5000 + "]",
    "unknown packet": "9",
    "nothing": "",
    "upside down": "\u202e42/_event",
    "engine.io ping": "2probe",
    "engine.io open": "0{}",
}


@pytest.mark.parametrize("frame", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_frames_end_their_own_connection_only(house: House, frame: str | bytes) -> None:
    mark = len(house.logged())
    async with tab_at(house, cookie=ADA) as tab, tab_at(house, cookie=BEN) as other:
        await tab.hear_of('"chats"')
        await other.hear_of('"chats"')
        tab.frame(frame)
        assert await tab.closed()
        other.say("ping")
        await other.hear_of('"pong"')
    assert "Traceback" not in since(house, mark)


@pytest.mark.parametrize("size", [FRAME_BYTES + 1, 1_000_000])
async def test_a_frame_over_64_kb_is_closed(house: House, size: int) -> None:
    async with tab_at(house, cookie=ADA) as tab:
        await tab.hear_of('"chats"')
        tab.frame("4" * size)
        assert await tab.closed()
    await lives(house)


# T15
async def test_a_flood_is_cut_off(house: House) -> None:
    async with tab_at(house, cookie=ADA) as tab:
        await tab.hear_of('"chats"')
        for _ in range(3 * EVENTS_AT_ONCE):
            tab.say("ping")
        heard = await tab.hear_all(1)
        assert sum('"pong"' in frame for frame in heard) <= EVENTS_AT_ONCE + 5
        assert await tab.closed()


async def test_a_flood_of_frames_that_are_no_events_is_cut_off_as_well(house: House) -> None:
    async with tab_at(house, cookie=ADA) as tab:
        await tab.hear_of('"chats"')
        for _ in range(3 * EVENTS_AT_ONCE):
            tab.frame("3")
        assert await tab.closed()


async def test_quick_but_human_is_no_flood(house: House) -> None:
    async with tab_at(house, cookie=ADA) as tab:
        await tab.hear_of('"chats"')
        for _ in range(EVENTS_AT_ONCE // 2):
            tab.say("ping")
        assert sum('"pong"' in frame for frame in await tab.hear_all()) == EVENTS_AT_ONCE // 2
        assert not await tab.closed(0.2)


# T16: ben's tab asks for page after page and reads none of them
async def test_a_peer_that_does_not_read_is_dropped_and_costs_no_memory(house: House) -> None:
    async with tab_at(house, cookie=ADA) as ada:
        await ada.hear_all()
        for number in range(50):
            ada.call(f"{MAIN}.send", chat_id=house.chat, client_id=f"t16-{number}", body="x" * 4000)
            await asyncio.sleep(0.02)
        await ada.hear_of("t16-49")
        async with tab_at(house, cookie=BEN) as ben:
            await ben.hear_all()
            ben.stop_reading()
            before, most = house.memory_kb(), 0
            for _ in range(400):
                ben.call(f"{MAIN}.older", chat_id=house.chat, before=2**31 - 1)
                await asyncio.sleep(0.051)
                most = max(most, house.memory_kb())
                if ben.is_cut_off():
                    break
            assert ben.is_cut_off()
            # 200 frames of 200 KB, most of them shared with the kernel's buffers
            assert most - before < 100_000
        ada.say("ping")
        await ada.hear_of('"pong"')


# T8
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example", "file://"]
)
async def test_foreign_pages_do_not_connect(house: House, origin: str) -> None:
    with pytest.raises(Refused):
        async with socket_to(house, cookie=ADA, origin=origin, token="t"):
            pass


@pytest.mark.parametrize("foreign", [False, True])
async def test_our_own_pages_and_who_is_no_browser_connect(house: House, foreign: bool) -> None:
    origin = None if foreign else f"http://127.0.0.1:{house.port}"
    async with socket_to(house, origin=origin, token="t") as tab:
        await tab.hear_of('0{"sid"')


async def fetch(house: House, request: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(f"{request}\r\nHost: 127.0.0.1:{house.port}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.decode(errors="replace")


async def test_there_is_no_polling(house: House) -> None:
    answer = await fetch(house, "GET /_event/?EIO=4&transport=polling HTTP/1.1")
    assert answer.startswith("HTTP/1.1 400"), answer[:100]
    assert '"sid"' not in answer


# T6
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
async def test_nothing_is_uploaded(house: House, method: str) -> None:
    answer = await fetch(house, f"{method} /_upload HTTP/1.1\r\nContent-Length: 0\r\nReflex-Client-Token: t")
    assert answer.startswith(("HTTP/1.1 404", "HTTP/1.1 405")), answer[:100]


# T5
@pytest.mark.parametrize(
    "first", [HYDRATE, f"{NOTICE}.close", f"{STATE}.reflex___state____on_load_internal_state.set_is_hydrated"]
)
@pytest.mark.parametrize("thief", ["", CLEO])
async def test_a_tab_that_was_left_is_empty_for_another_session(house: House, first: str, thief: str) -> None:
    token = os.urandom(8).hex()
    async with tab_at(house, f"/chat/{house.chat}", cookie=ADA, token=token) as tab:
        await tab.hear_of('"page_newest_')
    await asyncio.sleep(0.3)
    async with socket_to(house, cookie=thief, token=token) as stolen:
        await stolen.hear_of('0{"sid"')
        stolen.frame("40/_event,{}")
        await stolen.hear_of("40/_event")
        payload: dict[str, Any] = {"value": True} if first.endswith("set_is_hydrated") else {}
        stolen.say("event", {"name": first, "payload": payload, "router_data": {"pathname": "/signin"}})
        heard = "".join(await stolen.hear_all())
        assert heard
        for hers in ("ada@example.org", '"ada"', "+79161110001", house.chat):
            assert hers not in heard


async def test_a_tab_that_comes_back_has_its_state(house: House) -> None:
    token = os.urandom(8).hex()
    async with tab_at(house, cookie=ADA, token=token) as tab:
        await tab.hear_of('"chats"')
    await asyncio.sleep(0.3)
    async with tab_at(house, cookie=ADA, token=token) as tab:
        assert "ada@example.org" in "".join(await tab.hear_all())


# T12
async def test_headers_of_proxies_and_the_cookie_do_not_reach_the_browser(house: House) -> None:
    async with tab_at(
        house, cookie=ADA, x_internal_auth="s3cr3t", authorization="Bearer abc", user_agent="a browser"
    ) as tab:
        heard = "".join(await tab.hear_all())
        assert '"chats"' in heard
        for private in ("s3cr3t", "x_internal_auth", "Bearer", ADA):
            assert private not in heard


# T1, T3
@pytest.mark.parametrize(
    "name",
    [
        f"{STATE}.setvar",
        f"{MAIN}.setvar",
        f"{STATE}.hydrate",
        f"{STATE}.set_is_hydrated",
        f"{MAIN}._show",
        f"{MAIN}.reset",
        f"{STATE}.reflex___state____update_vars_internal_state.update_vars_internal",
        f"{STATE}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
    ],
)
async def test_what_no_rule_opens_does_nothing(house: House, name: str) -> None:
    async with tab_at(house, cookie=ADA) as tab:
        await tab.hear_all()
        tab.call(name, var_name="me", value="cleo", vars={f"{MAIN}.ready": False}, info="hunter2", component_stack="x")
        tab.say("ping")
        heard = await tab.hear_all()
        # that somebody came or went is told meanwhile
        assert [frame for frame in heard if "pong" not in frame and '"presence_' not in frame] == []
        assert "hunter2" not in house.logged()


# T2, T10
WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "missing": ("send", {"chat_id": "c"}),
    "extra": ("refresh", {"force": True}),
    "extra for send": ("send", {"chat_id": "c", "client_id": "i", "body": "b", "author": 1}),
    "number as body": ("send", {"chat_id": "c", "client_id": "i", "body": 5}),
    "list as body": ("send", {"chat_id": "c", "client_id": "i", "body": ["b"]}),
    "dict as chat": ("send", {"chat_id": {"$ne": ""}, "client_id": "i", "body": "b"}),
    "id with a slash": ("send", {"chat_id": "../c", "client_id": "i", "body": "b"}),
    "id with a line": ("send", {"chat_id": "c\n", "client_id": "i", "body": "b"}),
    "long id": ("send", {"chat_id": "c", "client_id": "i" * 37, "body": "b"}),
    "nul in an id": ("send", {"chat_id": "c\0", "client_id": "i", "body": "b"}),
    "text as seq": ("read", {"chat_id": "c", "seq": "1"}),
    "true as seq": ("read", {"chat_id": "c", "seq": True}),
    "fraction as seq": ("read", {"chat_id": "c", "seq": 1.5}),
    "below zero": ("read", {"chat_id": "c", "seq": -1}),
    "beyond": ("older", {"chat_id": "c", "before": 2**63}),
    "not a number": ("catch_up", {"chat_id": "c", "rev": float("nan")}),
    "none": ("catch_up", {"chat_id": None, "rev": None}),
}


@pytest.mark.parametrize(("name", "payload"), WRONG.values(), ids=WRONG)
async def test_arguments_that_do_not_fit_are_dropped(house: House, name: str, payload: dict[str, Any]) -> None:
    async with tab_at(house, cookie=ADA) as tab:
        await tab.hear_all()
        mark = len(house.logged())
        tab.call(f"{MAIN}.{name}", **payload)
        assert await tab.hear_all(0.3) == []
        logged = since(house, mark)
        assert "do not fit" in logged
        assert "Traceback" not in logged


@pytest.mark.parametrize(
    "payload",
    [
        {"vars": {f"{MAIN}.me": {"user_id": "x"}}},
        {"vars": {f"{MAIN}._session_key": "x", "no.such.state": 1}},
        {"vars": [1]},
        {"vars": "x"},
        {"hashes": {"a": 1}},
        {"hashes": [1, None]},
        {"more": 1},
    ],
)
async def test_a_hydrate_with_wild_contents_does_nothing(house: House, payload: dict[str, Any]) -> None:
    async with tab_at(house, cookie=ADA) as tab:
        await tab.hear_all()
        mark = len(house.logged())
        tab.call(HYDRATE, **payload)
        assert await tab.hear_all(0.3) == []
        assert "Traceback" not in since(house, mark)


@pytest.mark.parametrize(
    "event",
    [
        {"name": [], "payload": {}},
        {"name": f"{MAIN}.refresh", "payload": []},
        {"name": f"{MAIN}.refresh", "payload": {}, "router_data": []},
        {"name": f"{MAIN}.refresh", "payload": {}, "router_data": {"pathname": 7, "asPath": {}, "query": [1]}},
        {"payload": {}},
        [],
        "text",
        None,
        7,
    ],
)
async def test_events_of_another_shape_harm_nobody(house: House, event: Any) -> None:
    mark = len(house.logged())
    async with tab_at(house, cookie=ADA) as tab:
        await tab.hear_of('"chats"')
        tab.say("event", event)
        await tab.hear_all(0.3)
    await lives(house)
    assert "Traceback" not in since(house, mark)


async def test_a_tab_without_a_token_is_served_nothing(house: House) -> None:
    async with socket_to(house, cookie=ADA) as tab:
        await tab.hear_of('0{"sid"')
        tab.frame("40/_event,{}")
        tab.call(f"{MAIN}.refresh")
        assert '"chats"' not in "".join(await tab.hear_all())


async def test_connecting_twice_on_one_socket_gives_one_connection(house: House) -> None:
    async with tab_at(house, cookie=ADA) as tab:
        await tab.hear_of('"chats"')
        tab.frame("40/_event,{}")
        assert not any('"sid"' in frame for frame in await tab.hear_all())
    await lives(house)


# T11: the address of a page is what the browser says; who may see a chat is asked each time
async def test_cleo_at_the_address_of_a_foreign_chat_is_led_away(house: House) -> None:
    answers: list[str] = []
    for chat in (house.chat, "no-such-chat-anywhere1"):
        async with tab_at(house, f"/chat/{chat}", cookie=CLEO) as tab:
            heard = "".join(await tab.hear_all())
            assert '"page_newest' not in heard
            assert "chat_not_found" in heard
            assert "_redirect" in heard
            answers.append(heard)


@pytest.mark.parametrize(
    "headers", [{"headers": {"cookie": f"sid={BEN}"}}, {"ip": "203.0.113.66", "token": "x", "sid": "x"}]
)
async def test_what_an_event_says_of_its_connection_is_not_believed(house: House, headers: dict[str, Any]) -> None:
    async with tab_at(house, cookie=CLEO) as tab:
        await tab.hear_all()
        router_data = {"pathname": f"/chat/{house.chat}", "query": {"chat_id": house.chat}, **headers}
        tab.say("event", {"name": f"{MAIN}.on_load", "payload": {}, "router_data": router_data})
        heard = "".join(await tab.hear_all())
        assert "chat_not_found" in heard
        assert "ben@example.org" not in heard
        assert "203.0.113.66" not in heard


# T7: a shared state would be whosever tab bears its name
async def test_the_name_of_a_chat_as_token_opens_nothing(house: House) -> None:
    async with tab_at(house, f"/chat/{house.chat}", cookie=ADA) as ada:
        await ada.hear_all()
        async with tab_at(house, f"/chat/{house.chat}", cookie=CLEO, token=house.chat) as cleo:
            assert "chat_not_found" in "".join(await cleo.hear_all())
            ada.call(f"{MAIN}.send", chat_id=house.chat, client_id="for-ben-alone", body="for ben alone")
            await ada.hear_of("for-ben-alone")
            assert await cleo.hear_all(0.3) == []


# T14
async def test_ada_is_answered_while_strangers_passwords_are_checked(house: House) -> None:
    origin = f"http://127.0.0.1:{house.port}"
    async with tab_at(house, cookie=ADA) as tab, httpx.AsyncClient(headers={"Origin": origin}, timeout=60) as stranger:
        await tab.hear_all()
        guess = {"login": "ada@example.org", "password": "no password of hers"}
        guesses = [asyncio.create_task(stranger.post(f"{origin}/session/signin", data=guess)) for _ in range(4)]
        await asyncio.sleep(0.05)
        tab.say("ping")
        await tab.hear_of('"pong"')
        assert not any(guess.done() for guess in guesses)
        assert {(await guess).status_code for guess in guesses} == {303}


# T9: that a page sends strangers away protects nothing it calls
@pytest.mark.parametrize(("name", "payload"), [("refresh", {}), ("find", {"text": "ada"})])
async def test_strangers_are_led_to_sign_in_and_the_unconfirmed_get_nothing(
    house: House, name: str, payload: dict[str, Any]
) -> None:
    state = FINDING if name == "find" else MAIN
    async with tab_at(house, cookie="") as tab:
        await tab.hear_all()
        tab.call(f"{state}.{name}", **payload)
        assert "/signin" in await tab.hear_of("_redirect")
    async with tab_at(house, cookie=EVE) as tab:
        await tab.hear_all()
        tab.call(f"{state}.{name}", **payload)
        assert await tab.hear_all(0.3) == []


async def test_half_a_character_is_refused_in_words(house: House) -> None:
    async with tab_at(house, cookie=ADA) as tab:
        await tab.hear_all()
        tab.call(f"{MAIN}.send", chat_id=house.chat, client_id="half", body="half \ud83d")
        answer = json.loads((await tab.hear_of("refused_half")).removeprefix("42/_event,"))
        assert "unreadable_message" in json.dumps(answer)
        tab.call(f"{FINDING}.find", text="a\ud83d")
        tab.call(f"{FINDING}.find", text="a\0")
        assert not await tab.closed(0.3)
    await lives(house)
