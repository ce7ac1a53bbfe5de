"""What people change of their accounts, and how they leave."""

import asyncio
from datetime import UTC, date, datetime

import psycopg
import pytest
from pyotp.totp import TOTP
from sqlmodel import select

from chat_app.domain.chats.actions import open_direct_chat, read_up_to
from chat_app.domain.chats.errors import PersonNotFound, WritingClosed
from chat_app.domain.chats.queries import card_of, check_avatar, my_chat, my_chats
from chat_app.domain.common.errors import NotFound, NotSignedIn, Refusal, TooMany
from chat_app.domain.common.events import Event
from chat_app.domain.common.ids import ClientId
from chat_app.domain.common.jobs import Job
from chat_app.domain.common.values import About, BadDate, BirthDate, Email, PersonName, Phone, Username
from chat_app.domain.common.work import SYSTEM, Person, Reader, Who, door
from chat_app.domain.messages.actions import erase_messages, send_message
from chat_app.domain.messages.queries import changes_after, page_of
from chat_app.domain.users.actions import (
    NewProfile,
    NewSession,
    cancel_change,
    change_password,
    check_reset,
    confirm,
    confirm_change,
    confirm_second_factor,
    correct_contact,
    delete_account,
    drop_second_factor,
    end_other_sessions,
    end_session,
    erase_pending,
    open_ticket,
    pending_second_factor,
    prove_second,
    request_reset,
    resend_change,
    reset_password,
    save_preferences,
    save_profile,
    sign_in,
    start_change,
    start_second_factor,
)
from chat_app.domain.users.errors import (
    AddressTaken,
    AlreadyConfirmed,
    NotYourPassword,
    ResetExpired,
    SameAddress,
    SessionNotFound,
    TicketExpired,
    UsernameTaken,
    WrongPassword,
)
from chat_app.domain.users.events import SessionsEnded
from chat_app.domain.users.export import my_data
from chat_app.domain.users.queries import (
    find_people,
    has_second_factor,
    my_change,
    my_choices,
    my_confirmation,
    my_profile,
    my_sessions,
    my_settings,
    person_of,
)
from chat_app.domain.users.rules import Audience, Choices, Role, recovery_codes, reset_link
from chat_app.domain.users.tables import PasswordReset, SecondFactor, User
from chat_app.domain.verification.errors import CodeExpired, TooSoon, WrongCode
from chat_app.domain.verification.rules import SMS_PER_NUMBER, Purpose
from chat_app.domain.verification.tables import VerificationCode
from chat_app.infrastructure.bus import LocalBus
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.tokens import token_hash
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock
from tests.people import ada, again, ben, cleo, code_of, cookie_of, dan, password_hash, pending, row_of, stranger

NEW = Email("new@example.org")


@door(Who.SYSTEM)
def duties(reader: Reader) -> list[str]:
    return [job.kind for job in reader.session.exec(select(Job).order_by(Job.id))]  # pyright: ignore[reportArgumentType]


@door(Who.SYSTEM)
def links(reader: Reader) -> list[str]:
    """Tokens of all resets, oldest first."""
    return [reset.token for reset in reader.session.exec(select(PasswordReset).order_by(PasswordReset.id))]  # pyright: ignore[reportArgumentType]


async def second_browser(doors: Doors, person: Person, name: str = "tablet") -> Person:
    await doors.perform(SYSTEM, sign_in, person.row, NewSession(token_hash(name), "a tablet", "203.0.113.5"))
    return await again(doors, name)


def listened(bus: LocalBus) -> list[Event]:
    told: list[Event] = []
    bus.subscribe(told.extend)
    return told


# typing errors


async def test_eve_corrects_the_phone_she_mistyped(doors: Doors, seal: KeyedSeal) -> None:
    eve = await pending(doors, "eve", phone="+79161110008")
    await doors.perform(eve, confirm, await code_of(doors, seal, eve))
    old_code = await code_of(doors, seal, eve)
    await doors.perform(eve, correct_contact, Phone("+79161110009", "RU"))
    # at once: nobody waits for a number that was never hers
    assert (await doors.ask(eve, my_confirmation)).destination == "+7•••09"
    with pytest.raises(WrongCode):
        await doors.perform(eve, confirm, old_code)
    await doors.perform(eve, confirm, await code_of(doors, seal, eve))
    assert (await again(doors, cookie_of("eve"))).confirmed
    with pytest.raises(AlreadyConfirmed):
        await doors.perform(eve, correct_contact, Phone("+79161110008", "RU"))


async def test_only_what_is_confirmed_next_can_be_corrected(doors: Doors) -> None:
    eve = await pending(doors, "eve")
    with pytest.raises(AlreadyConfirmed):
        await doors.perform(eve, correct_contact, Phone("+79161110009", "RU"))
    await doors.perform(eve, correct_contact, NEW)
    assert (await row_of(doors, eve)).email_key == NEW.key


async def test_an_address_that_is_somebodys_has_a_way_on(doors: Doors, seal: KeyedSeal) -> None:
    first, second = (
        await pending(doors, "eve", phone=None),
        await pending(doors, "mal", email="eve@example.org", phone=None),
    )
    code = await code_of(doors, seal, second)
    await doors.perform(first, confirm, await code_of(doors, seal, first))
    with pytest.raises(AddressTaken):
        await doors.perform(second, confirm, code)
    await doors.perform(second, correct_contact, NEW)
    await doors.perform(second, confirm, await code_of(doors, seal, second))
    assert (await again(doors, cookie_of("mal"))).confirmed


# a new email or phone


async def test_ada_takes_another_email_and_the_old_one_is_told(doors: Doors, seal: KeyedSeal) -> None:
    me = await ada(doors)
    await doors.perform(me, start_change, NEW)
    assert (await row_of(doors, me)).email == "ada@example.org"
    view = await doors.ask(me, my_change, Purpose.EMAIL)
    assert view is not None
    assert (view.destination, view.resend_wait_s) == ("n•••@example.org", 60)
    with pytest.raises(TooSoon):
        await doors.perform(me, resend_change, Purpose.EMAIL)
    await doors.perform(me, confirm_change, Purpose.EMAIL, await code_of(doors, seal, me))
    row = await row_of(doors, me)
    assert (row.email, row.email_key) == ("new@example.org", "new@example.org")
    assert await doors.ask(SYSTEM, duties) == ["send_code", "tell_changed"]
    assert await doors.ask(me, my_change, Purpose.EMAIL) is None


async def test_the_same_email_in_another_case_is_no_change(doors: Doors) -> None:
    me = await ada(doors)
    with pytest.raises(SameAddress):
        await doors.perform(me, start_change, Email("Ada@Example.org"))


async def test_a_new_email_that_is_bens_is_never_told_and_never_hers(doors: Doors, seal: KeyedSeal) -> None:
    me = await ada(doors)
    await ben(doors)
    await doors.perform(me, start_change, Email("ben@example.org"))
    assert await doors.ask(SYSTEM, duties) == ["tell_owner"]
    with pytest.raises(WrongCode):
        await doors.perform(me, confirm_change, Purpose.EMAIL, "123456")
    assert (await row_of(doors, me)).email == "ada@example.org"


async def test_a_change_that_is_given_up_opens_nothing(doors: Doors, seal: KeyedSeal) -> None:
    me = await ada(doors)
    await doors.perform(me, start_change, Phone("+79161119999", "RU"))
    code = await code_of(doors, seal, me)
    await doors.perform(me, cancel_change, Purpose.PHONE)
    with pytest.raises(CodeExpired):
        await doors.perform(me, confirm_change, Purpose.PHONE, code)


# passwords


async def test_another_password_ends_all_other_sessions(doors: Doors, bus: LocalBus) -> None:
    me = await ada(doors)
    other, told = await second_browser(doors, me), listened(bus)
    await doors.perform(me, change_password, "$2b$04$another")
    assert told == [SessionsEnded(me.user_id, (other.session,))]
    assert await doors.ask(SYSTEM, person_of, token_hash("tablet")) is None
    assert (await again(doors, cookie_of("ada"))).session == me.session
    assert (await row_of(doors, me)).password_hash == "$2b$04$another"
    assert "tell_password_changed" in await doors.ask(SYSTEM, duties)


async def test_a_forgotten_password_is_made_anew_by_a_link(doors: Doors, seal: KeyedSeal, bus: LocalBus) -> None:
    me, told = await ada(doors), listened(bus)
    await doors.perform(stranger(), request_reset, Email("ADA@example.org"))
    [token] = await doors.ask(SYSTEM, links)
    link = reset_link(seal, token)
    assert (await doors.perform(stranger(), check_reset, link)).username == "ada"
    await doors.perform(stranger(), reset_password, link, "$2b$04$another")
    assert told == [SessionsEnded(me.user_id, (me.session,))]
    assert await doors.ask(SYSTEM, person_of, token_hash(cookie_of("ada"))) is None
    with pytest.raises(ResetExpired):
        await doors.perform(stranger(), check_reset, link)
    with pytest.raises(ResetExpired):
        await doors.perform(stranger(), reset_password, link, "x")


async def test_the_second_link_voids_the_first_and_both_are_over_in_half_an_hour(
    doors: Doors, seal: KeyedSeal, clock: FixedClock
) -> None:
    await ada(doors)
    for _ in range(2):
        await doors.perform(stranger(), request_reset, Email("ada@example.org"))
    first, second = [reset_link(seal, token) for token in await doors.ask(SYSTEM, links)]
    with pytest.raises(ResetExpired):
        await doors.perform(stranger(), check_reset, first)
    await doors.perform(stranger(), check_reset, second)
    clock.tick(minutes=30)
    with pytest.raises(ResetExpired):
        await doors.perform(stranger(), reset_password, second, "x")


async def test_a_link_that_was_made_up_opens_nothing(doors: Doors, seal: KeyedSeal) -> None:
    await ada(doors)
    await doors.perform(stranger(), request_reset, Email("ada@example.org"))
    [token] = await doors.ask(SYSTEM, links)
    forged = KeyedSeal(b"another server's")
    for link in ("", token, f"{token}.", f"{token}.{'0' * 64}", reset_link(forged, token), "\udcff.\udcff"):
        with pytest.raises(ResetExpired):
            await doors.perform(stranger(), check_reset, link)


async def test_of_fifty_redemptions_at_once_one_wins(doors: Doors, seal: KeyedSeal) -> None:
    me = await ada(doors)
    await doors.perform(stranger(), request_reset, Email("ada@example.org"))
    [token] = await doors.ask(SYSTEM, links)
    link = reset_link(seal, token)
    tries = (doors.perform(stranger(), reset_password, link, f"hash {number}") for number in range(50))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    [winner] = [number for number, answer in enumerate(answers) if answer is None]
    assert {type(answer) for answer in answers if answer is not None} == {ResetExpired}
    assert (await row_of(doors, me)).password_hash == f"hash {winner}"


async def test_nobodys_address_leaves_the_same_rows_and_the_fourth_link_is_not_sent(doors: Doors) -> None:
    await ada(doors)
    await pending(doors, "eve")
    for email in ("nobody@example.org", "eve@example.org"):
        await doors.perform(stranger(), request_reset, Email(email))
    assert (await doors.ask(SYSTEM, duties))[-2:] == ["send_reset"] * 2
    for _ in range(4):
        await doors.perform(stranger(), request_reset, Email("ada@example.org"))

    def open_ones(reader: Reader) -> list[int | None]:
        return [reset.user for reset in reader.session.exec(select(PasswordReset)) if reset.closed_at is None]

    # the third of ada's is still good: a stranger who asks again and again does not void it
    assert sorted(map(bool, await doors.ask(SYSTEM, open_ones))) == [False, False, True]


# sessions


async def test_sessions_are_listed_and_ended_singly_or_all(doors: Doors, clock: FixedClock) -> None:
    me = await ada(doors)
    clock.tick(minutes=5)
    tablet, phone = await second_browser(doors, me), await second_browser(doors, me, "phone")
    views = await doors.ask(tablet, my_sessions)
    assert [view.current for view in views] == [True, False, False]
    assert {view.address for view in views} == {"203.0.113.1", "203.0.113.5"}
    mine = (await doors.ask(me, my_sessions))[0].handle
    await doors.perform(tablet, end_session, mine)
    assert await doors.ask(SYSTEM, person_of, token_hash(cookie_of("ada"))) is None
    with pytest.raises(SessionNotFound):
        await doors.perform(tablet, end_session, mine)
    other = await ben(doors)
    with pytest.raises(SessionNotFound):
        await doors.perform(other, end_session, views[0].handle)
    await doors.perform(tablet, end_other_sessions)
    assert len(await doors.ask(tablet, my_sessions)) == 1
    assert await doors.ask(SYSTEM, person_of, token_hash("phone")) is None
    assert phone.row == tablet.row


async def test_a_sign_in_with_a_browser_not_seen_before_is_told(doors: Doors) -> None:
    me = await ada(doors)
    for name in ("tablet", "tablet again"):
        await second_browser(doors, me, name)
    assert await doors.ask(SYSTEM, duties) == ["tell_sign_in"]


# an authenticator app


def app_code(key: str, clock: FixedClock) -> str:
    return TOTP(key).at(clock.now())


async def enrolled(doors: Doors, me: Person, clock: FixedClock) -> tuple[str, list[str]]:
    """The app's key, and the recovery codes."""
    key = (await doors.perform(me, start_second_factor)).key
    return key, await doors.perform(me, confirm_second_factor, app_code(key, clock))


async def with_ticket(doors: Doors, me: Person, code: str, name: str = "t") -> str:
    await doors.perform(SYSTEM, open_ticket, me.row, name, proven=password_hash(), account="ada")
    return await doors.perform(SYSTEM, prove_second, name, code, NewSession(token_hash(f"by {name} {code}")))


async def test_an_app_is_asked_for_only_after_its_code_was_typed_once(doors: Doors, clock: FixedClock) -> None:
    me = await ada(doors)
    first = await doors.perform(me, start_second_factor)
    assert not await doors.ask(SYSTEM, has_second_factor, me.row)
    assert await doors.perform(me, pending_second_factor) == first
    with pytest.raises(WrongCode):
        await doors.perform(me, confirm_second_factor, "000000")
    key, codes = await enrolled(doors, me, clock)
    assert key != first.key
    assert len(set(codes)) == 10
    assert await doors.ask(SYSTEM, has_second_factor, me.row)
    with pytest.raises(AlreadyConfirmed):
        await doors.perform(me, start_second_factor)
    await doors.perform(me, drop_second_factor)
    assert not await doors.ask(SYSTEM, has_second_factor, me.row)


async def test_a_code_of_the_app_opens_once_and_clocks_may_differ_by_half_a_minute(
    doors: Doors, clock: FixedClock
) -> None:
    me = await ada(doors)
    key, _ = await enrolled(doors, me, clock)
    with pytest.raises(WrongCode):
        # the one it was enrolled with
        await with_ticket(doors, me, app_code(key, clock))
    clock.tick(seconds=30)
    code = app_code(key, clock)
    assert await with_ticket(doors, me, code, "now") == "ada"
    with pytest.raises(WrongCode):
        await with_ticket(doors, me, code, "again")
    clock.tick(seconds=60)
    ahead = TOTP(key).at(datetime.fromtimestamp(clock.now().timestamp() + 30, UTC))
    assert await with_ticket(doors, me, f" {ahead[:3]} {ahead[3:]} ", "ahead") == "ada"


async def test_each_recovery_code_opens_once(doors: Doors, clock: FixedClock) -> None:
    me = await ada(doors)
    _, codes = await enrolled(doors, me, clock)
    assert await with_ticket(doors, me, codes[3].lower().replace("-", " "), "a") == "ada"
    with pytest.raises(WrongCode):
        await with_ticket(doors, me, codes[3], "b")
    assert await with_ticket(doors, me, codes[0], "c") == "ada"
    assert (await doors.ask(me, my_settings)).recovery_left == 8


async def test_a_ticket_has_five_tries_and_ten_minutes(doors: Doors, clock: FixedClock) -> None:
    me = await ada(doors)
    key, _ = await enrolled(doors, me, clock)
    await doors.perform(SYSTEM, open_ticket, me.row, "t", proven=password_hash(), account="ada")
    clock.tick(seconds=30)
    tries = [doors.perform(SYSTEM, prove_second, "t", "000000", NewSession("x")) for _ in range(40)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(answer, WrongCode) for answer in answers) == 5
    with pytest.raises(TicketExpired):
        await doors.perform(SYSTEM, prove_second, "t", app_code(key, clock), NewSession("x"))
    await doors.perform(SYSTEM, open_ticket, me.row, "late", proven=password_hash(), account="ada")
    clock.tick(minutes=10)
    with pytest.raises(TicketExpired):
        await doors.perform(SYSTEM, prove_second, "late", app_code(key, clock), NewSession("x"))


async def test_an_account_is_guessed_at_twenty_times_a_day(doors: Doors, clock: FixedClock) -> None:
    me = await ada(doors)
    _, codes = await enrolled(doors, me, clock)
    refused: list[type[Refusal]] = []
    for number in range(24):
        try:
            await with_ticket(doors, me, "000000", f"t{number}")
        except Refusal as refusal:
            refused.append(type(refusal))
    assert refused == [WrongCode] * 20 + [TooMany] * 4
    clock.tick(days=1)
    assert await with_ticket(doors, me, codes[0], "tomorrow") == "ada"


async def test_the_tables_tell_neither_key_nor_codes(doors: Doors, seal: KeyedSeal, clock: FixedClock) -> None:
    me = await ada(doors)
    key, codes = await enrolled(doors, me, clock)

    def stored(reader: Reader) -> SecondFactor:
        return reader.session.exec(select(SecondFactor)).one()

    factor = await doors.ask(SYSTEM, stored)
    assert key not in repr(factor)
    assert not any(code in repr(factor) for code in codes)
    assert recovery_codes(seal, me.row, factor.token) == codes


async def test_a_code_typed_on_four_devices_at_once_opens_one(doors: Doors, clock: FixedClock) -> None:
    me = await ada(doors)
    _, codes = await enrolled(doors, me, clock)
    for name in "abcd":
        await doors.perform(SYSTEM, open_ticket, me.row, name, proven=password_hash(), account="ada")
    tries = (doors.perform(SYSTEM, prove_second, name, codes[0], NewSession(f"by {name}")) for name in "abcd")
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(str(type(answer).__name__) for answer in answers) == ["WrongCode"] * 3 + ["str"]


async def test_an_enrolment_that_was_left_is_over(doors: Doors, clock: FixedClock) -> None:
    me = await ada(doors)
    key = (await doors.perform(me, start_second_factor)).key
    clock.tick(minutes=10)
    assert await doors.perform(me, pending_second_factor) is None
    with pytest.raises(CodeExpired):
        await doors.perform(me, confirm_second_factor, app_code(key, clock))


async def test_a_new_password_begins_the_second_step_anew(doors: Doors, seal: KeyedSeal, clock: FixedClock) -> None:
    me = await ada(doors)
    key, _ = await enrolled(doors, me, clock)
    for number in range(21):
        with pytest.raises((WrongCode, TooMany)):
            await with_ticket(doors, me, "000000", f"t{number}")
    await doors.perform(SYSTEM, open_ticket, me.row, "half in", proven=password_hash(), account="ada")
    await doors.perform(stranger(), request_reset, Email("ada@example.org"))
    [token] = await doors.ask(SYSTEM, links)
    await doors.perform(stranger(), reset_password, reset_link(seal, token), "another")
    clock.tick(seconds=30)
    with pytest.raises(TicketExpired):
        # the old password had opened it
        await doors.perform(SYSTEM, prove_second, "half in", app_code(key, clock), NewSession("x"))
    await doors.perform(SYSTEM, open_ticket, me.row, "new", proven="another", account="ada")
    # nor is the owner kept out by who guessed with the old one
    await doors.perform(SYSTEM, prove_second, "new", app_code(key, clock), NewSession("y"))


# proofs that came too late


async def test_what_was_proven_with_an_old_password_opens_and_changes_nothing(doors: Doors) -> None:
    me = await ada(doors)
    old = password_hash()
    await doors.perform(me, change_password, "another")
    session = NewSession(token_hash("late"))
    with pytest.raises(WrongPassword):
        await doors.perform(SYSTEM, sign_in, me.row, session, proven=old, rehashed="the old one, anew")
    with pytest.raises(WrongPassword):
        await doors.perform(SYSTEM, open_ticket, me.row, "t", proven=old, account="ada")
    assert (await row_of(doors, me)).password_hash == "another"
    late = (
        doors.perform(me, change_password, "theirs", old),
        doors.perform(me, start_change, NEW, old),
        doors.perform(me, start_second_factor, old),
        doors.perform(me, drop_second_factor, old),
        doors.perform(me, delete_account, old, erase_messages=True),
    )
    answers = await asyncio.gather(*late, return_exceptions=True)
    assert {type(answer) for answer in answers} == {NotYourPassword}


async def test_a_form_on_its_way_while_its_session_ends_changes_nothing(doors: Doors) -> None:
    me = await ada(doors)
    thief = await second_browser(doors, me)
    await doors.perform(me, end_other_sessions)
    with pytest.raises(NotSignedIn):
        await doors.perform(thief, change_password, "theirs", password_hash())
    with pytest.raises(NotSignedIn):
        await doors.perform(thief, delete_account, password_hash(), erase_messages=True)


async def test_a_sign_in_that_takes_an_app_is_not_open_to_the_password_alone(doors: Doors, clock: FixedClock) -> None:
    me = await ada(doors)
    await enrolled(doors, me, clock)
    with pytest.raises(WrongPassword):
        # the app was connected while the password was checked
        await doors.perform(SYSTEM, sign_in, me.row, NewSession("x"), proven=password_hash())


async def test_a_link_in_the_old_mailbox_opens_nothing_after_a_change(doors: Doors, seal: KeyedSeal) -> None:
    me = await ada(doors)
    for change in ("email", "password"):
        row = await row_of(doors, me)
        await doors.perform(stranger(), request_reset, Email(row.email or ""))
        link = reset_link(seal, (await doors.ask(SYSTEM, links))[-1])
        if change == "email":
            await doors.perform(me, start_change, NEW)
            await doors.perform(me, confirm_change, Purpose.EMAIL, await code_of(doors, seal, me))
        else:
            await doors.perform(me, change_password, "another")
        with pytest.raises(ResetExpired):
            await doors.perform(stranger(), check_reset, link)


async def test_a_stranger_who_asks_for_links_does_not_keep_the_owner_from_one(
    doors: Doors, seal: KeyedSeal, clock: FixedClock
) -> None:
    await ada(doors)
    for _ in range(10):
        await doors.perform(stranger(), request_reset, Email("ada@example.org"))
    clock.tick(minutes=30)
    await doors.perform(stranger("203.0.113.9"), request_reset, Email("ada@example.org"))
    newest = (await doors.ask(SYSTEM, links))[-1]
    assert (await doors.perform(stranger(), check_reset, reset_link(seal, newest))).username == "ada"


async def test_leaving_and_coming_back_sends_no_more_codes_than_staying(doors: Doors, seal: KeyedSeal) -> None:
    for name in ("eve", "mal", "sue", "kim"):
        person = await pending(doors, name, phone="+79161110009")
        await doors.perform(person, confirm, await code_of(doors, seal, person))
        await doors.perform(person, delete_account, erase_messages=False)

    def codes_by_sms(reader: Reader) -> int:
        codes = reader.session.exec(select(VerificationCode).where(VerificationCode.purpose == "phone")).all()
        assert {code.destination for code in codes} == {""}
        return len(codes)

    assert await doors.ask(SYSTEM, codes_by_sms) == SMS_PER_NUMBER


# profile and choices


async def test_a_profile_is_saved_and_found_by_its_new_name(doors: Doors) -> None:
    me = await ada(doors)
    await ben(doors)
    born = BirthDate("1990-02-28", date(2026, 1, 1))
    new = NewProfile(PersonName("Ада Лавлейс"), Username("lovelace"), About("  Машины  "), born)
    await doors.perform(me, save_profile, new)
    view = await doors.ask(me, my_settings)
    assert (view.name, view.username, view.about, view.birth_date) == (
        "Ада Лавлейс",
        "lovelace",
        "Машины",
        "1990-02-28",
    )
    with pytest.raises(UsernameTaken):
        await doors.perform(me, save_profile, NewProfile(PersonName("A"), Username("ben"), About(""), None))
    assert (await doors.ask(me, my_profile)).username == "lovelace"


@pytest.mark.parametrize("typed", ["", "1990-02-30", "28.02.1990", "2008-11-25", "1900-01-01", "9999-12-31", "x" * 99])
def test_nobody_is_born_on_such_a_day(typed: str) -> None:
    with pytest.raises(BadDate):
        BirthDate(typed, date(2026, 11, 24))


async def test_who_closes_the_door_to_strangers_is_written_to_by_nobody_new(doors: Doors) -> None:
    me, other = await ada(doors), await ben(doors)
    assert await doors.ask(me, my_choices) == Choices()
    for closed in (Audience.NOBODY, Audience.SHARED):
        await doors.perform(me, save_preferences, Choices(may_write=closed, receipts=False))
        assert await doors.ask(me, my_choices) == Choices(may_write=closed, receipts=False)
        with pytest.raises(WritingClosed):
            await doors.perform(other, open_direct_chat, me.user_id)
    chat = await doors.perform(me, open_direct_chat, other.user_id)
    # they know each other now
    assert await doors.perform(other, open_direct_chat, me.user_id) == chat


async def test_a_card_shows_what_its_person_lets_others_know(doors: Doors) -> None:
    me = await ada(doors, about="Машины", birth_date=date(1990, 2, 28))
    other, third = await ben(doors), await cleo(doors)
    card = await doors.ask(other, card_of, me.user_id)
    assert (card.name, card.about, card.phone, card.birth_date) == ("ada", "Машины", "", "")
    chat = await doors.perform(me, open_direct_chat, other.user_id)
    await doors.perform(me, send_message, chat, ClientId("one"), "hello")
    await doors.perform(me, save_preferences, Choices(sees_phone=Audience.SHARED, sees_birth_date=Audience.EVERYONE))
    card = await doors.ask(other, card_of, me.user_id)
    assert (card.phone, card.birth_date) == ("+79161110001", "1990-02-28")
    stranger_to_her = await doors.ask(third, card_of, me.user_id)
    assert (stranger_to_her.phone, stranger_to_her.birth_date) == ("", "1990-02-28")
    await doors.perform(me, delete_account, erase_messages=False)
    with pytest.raises(PersonNotFound):
        await doors.ask(other, card_of, me.user_id)


AUDIENCES = {
    # ada and ben have a chat; cleo knows neither
    Audience.EVERYONE: {"ada": True, "ben": True, "cleo": True},
    Audience.SHARED: {"ada": True, "ben": True, "cleo": False},
    Audience.NOBODY: {"ada": True, "ben": False, "cleo": False},
}
PICTURE = "the-picture-of-ada-1234"


@pytest.mark.parametrize("audience", AUDIENCES)
async def test_a_picture_and_a_line_about_her_are_for_whom_ada_says(doors: Doors, audience: Audience) -> None:
    me, other, third = await ada(doors, about="Машины", avatar=PICTURE), await ben(doors), await cleo(doors)
    chat = await doors.perform(me, open_direct_chat, other.user_id)
    await doors.perform(other, send_message, chat, ClientId("b"), "hello")
    await doors.perform(me, read_up_to, chat, 1)
    # somebody who shares a chat with each of the others, but is not in theirs
    fourth = await dan(doors)
    for person in (me, other, third):
        await doors.perform(fourth, open_direct_chat, person.user_id)
    await doors.perform(me, save_preferences, Choices(sees_about=audience, sees_avatar=audience))

    for person, sees in zip((me, other, third), AUDIENCES[audience].values(), strict=True):
        card = await doors.ask(person, card_of, me.user_id)
        assert (card.picture, card.about) == ((PICTURE, "Машины") if sees else ("", ""))
        found = await doors.ask(person, find_people, "ada")
        # nobody finds themselves
        assert [one.picture for one in found] == ([] if person is me else [PICTURE if sees else ""])
    shown = PICTURE if AUDIENCES[audience]["ben"] else ""
    assert [row.picture for row in await doors.ask(other, my_chats)] == [shown]
    assert (await doors.ask(other, my_chat, chat)).picture == shown
    # and he has none
    assert [row.picture for row in await doors.ask(me, my_chats)] == [""]
    assert (await doors.ask(me, my_chat, chat)).picture == ""


async def test_a_picture_is_gone_with_its_account(doors: Doors) -> None:
    me, other = await ada(doors, avatar=PICTURE), await ben(doors)
    chat = await doors.perform(me, open_direct_chat, other.user_id)
    await doors.perform(me, send_message, chat, ClientId("a"), "I was here")
    await doors.perform(me, delete_account, erase_messages=False)
    assert "remove_file" in await doors.ask(SYSTEM, duties)
    assert [row.picture for row in await doors.ask(other, my_chats)] == [""]
    with pytest.raises(NotFound):
        await doors.ask(other, check_avatar, PICTURE)


# leaving


async def test_a_deleted_account_leaves_what_it_said_and_nothing_else(
    doors: Doors, seal: KeyedSeal, bus: LocalBus
) -> None:
    me, other = await ada(doors), await ben(doors)
    chat = await doors.perform(me, open_direct_chat, other.user_id)
    await doors.perform(me, send_message, chat, ClientId("a"), "I was here")
    told = listened(bus)
    await doors.perform(me, delete_account, erase_messages=False)
    assert SessionsEnded(me.user_id, (me.session,)) in told
    with pytest.raises(NotSignedIn):
        await doors.ask(me, my_profile)
    row = await row_of(doors, me)
    known = {row.email, row.email_key, row.phone, row.username, row.name, row.password_hash, row.birth_date, row.about}
    assert known <= {None, ""}
    [listed] = await doors.ask(other, my_chats)
    assert listed.title == ""
    assert [bubble.text for bubble in (await doors.ask(other, page_of, chat)).messages] == ["I was here"]
    # everything is free again
    back = await pending(doors, "ada", phone="+79161110001", cookie="anew")
    await doors.perform(back, confirm, await code_of(doors, seal, back))
    await doors.perform(back, confirm, await code_of(doors, seal, back))
    assert (await again(doors, "anew")).confirmed


async def test_nobody_is_given_the_number_of_somebody_who_left(doors: Doors) -> None:
    me = await ada(doors)
    await doors.perform(me, delete_account, erase_messages=False)
    # else the end of ada's session would end this one
    assert (await pending(doors, "eve")).session > me.session


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_an_account_that_is_being_confirmed_is_not_swept_away(
    doors: Doors, database_url: str, clock: FixedClock
) -> None:
    eve = await pending(doors, "eve")
    clock.tick(days=2)
    with psycopg.connect(database_url.replace("postgresql+psycopg", "postgresql")) as other:
        # as `confirm` does, which has not committed yet
        other.execute("SELECT 1 FROM users WHERE id = %s FOR UPDATE", [eve.row])
        assert await doors.perform(SYSTEM, erase_pending) == 0
    assert await doors.perform(SYSTEM, erase_pending) == 1


async def test_what_she_said_goes_too_when_ada_wants_it(doors: Doors) -> None:
    me, other = await ada(doors), await ben(doors)
    chat = await doors.perform(me, open_direct_chat, other.user_id)
    for number in range(3):
        await doors.perform(me, send_message, chat, ClientId(f"a{number}"), f"secret {number}")
    await doors.perform(other, send_message, chat, ClientId("b"), "mine stays")
    await doors.perform(me, delete_account, erase_messages=True)
    assert "erase_messages" in await doors.ask(SYSTEM, duties)
    assert await doors.perform(SYSTEM, erase_messages, me.row)
    assert not await doors.perform(SYSTEM, erase_messages, me.row)
    page = await doors.ask(other, page_of, chat)
    assert [(bubble.text, bubble.erased) for bubble in page.messages] == [("", True)] * 3 + [("mine stays", False)]
    # a tab that was there hears of each
    missed = await doors.ask(other, changes_after, chat, 4)
    assert [bubble.seq for bubble in missed.messages] == [1, 2, 3]
    assert page.rev == 7


async def test_the_export_holds_what_is_mine_and_nothing_of_bens(doors: Doors) -> None:
    me, other = await ada(doors), await ben(doors)
    chat = await doors.perform(me, open_direct_chat, other.user_id)
    await doors.perform(me, send_message, chat, ClientId("a"), "mine")
    await doors.perform(other, send_message, chat, ClientId("b"), "his")
    data = (await doors.ask(me, my_data)).files
    assert data["profile"]["email"] == "ada@example.org"
    assert [message["text"] for message in data["messages"]] == ["mine"]
    assert len(data["sessions"]) == 1
    told = repr(data)
    assert "his" not in [message["text"] for message in data["messages"]]
    assert "ben@example.org" not in told
    assert "password" not in told
    assert cookie_of("ada") not in told


def test_everybody_begins_as_a_user() -> None:
    fields = {"user_id": "u", "public_id": "p", "username": "a", "username_key": "a", "username_folded": "a"}
    assert User(**fields, name="a", name_key="a", password_hash="").role == Role.USER  # pyright: ignore[reportCallIssue]
