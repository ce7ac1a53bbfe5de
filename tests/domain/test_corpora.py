"""The corpora against the values: what is taken, and as what, and what is refused, and why."""

from collections.abc import Callable

import pytest

from chat_app.domain.common.errors import Invalid
from chat_app.domain.common.values import Email, Password, PersonName, Phone, Username
from tests.corpora import CORPORA, Case, corpus


def cases(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", corpus(name), ids=lambda case: case.why)


def judged(make: Callable[[], str], field: str) -> tuple[str, str]:
    """What was made, or the code of its refusal."""
    try:
        return make(), ""
    except Invalid as refusal:
        assert refusal.field == field  # noqa: PT017  # it may be refused, or not
        return "", refusal.code


@cases("emails")
def test_an_email_has_its_key_or_is_refused(case: Case) -> None:
    assert judged(lambda: Email(case.typed).key, "email") == (case.becomes, case.refused)


@cases("phones")
def test_a_phone_has_its_number_or_is_refused(case: Case) -> None:
    assert judged(lambda: Phone(case.typed, case.region).text, "phone") == (case.becomes, case.refused)


@cases("usernames")
def test_a_username_is_taken_in_its_one_spelling_or_refused(case: Case) -> None:
    assert judged(lambda: Username(case.typed).text, "username") == (case.becomes, case.refused)
    if case.twin:
        assert Username(case.typed).key == Username(case.twin).key


@cases("passwords")
def test_a_password_is_taken_as_it_is_or_refused(case: Case) -> None:
    own = (Username(case.username).text, Email(case.email).text)
    assert judged(lambda: Password(case.typed, own).text, "password") == (case.becomes, case.refused)


@cases("names")
def test_a_name_is_cleaned_or_refused(case: Case) -> None:
    assert judged(lambda: PersonName(case.typed).text, "name") == (case.becomes, case.refused)


def test_what_was_kept_is_kept_the_same_when_it_is_typed_again() -> None:
    for case in corpus("emails"):
        assert case.refused or Email(case.becomes).key == case.becomes
    for case in corpus("phones"):
        assert case.refused or Phone(case.becomes, "").text == case.becomes
    for case in corpus("usernames"):
        assert case.refused or Username(case.becomes).text == case.becomes
    for case in corpus("names"):
        assert case.refused or PersonName(case.becomes).text == case.becomes


@pytest.mark.parametrize("name", CORPORA)
def test_no_case_is_there_twice(name: str) -> None:
    typed = [(case.typed, case.region, case.username, case.email) for case in corpus(name)]
    assert len(set(typed)) == len(typed)
