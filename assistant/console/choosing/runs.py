"""The runs that people compare and choose from, as a part of the page about models."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from assistant.console.door import PATH
from assistant.console.shell import card, tag
from assistant.console.visits import Visit
from assistant.evals.listed import ListedRun
from assistant.releases.choosing import KeptRun

_MOST = 20


def side_by_side_path(kept: KeptRun | ListedRun) -> str:
    """Where two answers of the run are compared, below the console."""
    return f"/models/side-by-side/{quote(kept.name)}/{quote(kept.folder.name)}"


def choice_path(kept: KeptRun | ListedRun) -> str:
    """Where a model is chosen from the run, below the console."""
    return f"/models/choice/{quote(kept.name)}/{quote(kept.folder.name)}"


def runs_card(visit: Visit, runs: Sequence[ListedRun]) -> None:
    """The runs that its reader may judge, and what they can do with them."""
    say = visit.words("runs")
    with card(say("title")):
        if not runs:
            with tag("p", f"{say('none')} ").classes("hint"):
                tag("code", "assistant eval VERTICAL --models A,B")
            return
        tag("p", say("lead")).classes("hint")
        with tag("div").classes("scrolling").props(f'tabindex="0" role="group" aria-label="{say("title")}"'):
            _table(visit, runs[:_MOST])
        if len(runs) > _MOST:
            tag("p", say("more", n=len(runs) - _MOST)).classes("hint")


def _table(visit: Visit, runs: Sequence[ListedRun]) -> None:
    say = visit.words("runs")
    titles = {each.vertical.name: each.vertical.title for each in visit.desk.rails.live}
    with tag("table").classes("plain"):
        with tag("thead"), tag("tr"):
            for name in ("run", "vertical", "compared", "cases", "acts"):
                tag("th", say(name)).props('scope="col"').classes("number" if name == "cases" else "")
        with tag("tbody"):
            for kept in runs:
                spec, title = kept.spec, titles.get(kept.spec.vertical, kept.spec.vertical)
                with tag("tr"):
                    with tag("td"):
                        tag("span", kept.name).classes("block strong")
                        tag("span", spec.began[:16].replace("T", " ") + " UTC").classes("hint")
                    tag("td", title)
                    tag("td", ", ".join(spec.contenders))
                    tag("td", str(kept.cases)).classes("number")
                    with tag("td"):
                        _acts(visit, kept, title)


def _acts(visit: Visit, kept: ListedRun, title: str) -> None:
    say = visit.words("runs")
    if not kept.complete:
        tag("span", say("unfinished")).classes("badge warn")
        return
    with tag("div").classes("line tight"):
        for name, path in (("compare", side_by_side_path(kept)), ("choose", choice_path(kept))):
            link = tag("a", say(name)).props(f'href="{PATH}{path}"').classes("button small")
            link.props["aria-label"] = say(f"{name}_label", run=kept.name, vertical=title)
