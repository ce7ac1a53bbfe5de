"""The service as `make run` starts it: pages, API and events on one port, under the policy of the headers."""

import json
import urllib.error
import urllib.request

import pytest

from tests.browser.servers import Server
from tests.browser.strangers import sign_up
from tests.browser.visits import Visits

SCRIPT_BYTES = 320 * 1024
STYLE_BYTES = 110 * 1024


async def test_a_page_comes_alive_under_the_policy(visit: Visits):
    page = await visit("/signup")
    await sign_up(page)
    assert page.url == f"{visit.url}/"


async def test_an_inline_script_of_nobodys_is_not_run(visit: Visits):
    visit.forgive("Content Security Policy")
    page = await visit("/signin")
    await page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.ran = true'; "
        "document.body.append(s) }"
    )
    assert await page.evaluate("() => window.ran") is None
    assert any("Content Security Policy" in fault for fault in visit.faults)


async def test_a_form_says_where_it_comes_from(visit: Visits):
    visit.forgive("405|favicon")
    page = await visit("/signin")
    async with page.expect_response("**/healthz") as answered:
        await page.evaluate(
            "() => { const f = document.createElement('form'); f.method = 'post'; f.action = '/healthz'; "
            "document.body.append(f); f.submit() }"
        )
    answer = await answered.value
    await page.wait_for_url("**/healthz")
    assert await answer.request.header_value("origin") == visit.url
    # let in by the origin, and only then found to be no route
    assert answer.status == 405


async def test_the_sign_in_page_is_light(visit: Visits):
    page = await visit("/signin")
    await page.wait_for_load_state("networkidle")
    sizes = await page.evaluate(
        "() => performance.getEntriesByType('resource').map(r => [new URL(r.name).pathname, r.encodedBodySize])"
    )
    scripts = sum(size for name, size in sizes if name.endswith(".js"))
    styles = sum(size for name, size in sizes if name.endswith(".css"))
    assert 0 < scripts <= SCRIPT_BYTES
    assert 0 < styles <= STYLE_BYTES


async def test_the_first_paint_is_dark(visit: Visits):
    context = await visit.context("ada")
    await context.route("**/*.js", lambda route: route.abort())
    visit.forgive("ERR_FAILED")
    page = await visit("/signin")
    assert "dark" in (await page.evaluate("() => document.documentElement.className"))


@pytest.mark.parametrize("path", ["/healthz", "/signin", "/nothing", "/users/nobody", "/_upload", "/assets/nothing.js"])
def test_every_answer_of_the_whole_server_carries_the_headers(server: Server, path: str):
    request = urllib.request.Request(server.url + path, method="GET")
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] in ("no-store", "no-cache")


def test_preflights_of_strangers_are_refused_with_the_headers(server: Server):
    request = urllib.request.Request(
        server.url + "/users/ada",
        method="OPTIONS",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "DELETE"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.headers["X-Content-Type-Options"] == "nosniff"
    assert refused.value.headers["Access-Control-Allow-Origin"] is None


def test_health_is_told(server: Server):
    with urllib.request.urlopen(server.url + "/healthz") as answer:
        health = json.load(answer)
    assert (health["status"], health["waiting"]) == ("ok", 0)
    assert (health["mail"]["state"], health["sms"]["state"]) == ("ok", "ok")


def test_the_log_holds_no_queries(server: Server):
    with urllib.request.urlopen(server.url + "/healthz?token=hunter2"):
        pass
    assert "GET /healthz" in server.log.read_text()
    assert "hunter2" not in server.log.read_text()
