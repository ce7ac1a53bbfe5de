"""Where the screens live. None begins with a path of the API, such as `/session` or `/users`."""

from urllib.parse import quote, urlsplit

MAIN = "/"
CHAT = "/chat/[chat_id]"
SIGN_IN = "/signin"
SIGN_UP = "/signup"

SESSION_SIGN_IN = "/session/signin"
SESSION_SIGN_UP = "/session/signup"
SESSION_SIGN_OUT = "/session/signout"
"""Where forms with a password are posted to; the API answers with a redirect."""

NEXT = "next"


def safe_next(path: str) -> str:
    """`path` when it leads into this site, else the main page."""
    parts = urlsplit(path)
    # "//elsewhere.example" and "/\elsewhere.example" leave the site in a browser
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if inside and path.isprintable() else MAIN


def with_next(route: str, path: str) -> str:
    """`route`, to come back to `path` afterwards."""
    return route if path == MAIN else f"{route}?{NEXT}={quote(path, safe='/')}"
