"""What the widget costs a page: bytes, the time until its button is seen, and how far it moves the page's own words.

Run as `python -m benchmarks.widget`; needs Chromium.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics

from playwright.async_api import Browser, Page, async_playwright

from assistant.widget import assemble
from assistant.widget.assembling import Script

RUNS = 20
PAGE = "http://shop.example/"
HTML = """<!doctype html><title>Shop</title><p>Words of the shop.</p>
<script src="/widget.js" data-vertical="x" defer></script>"""
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SEEN = """async () => {
  await customElements.whenDefined("assistant-widget");
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  const { responseEnd } = performance.getEntriesByName(location.origin + "/widget.js")[0];
  const button = document.querySelector("assistant-widget").shadowRoot.querySelector("button");
  const ms = performance.now() - responseEnd;
  const shifts = [];
  new PerformanceObserver(list => shifts.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
  await new Promise(done => setTimeout(done, 200));
  return { ms, seen: button.checkVisibility(), shift: shifts.reduce((sum, each) => sum + each.value, 0) };
}"""


async def main() -> None:
    """Prints the figures."""
    scripts = assemble()
    for name in ("launcher", "module", "window"):
        script: Script = getattr(scripts, name)
        print(f"{name:9} {len(script.text):7,} bytes  {len(script.gzipped):7,} gzipped")
    print(f"all of it {len(scripts.launcher.gzipped) + len(scripts.window.gzipped):,} gzipped")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        told = [await _visited(browser, scripts.launcher) for _ in range(RUNS)]
        bare = [await _cpu_ms(browser, Script("")) for _ in range(RUNS)]
        whole = [await _cpu_ms(browser, scripts.launcher) for _ in range(RUNS)]
        await browser.close()
    assert all(each["seen"] for each in told)
    times = sorted(each["ms"] for each in told)
    print(
        f"button painted after its script has come: median {statistics.median(times):.0f} ms, worst {times[-1]:.0f} ms"
    )
    own = statistics.median(whole) - statistics.median(bare)
    print(f"processor time of the page's thread for it, whatever else the machine does: {own:.0f} ms")
    print(f"layout shift of the page: {max(each['shift'] for each in told)}")


async def _visited(browser: Browser, launcher: Script) -> dict[str, float]:
    page = await _page(browser, launcher)
    await page.goto(PAGE)
    seen: dict[str, float] = await page.evaluate(SEEN)
    await page.close()
    return seen


async def _cpu_ms(browser: Browser, launcher: Script) -> float:
    """What loading the page costs its main thread, in milliseconds of processor time."""
    page = await _page(browser, launcher)
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    await page.goto(PAGE)
    await page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
    told = await session.send("Performance.getMetrics")
    await page.close()
    return 1000 * next(each["value"] for each in told["metrics"] if each["name"] == "TaskDuration")


async def _page(browser: Browser, launcher: Script) -> Page:
    page = await browser.new_page()
    await page.route("**/*", lambda route: route.fulfill(body=HTML, content_type="text/html"))
    await page.route(
        "**/widget.js", lambda route: route.fulfill(body=launcher.text, content_type="text/javascript; charset=utf-8")
    )
    return page


if __name__ == "__main__":
    asyncio.run(main())
