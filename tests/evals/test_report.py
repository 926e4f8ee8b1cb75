"""The report: one page that stands by itself, in which nothing that a model said can do anything."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from assistant.errors import NotFound
from assistant.evals.compare import PREFERENCES, Preference, add_preference
from assistant.evals.contenders import Bench
from assistant.evals.corrected import corrected, keep_corrections, read_corrections
from assistant.evals.earlier import changes, earlier_runs
from assistant.evals.edited import EDITED, Edited, add_edited
from assistant.evals.report import write_report
from assistant.evals.results import Ledger
from assistant.evals.runs import Run, open_run, read_run, work
from assistant.models import ScriptedChat
from assistant.records import Correction
from tests.evals.conftest import CASES, RETURNS


def html_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.fixture
async def page(tmp_path: Path, bench: Bench, model: ScriptedChat) -> Path:
    """A report on two models, one of them with and without rails, and on two plain baselines."""
    model.will_say(RETURNS)
    folder = tmp_path / "today" / "shop"
    contenders = ["smollm2-135m", "other", "best-passage", "first-words"]
    open_run(folder, bench, contenders, CASES, split="test", ways=["railed", "raw"], warnings=["Few cases <here>."])
    await work(folder, bench)
    ledger = folder / "results.jsonl"
    first, *rest = read_run(folder).results
    ledger.unlink()
    for each in (replace(first, text="<img src=x onerror='document.title=1'><script>document.title=2</script>"), *rest):
        Ledger(ledger).add(each)
    return write_report(tmp_path / "today")


async def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing_it_was_told(page: Path):
    html = html_of(page)
    assert not re.search(r"""(?:src|href)=["']?[^"'#]|url\(|@import|https?://""", html.replace("&lt;img src", ""))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"]
        )
        shown = await browser.new_page()
        asked: list[str] = []
        shown.on("request", lambda request: asked.append(request.url))
        await shown.goto(page.as_uri())
        assert asked == [page.as_uri()]
        assert await shown.title() == "Which model? shop"
        assert await shown.locator("tbody tr").first.inner_text() != ""
        assert await shown.locator("svg").count() >= 3
        cases = shown.locator("#cases-shop > details")
        assert await cases.count() == len(CASES)
        await shown.get_by_role("searchbox").fill("delivery take")
        assert await cases.filter(visible=True).count() == 1
        assert await shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await browser.close()


def test_the_page_says_who_is_best_what_was_measured_and_how(page: Path):
    html = page.read_text()
    for text in (
        "Few cases &lt;here&gt;.",
        "plain baseline",
        "Without the rails",
        "nrefs:1|case:mixed",
        "Words to correct",
        '<small>Wh</small><small class="plain">estimated</small>',
    ):
        assert text in html, text
    worst = re.findall(r'<span class="score">([\d.]+)</span>', html)
    assert worst == sorted(worst)


async def test_claims_that_nothing_bears_out_are_marked_and_stay_text(
    tmp_path: Path, bench: Bench, model: ScriptedChat
):
    model.will_say(f"{RETURNS} Everything <b>costs</b> 7 euros.")
    open_run(tmp_path / "r" / "shop", bench, ["smollm2-135m"], CASES[:1], split="test", ways=["railed", "raw"])
    await work(tmp_path / "r" / "shop", bench)
    html = html_of(write_report(tmp_path / "r"))
    assert html.count("<mark>") == 1 and "<mark>Everything &lt;b&gt;costs&lt;/b&gt; 7 euros.</mark>" in html
    assert "How long each answer took" in html


async def test_earlier_runs_on_the_same_cases_are_shown_as_a_trend(page: Path, tmp_path: Path, bench: Bench):
    folder = tmp_path / "tomorrow" / "shop"
    open_run(folder, bench, ["best-passage"], CASES, split="test", ways=["railed"])
    spec = folder / "run.json"
    spec.write_text(html_of(spec).replace('"began": "20', '"began": "30'))
    await work(folder, bench)
    assert "Over time" in html_of(write_report(tmp_path / "tomorrow"))
    assert "Over time" not in html_of(page)


def test_what_people_preferred_side_by_side_stands_there_with_what_they_changed(page: Path):
    assert "Side by side" not in html_of(page)
    folder = page.parent / "shop"
    for case in CASES[:3]:
        add_preference(folder / PREFERENCES, Preference(case.id, "other", "smollm2-135m", "second", 2.0))
        add_edited(folder / EDITED, Edited(case.id, "smollm2-135m", RETURNS, 2, 8, 3.0))
    html = html_of(write_report(page.parent))
    assert "Side by side, without names" in html and "3 choices of people" in html
    rows = html.split("Side by side, without names")[1].split("</table>")[0]
    assert rows.index("smollm2-135m") < rows.index("other") and "<td>–</td>" in rows


def test_what_people_corrected_in_earnest_stands_beside_it_with_intervals(page: Path):
    assert "corrected in earnest" not in html_of(page)
    folder = page.parent / "shop"
    keep_corrections(folder, [Correction("shop", "write", "other", n, 6 * n, 60 * n) for n in range(1, 6)])
    (told,) = corrected(read_corrections(folder))
    assert (told.model, told.words.value, told.characters.value, told.seconds.value) == ("other", 3, 18, 180)
    assert told.words.low < 3 < told.words.high and told.words.n == 5
    html = html_of(write_report(page.parent))
    assert "What people corrected in earnest" in html and "<td>180<small>" in html


async def test_a_change_for_the_worse_since_the_last_run_is_told(tmp_path: Path, bench: Bench, model: ScriptedChat):
    cases = [CASES[0].model_copy(update={"id": f"unopened-{n}"}) for n in range(8)]

    async def ran(day: str, said: str) -> Run:
        model.will_say(said)
        folder = tmp_path / day / "shop"
        open_run(folder, bench, ["smollm2-135m"], cases, split="test", ways=["railed"])
        spec = folder / "run.json"
        spec.write_text(re.sub(r'"began": "[^"]*"', f'"began": "{day}T12:00:00+00:00"', html_of(spec)))
        return await work(folder, bench)

    await ran("2026-11-01", RETURNS)
    same, worse = await ran("2026-11-02", RETURNS), await ran("2026-11-03", "Everything is free.")
    assert not list(changes(same, earlier_runs(tmp_path / "2026-11-02", same)))
    (told,) = changes(worse, earlier_runs(tmp_path / "2026-11-03", worse))
    assert told == (
        "smollm2-135m is worse than in the run of 2026-11-02: Drafts supported -1.00 (-1.00 to -1.00) on 8 cases."
    )
    assert told in html_of(write_report(tmp_path / "2026-11-03"))
    assert "Nothing has surely changed" in html_of(write_report(tmp_path / "2026-11-02"))


def test_a_folder_without_a_run_is_named(tmp_path: Path):
    with pytest.raises(NotFound, match="there is no run below"):
        write_report(tmp_path)
