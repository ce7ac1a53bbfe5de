"""Codes as they live in the database: counted, voided, capped, raced for."""

import asyncio

import pytest
from sqlmodel import col, select

from chat_app.domain.common.work import SYSTEM, Reader
from chat_app.domain.users.actions import confirm, resend_code
from chat_app.domain.users.queries import my_confirmation
from chat_app.domain.verification.actions import erase_old_codes
from chat_app.domain.verification.errors import CodeExpired, TooManyCodes, TooManyTries, TooSoon, WrongCode
from chat_app.domain.verification.tables import VerificationCode
from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock
from tests.people import code_of, pending


def purposes(reader: Reader) -> list[str]:
    return list(reader.session.exec(select(VerificationCode.purpose).order_by(col(VerificationCode.id))))


def stored(reader: Reader) -> str:
    return "".join(code.model_dump_json() for code in reader.session.exec(select(VerificationCode)))


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


async def test_of_200_guesses_at_once_five_are_compared(doors: Doors, seal: KeyedSeal) -> None:
    eve = await pending(doors, "eve")
    right = await code_of(doors, seal, eve)
    guesses = await asyncio.gather(
        *(doors.perform(eve, confirm, wrong(right)) for _ in range(200)), return_exceptions=True
    )
    counted = [int(guess.params["tries_left"]) for guess in guesses if isinstance(guess, WrongCode)]
    assert sorted(counted) == [0, 1, 2, 3, 4]
    assert sum(isinstance(guess, CodeExpired) for guess in guesses) == 195
    with pytest.raises(CodeExpired):
        await doors.perform(eve, confirm, right)


async def test_the_right_code_typed_in_50_places_at_once_counts_once(doors: Doors, seal: KeyedSeal) -> None:
    eve = await pending(doors, "eve")
    right = await code_of(doors, seal, eve)
    outcomes = await asyncio.gather(*(doors.perform(eve, confirm, right) for _ in range(50)), return_exceptions=True)
    assert outcomes.count(None) == 1
    assert await doors.ask(SYSTEM, purposes) == ["email", "phone"]


async def test_twenty_tries_a_day_and_then_not_even_the_right_code(
    doors: Doors, seal: KeyedSeal, clock: FixedClock
) -> None:
    eve = await pending(doors, "eve")
    for _ in range(4):
        for _ in range(5):
            with pytest.raises(WrongCode):
                await doors.perform(eve, confirm, wrong(await code_of(doors, seal, eve)))
        clock.tick(minutes=6)
        await doors.perform(eve, resend_code)
    with pytest.raises(TooManyTries):
        await doors.perform(eve, confirm, await code_of(doors, seal, eve))
    clock.tick(days=1)
    await doors.perform(eve, resend_code)
    await doors.perform(eve, confirm, await code_of(doors, seal, eve))


async def test_a_used_code_opens_nothing_again(doors: Doors, seal: KeyedSeal) -> None:
    eve = await pending(doors, "eve")
    used = await code_of(doors, seal, eve)
    await doors.perform(eve, confirm, used)
    assert used != await code_of(doors, seal, eve)
    with pytest.raises(WrongCode):
        await doors.perform(eve, confirm, used)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\x00", "\ud800", "9" * 9999])
async def test_what_is_no_code_counts_as_a_wrong_one(doors: Doors, typed: str) -> None:
    eve = await pending(doors, "eve")
    with pytest.raises(WrongCode) as refused:
        await doors.perform(eve, confirm, typed)
    assert refused.value.params["tries_left"] == 4


async def test_a_code_of_somebody_else_opens_nothing(doors: Doors, seal: KeyedSeal) -> None:
    eve = await pending(doors, "eve")
    mallory = await pending(doors, "mallory")
    with pytest.raises(WrongCode):
        await doors.perform(mallory, confirm, await code_of(doors, seal, eve))
    await doors.perform(eve, confirm, await code_of(doors, seal, eve))


async def test_a_code_lives_ten_minutes(doors: Doors, seal: KeyedSeal, clock: FixedClock) -> None:
    eve = await pending(doors, "eve")
    code = await code_of(doors, seal, eve)
    clock.tick(minutes=10)
    assert (await doors.ask(eve, my_confirmation)).tries_left == 0
    with pytest.raises(CodeExpired):
        await doors.perform(eve, confirm, code)
    clock.tick(seconds=-1)
    await doors.perform(eve, confirm, code)


async def test_a_new_code_voids_the_old(doors: Doors, seal: KeyedSeal, clock: FixedClock) -> None:
    eve = await pending(doors, "eve")
    old = await code_of(doors, seal, eve)
    with pytest.raises(TooSoon) as refused:
        await doors.perform(eve, resend_code)
    assert refused.value.wait_s == 60
    clock.tick(seconds=60)
    await doors.perform(eve, resend_code)
    with pytest.raises(WrongCode):
        await doors.perform(eve, confirm, old)
    await doors.perform(eve, confirm, await code_of(doors, seal, eve))


async def test_two_tabs_that_ask_for_a_code_at_once_get_one(doors: Doors, clock: FixedClock) -> None:
    eve = await pending(doors, "eve")
    clock.tick(seconds=60)
    outcomes = await asyncio.gather(*(doors.perform(eve, resend_code) for _ in range(10)), return_exceptions=True)
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, TooSoon) for outcome in outcomes) == 9


async def test_sms_end_at_three_for_a_number_whoever_asks(doors: Doors, seal: KeyedSeal, clock: FixedClock) -> None:
    eve = await pending(doors, "eve")
    await doors.perform(eve, confirm, await code_of(doors, seal, eve))
    for seconds in (60, 120):
        assert (await doors.ask(eve, my_confirmation)).resend_wait_s == seconds
        clock.tick(seconds=seconds)
        await doors.perform(eve, resend_code)
    clock.tick(seconds=300)
    with pytest.raises(TooManyCodes):
        await doors.perform(eve, resend_code)

    eva = await pending(doors, "eva")
    await doors.perform(eva, confirm, await code_of(doors, seal, eva))
    assert (await doors.ask(SYSTEM, purposes)).count("phone") == 3
    assert (await doors.ask(eva, my_confirmation)).resend_wait_s > 3600


async def test_a_code_that_may_not_be_sent_does_not_stop_a_signup(doors: Doors) -> None:
    for number in range(12):
        await pending(doors, f"eve{number}", email="eve@example.org")
    assert len(await doors.ask(SYSTEM, purposes)) == 10


async def test_the_digits_are_nowhere_in_the_database(doors: Doors, seal: KeyedSeal) -> None:
    eve = await pending(doors, "eve")
    assert await code_of(doors, seal, eve) not in await doors.ask(SYSTEM, stored)


async def test_old_codes_are_erased_when_no_count_needs_them(doors: Doors, clock: FixedClock) -> None:
    await pending(doors, "eve")
    clock.tick(days=1, minutes=10)
    await doors.perform(SYSTEM, erase_old_codes)
    assert len(await doors.ask(SYSTEM, purposes)) == 1
    clock.tick(seconds=1)
    await doors.perform(SYSTEM, erase_old_codes)
    assert await doors.ask(SYSTEM, purposes) == []
