"""Whether those around are there: Redis and the SMS gateway. Each raises `Fault` if not; nothing is changed or sent."""

import socket
import ssl
from urllib.parse import urlsplit

import redis
from redis.exceptions import AuthenticationError, RedisError

from chat_app.infrastructure.faults import Fault, no_connection

PATIENCE_SECONDS = 5.0


def greet_redis(url: str) -> None:
    """Connect, sign in, and hear its answer."""
    setting = "CHAT_REDIS_URL"
    try:
        with redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # untyped keywords
            url, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
        ) as client:
            client.ping()  # pyright: ignore[reportUnknownMemberType]  # untyped
    except AuthenticationError:
        raise Fault("Redis refuses user or password", f"check both in {setting}") from None
    except (RedisError, OSError) as error:
        raise Fault(
            f"Redis does not answer ({type(error).__name__})", f"check {setting}, and whether it is started"
        ) from None


def greet_gateway(url: str, setting: str) -> str:
    """Connect to the host of `url`, which `setting` names, by TLS if it says so, and hang up. Where that was."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    where = f"{host}:{port}"
    try:
        with socket.create_connection((host, port), timeout=PATIENCE_SECONDS) as plain:
            if parts.scheme == "https":
                ssl.create_default_context().wrap_socket(plain, server_hostname=host).close()
    except OSError as error:
        raise no_connection(error, where, setting) from error
    return where
