"""A built and running server, a Chromium, and people who visit."""

import inspect
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.servers import Server, build_pages, serving
from tests.browser.visits import Visits
from tests.services import chromium

HERE = Path(__file__).parent
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")
            if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
                # one loop for all: a browser belongs to the loop that started it
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def built_pages() -> None:
    """The pages, built of the present sources."""
    build_pages()


@pytest.fixture(scope="session")
def server(built_pages: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on one port, shared by all stories: each brings people of its own."""
    with serving(tmp_path_factory.mktemp("server"), CHAT_LIMITS="off") as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, server: Server) -> AsyncIterator[Visits]:
    """`page = await visit("/signin", by="ada")`; complaints of the browser fail the test."""
    visits = Visits(browser, server.url)
    yield visits
    await visits.end()
