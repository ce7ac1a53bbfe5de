"""What the sign-in page costs a browser that comes for the first time: `python -m bench.page`.

Starts the real server and opens the page in Chromium, each time in a fresh profile: bytes as they came over the wire,
and the first contentful paint as Chromium reports it.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from bench.live import end_properly, positive, running
from bench.onlookers import ARGUMENTS, found_chromium
from bench.seeding import temporary_database
from bench.server import Server, build_pages

MEASURE = """async () => {
  const painted = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  while (!painted()) await new Promise((wait) => setTimeout(wait, 20));
  const loaded = performance.getEntriesByType("resource");
  return { painted: painted(), loaded: loaded.map((one) => [new URL(one.name).pathname, one.encodedBodySize]) };
}"""


def main() -> int:
    options = parser().parse_args()
    end_properly()
    print(json.dumps(page(options)))
    return 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.page", description=__doc__)
    parser.add_argument("--visits", type=positive(int), default=9, help="how often it is opened")
    return parser


def page(options: argparse.Namespace) -> dict[str, Any]:
    """Its figures: KiB of script and style, compressed, and milliseconds to the first paint with content."""
    load_before = os.getloadavg()[0]
    build_pages()
    with (
        tempfile.TemporaryDirectory(prefix="chat-bench-") as place,
        temporary_database(Path(place)) as database,
        running(Server(Path(place), database)) as server,
    ):
        visits = asyncio.run(_visit(server.port, options.visits))
    paints = sorted(visit["painted"] for visit in visits)
    scripts, styles = (_kib(visits[0]["loaded"], ending) for ending in (".js", ".css"))
    return {
        "visits": len(visits),
        "script_kib": scripts,
        "style_kib": styles,
        "first_paint_ms": round(statistics.median(paints)),
        "first_paint_max_ms": round(paints[-1]),
        "load_before": round(load_before, 2),
    }


async def _visit(port: int, times: int) -> list[dict[str, Any]]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found_chromium(), args=list(ARGUMENTS))
        try:
            return [await _once(browser, f"http://localhost:{port}/signin") for _ in range(times)]
        finally:
            await browser.close()


async def _once(browser: Browser, address: str) -> dict[str, Any]:
    context = await browser.new_context()
    try:
        page = await context.new_page()
        await page.goto(address, wait_until="networkidle")
        return await page.evaluate(MEASURE)
    finally:
        await context.close()


def _kib(loaded: list[tuple[str, int]], ending: str) -> float:
    return round(sum(size for name, size in loaded if name.endswith(ending)) / 1024, 1)


if __name__ == "__main__":
    raise SystemExit(main())
