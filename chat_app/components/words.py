"""Words in the reader's language: `t` for screens, `refusal_text` for codes known only at run time.

The sentences live in `catalogue/*.json`, both languages in one page, so that a change of language needs no reload and
loses nothing that was typed. The choosing happens in the browser, in `assets/words.js`.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import reflex as rx
from reflex.vars import FunctionVar, VarData
from reflex_base.utils.imports import ImportVar

LANGUAGES = ("ru", "en")
"""The first is the language of the built pages and of whoever has not chosen. The same list stands in `words.js`."""

MODULE = "$/public/words"
REFUSAL = "refusal."
EVENT = "event."

Message = str | dict[str, str]
"""A sentence with `{names}`; or one for every plural form, and under `count` the name that is counted."""


class Fault(TypedDict):
    """A refusal as screens hold it. An empty code is none."""

    code: str
    params: dict[str, str | int]


NO_FAULT: Fault = {"code": "", "params": {}}


def t(key: str, **values: Any) -> rx.Var[str]:
    """The words of `key` in the reader's language; `values` fill its `{names}` and may be Vars."""
    return _said("say", _message(key), rx.Var.create(values))


def refusal_text(code: rx.Var[str], params: rx.Var[dict[str, Any]]) -> rx.Var[str]:
    """The words for a refusal's code that is known only at run time; empty for an empty code.

    All refusals' words come with it: draw them through `refusal_words`, which is compiled once.
    """
    return _said("sayCode", _refusals(), code, params)


@rx.memo
def refusal_words(code: rx.Var[str], params: rx.Var[dict[str, Any]]) -> rx.Component:
    """`refusal_text` as a component."""
    return rx.fragment(refusal_text(code, params))


@rx.memo
def event_words(event: rx.Var[str], who: rx.Var[str], whom: rx.Var[str], text: rx.Var[str]) -> rx.Component:
    """What a system line says: that `who` did `event`, to `whom`, with the title `text`."""
    gone = t("chat.deleted_account")
    facts = {"who": rx.cond(who != "", who, gone), "whom": rx.cond(whom != "", whom, gone), "text": text}
    return rx.fragment(_said("sayCode", _events(), event, rx.Var.create(facts)))


class Countdown(rx.Component):
    """Says `message` with the time left in `{t}`, then shows its children."""

    library = MODULE
    tag = "Countdown"

    seconds: rx.Var[int]
    message: rx.Var[dict[str, Any]]


def countdown(words: str, seconds: rx.Var[int] | int, *after: rx.Component, **props: Any) -> rx.Component:
    """`words`'s words with `{t}` counting down from `seconds` in the browser; then `after`."""
    return Countdown.create(*after, seconds=seconds, message=_message(words), **props)


def set_language(language: str) -> FunctionVar:
    """For an event trigger: change the language of this browser."""
    imports = {MODULE: [ImportVar(tag="setLanguage")]}
    return rx.Var(f'() => setLanguage("{language}")', _var_data=VarData(imports=imports)).to(FunctionVar)


def set_chosen_language() -> FunctionVar:
    """For a select's change: its value is the language of this browser."""
    imports = {MODULE: [ImportVar(tag="setLanguage")]}
    return rx.Var("(language) => setLanguage(language)", _var_data=VarData(imports=imports)).to(FunctionVar)


def reader_language() -> rx.Var[str]:
    """The language the reader chose, as a Var."""
    return rx.Var("language", _var_type=str, _var_data=_language_data("useLanguage"))


@cache
def catalogue(language: str) -> Mapping[str, Message]:
    """Every message of a language."""
    file = Path(__file__).with_name("catalogue") / f"{language}.json"
    return json.loads(file.read_text("utf-8"))


def _message(key: str) -> rx.Var[dict[str, Any]]:
    return _literal({language: catalogue(language)[key] for language in LANGUAGES})


@cache
def _refusals() -> rx.Var[dict[str, Any]]:
    return _literal({language: _named(catalogue(language), REFUSAL) for language in LANGUAGES})


@cache
def _events() -> rx.Var[dict[str, Any]]:
    return _literal({language: _named(catalogue(language), EVENT) for language in LANGUAGES})


def _named(messages: Mapping[str, Message], prefix: str) -> dict[str, Message]:
    return {key.removeprefix(prefix): words for key, words in messages.items() if key.startswith(prefix)}


def _literal(value: dict[str, Any]) -> rx.Var[dict[str, Any]]:
    # as JSON: Reflex's own literal of a dict is half as long again
    return rx.Var(f"({json.dumps(value, ensure_ascii=False)})", _var_type=dict[str, Any]).to(dict[str, Any])


def _said(function: str, *arguments: rx.Var[Any]) -> rx.Var[str]:
    data = VarData.merge(_language_data(function), *(argument._get_all_var_data() for argument in arguments))
    return rx.Var(f"{function}(language, {', '.join(map(str, arguments))})", _var_type=str, _var_data=data).to(str)


def _language_data(function: str) -> VarData:
    tags = dict.fromkeys((function, "useLanguage"))
    return VarData(
        imports={MODULE: [ImportVar(tag=tag) for tag in tags]}, hooks={"const language = useLanguage()": None}
    )
