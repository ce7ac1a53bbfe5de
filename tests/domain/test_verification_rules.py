"""Judging codes and deciding whether another may be sent; no database."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chat_app.domain.common.ids import Row
from chat_app.domain.verification.rules import (
    CODE_LIFETIME,
    EMAILS_PER_DAY,
    RESEND_AFTER,
    SMS_BUDGET,
    SMS_PER_ACCOUNT,
    SMS_PER_NUMBER,
    TRIES_PER_CODE,
    TRIES_PER_DAY,
    Exhausted,
    Issue,
    Issued,
    Proven,
    Purpose,
    SealedCode,
    Void,
    Wait,
    Wrong,
    bare,
    digits,
    judge,
    next_issue,
    seconds_until,
)
from chat_app.infrastructure.clock import KeyedSeal

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RIGHT, FALSE = "123456", "123457"

tries = st.integers(0, TRIES_PER_CODE + 2)
today = st.integers(0, TRIES_PER_DAY + 2)
ages = st.timedeltas(timedelta(), timedelta(hours=1))


def issued(*, age: timedelta = timedelta(), tries: int = 0, silent: bool = False) -> Issued:
    return Issued(NOW - age + CODE_LIFETIME, tries, silent)


@given(ages, tries, st.booleans(), today, st.one_of(st.just(RIGHT), st.text()))
def test_only_the_right_digits_of_a_living_loud_code_prove_anything(
    age: timedelta, tries: int, silent: bool, today: int, typed: str
) -> None:
    verdict = judge(
        issued(age=age, tries=tries, silent=silent), typed=typed, expected=RIGHT, tries_today=today, now=NOW
    )
    open_still = age < CODE_LIFETIME and tries < TRIES_PER_CODE and today < TRIES_PER_DAY
    assert isinstance(verdict, Proven) == (open_still and not silent and bare(typed) == RIGHT)
    assert isinstance(verdict, Exhausted) == (today >= TRIES_PER_DAY)
    if isinstance(verdict, Wrong):
        assert 0 <= verdict.tries_left < min(TRIES_PER_CODE - tries, TRIES_PER_DAY - today)


@given(st.lists(st.sampled_from([RIGHT, FALSE]), max_size=12), st.booleans())
def test_whatever_is_tried_no_more_than_five_are_compared(typed: list[str], silent: bool) -> None:
    counted = 0
    for code in typed:
        verdict = judge(issued(tries=counted, silent=silent), typed=code, expected=RIGHT, tries_today=counted, now=NOW)
        if isinstance(verdict, Void):
            assert counted == TRIES_PER_CODE
            continue
        counted += 1
        if isinstance(verdict, Proven):
            assert code == RIGHT
            assert not silent
            return
    assert counted <= TRIES_PER_CODE


@given(today)
def test_without_a_code_nothing_is_compared(today: int) -> None:
    verdict = judge(None, typed=RIGHT, expected=RIGHT, tries_today=today, now=NOW)
    assert isinstance(verdict, Exhausted if today >= TRIES_PER_DAY else Void)


def test_people_put_spaces_and_dashes_between_digits() -> None:
    assert bare(" 123-456\n") == RIGHT
    for nothing in ("", "12345x", "١٢٣٤٥٦", "１２３４５６", "²23456", "\x00", "\ud800"):
        assert bare(nothing) == ""


def sent(*minutes_ago: float) -> list[datetime]:
    return [NOW - timedelta(minutes=minutes) for minutes in minutes_ago]


def allowed(purpose: Purpose, account: list[datetime], destination: list[datetime], everyone: int = 0) -> Issue | Wait:
    again = [time for time in account if time in destination]
    return next_issue(purpose, to_account=account, to_destination=destination, again=again, all_today=everyone, now=NOW)


def test_who_corrects_a_typing_error_does_not_wait() -> None:
    assert allowed(Purpose.PHONE, sent(0.1), []) == Issue()
    assert isinstance(allowed(Purpose.PHONE, sent(0.1), sent(0.1)), Wait)


def test_the_next_code_waits_60_then_120_then_300_seconds() -> None:
    for number, wait in enumerate((60, 120, 300, 300), 1):
        times = [NOW - timedelta(hours=1)] * (number - 1) + [NOW]
        assert allowed(Purpose.EMAIL, times, times) == Wait(NOW + timedelta(seconds=wait), daily=False)
        times[-1] = NOW - timedelta(seconds=wait)
        assert allowed(Purpose.EMAIL, times, times) == Issue()
    assert [wait.total_seconds() for wait in RESEND_AFTER] == [60, 120, 300]


def test_a_number_gets_three_sms_a_day_and_an_account_five() -> None:
    assert allowed(Purpose.PHONE, [], sent(*[100] * (SMS_PER_NUMBER - 1))) == Issue()
    full = sent(*[100] * SMS_PER_NUMBER)
    assert allowed(Purpose.PHONE, [], full) == Wait(full[0] + timedelta(days=1), daily=True)
    assert allowed(Purpose.PHONE, sent(*[100] * (SMS_PER_ACCOUNT - 1)), []) == Issue()
    assert isinstance(allowed(Purpose.PHONE, sent(*[100] * SMS_PER_ACCOUNT), []), Wait)
    assert isinstance(allowed(Purpose.EMAIL, [], sent(*[100] * EMAILS_PER_DAY)), Wait)


def test_all_sms_together_have_a_budget_and_mail_has_none() -> None:
    assert allowed(Purpose.PHONE, [], [], SMS_BUDGET - 1) == Issue()
    assert isinstance(allowed(Purpose.PHONE, [], [], SMS_BUDGET), Wait)
    assert allowed(Purpose.EMAIL, [], [], SMS_BUDGET) == Issue()


@given(st.lists(st.timedeltas(timedelta(), timedelta(days=1)), max_size=12).map(sorted), st.sampled_from(Purpose))
def test_after_the_wait_that_is_named_a_code_may_be_sent(ages: list[timedelta], purpose: Purpose) -> None:
    times = [NOW - age for age in reversed(ages)]
    verdict = allowed(purpose, times, times)
    if isinstance(verdict, Wait):
        later = [time for time in times if time > verdict.until - timedelta(days=1)]
        again = next_issue(purpose, to_account=later, to_destination=later, again=later, all_today=0, now=verdict.until)
        assert again == Issue() or (isinstance(again, Wait) and verdict.daily and not again.daily)


def test_waits_are_whole_seconds_rounded_up() -> None:
    assert seconds_until(NOW + timedelta(seconds=1.2), NOW) == 2
    assert seconds_until(NOW, NOW) == 1


def test_digits_belong_to_token_account_purpose_and_destination() -> None:
    seal = KeyedSeal(b"one")
    code = SealedCode("token", Row(1), Purpose.EMAIL, "ada@example.org")
    others = [
        SealedCode("other", Row(1), Purpose.EMAIL, "ada@example.org"),
        SealedCode("token", Row(2), Purpose.EMAIL, "ada@example.org"),
        SealedCode("token", Row(1), Purpose.PHONE, "ada@example.org"),
        SealedCode("token", Row(1), Purpose.EMAIL, "eve@example.org"),
    ]
    assert digits(seal, code) == digits(seal, code)
    assert len({digits(seal, code), digits(KeyedSeal(b"two"), code), *(digits(seal, other) for other in others)}) == 6
