"""The pictures of docs/reviewer.md, taken from the running console: `make screenshots`."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from assistant.settings import read_settings
from docs.staged import APPROVER, AUTHOR, PASSWORD, Shown, email_of, staged_console

PICTURES = Path(__file__).parent / "pictures"
SIZE, TALLEST = {"width": 1280, "height": 860}, 1500
MARGIN, COLOURS = 32, 256
SETTLE_MS, LONGEST_MS = 2000, 60_000
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
FRAME = "header.top"
"""Stands on every page but the one where people sign in."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page of the console, as somebody sees it."""

    name: str
    path: str
    by: str = AUTHOR
    act: Callable[[Page], Awaitable[None]] | None = None
    """What they do there before the picture is taken."""
    below: str | None = None
    """The heading with which the picture begins; else it is the top of the page."""


async def _try_it(page: Page) -> None:
    await page.get_by_label("Question", exact=True).fill("What dose of ibuprofen may I take?")
    await page.get_by_role("button", name="Try", exact=True).click()
    await page.locator(".tried table").first.wait_for()


async def _light(page: Page) -> None:
    await page.locator("button.sentence").nth(2).click()


async def _count(page: Page) -> None:
    counts = page.locator(".radius .numbers")
    if not await counts.is_visible():  # Counted once, it holds until something changes.
        await page.get_by_role("button", name="Count", exact=True).click()
        await counts.wait_for()


PAGES = (
    Picture("verticals", "/"),
    Picture("vertical", "/verticals/medical"),
    Picture("rail", "/verticals/medical/rails/personal-advice", act=_try_it),
    Picture("new-rail", "/verticals/medical/new-rail"),
    Picture("topics", "/verticals/medical/topics"),
    Picture("changes", "/changes"),
    Picture("change", "/changes/{change}"),
    Picture("trials", "/changes/{change}", act=_count, below="Trials"),
    Picture("approve", "/changes/{change}/approve", by=APPROVER),
    Picture("review-queue", "/review"),
    Picture("work-queue", "/work"),
    Picture("work", "/work/{summary}", act=_light),
    Picture("answer", "/answers/{answer}"),
    Picture("audit", "/audit", by=APPROVER),
)


async def take(out: Path, wanted: Sequence[str]) -> list[str]:
    """Writes two pictures of each page, light and dark, and gives the pages that could not be shown."""
    missing = []
    with TemporaryDirectory() as home:
        async with staged_console(read_settings(), Path(home)) as shown, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for who, theme in product((AUTHOR, APPROVER), THEMES):
                context = await _signed_in(browser, shown, who, theme)
                for page in PAGES:
                    if page.by == who and (not wanted or page.name in wanted):
                        file = out / f"{page.name}-{theme}.png"
                        missing += [] if await _take(context, shown, page, file) else [f"{page.path} ({theme})"]
                await context.close()
            await browser.close()
    return missing


async def _signed_in(browser: Browser, shown: Shown, who: str, theme: Theme) -> BrowserContext:
    """A browser in which somebody has signed in."""
    context = await browser.new_context(
        viewport=SIZE,  # type: ignore[arg-type]  # a TypedDict of the same two numbers
        color_scheme=theme,
        reduced_motion="reduce",
        locale="en-GB",
    )
    context.set_default_timeout(LONGEST_MS)
    page = await context.new_page()
    await page.goto(f"{shown.address}/console/signin")
    await page.fill("#email", email_of(who))
    await page.fill("#password", PASSWORD)
    await page.click("button[type=submit]")
    await page.wait_for_selector(FRAME)
    await page.close()
    return context


async def _take(context: BrowserContext, shown: Shown, wanted: Picture, file: Path) -> bool:
    page = await context.new_page()
    try:
        reply = await page.goto(f"{shown.address}/console{wanted.path.format(**shown.ids)}")
        if reply is None or not reply.ok:
            return False
        await page.wait_for_selector(FRAME)
        await page.wait_for_load_state("networkidle")
        await page.wait_for_timeout(SETTLE_MS)  # What a page fills in once it stands.
        if wanted.act:
            await wanted.act(page)
            await page.wait_for_timeout(SETTLE_MS)
        top = await _top(page, wanted.below) if wanted.below else 0
        height = min(TALLEST, await page.evaluate("document.documentElement.scrollHeight") - top)
        clip = {"x": 0, "y": top, "width": SIZE["width"], "height": height}
        await page.screenshot(path=file, full_page=True, clip=clip)  # type: ignore[arg-type]  # as above
    finally:
        await page.close()
    await asyncio.to_thread(_lighten, file)
    print(file.name)
    return True


def _lighten(file: Path) -> None:
    """Keeps 256 colours, which is a third of the bytes and looks the same."""
    with Image.open(file) as taken:
        few = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


async def _top(page: Page, heading: str) -> float:
    """How far down the page the heading stands, in pixels, with room above it."""
    found = page.get_by_role("heading", name=heading, exact=True).first
    return max(0.0, await found.evaluate("each => each.getBoundingClientRect().top + scrollY") - MARGIN)


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    left_out = asyncio.run(take(PICTURES, sys.argv[1:]))
    for each in left_out:
        print(f"{each}: there is no such page")
    sys.exit(bool(left_out))
