"""The little Markdown of messages: what becomes of it, and that nothing hostile gets through."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_app.domain.messages.errors import EmptyMessage, UnreadableMessage
from chat_app.domain.messages.markup import DEEPEST, DEEPEST_QUOTE, names_in, parts_of, plain_of
from chat_app.domain.messages.rules import LONGEST, body_of

KINDS = {"b", "i", "s", "c", "pre", "q", "a", "@"}

DRAWN = {
    "**b** *i* _i_ ~~s~~ `c`": [["b", "b"], " ", ["i", "i"], " ", ["i", "i"], " ", ["s", "s"], " ", ["c", "c"]],
    "***both***": [["i", ["b", "both"]]],
    "`**not bold**`": [["c", "**not bold**"]],
    "one\n\n\n  two **b**": ["one\n\n\n  two ", ["b", "b"]],
    "> said\n> so\nno": [["q", "said\nso"], "no"],
    "> a\n\nb": [["q", "a"], "\nb"],
    ">> deep": [["q", ["q", "deep"]]],
    "```py\nx = '*a*'\n```\nafter": [["pre", "py", "x = '*a*'"], "after"],
    "```\nnever closed": [["pre", "", "never closed"]],
    "see https://a.example/b_c_d).": ["see ", ["a", "https://a.example/b_c_d", "https://a.example/b_c_d"], ")."],
    "[here](https://a.example)": [["a", "https://a.example", "here"]],
    "<mailto:a@b.example>": [["a", "mailto:a@b.example", "mailto:a@b.example"]],
    "snake_case_name 2*3*4": ["snake_case_name 2", ["i", "3"], "4"],
    r"\*no\*": ["*no*"],
}

PLAIN = [
    "hello",
    "a < b > c & d",
    "1. one\n2. two",
    "# no heading",
    "- no list",
    "---",
    "&amp;",
    "Привет! 👋",
    "a@b.example",
]


@pytest.mark.parametrize("text", DRAWN)
def test_marks_become_a_tree(text: str) -> None:
    assert parts_of(text) == DRAWN[text]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_words_cost_nothing(text: str) -> None:
    assert parts_of(text) is None
    assert plain_of(text) == text


def test_a_preview_has_the_words_without_the_marks() -> None:
    assert plain_of("> **so** `x`\n[y](https://z.example)") == "so x\ny"
    assert plain_of("**cut of") == "**cut of"


NAMES = {"ada": "A", "б.е": "B", "all": ""}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("@ada", [["@", "A", "@ada"]]),
        ("hi @Ada. And @Б.Ё?", ["hi ", ["@", "A", "@Ada"], ". And ", ["@", "B", "@Б.Ё"], "?"]),
        ("**@all** `@ada`", [["b", ["@", "", "@all"]], " ", ["c", "@ada"]]),
        ("x@ada @adam @", ["x@ada @adam @"]),
        ("> @ada", [["q", ["@", "A", "@ada"]]]),
        ("[@ada](https://a.example)", [["a", "https://a.example", "@ada"]]),
    ],
)
def test_names_that_are_called_stand_out(text: str, tree: list[Any]) -> None:
    assert parts_of(text, NAMES) == tree


def test_names_are_found_where_they_are_words() -> None:
    assert names_in("@Ada, @b.n. and (@Ёлка) @ab") == ["ada", "b.n.", "b.n", "елка"]
    assert names_in("`@ada` https://x.example/@ada [@ada](https://a.example) a@ada @@ada /@ada") == []


HOSTILE = {
    "script": "<script>alert(1)</script> **x**",
    "image": "<img src=x onerror=alert(1)> ![x](https://a.example/x.png)",
    "javascript": "[a](javascript:alert(1)) <javascript:alert(1)> javascript:alert(1)",
    "javascript in disguise": "[a](JaVaScRiPt:alert(1)) [b](java\nscript:alert(1)) [c](\tjavascript:alert(1))",
    "javascript as entities": "[a](&#106;avascript:alert(1)) [a](javascript&colon;alert(1)) [a](javascript&#x3A;x)",
    "javascript, encoded": "[a](%6Aavascript:alert(1)) [a](\\x6aavascript:x)",
    "data": "[a](data:text/html,<script>x</script>) <data:text/html;base64,PHN>",
    "others": "[a](vbscript:x) [b](file:///etc/passwd) [c](//evil.example) [d](/chat/x) [e](#x) [f](blob:x) ftp://a.b",
    "attributes": '[a](https://a.example/"onclick="alert(1)) [b](https://b.example "title" onclick=x)',
    "reference": "[a]\n\n[a]: javascript:alert(1)",
    "footnote": "[^1]\n\n[^1]: *x*",
    "table": "|a|b|\n|-|-|\n|*x*|y|",
    "quotes, a thousand deep": ">" * 1000 + " x",
    "quotes, a line each": "\n".join(">" * depth for depth in range(1, 90)),
    "emphasis, deep": "".join("*a **b ~~c " for _ in range(60)) + "".join("~~ ** *" for _ in range(60)),
    "brackets": "[" * LONGEST,
    "link openings": "[a](" * 1024,
    "images in links": "[![a](https://b.example)](https://c.example)" * 90,
    "stars": "*a " * 1365,
    "stars and lines": "*_" * 2048,
    "just few enough": "*_" * 199,
    "ticks": " ".join("`" * count for count in range(1, 90)),
    "fences": "```\n" * 1024,
    "addresses": "https://" * 512,
    "a long address": "https://a." + "a." * 2000,
    "parentheses": "https://a.example/" + "(" * 2000 + ")" * 2000,
    "backslashes": "*" + "\\" * 4095,
    "marks": "**" + "\u0301" * 4090 + "**",
    "right to left": "**\u202ekcatta\u202c** \u2066\u2067\u2068 `\u202e`",
    "names": "@all " * 800,
    "a title that never ends": "[q](https://b.example 'x" + "\\'" * 1900,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_hostile_gets_through(name: str) -> None:
    text = HOSTILE[name][:LONGEST]
    parts = parts_of(text, {"all": ""})
    names_in(text)
    check(parts or [text])
    assert len(json.dumps(parts)) < 20 * LONGEST


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="*_~`[]()<>!\\\n @ax\u202e\u0301:/-#&;\"'ht", max_size=200))
def test_whatever_is_typed_becomes_a_tree_that_can_be_drawn(text: str) -> None:
    parts = parts_of(text)
    check(parts or [text])
    # words are never lost, nor added
    letters = [char for char in plain_of(text) if char.isalnum()]
    assert len(letters) <= sum(map(str.isalnum, text))


def check(parts: list[Any], depth: int = 0) -> None:
    """What the page relies on: known kinds, safe addresses, a depth that can be drawn."""
    assert depth <= DEEPEST + DEEPEST_QUOTE
    for node in parts:
        if isinstance(node, str):
            continue
        kind, *inside = node
        assert kind in KINDS
        if kind == "a":
            assert urlsplit(inside[0]).scheme.lower() in {"http", "https", "mailto"}
            assert not {"\n", "\t", " ", '"', "<"} & set(inside[0])
        check(inside[1:] if kind in {"a", "@", "pre"} else inside, depth + 1)


@pytest.mark.parametrize("nothing", ["", " \n\t", "\u200b\u200d", "\u202e\u202c", "\u2800", "\u0301"])
def test_what_shows_nothing_is_no_message(nothing: str) -> None:
    with pytest.raises(EmptyMessage):
        body_of(nothing)


@pytest.mark.parametrize("text", ["a\x00b", "\ud83d", "**\x00**"])
def test_what_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(UnreadableMessage):
        body_of(text)


def test_a_wall_of_addresses_is_only_words_and_a_few_are_links() -> None:
    wall = ("http://a/…" * 400)[:4096]
    assert parts_of(wall) == [wall]
    few = " ".join(f"http://a.example/{number}" for number in range(20))
    assert sum(node[0] == "a" for node in parts_of(few) or [] if not isinstance(node, str)) == 20
