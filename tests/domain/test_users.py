"""Stories of signing up, confirming, signing in and being found."""

import asyncio
from dataclasses import replace

import pytest
from sqlmodel import col, select

from chat_app.domain.common.errors import Forbidden, Invalid, NotConfirmed, NotSignedIn
from chat_app.domain.common.events import Event
from chat_app.domain.common.jobs import Job
from chat_app.domain.common.values import About, Email, PersonName, Username
from chat_app.domain.common.work import SYSTEM, Person, Reader
from chat_app.domain.users.actions import (
    NewPerson,
    NewProfile,
    NewSession,
    confirm,
    erase_old_sessions,
    erase_pending,
    refresh_session,
    save_profile,
    set_language,
    sign_in,
    sign_out,
    sign_up,
)
from chat_app.domain.users.errors import AddressTaken, AlreadyConfirmed, UsernameTaken
from chat_app.domain.users.events import PersonChanged, SessionsEnded
from chat_app.domain.users.queries import (
    find_people,
    my_confirmation,
    my_profile,
    person_of,
    sign_in_candidates,
    username_free,
)
from chat_app.domain.users.tables import SignIn, User
from chat_app.domain.verification.errors import WrongCode
from chat_app.domain.verification.tables import VerificationCode
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.tokens import token_hash
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock
from tests.people import ada, again, ben, cleo, code_of, confirmed, cookie_of, password_hash, pending, row_of, stranger


def jobs(reader: Reader) -> list[str]:
    return [job.kind for job in reader.session.exec(select(Job).order_by(col(Job.id)))]


def codes(reader: Reader) -> list[VerificationCode]:
    return list(reader.session.exec(select(VerificationCode).order_by(col(VerificationCode.id))))


def usernames(reader: Reader) -> list[str]:
    return list(reader.session.exec(select(User.username).order_by(User.username)))


def sessions(reader: Reader) -> list[SignIn]:
    return list(reader.session.exec(select(SignIn)))


async def test_eve_signs_up_and_confirms_email_then_phone(doors: Doors, seal: KeyedSeal) -> None:
    eve = await pending(doors, "eve")
    assert not eve.confirmed
    view = await doors.ask(eve, my_confirmation)
    assert (view.step, view.destination, view.tries_left) == ("email", "e•••@example.org", 5)

    await doors.perform(eve, confirm, await code_of(doors, seal, eve))
    view = await doors.ask(eve, my_confirmation)
    assert (view.step, view.destination) == ("phone", "+7•••09")
    assert not (await again(doors, cookie_of("eve"))).confirmed

    await doors.perform(eve, confirm, await code_of(doors, seal, eve))
    assert (await doors.ask(eve, my_confirmation)).step == "done"
    assert (await again(doors, cookie_of("eve"))).confirmed
    assert await doors.ask(SYSTEM, jobs) == ["send_code", "send_code"]
    with pytest.raises(AlreadyConfirmed):
        await doors.perform(eve, confirm, "123456")


async def test_before_that_every_other_door_is_closed(doors: Doors) -> None:
    eve = await pending(doors, "eve")
    with pytest.raises(NotConfirmed):
        await doors.ask(eve, find_people, "a")
    with pytest.raises(NotSignedIn):
        await doors.ask(stranger(), my_profile)
    with pytest.raises(Forbidden):
        await doors.perform(eve, sign_in, eve.row, NewSession("x"))


async def test_without_a_phone_the_email_is_enough(doors: Doors, seal: KeyedSeal) -> None:
    eve = await pending(doors, "eve", phone=None)
    await doors.perform(eve, confirm, await code_of(doors, seal, eve))
    assert (await again(doors, cookie_of("eve"))).confirmed


async def test_a_name_is_borne_once_also_by_its_look(doors: Doors) -> None:
    await ada(doors, username="paypal")
    for name in ("PayPal", "раураӏ", "paypaI", "paypa1"):
        with pytest.raises(UsernameTaken) as refused:
            await pending(doors, name, email="x@example.org")
        assert refused.value.field == "username"
        assert not await doors.ask(stranger(), username_free, Username(name))
    assert await doors.ask(stranger(), username_free, Username("paypet"))


async def test_signups_of_one_name_at_once_make_one_account(doors: Doors) -> None:
    outcomes = await asyncio.gather(
        *(pending(doors, name, email="e@example.org", cookie=name) for name in ("Eve.x", "eve.X", "EVE.X")),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Person", "UsernameTaken", "UsernameTaken"]
    assert len(await doors.ask(SYSTEM, usernames)) == 1


async def test_of_two_signups_with_one_address_at_once_the_first_to_confirm_owns_it(
    doors: Doors, seal: KeyedSeal
) -> None:
    both: list[Person] = await asyncio.gather(
        pending(doors, "eve", email="Eve@Example.org", phone=None),
        pending(doors, "eva", email="eve@EXAMPLE.org", phone=None),
    )
    typed = [await code_of(doors, seal, person) for person in both]
    outcomes = await asyncio.gather(
        *(doors.perform(person, confirm, code) for person, code in zip(both, typed, strict=True)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AddressTaken", "NoneType"]
    [refusal] = [outcome for outcome in outcomes if isinstance(outcome, AddressTaken)]
    assert refusal.field == "email"
    confirmed = [(await row_of(doors, person)).email_confirmed_at is not None for person in both]
    assert sorted(confirmed) == [False, True]


async def test_the_owner_hears_of_a_signup_with_their_address_and_no_code_goes_out(doors: Doors) -> None:
    await ada(doors)
    mallory = await pending(doors, "mallory", email="ADA@example.org")
    assert await doors.ask(SYSTEM, jobs) == ["tell_owner"]

    # nothing that mallory sees differs from what a free address would show
    view = await doors.ask(mallory, my_confirmation)
    assert (view.step, view.destination, view.tries_left, view.resend_wait_s) == ("email", "A•••@example.org", 5, 60)
    with pytest.raises(WrongCode) as refused:
        await doors.perform(mallory, confirm, "000000")
    assert refused.value.params["tries_left"] == 4


async def test_a_phone_that_somebody_owns_gets_no_sms(doors: Doors, seal: KeyedSeal) -> None:
    await ada(doors)
    mallory = await pending(doors, "mallory", phone="8 (916) 111-00-01")
    await doors.perform(mallory, confirm, await code_of(doors, seal, mallory))
    assert await doors.ask(SYSTEM, jobs) == ["send_code", "tell_owner"]


async def test_even_the_digits_of_a_silent_code_open_nothing(doors: Doors, seal: KeyedSeal) -> None:
    await ada(doors)
    mallory = await pending(doors, "mallory", email="ada@example.org")
    [code] = await doors.ask(SYSTEM, codes)
    guessed = seal.digits("verification code", code.token, str(code.user), code.purpose, code.destination)
    with pytest.raises(WrongCode):
        await doors.perform(mallory, confirm, guessed)


async def test_the_owner_is_written_to_three_times_a_day_at_most(doors: Doors) -> None:
    await ada(doors)
    for number in range(5):
        await pending(doors, f"mallory{number}", email="ada@example.org")
    assert await doors.ask(SYSTEM, jobs) == ["tell_owner"] * 3


async def test_pending_accounts_are_erased_after_a_day_and_others_stay(
    doors: Doors, clock: FixedClock, bus: LocalBus
) -> None:
    await ada(doors)
    eve = await pending(doors, "eve")
    told: list[Event] = []
    bus.subscribe(told.extend)
    clock.tick(hours=24)
    assert await doors.perform(SYSTEM, erase_pending) == 0
    clock.tick(seconds=1)
    assert await doors.perform(SYSTEM, erase_pending) == 1
    assert await doors.ask(SYSTEM, usernames) == ["ada"]
    assert await doors.ask(SYSTEM, codes) == []
    assert told == [SessionsEnded(eve.user_id, (eve.session,))]
    await pending(doors, "eve")


async def test_the_same_signup_run_twice_is_one_account(doors: Doors) -> None:
    person = NewPerson(Email("eve@example.org"), Username("eve"), None, password_hash())
    first = await doors.perform(stranger(), sign_up, person, NewSession("the hash"))
    assert await doors.perform(stranger(), sign_up, person, NewSession("the hash")) == first


async def test_a_public_id_that_is_taken_is_thrown_again(doors: Doors, dice: object) -> None:
    first = await ada(doors)
    taken = (await row_of(doors, first)).public_id
    getattr(dice, "load")(taken, "00000000")  # noqa: B009  # only the loaded dice can be loaded
    assert (await row_of(doors, await pending(doors, "eve"))).public_id == "00000000"


async def test_signing_in_by_email_finds_the_owner_first_then_the_newest_pending(doors: Doors) -> None:
    owner = await ada(doors)
    older = await pending(doors, "eve", email="ada@example.org")
    newer = await pending(doors, "eva", email="Ada@example.org")
    found = await doors.ask(SYSTEM, sign_in_candidates, " ADA@Example.org ")
    assert [candidate.user for candidate in found] == [owner.row, newer.row, older.row]
    assert [candidate.confirmed for candidate in found] == [True, False, False]


@pytest.mark.parametrize(
    ("login", "finds"),
    [
        ("ada", True),
        ("ADA", True),
        ("ada@example.org\n", True),
        ("аdа", False),
        ("ada@", False),
        ("@", False),
        ("", False),
        ("a\x00da", False),
        ("\ud800", False),
        ("\ud800@example.org", False),
        ("x" * 9999, False),
        ("' OR 1=1 --", False),
    ],
)
async def test_signing_in_by_name_finds_that_name_and_no_look_alike(doors: Doors, login: str, finds: bool) -> None:
    await ada(doors)
    assert len(await doors.ask(SYSTEM, sign_in_candidates, login)) == finds


async def test_signing_in_again_ends_the_session_the_browser_had(doors: Doors, bus: LocalBus) -> None:
    told: list[Event] = []
    bus.subscribe(told.extend)
    person = await ada(doors)
    old = token_hash(cookie_of("ada"))
    await doors.perform(SYSTEM, sign_in, person.row, NewSession("new"), replaces=old, rehashed="$2b$12$new")
    assert await doors.ask(SYSTEM, person_of, old) is None
    assert await doors.ask(SYSTEM, person_of, "new") is not None
    assert told == [SessionsEnded(person.user_id, (person.session,))]
    assert (await row_of(doors, person)).password_hash == "$2b$12$new"


@pytest.mark.parametrize(
    "typed", ["admin", "ADMIN", "adm1n", "Moderator", "supp0rt", "ALL", "a11", "Админ", "ПОДДЕРЖКА", "всё", "BCE"]
)
async def test_names_of_the_service_are_taken_and_so_are_their_look_alikes(doors: Doors, typed: str) -> None:
    name = Username(typed)
    assert not await doors.ask(stranger(), username_free, name)
    with pytest.raises(UsernameTaken):
        await pending(doors, typed, email="eve@example.org")
    me = await ada(doors)
    profile = NewProfile(PersonName("Ada"), name, About(""), None)
    with pytest.raises(UsernameTaken):
        await doors.perform(me, save_profile, profile)
    assert await doors.ask(me, usernames) == ["ada"]


@pytest.mark.parametrize("typed", ["admiral", "adam", "helpful", "chatty", "allan", "админка", "root_beer"])
async def test_names_that_only_begin_like_them_are_free(doors: Doors, typed: str) -> None:
    assert await doors.ask(stranger(), username_free, Username(typed))
    await pending(doors, typed, email="eve@example.org")


async def test_whoever_bore_such_a_name_before_signs_in_by_it_and_keeps_it(doors: Doors) -> None:
    me = await confirmed(doors, "admin", "+79161110005")
    [candidate] = await doors.ask(SYSTEM, sign_in_candidates, "admin")
    assert candidate.user == me.row
    await doors.perform(me, save_profile, NewProfile(PersonName("Root"), Username("Admin"), About(""), None))
    assert (await doors.ask(me, my_profile)).username == "Admin"
    with pytest.raises(UsernameTaken):
        await doors.perform(me, save_profile, NewProfile(PersonName("Root"), Username("root"), About(""), None))


async def test_signing_up_ends_the_session_the_browser_had_unless_the_name_is_taken(doors: Doors) -> None:
    await ada(doors)
    old = token_hash(cookie_of("ada"))
    taken = NewPerson(Email("eve@example.org"), Username("ADA"), None, password_hash())
    with pytest.raises(UsernameTaken):
        await doors.perform(stranger(), sign_up, taken, NewSession("new"), replaces=old)
    assert await doors.ask(SYSTEM, person_of, old) is not None
    free = replace(taken, username=Username("eve"))
    await doors.perform(stranger(), sign_up, free, NewSession("new"), replaces=old)
    assert await doors.ask(SYSTEM, person_of, old) is None


async def test_signing_out_ends_this_session_and_no_other(doors: Doors, bus: LocalBus) -> None:
    told: list[Event] = []
    bus.subscribe(told.extend)
    person = await ada(doors)
    await doors.perform(SYSTEM, sign_in, person.row, NewSession("elsewhere"))
    await doors.perform(person, sign_out)
    assert await doors.ask(SYSTEM, person_of, token_hash(cookie_of("ada"))) is None
    assert await doors.ask(SYSTEM, person_of, "elsewhere") is not None
    assert told == [SessionsEnded(person.user_id, (person.session,))]
    await doors.perform(person, sign_out)
    assert len(told) == 1


async def test_a_session_idles_14_days_and_lives_30(doors: Doors, clock: FixedClock) -> None:
    person = await ada(doors)
    await ben(doors)
    clock.tick(days=13, hours=23)
    assert await doors.ask(SYSTEM, person_of, token_hash(cookie_of("ben"))) is not None
    await doors.perform(SYSTEM, refresh_session, person.session)
    clock.tick(hours=1)
    assert await doors.ask(SYSTEM, person_of, token_hash(cookie_of("ben"))) is None

    clock.tick(days=13)
    cookie = token_hash(cookie_of("ada"))
    assert await doors.ask(SYSTEM, person_of, cookie) == person
    await doors.perform(SYSTEM, refresh_session, person.session)
    clock.tick(days=3)
    assert await doors.ask(SYSTEM, person_of, cookie) is None


async def test_last_use_is_written_once_an_hour(doors: Doors, clock: FixedClock) -> None:
    person = await ada(doors)
    began = clock.now()
    clock.tick(minutes=60)
    await doors.perform(SYSTEM, refresh_session, person.session)
    assert [session.last_used_at for session in await doors.ask(SYSTEM, sessions)] == [began]
    clock.tick(seconds=1)
    await doors.perform(SYSTEM, refresh_session, person.session)
    assert [session.last_used_at for session in await doors.ask(SYSTEM, sessions)] == [clock.now()]


async def test_ended_sessions_are_erased_after_a_month(doors: Doors, clock: FixedClock) -> None:
    person = await ada(doors)
    await doors.perform(person, sign_out)
    clock.tick(days=30)
    await doors.perform(SYSTEM, erase_old_sessions)
    assert len(await doors.ask(SYSTEM, sessions)) == 1
    clock.tick(seconds=1)
    await doors.perform(SYSTEM, erase_old_sessions)
    assert await doors.ask(SYSTEM, sessions) == []


async def test_nobody_is_found_by_a_cookie_that_was_never_given(doors: Doors) -> None:
    await ada(doors)
    for cookie in ("", "x", cookie_of("ada"), token_hash(cookie_of("ben"))):
        assert await doors.ask(SYSTEM, person_of, cookie) is None
    with pytest.raises(NotSignedIn):
        await doors.ask(stranger(), person_of, token_hash(cookie_of("ada")))


async def test_the_deleted_are_nobody(doors: Doors, clock: FixedClock) -> None:
    person = await ada(doors)
    await confirmed(doors, "ghost", "+79161110044")

    def delete(work: object) -> None:
        session = getattr(work, "session")  # noqa: B009  # an action
        ghost = session.exec(select(User).where(User.username == "ghost")).one()
        ghost.deleted_at = clock.now()
        session.add(ghost)

    await doors.perform(SYSTEM, delete)
    assert await doors.ask(SYSTEM, person_of, token_hash(cookie_of("ghost"))) is None
    assert await doors.ask(SYSTEM, sign_in_candidates, "ghost") == []
    assert await doors.ask(person, find_people, "ghost") == []


async def test_confirming_and_languages_are_told(doors: Doors, seal: KeyedSeal, bus: LocalBus) -> None:
    told: list[Event] = []
    bus.subscribe(told.extend)
    eve = await pending(doors, "eve", phone=None)
    await doors.perform(eve, confirm, await code_of(doors, seal, eve))
    await doors.perform(eve, set_language, "en")
    assert told == [PersonChanged(eve.user_id, eve.row)] * 2
    assert (await again(doors, cookie_of("eve"))).language == "en"
    with pytest.raises(Invalid):
        await doors.perform(eve, set_language, "xx")


async def test_my_profile_is_mine(doors: Doors) -> None:
    profile = await doors.ask(await ada(doors), my_profile)
    assert (profile.username, profile.email, profile.phone) == ("ada", "ada@example.org", "+79161110001")
    assert profile.confirmed
    assert len(profile.public_id) == 8


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("пё", ["petrov"]),
        ("ПЕТР", ["petrov"]),
        ("фед", ["petrov"]),
        ("petr фё", ["petrov"]),
        ("petr x", []),
        ("ben", ["ben"]),
        ("en", []),
        ("ada", []),
        ("evelyn", []),
        ("", []),
        ("   ", []),
        ("%", []),
        ("_", []),
        ("be_", []),
        ("' OR 1=1 --", []),
        ("\x00\ud800", []),
        ("x" * 100_000, []),
    ],
)
async def test_ada_finds_confirmed_people_by_the_beginning_of_a_name(doors: Doors, text: str, found: list[str]) -> None:
    person = await ada(doors)
    await ben(doors)
    await confirmed(doors, "petrov", "+79161110077", name="Пётр Фёдоров")
    await pending(doors, "evelyn")
    assert [view.username for view in await doors.ask(person, find_people, text)] == found


async def test_a_search_is_no_longer_than_asked(doors: Doors) -> None:
    person = await ada(doors)
    await ben(doors, username="same1")
    await cleo(doors, username="same2")
    assert [view.username for view in await doors.ask(person, find_people, "same", limit=1)] == ["same1"]
    assert len(await doors.ask(person, find_people, "same", limit=-5)) == 1
    assert len(await doors.ask(person, find_people, "same", limit=10**9)) == 2
