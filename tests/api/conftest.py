"""Our forms, served to one browser, in process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from chat_app.api.account import account_router
from chat_app.api.app import create_api
from chat_app.api.avatars import avatar_router
from chat_app.api.desk import Desk
from chat_app.api.files import file_router
from chat_app.api.headers import SecurityHeaders
from chat_app.api.problems import answer_with_problems
from chat_app.api.session import session_router
from chat_app.domain.common.work import SYSTEM, Person
from chat_app.domain.users.queries import person_of
from chat_app.infrastructure.files import FOLDER, Files, LocalFiles
from chat_app.infrastructure.kept_forms import KeptForm, KeptForms
from chat_app.infrastructure.passwords import Passwords
from chat_app.infrastructure.pictures import Pictures
from chat_app.infrastructure.sign_in_throttle import SignInThrottle
from chat_app.infrastructure.tokens import token_hash
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.infrastructure.uploads import Uploads
from chat_app.realtime.origins import Origins
from tests.guests import FixedClock, LoadedDice
from tests.people import PEPPER

HOST = "chat.example"
HOME = f"http://{HOST}"
STATIC = "https://pages.example"


def allowed(origin: str, host: str) -> bool:
    return origin in {HOME, STATIC}


class Site:
    """Our forms, served to one browser at `address`."""

    def __init__(self, dice: LoadedDice, data_dir: Path, cookie: str = "sid", files: Files | None = None) -> None:
        self.kept = KeptForms(dice)
        self.passwords = Passwords(PEPPER, cost=4)
        self.pictures = Pictures()
        self.files = files or LocalFiles(data_dir / FOLDER)
        self.uploads = Uploads(data_dir / ".uploads")
        self.cookie = cookie
        desk, throttle = Desk(self.kept, cookie, allowed), SignInThrottle()
        self._app, whole = FastAPI(), create_api(Origins([HOME, STATIC]))
        answer_with_problems(self._app)
        for app in (self._app, whole):
            app.include_router(session_router(desk, self.passwords, throttle=throttle, dice=dice))
            app.include_router(account_router(desk, self.passwords, self.files, throttle=throttle))
            app.include_router(avatar_router(desk, self.files, self.pictures, dice))
            app.include_router(file_router(desk, self.files, self.pictures, self.uploads, dice))
        self._whole = SecurityHeaders(whole)
        self.browser = self.client()

    def client(self, address: str = "203.0.113.9") -> AsyncClient:
        return AsyncClient(transport=ASGITransport(self._app, client=(address, 1)), base_url=HOME)

    def guarded(self) -> AsyncClient:
        """The same, with all that stands before the routes."""
        return AsyncClient(transport=ASGITransport(self._whole), base_url=HOME, headers={"origin": HOME})

    async def post(self, form: str, fields: dict[str, str], **headers: str) -> Response:
        return await self.browser.post(f"/session/{form}", data=fields, headers={"origin": HOME, **headers})

    def refused(self, answer: Response) -> KeptForm:
        """The form that waits for the page `answer` leads to."""
        kept = self.kept.take(answer.cookies["kept"])
        assert kept is not None
        return kept

    async def person(self, doors: Doors, answer: Response) -> Person | None:
        return await doors.ask(SYSTEM, person_of, token_hash(answer.cookies.get(self.cookie, "")))


@pytest.fixture
async def site(doors: Doors, clock: FixedClock, dice: LoadedDice, tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(dice, tmp_path)
    yield site
    await site.browser.aclose()
    site.passwords.close()
    site.pictures.close()
