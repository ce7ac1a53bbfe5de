"""What may be typed, and what it is compared by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_app.domain.common.errors import Invalid
from chat_app.domain.common.values import (
    LONGEST_RUN,
    BadEmail,
    BadPhone,
    Email,
    Missing,
    NameLength,
    Password,
    PasswordCommon,
    PasswordLength,
    PasswordOwn,
    PersonName,
    Phone,
    PhoneNotMobile,
    Username,
    UsernameLength,
    UsernameLetters,
    UsernameMixed,
    calm,
    fold,
    folded_text,
    masked_email,
    masked_phone,
)


@pytest.mark.parametrize(
    ("typed", "text", "key"),
    [
        (" Ada@Example.ORG ", "Ada@example.org", "ada@example.org"),
        ("a+b.c@x.de", "a+b.c@x.de", "a+b.c@x.de"),
        ("ada@Bücher.de", "ada@bücher.de", "ada@xn--bcher-kva.de"),
        ("ada@xn--bcher-kva.de", "ada@bücher.de", "ada@xn--bcher-kva.de"),
    ],
)
def test_one_mailbox_has_one_key(typed: str, text: str, key: str) -> None:
    assert (Email(typed).text, Email(typed).key) == (text, key)


@pytest.mark.parametrize(
    "typed",
    [
        "ada",
        "ada@",
        "@example.org",
        "ada@example",
        "a da@example.org",
        "ada@example.org, eve@example.org",
        "ada@example.org\r\nBcc: eve@example.org",
        "ada@example.org\x00",
        "ада@example.org",
        "Ada <ada@example.org>",
        "\ud800@example.org",
        "a" * 65 + "@example.org",
        "ada@" + "a" * 300 + ".org",
    ],
)
def test_what_mail_cannot_be_sent_to_is_no_email(typed: str) -> None:
    with pytest.raises(BadEmail) as refused:
        Email(typed)
    assert refused.value.field == "email"


@pytest.mark.parametrize("typed", ["+7 916 123-45-67", "8 (916) 123-45-67", "9161234567", " 89161234567 "])
def test_one_phone_has_one_number(typed: str) -> None:
    assert Phone(typed, "RU").text == "+79161234567"


def test_a_number_of_another_region() -> None:
    assert Phone("+44 7911 123456", "RU").text == "+447911123456"
    assert Phone("07911 123456", "gb").text == "+447911123456"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", Missing),
        ("   ", Missing),
        ("123", BadPhone),
        ("phone", BadPhone),
        ("+7 916 123-45-67 ext. 5", BadPhone),
        ("+999 123456789", BadPhone),
        ("9" * 1000, BadPhone),
        ("\x00", BadPhone),
        ("+7 495 123-45-67", PhoneNotMobile),
        ("8 800 555-35-35", PhoneNotMobile),
    ],
)
def test_what_gets_no_sms_is_refused(typed: str, why: type[Invalid]) -> None:
    with pytest.raises(why) as refused:
        Phone(typed, "RU")
    assert refused.value.field == "phone"


@pytest.mark.parametrize("region", ["", "XX", "\x00", "R", "RUSSIA"])
def test_a_strange_region_refuses_nothing_but_local_numbers(region: str) -> None:
    assert Phone("+79161234567", region).text == "+79161234567"


@pytest.mark.parametrize("typed", ["ada", "ada_l.99", "Иван.Ёж", "漢字漢", "x" * 32])
def test_usernames_are_letters_of_one_script_and_digits(typed: str) -> None:
    assert Username(typed).text == typed


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", Missing),
        ("  ", Missing),
        ("ad", UsernameLength),
        ("x" * 33, UsernameLength),
        ("x" * 9999, UsernameLength),
        ("a b c", UsernameLetters),
        ("ada!", UsernameLetters),
        ("ada\u200b", UsernameLetters),
        ("\u202eada", UsernameLetters),
        ("___", UsernameLetters),
        ("ada\x00", UsernameLetters),
        ("ad\ud800", UsernameLetters),
        ("ада1a", UsernameMixed),
        ("pаypal", UsernameMixed),
    ],
)
def test_other_usernames_are_refused(typed: str, why: type[Invalid]) -> None:
    with pytest.raises(why) as refused:
        Username(typed)
    assert refused.value.field == "username"


@pytest.mark.parametrize(("one", "other"), [("Ivan", "lvan"), ("ada0", "adaO"), ("сосо", "coco"), ("ПЁТР", "петр")])
def test_names_that_look_alike_have_one_key(one: str, other: str) -> None:
    assert Username(one).key == Username(other).key


def test_names_that_look_different_do_not() -> None:
    assert len({Username(name).key for name in ("ada", "ben", "cleo", "dan", "иван", "maria", "marta")}) == 7


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", Missing),
        ("seven77", PasswordLength),
        ("x7" * 129, PasswordLength),
        ("green\x00lantern", PasswordLength),
        ("green\ud800lantern", PasswordLength),
        ("password", PasswordCommon),
        ("P@ssw0rd2024!", PasswordCommon),
        ("12345678", PasswordCommon),
        ("Пароль123", PasswordCommon),
        ("ghbdtn12", PasswordCommon),
        ("aaaaaaaaaaaa", PasswordCommon),
        ("lovelace-1815", PasswordOwn),
        ("my LOVELACE!", PasswordOwn),
        ("countess.of.x", PasswordOwn),
    ],
)
def test_passwords_that_guessers_try_first_are_refused(typed: str, why: type[Invalid]) -> None:
    with pytest.raises(why) as refused:
        Password(typed, own=("Lovelace", "countess@example.org"))
    assert refused.value.field == "password"


@pytest.mark.parametrize("typed", ["seven green lanterns", "зелёных фонарей семь", "kT9#vv2q", "x7y" * 85])
def test_other_passwords_are_taken_as_they_are_and_never_shown(typed: str) -> None:
    password = Password(typed, own=("ada", "ada@example.org"))
    assert password.text == typed
    assert typed not in repr(password)


def test_a_short_name_may_stand_in_a_word_but_not_by_itself() -> None:
    assert Password("seven green lanterns", own=("eve",))
    for typed in ("eve12345-green", "12Eve-lantern", "lantern_eve"):
        with pytest.raises(PasswordOwn):
            Password(typed, own=("eve",))


def test_a_name_loses_what_breaks_the_screen() -> None:
    assert PersonName(" A\u202eda \n Love\u200blace\x00 ").text == "Ada Lovelace"
    assert PersonName("z" + "\u0301" * 50).text.count("\u0301") <= 3
    for nothing in ("", " \n", "\u200b\u202e", "x" * 65, "x" * 9999):
        with pytest.raises(NameLength):
            PersonName(nothing)


def test_what_is_masked_still_tells_its_owner() -> None:
    assert masked_email("ada@example.org") == "a•••@example.org"
    assert masked_phone("+79161234567") == "+7•••67"


@given(st.text())
def test_folding_twice_is_folding_once_and_can_be_stored(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    folded.encode()
    assert "\x00" not in folded


@given(st.text(st.characters(codec=None)))
def test_whatever_is_typed_is_valid_or_refused(text: str) -> None:
    for make in (
        Email,
        Username,
        Password,
        PersonName,
        lambda typed: Phone(typed, "RU"),
        lambda typed: Phone("1", typed),
    ):
        try:
            make(text)
        except Invalid as refusal:
            assert refusal.field  # noqa: PT017  # it may be refused, or not


def test_of_thousands_of_marks_in_a_row_a_few_count() -> None:
    marks = "".join(chr(code) for code in (0x0301, 0x0316, 0x0327, 0x0345)) * 1000
    assert folded_text("a" + marks) == folded_text("a" + marks[:LONGEST_RUN])
    # what a language writes is nothing of the kind
    for words in ("Привет, ёж", "Tiếng Việt", "שָׁלוֹם", "สวัสดี", "e\u0301\u0323"):
        assert calm(words) == words
