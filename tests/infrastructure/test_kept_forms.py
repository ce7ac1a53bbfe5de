"""Refused forms wait for their page, without passwords and not for long."""

import time

import pytest

from chat_app.domain.common.errors import Invalid
from chat_app.infrastructure import kept_forms
from chat_app.infrastructure.kept_forms import KEPT_SECONDS, MOST_FORMS, KeptForms
from tests.guests import LoadedDice

TYPED = {"email": "ada@example.org", "password": "secret", "password_again": "secret", "x": "y"}


def test_what_was_typed_comes_back_without_the_passwords(dice: LoadedDice) -> None:
    forms = KeptForms(dice)
    refusal = Invalid("email")
    kept = forms.take(forms.keep("signup", TYPED, refusal))
    assert kept is not None
    assert (kept.form, kept.fields, kept.refusal) == ("signup", {"email": "ada@example.org"}, refusal)
    assert "secret" not in repr(forms.__dict__)


def test_nobody_else_gets_it(dice: LoadedDice) -> None:
    forms = KeptForms(dice)
    forms.keep("signup", TYPED, Invalid())
    assert forms.take("") is None
    assert forms.take("x" * 43) is None


def test_it_stays_five_minutes_and_seconds_once_seen(dice: LoadedDice, monkeypatch: pytest.MonkeyPatch) -> None:
    forms = KeptForms(dice)
    seen, unseen = forms.keep("a", TYPED, Invalid()), forms.keep("b", TYPED, Invalid())
    assert forms.take(seen)
    now = time.monotonic()
    monkeypatch.setattr(kept_forms.time, "monotonic", lambda: now + 9)
    assert forms.take(seen)
    monkeypatch.setattr(kept_forms.time, "monotonic", lambda: now + 11)
    assert forms.take(seen) is None
    assert forms.take(unseen)
    late = forms.keep("c", TYPED, Invalid())
    monkeypatch.setattr(kept_forms.time, "monotonic", lambda: now + 12 + KEPT_SECONDS)
    assert forms.take(late) is None


def test_a_flood_pushes_out_the_oldest_and_long_words_are_cut(dice: LoadedDice) -> None:
    forms = KeptForms(dice)
    first = forms.keep("first", TYPED, Invalid())
    for _ in range(MOST_FORMS):
        last = forms.keep("last", {"email": "x" * 10_000}, Invalid())
    assert forms.take(first) is None
    kept = forms.take(last)
    assert kept is not None
    assert len(kept.fields["email"]) == kept_forms.LONGEST_FIELD
