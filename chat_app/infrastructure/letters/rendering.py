"""Makes letters of words and templates: the plain text and the HTML of a mail come from the same template."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = Path(__file__).parent
LANGUAGES = ("ru", "en")
WORDS: dict[str, dict[str, Any]] = {
    language: json.loads((HERE / f"{language}.json").read_text("utf-8")) for language in LANGUAGES
}
LONGEST_VALUE = 200
"""Letters of a name, a device or a place that are shown; links are shown whole."""


@dataclass(frozen=True)
class Letter:
    """What is sent; an SMS has only `text`. `code` is set when the text holds one, for the outbox of demo mode."""

    subject: str
    text: str
    code: str = ""
    html: str = ""


def mail(name: str, language: str, *, link: str = "", **values: str) -> Letter:
    """The mail `name`: its words filled with `values`, in the order its template says."""
    language = known(language)
    words, told = WORDS[language][name], {key: one_line(value) for key, value in values.items()}
    frame = {"lang": language, "footer": WORDS[language]["footer"], "link": link} | told
    return Letter(
        subject=words["subject"].format(**told),
        text=_tidy(_written(PLAIN, "txt", name, frame | {"words": _filled(words, told, str)})),
        code=told.get("code", ""),
        html=_written(HTML, "html", name, frame | {"words": _filled(words, told, Markup.escape)}),
    )


def sms(name: str, language: str, **values: str) -> Letter:
    """The SMS `name`, filled with `values`."""
    text = WORDS[known(language)]["sms"][name].format(**values)
    return Letter("", text, values.get("code", ""))


def known(language: str) -> str:
    """`language`, or Russian where there are no words of it."""
    return language if language in LANGUAGES else LANGUAGES[0]


def moment(at: datetime, language: str) -> str:
    """A time in words, in UTC: where the reader is, nobody knows."""
    at = at.astimezone(UTC)
    return f"{at.day} {WORDS[known(language)]['months'][at.month - 1]} {at.year}, {at:%H:%M} UTC"


def one_line(value: str) -> str:
    """What somebody called themselves or their device, so that it cannot pass for more of the letter.

    Line breaks become spaces; what is invisible or turns the direction of writing is left out.
    """
    visible = "".join(char for char in " ".join(value.split()) if not unicodedata.category(char).startswith("C"))
    return visible[:LONGEST_VALUE]


def _filled(words: Mapping[str, str], values: Mapping[str, str], escape: Callable[[str], str]) -> SimpleNamespace:
    # Markup.format escapes what it is given; a namespace because a template's `words.copy` would be the dict's method
    return SimpleNamespace(**{key: escape(text).format(**values) for key, text in words.items()})


def _written(form: Environment, suffix: str, name: str, context: Mapping[str, object]) -> str:
    layout, parts = f"layout.{suffix}.jinja", f"parts.{suffix}.jinja"
    return form.get_template(f"{name}.jinja").render(context, layout=layout, parts=parts)


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _form(*, autoescape: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=autoescape,  # noqa: S701  # plain text has nothing to escape, and shows what it is given
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


HTML = _form(autoescape=True)
PLAIN = _form(autoescape=False)
