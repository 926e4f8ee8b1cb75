"""The addresses of the widget, asked without a browser."""

from __future__ import annotations

import gzip
import re

import pytest

from assistant.widget import assemble

SCRIPTS = assemble()
PAGE = "https://shop.example"
PAGES = ["/demo/medical", "/demo/feedback"]


@pytest.mark.parametrize(("path", "script"), [("/widget.js", SCRIPTS.launcher), ("/widget.mjs", SCRIPTS.module)])
async def test_the_present_version_is_asked_for_each_time_and_a_pinned_one_is_kept(doors, path, script):
    async with doors.client(origin=PAGE) as browser:
        present, pinned = await browser.get(path), await browser.get(script.path)
        again = await browser.get(path, headers={"if-none-match": present.headers["etag"]})
    assert present.text == pinned.text == script.text
    assert (present.headers["cache-control"], again.status_code) == ("no-cache", 304)
    assert "immutable" in pinned.headers["cache-control"]
    for response in (present, pinned):
        assert response.headers["content-type"].startswith("text/javascript")
        assert response.headers["access-control-allow-origin"] == "*"  # Without it no page can check an integrity.
        assert response.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_scripts_are_sent_small_to_whoever_can_read_it(doors):
    async with doors.client() as browser, browser.stream("GET", SCRIPTS.window.path) as small:
        sent = b"".join([part async for part in small.aiter_raw()])
        plain = await browser.get(SCRIPTS.window.path, headers={"accept-encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip" and len(sent) == len(SCRIPTS.window.gzipped)
    assert gzip.decompress(sent).decode() == plain.text
    assert "content-encoding" not in plain.headers


async def test_what_to_pin_is_told_and_what_is_gone_is_not_found(doors):
    async with doors.client() as browser:
        pins = (await browser.get("/widget.json")).json()
        gone = await browser.get("/widget-00000000000000000000.js")
    assert pins["script"] == {"src": SCRIPTS.launcher.path, "integrity": SCRIPTS.launcher.integrity}
    assert gone.status_code == 404 and "/widget.json" in gone.json()["detail"]


async def test_a_frame_may_stand_on_the_pages_of_its_token_alone(doors):
    token = (await doors.keys.create_embed("page", "feedback", [PAGE])).secret
    async with doors.client() as browser:
        page = await browser.get("/widget/feedback", params={"token": token})
        unknown = await browser.get("/widget/feedback", params={"token": "asw_000000000000_" + "x" * 32})
        secret = await browser.get("/widget/feedback", params={"token": await doors.secret()})
    assert page.status_code == 200 and f'token="{token}"' in page.text
    assert page.headers["content-security-policy"].endswith(f"frame-ancestors {PAGE}")
    assert (unknown.status_code, secret.status_code) == (401, 403)


async def test_what_a_page_shows_of_a_vertical_is_told_to_whom_it_is_for(doors):
    token = (await doors.keys.create_embed("page", "feedback", [PAGE])).secret
    async with doors.client(token, origin=PAGE) as page:
        shown = await page.get("/v1/verticals/feedback")
        other = await page.get("/v1/verticals/medical")
    assert shown.headers["access-control-allow-origin"] == PAGE
    assert shown.json()["notice"] == "An AI & you." and shown.json()["limits"]["file_bytes"] == 10 * 1024 * 1024
    assert shown.json()["limits"]["request_bytes"] == 64 * 1024
    assert shown.json()["theme"]["light"]["accent"] == "#0b6e6e"
    assert other.status_code == 403


async def test_a_demo_page_needs_no_key_and_what_a_vertical_says_on_it_is_text(doors):
    async with doors.client() as browser:
        italian, english = [(await browser.get(path)) for path in PAGES]
    assert '<html lang="it">' in italian.text
    assert "Shop &lt;feedback&gt;" in english.text and "<feedback>" not in english.text
    policy = italian.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and policy.endswith("frame-ancestors 'self'")
    assert "unsafe" not in policy


async def test_a_demo_page_loads_everything_from_here_and_runs_nothing_inline(doors):
    async with doors.client() as browser:
        page = (await browser.get("/demo/medical")).text
        for path in re.findall(r'(?:src|href)="([^"#]+)"', page):
            assert path.startswith(("/demo/", "/widget-"))
            assert (await browser.get(path)).status_code == 200
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", page) == []


@pytest.mark.parametrize(
    "path",
    [
        "/demo/cooking",
        "/demo/cooking/theme.css",
        "/demo/feedback/hero.svg",
        "/demo/_/nothing.js",
        "/demo/_/..%2fdoor.py",
    ],
)
async def test_what_is_not_there_is_not_found(doors, path):
    async with doors.client() as browser:
        assert (await browser.get(path)).status_code == 404
