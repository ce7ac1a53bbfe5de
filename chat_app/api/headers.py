"""Headers that every answer carries, so that a browser helps to keep the pages ours.

The policy allows the scripts that this build wrote into its pages, each by its hash, and no other inline script, no
`eval`, nothing from elsewhere. Values: OWASP Secure Headers, and ASVS 5.0 3.4.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat_app.api.front_door import API_WORDS, CLOSED_WORDS, first_word

YEAR_SECONDS = 31_536_000
HOUR_SECONDS = 3600
HASHED_ASSETS = "assets"
"""Where the build puts files whose names change with their content."""

NO_PAGE_POLICY = b"default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
"""For what is no page, should a browser be led to show it as one."""

NOT_MODIFIED = 304
HOST = re.compile(rb"[A-Za-z0-9.:\[\]-]{1,255}")

ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
PICTURES = "avatars"
FILES = "files"
FILE_POLICY = b"default-src 'none'; sandbox; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
"""For what strangers uploaded: should it ever be taken for a page, it is one that can do nothing."""

SEEN_FROM_OTHER_PORTS = {b"cross-origin-resource-policy": b"same-site"}
"""Pages may come from another server of the same site, and show what only this one has."""

HTTPS = {b"strict-transport-security": b"max-age=%d; includeSubDomains" % YEAR_SECONDS}


class SecurityHeaders:
    """Wraps an ASGI app and adds the headers to whatever it answers. Sockets pass through untouched.

    `https` says how people come, whatever the proxy before us speaks.
    """

    def __init__(self, app: ASGIApp, script_hashes: Iterable[str] = (), *, https: bool = False) -> None:
        self._app = app
        self._scripts = " ".join(["'self'", *sorted(script_hashes)])
        self._https = https
        self._always = list((ALWAYS | (HTTPS if https else {})).items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._https:
            # the last hop came by http; a redirect that names the whole address must not lead back to that
            scope["scheme"] = "https"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = dict(self._always)
                word = first_word(scope["path"])
                if word in (PICTURES, FILES):
                    ours |= SEEN_FROM_OTHER_PORTS
                is_page = any(
                    name.lower() == b"content-type" and value.startswith(b"text/html")
                    for name, value in message.get("headers", [])
                )
                # a 304 names no type, and what it says replaces what the browser kept with the page: it says nothing
                if message["status"] != NOT_MODIFIED:
                    other = FILE_POLICY if word == FILES else NO_PAGE_POLICY
                    page = is_page and word != FILES
                    ours[b"content-security-policy"] = self._policy(scope) if page else other
                ours[b"cache-control"] = _cache_control(scope["path"], message["status"])
                given = [(name, value) for name, value in message.get("headers", []) if name.lower() not in ours]
                message["headers"] = [*given, *ours.items()]
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _policy(self, scope: Scope) -> bytes:
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        # browsers before CSP 3 do not count the socket of the same host as 'self'
        socket = f" {'wss' if self._https else 'ws'}://{host.decode()}" if HOST.fullmatch(host) else ""
        return (
            f"default-src 'self'; script-src {self._scripts}; style-src 'self' 'unsafe-inline'; "
            f"connect-src 'self'{socket}; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
            "frame-src 'none'; frame-ancestors 'none'; form-action 'self'"
        ).encode()


def _cache_control(path: str, status: int) -> bytes:
    word = first_word(path)
    if word in (PICTURES, FILES) and status in (200, 206, NOT_MODIFIED):
        # another picture has another name; but whoever may not see it any more should not for long
        return b"private, max-age=%d" % HOUR_SECONDS
    if word in API_WORDS | CLOSED_WORDS:
        return b"no-store"
    if word == HASHED_ASSETS and status in (200, 206, NOT_MODIFIED):
        return b"public, max-age=%d, immutable" % YEAR_SECONDS
    # kept, but asked for again each time: an unchanged file costs one short answer
    return b"no-cache"


def script_hashes(pages: Path) -> set[str]:
    """`'sha256-…'` of every inline script in the HTML files below `pages`."""
    found: set[str] = set()
    for page in pages.rglob("*.html"):
        reader = _InlineScripts()
        reader.feed(page.read_text("utf-8"))
        found |= {_hash(script) for script in reader.scripts}
    return found


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


class _InlineScripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.scripts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and "src" not in dict(attrs)
        if self._inside:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._inside = False

    def handle_data(self, data: str) -> None:
        # a long script comes in several pieces
        if self._inside:
            self.scripts[-1] += data
