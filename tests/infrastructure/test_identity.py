"""From a cookie to a person."""

import asyncio

import pytest

from chat_app.domain.common.work import SYSTEM, Visitor
from chat_app.domain.users.actions import sign_out
from chat_app.domain.users.queries import session_of
from chat_app.infrastructure.identity import REMEMBERED_SECONDS, Identities, cookie_value
from chat_app.infrastructure.tokens import token_hash
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock
from tests.people import ada, cookie_of

COOKIES = f"a=b; sid={cookie_of('ada')}; c=d"


async def test_the_cookie_says_who_it_is_and_another_says_nothing(doors: Doors) -> None:
    person = await ada(doors)
    identities = Identities("sid")
    assert await identities.actor(COOKIES, "203.0.113.1") == person
    for cookies in ("", "sid=", "sid=x", COOKIES.replace("sid", "SID"), f"xsid={cookie_of('ada')}"):
        assert await identities.actor(cookies, "203.0.113.1") == Visitor("203.0.113.1")
    assert cookie_value(COOKIES, "c") == "d"


async def test_who_signed_out_is_forgotten_when_told(doors: Doors) -> None:
    person = await ada(doors)
    identities = Identities("sid")
    await identities.actor(COOKIES)
    await doors.perform(person, sign_out)
    assert await identities.actor(COOKIES) == person
    identities.forget([person.session])
    assert isinstance(await identities.actor(COOKIES), Visitor)
    assert REMEMBERED_SECONDS <= 5


async def test_a_session_in_use_stays_alive_beyond_its_idle_time(doors: Doors, clock: FixedClock) -> None:
    await ada(doors)
    for _ in range(3):
        clock.tick(days=8)
        assert not isinstance(await Identities("sid").actor(COOKIES), Visitor)
        found = await doors.ask(SYSTEM, session_of, token_hash(cookie_of("ada")))
        assert found is not None
        assert found.last_used_at == clock.now()
    clock.tick(days=6)
    assert isinstance(await Identities("sid").actor(COOKIES), Visitor)


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_what_was_being_read_when_it_was_forgotten_is_not_remembered(doors: Doors) -> None:
    person = await ada(doors)
    identities = Identities("sid")
    reading = asyncio.create_task(identities.actor(COOKIES))
    # the question is with a thread now, and its answer still to come
    await asyncio.sleep(0)
    identities.forget([person.session])
    await reading
    await doors.perform(person, sign_out)
    assert isinstance(await identities.actor(COOKIES), Visitor)
