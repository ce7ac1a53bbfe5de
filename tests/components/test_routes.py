"""Where a visitor is led after signing in."""

import pytest

from chat_app.components.routes import MAIN, SIGN_IN, safe_next, with_next


@pytest.mark.parametrize("path", ["/", "/chat/abc", "/chat/abc?at=5"])
def test_a_page_of_ours_is_gone_back_to(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "https://elsewhere.example",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "chat/abc",
        "/a\nb",
        "/\t/b",
    ],
)
def test_nothing_else_is(path: str) -> None:
    assert safe_next(path) == MAIN


def test_the_main_page_needs_no_mention() -> None:
    assert with_next(SIGN_IN, MAIN) == SIGN_IN
    assert with_next(SIGN_IN, "/chat/a?b=1&c") == "/signin?next=/chat/a%3Fb%3D1%26c"
