"""The widget in every combination of screen, ground and language, and over the death of the process that answers."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from itertools import product
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from assistant.access import Keys
from assistant.database import Database
from tests.widget.asking import answered, ask, open_widget, sentences
from tests.widget.conftest import SAID, site, visit  # noqa: F401 — fixtures
from tests.widget.test_fit import ARABIC, DESKTOP, PHONE, TABLET, mounted, overflowing, small_targets, violations

pytestmark = pytest.mark.soak
SCREENS = {"phone": PHONE, "tablet": TABLET, "desktop": DESKTOP}
LANGUAGES = {"en": None, "it": None, "ar": ARABIC}
PORT = 8497


@pytest.mark.parametrize(("screen", "ground", "language"), product(SCREENS, ("light", "dark"), LANGUAGES))
async def test_asked_read_rated_and_erased(site, visit, node_tools, tmp_path, screen, ground, language):  # noqa: F811
    page = await visit(f"{site.shop}/module", viewport=SCREENS[screen], color_scheme=ground)
    texts = LANGUAGES[language]
    more = {"texts": texts, "dir": "rtl"} if texts else {}
    await mounted(page, await site.token(), language=language, label="?", **more)
    await open_widget(page, "?")
    await ask(page)
    turn = await answered(page)
    assert await sentences(turn) == SAID
    assert await overflowing(page) == [] and await small_targets(page) == []
    assert await violations(page, node_tools) == []
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    await page.screenshot(path=folder / f"widget-{screen}-{ground}-{language}.png")
    await turn.locator(".cite").first.click()
    assert await violations(page, node_tools) == []
    await page.keyboard.press("Escape")
    await turn.locator(".thumb").first.click()
    await turn.locator(".thumb[aria-pressed=true]").wait_for()
    await page.locator("header .bare").first.click()
    await page.locator(".menu button").last.click()
    async with page.expect_response(lambda response: response.request.method == "DELETE") as erased:
        await page.locator("dialog .solid").click()
    assert (await erased.value).status == 200
    await expect(page.locator("article")).to_have_count(0)


async def test_the_service_is_killed_in_the_middle_of_an_answer_and_the_visitor_is_told_and_asks_again(
    settings,
    visit,  # noqa: F811
    tmp_path,
):
    for name in ("rails", "knowledge", "data"):
        shutil.copytree(getattr(settings, f"{name}_dir"), tmp_path / name, symlinks=True)
    url, address = f"sqlite+aiosqlite:///{tmp_path}/killed.db", f"http://127.0.0.1:{PORT}"
    service = await _started(tmp_path, url, address)
    database = Database(url)
    key = (await Keys(database).create("demo", ["chat"])).secret
    await database.close()
    page = await visit(f"{address}/demo/feedback#key={key}", faulty=True, also=(address,))
    await open_widget(page)
    await ask(page, "What does standard delivery cost?")
    await page.locator(".status", has_text="Writing").wait_for(timeout=60_000)
    service.send_signal(signal.SIGKILL)
    await service.wait()
    service = await _started(tmp_path, url, address)
    try:
        await page.get_by_role("button", name="Try again").click(timeout=60_000)
        await expect(await answered(page)).to_contain_text("3.95", timeout=60_000)
    finally:
        service.kill()
        await service.wait()


async def _started(folder: Path, url: str, address: str) -> asyncio.subprocess.Process:
    script = Path(__file__).parent.parent / "whole_service.py"
    service = await asyncio.create_subprocess_exec(sys.executable, script, folder, url, str(PORT), "scripted")
    async with asyncio.timeout(300), httpx.AsyncClient() as client:
        while True:
            try:
                if (await client.get(f"{address}/readyz")).status_code == httpx.codes.OK:
                    return service
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.5)
