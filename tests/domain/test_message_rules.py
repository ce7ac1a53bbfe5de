"""What may be said."""

import pytest

from chat_app.domain.messages.errors import EmptyMessage, MessageTooLong, UnreadableMessage
from chat_app.domain.messages.rules import LONGEST, body_of


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("hello", "hello"),
        ("  hello \n", "hello"),
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("'; DROP TABLE messages; --", "'; DROP TABLE messages; --"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("ё", "ё"),
        ("\u202eright to left", "\u202eright to left"),
        ("a" * LONGEST, "a" * LONGEST),
        (f"  {'я' * LONGEST}\n\n", "я" * LONGEST),
        ("😀" * LONGEST, "😀" * LONGEST),
    ],
)
def test_what_can_be_read_is_kept_as_it_was_typed(typed: str, stored: str) -> None:
    assert body_of(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "\r\n\t ",
        "\u200b",
        "\u200d\ufeff",
        "\u00a0\u2003",
        "\u2028",
        "\u202e\u2066",
        "\u0301",
        "\x01\x1b",
        "\ufe0f",
        "\u3164",
        "\u115f\u1160",
        "\uffa0",
        "\u2800",
    ],
)
def test_what_cannot_be_seen_is_empty(typed: str) -> None:
    with pytest.raises(EmptyMessage) as refused:
        body_of(typed)
    assert refused.value.field == "body"


def test_one_character_too_many_is_refused_with_the_limit() -> None:
    with pytest.raises(MessageTooLong) as refused:
        body_of("a" * (LONGEST + 1))
    assert refused.value.params == {"limit": LONGEST}


@pytest.mark.parametrize("typed", ["a\x00b", "\x00", "half \ud83d", "\udc00", "\udfff\ud800"])
def test_what_is_no_text_is_refused(typed: str) -> None:
    with pytest.raises(UnreadableMessage):
        body_of(typed)
