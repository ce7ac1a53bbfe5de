"""Where the screens live. None begins with a path of the API, such as `/session` or `/users`."""

from urllib.parse import quote, urlsplit

MAIN = "/"
CHAT = "/chat/[chat_id]"
JOIN = "/join/[token]"
SIGN_IN = "/signin"
SIGN_UP = "/signup"
SIGN_IN_CODE = "/signin/code"
FORGOT = "/forgot"
RESET = "/reset"
SETTINGS = "/settings"

SESSION_SIGN_IN = "/session/signin"
SESSION_SIGN_UP = "/session/signup"
SESSION_SIGN_OUT = "/session/signout"
SESSION_SECOND = "/session/second"
SESSION_FORGOT = "/session/forgot"
SESSION_RESET = "/session/reset"
SESSION_CORRECT = "/session/correct"
SESSION_CONTACT = "/session/contact"
SESSION_PASSWORD = "/session/password"  # noqa: S105  # an address, no password
SESSION_APP_ON = "/session/app-on"
SESSION_APP_OFF = "/session/app-off"
SESSION_DELETE = "/session/delete"
SESSION_EXPORT = "/session/export"
SESSION_AVATAR = "/session/avatar"
SESSION_AVATAR_OFF = "/session/avatar-off"
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
