"""What may be said."""

import pytest

from chat_app.domain.messages.errors import EmptyMessage, MessageTooLong, UnreadableMessage
from chat_app.domain.messages.rules import LONGEST, body_of, name_of_file


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


def test_with_a_file_what_cannot_be_seen_is_no_fault() -> None:
    assert body_of(" \u200b\n", with_files=True) == ""
    assert body_of(" look ", with_files=True) == "look"
    for wrong, refusal in (("a\x00", UnreadableMessage), ("a" * (LONGEST + 1), MessageTooLong)):
        with pytest.raises(refusal):
            body_of(wrong, with_files=True)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("cat.png", "cat.png"),
        ("отчёт за март.docx", "отчёт за март.docx"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\fakepath\\cat.png", "cat.png"),
        ("a/b\\../c.txt", "c.txt"),
        ("..", "file"),
        ("", "file"),
        ("/", "file"),
        ("...", "file"),
        (" .cat. ", "cat"),
        ("annex\u202egnp.exe", "annexgnp.exe"),
        ("\u2066a\u2069\u200f\u200e\u061c.txt", "a.txt"),
        ("nul\x00.txt\x1b[31m", "nul.txt[31m"),
        ("line\r\nSet-Cookie: a=b.txt", "lineSet-Cookie_ a=b.txt"),
        ('a"b<c>d|e?f*g:h.txt', "a_b_c_d_e_f_g_h.txt"),
        ("wide\u3000space\u00a0.txt", "wide space .txt"),
        ("half\ud83d.png", "half.png"),
        ("e\u0301.png", "\xe9.png"),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
        ("x" * 300, "x" * 255),
        ("x" * 100 + "." + "y" * 300, "x" * 100 + "." + "y" * 154),
        ("я" * 300 + ".jpeg", "я" * 250 + ".jpeg"),
    ],
)
def test_a_file_keeps_of_its_name_what_is_harmless(given: str, kept: str) -> None:
    assert name_of_file(given) == kept
    assert name_of_file(kept) == kept
