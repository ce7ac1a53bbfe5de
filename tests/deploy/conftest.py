"""The service as it stands on a server: in production mode behind nginx, with real mail and SMS."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from chat_app.infrastructure.clock import KeyedSeal
from chat_app.infrastructure.passwords import Passwords
from tests.browser.friends import behind
from tests.browser.servers import Server, build_pages, free_port, start
from tests.deploy.carriers import Carriers, carriers
from tests.deploy.edge import Edge, edge_before
from tests.people import PASSWORD, confirmed

SECRET = "the secret of this server, 32 bytes or more"


@dataclass
class Site:
    """All of it, running."""

    edge: Edge
    server: Server
    carriers: Carriers

    async def settle(self, name: str, phone: str) -> None:
        """Let somebody have a confirmed account, whose password is `PASSWORD`."""
        passwords = Passwords(KeyedSeal(SECRET.encode()).digest("password").encode(), cost=4)
        try:
            password_hash = await passwords.hashed(PASSWORD)
        finally:
            passwords.close()
        with behind(self.server) as doors:
            await confirmed(doors, name, phone, password_hash=password_hash)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    build_pages()
    directory = tmp_path_factory.mktemp("site")
    (directory / "nginx").mkdir()
    port = free_port()
    with carriers() as letters, edge_before(port, directory / "nginx") as edge:
        server = start(
            directory,
            port=port,
            seen_at=edge.url,
            CHAT_ENV="production",
            CHAT_BASE_URL=edge.url,
            CHAT_TRUSTED_PROXIES="1",
            CHAT_SECRET=SECRET,
            CHAT_SMTP_URL=letters.smtp_url,
            CHAT_MAIL_FROM="chat@chat.example",
            CHAT_SMS_URL=letters.sms_url,
        )
        try:
            yield Site(edge, server, letters)
        finally:
            server.stop()
