"""The demo page in a real browser, against the real service."""

from __future__ import annotations

import shutil

import pytest
from playwright.async_api import async_playwright

from assistant.app import Parts

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; `make test` installs it where apt-get can")
async def test_a_visitor_asks_and_sees_the_source(server: tuple[str, str, Parts]):
    address, key, _ = server
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1100, "height": 850})
        requested: list[str] = []
        problems: list[str] = []
        page.on("request", lambda request: requested.append(request.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        await page.goto(f"{address}/demo/feedback#key={key}")
        assert key not in page.url
        await page.get_by_role("textbox").first.fill("How much does standard delivery cost?")
        await page.keyboard.press("Enter")
        await page.get_by_text("£3.95").first.wait_for(timeout=60_000)
        marker = page.locator("button", has_text="1").first
        await marker.wait_for(timeout=60_000)
        await marker.click()
        assert "Standard delivery" in await page.locator("body").inner_text()
        await browser.close()
    assert not problems
    assert all(url.startswith(address) for url in requested)
