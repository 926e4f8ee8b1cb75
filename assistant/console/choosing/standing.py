"""Who stands where after so many pairs, shown when somebody asks: names may bias who is still judging."""

from __future__ import annotations

import asyncio

from nicegui import ui

from assistant.console.choosing.runs import choice_path
from assistant.console.door import PATH
from assistant.console.figures import interval
from assistant.console.shell import tag
from assistant.console.visits import Visit
from assistant.evals.compare import strengths
from assistant.evals.edited import words_edited
from assistant.evals.statistics import Estimate
from assistant.releases.choosing import KeptRun


def standing(visit: Visit, kept: KeptRun) -> None:
    """A closed part of the page, counted anew whenever it is opened."""
    with tag("details").classes("card") as made:
        tag("summary", visit.words("side_by_side")("standing"))
        inside = ui.element("div")

    async def toggled(opened: object) -> None:
        if not getattr(opened, "args", False):
            return
        preferences = await visit.desk.choosing.preferences(kept)
        corrections = await visit.desk.choosing.corrections(kept)
        preferred = await asyncio.to_thread(strengths, preferences)
        words = words_edited(corrections, seed=kept.run.spec.seed)
        inside.clear()
        with inside:
            _table(visit, preferred, words)
            link = tag("a", visit.words("runs")("choose")).classes("button small")
            link.props(f'href="{PATH}{choice_path(kept)}"')

    made.on("toggle", visit.doing(toggled), js_handler="(event) => emit(event.target.open)")


def _table(visit: Visit, preferred: dict[str, Estimate], words: dict[str, Estimate]) -> None:
    say = visit.words("side_by_side")
    tag("p", say("standing_lead")).classes("hint")
    if not preferred and not words:
        tag("p", say("nothing_yet"))
        return
    with tag("table").classes("plain"):
        with tag("thead"), tag("tr"):
            for name in ("model", "preferred", "corrections"):
                tag("th", say(name)).props('scope="col"')
        with tag("tbody"):
            for name in dict.fromkeys((*sorted(preferred, key=lambda each: -preferred[each].value), *words)):
                with tag("tr"):
                    tag("td", name).classes("name")
                    with tag("td"):
                        _preferred(visit, preferred.get(name))
                    with tag("td"):
                        _corrected(visit, words.get(name))


def _preferred(visit: Visit, found: Estimate | None) -> None:
    if found is None:
        return
    value, low, high = (round(100 * each) for each in (found.value, found.low, found.high))
    with ui.element("span").classes("line tight"):
        interval(found.value, found.low, found.high)
        tag("span", visit.words("side_by_side")("interval", value=value, low=low, high=high))


def _corrected(visit: Visit, found: Estimate | None) -> None:
    if found is None:
        return
    value, low, high = (f"{each:.1f}" for each in (found.value, found.low, found.high))
    tag("span", visit.words("side_by_side")("mean_words", value=value, low=low, high=high, n=found.n))
