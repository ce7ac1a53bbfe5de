"""Both catalogues say the same things, and every refusal has words."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import chat_app
from chat_app.components.words import LANGUAGES, REFUSAL, Message, catalogue, t
from chat_app.domain.common.errors import Refusal

FORMS = {"ru": {"one", "few", "many", "other"}, "en": {"one", "other"}}
"""The plural forms of the two languages (CLDR)."""


def test_both_languages_have_the_same_keys() -> None:
    assert list(catalogue("ru")) == list(catalogue("en"))


@pytest.mark.parametrize("key", catalogue("ru"))
def test_both_languages_say_the_same_facts(key: str) -> None:
    russian, english = (catalogue(language)[key] for language in LANGUAGES)
    assert isinstance(russian, dict) == isinstance(english, dict)
    assert placeholders(russian) == placeholders(english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_form_is_there_and_counts(language: str) -> None:
    counted = {key: message for key, message in catalogue(language).items() if isinstance(message, dict)}
    assert counted
    for key, message in counted.items():
        forms = {form: sentence for form, sentence in message.items() if form != "count"}
        assert set(forms) == FORMS[language], key
        assert all(f"{{{message['count']}}}" in sentence for sentence in forms.values()), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty(language: str) -> None:
    for key, message in catalogue(language).items():
        sentences = message.values() if isinstance(message, dict) else [message]
        assert all(sentence.strip() == sentence != "" for sentence in sentences), key


def test_russian_says_vy_without_shouting() -> None:
    shouting = {
        key for key, message in catalogue("ru").items() if "!" in str(message) or "пожалуйста" in str(message).lower()
    }
    assert shouting == {"brand.hello"}  # a stranger in a picture may


def test_every_refusal_has_words() -> None:
    for module in pkgutil.walk_packages(chat_app.__path__, "chat_app."):
        if module.name.startswith(("chat_app.domain.", "chat_app.api.", "chat_app.infrastructure.")):
            importlib.import_module(module.name)
    codes = {refusal.code for refusal in refusals(Refusal)}
    assert len(codes) > 20
    assert {code for code in codes if f"{REFUSAL}{code}" not in catalogue("ru")} == set()


def test_words_carry_only_their_own_key() -> None:
    said = str(t("chat.unread", n=5))
    assert "непрочитанное" in said
    assert "unread messages" in said
    assert "Отправить" not in said


def test_an_unknown_key_ends_the_build() -> None:
    with pytest.raises(KeyError):
        t("chat.unheard_of")


def placeholders(message: Message) -> set[str]:
    sentences = " ".join(message.values()) if isinstance(message, dict) else message
    return set(re.findall(r"{(\w+)}", sentences))


def refusals(parent: type[Refusal]) -> Iterator[type[Refusal]]:
    yield parent
    for child in parent.__subclasses__():
        if child.__module__.startswith("chat_app."):
            yield from refusals(child)
