"""Plain `reflex run`, and `reflex export` with the pages on another server: people get in either way."""

import asyncio
import functools
import http.server
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.servers import environment, free_port, project_copy, run
from tests.browser.strangers import confirm_both, sign_up
from tests.browser.test_files import LAKE, PICTURE
from tests.browser.visits import Visits
from tests.pictures import photo

pytestmark = pytest.mark.slow
REFLEX = [sys.executable, "-m", "reflex"]


@pytest.fixture(scope="module")
def project(built_pages: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project that has been used: it holds a secret, a database, an outbox and a `.env`."""
    copy = project_copy(tmp_path_factory.mktemp("project"))
    (copy / ".data").mkdir()
    for name in (".data/secret", ".data/chat.sqlite3", ".data/outbox.jsonl"):
        (copy / name).write_text("private")
    (copy / ".env").write_text("CHAT_DEMO=local\n")
    return copy


async def test_in_development_people_get_in_from_the_other_port(project: Path, tmp_path: Path, browser: Browser):
    pages, backend = free_port(), free_port()
    url = f"http://localhost:{pages}"
    command = [*REFLEX, "run", "--frontend-port", str(pages), "--backend-port", str(backend)]
    environ = environment(CHAT_DATA_DIR=str(tmp_path / "data"))
    server = run(command, project, url, tmp_path, environ, ready_at=f"http://localhost:{backend}/healthz")
    try:
        visits = Visits(browser, url)
        page = await visits("/signup")
        # the first visit has Vite bundle what it finds, and load the page again
        await page.wait_for_load_state("networkidle")
        await sign_up(page)
        assert page.url == f"{url}/"
        # Vite, and React in development, complain of what does not matter here
        visits.forgive(".*")
        await visits.end()
    finally:
        server.stop()


async def test_exported_pages_let_people_in_from_another_server(project: Path, tmp_path: Path, browser: Browser):
    pages, backend = free_port(), free_port()
    url, api_url = f"http://localhost:{pages}", f"http://localhost:{backend}"
    addresses = environment(REFLEX_API_URL=api_url, REFLEX_DEPLOY_URL=url)
    export = functools.partial(subprocess.run, [*REFLEX, "export"], cwd=project, env=addresses, check=True, timeout=300)
    await asyncio.to_thread(export)
    unpacked = {name: tmp_path / name for name in ("frontend", "backend")}
    for name, folder in unpacked.items():
        with zipfile.ZipFile(project / f"{name}.zip") as archive:
            archive.extractall(folder)
    packed = {str(path.relative_to(unpacked["backend"])) for path in unpacked["backend"].rglob("*") if path.is_file()}
    assert "chat_app/chat_app.py" in packed
    assert "alembic.ini" in packed
    private = (".data", ".env", "sqlite", "outbox", "secret", ".db")
    ours = {"chat_app/infrastructure/outbox.py", "chat_app/infrastructure/secret_file.py", "tests/test_secret_file.py"}
    assert not [name for name in packed - ours if any(word in name for word in private)]

    command = [*REFLEX, "run", "--env", "prod", "--backend-only", "--backend-port", str(backend)]
    environ = addresses | {"CHAT_DATA_DIR": str(tmp_path / "data"), "CHAT_BASE_URL": url}
    server = run(command, unpacked["backend"], api_url, tmp_path, environ)
    try:
        with static_server(unpacked["frontend"], pages):
            visits = Visits(browser, url)
            page = await visits("/signup/")
            name = await sign_up(page)
            assert page.url == f"{url}/"
            # a picture is sent to the other port, and comes from there
            await confirm_both(page, server, name)
            await page.goto(f"{url}/settings/")
            await expect(page.locator("#profile-username")).to_have_value(name)
            await page.set_input_files("input[type=file]", {"name": "a", "mimeType": "", "buffer": photo()})
            picture = page.locator("#profile .av img.there")
            await expect(picture).to_have_css("opacity", "1")
            assert str(await picture.get_attribute("src")).startswith(f"{api_url}/avatars/")
            # and so does what is attached to a message
            await page.goto(url)
            await page.get_by_role("button", name="Новая группа").click()
            await page.fill("#new-title", "Walks")
            await page.get_by_role("dialog").get_by_role("button", name="Создать группу").click()
            await page.wait_for_url("**/chat/*")
            await page.set_input_files("#attach", {"name": "lake.png", "mimeType": "", "buffer": LAKE})
            await expect(page.locator(".upl .up")).to_have_count(1)
            await page.press("#message", "Enter")
            sent = page.locator(f"{PICTURE} img")
            await expect(sent).to_have_count(1)
            await expect(page.locator("[data-seq='2']")).to_have_count(1)
            # the sender's own tab keeps showing what was chosen there
            await page.goto(url)
            await page.locator("a.chat").click()
            await expect(sent).to_have_attribute("src", re.compile(f"^{api_url}/files/[^/]+/thumbnail"))
            await page.wait_for_function("img => img.complete && img.naturalWidth > 0", arg=await sent.element_handle())
            await visits.end()
    finally:
        server.stop()


@contextmanager
def static_server(folder: Path, port: int) -> Iterator[None]:
    """Any web server: it serves `folder` and knows nothing of us."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
