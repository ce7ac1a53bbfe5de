"""Which web sites may speak to us with a person's cookies: our own, and those the operator names."""

from collections.abc import Iterable
from urllib.parse import urlsplit


class Origins:
    """The request's own host, and a list of others (`https://chat.example`, without a path)."""

    def __init__(self, others: Iterable[str] = ()) -> None:
        self._others = frozenset(others)

    def allowed(self, origin: str | None, host: str) -> bool:
        """Whether `origin`, a request's `Origin` header, may call `host`, its `Host` header.

        No origin is let through: browsers send one with every post and every socket, and who is no browser carries
        nobody's cookies. "null" is refused: sandboxed frames and files send it.
        """
        if origin is None or origin in self._others:
            return True
        parts = urlsplit(origin)
        return parts.scheme in ("http", "https") and bool(host) and parts.netloc.lower() == host.lower()
