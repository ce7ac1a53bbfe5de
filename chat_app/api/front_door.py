"""The first turning of every request: paths of the API go to FastAPI whole, all others to Reflex.

Mounted plainly under Reflex, unknown API paths would be answered by Reflex, with a page.
"""

from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

API_WORDS = frozenset(
    {
        "auth",
        "avatars",
        "chats",
        "events",
        "files",
        "groups",
        "healthz",
        "matches",
        "messages",
        "openapi.json",
        "reports",
        "session",
        "users",
    }
)
"""First words of paths that are the API's. No page begins with one of them; a test compares."""

CLOSED_WORDS = frozenset({"_all_routes", "_health", "_upload", "auth-codespace", "ping"})
"""Reflex's own endpoints that we do not use: uploads that ask nobody's name, and talk about the server."""


class FrontDoor:
    """An ASGI app that hands each request to `api` or to `pages`."""

    def __init__(self, api: ASGIApp, pages: ASGIApp, built: Path | None = None) -> None:
        self._api = api
        self._pages = pages
        self._folders = _page_folders(built) if built else frozenset[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._pages(scope, receive, send)
        elif first_word(scope["path"]) in API_WORDS | CLOSED_WORDS:
            await self._api(scope, receive, send)
        elif scope["path"] in self._folders:
            # a page is a folder's index.html; asked for without the slash it would be answered by a redirect to an
            # address the server only guesses, which behind a proxy is the wrong one
            folder = scope["path"] + "/"
            await self._pages({**scope, "path": folder, "raw_path": folder.encode()}, receive, send)
        else:
            await self._pages(scope, receive, send)


def first_word(path: str) -> str:
    """`users` of `/users/ada`, with any number of slashes before it."""
    return path.lstrip("/").partition("/")[0]


def _page_folders(built: Path) -> frozenset[str]:
    folders = (page.parent.relative_to(built) for page in built.rglob("index.html"))
    return frozenset(f"/{folder.as_posix()}" for folder in folders if folder.parts)
