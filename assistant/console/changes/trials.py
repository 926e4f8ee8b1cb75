"""What the examples say: trials before and after, what newly fails, and where the change is laxer."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from assistant.console.shell import badge, heading, tag, when
from assistant.console.visits import Visit
from assistant.rails.comparing import Compared, RailTrials, compare
from assistant.rails.examinations import Examination, Played
from assistant.rails.reviewing import Review

_MOST = 100


def show_weakenings(visit: Visit, examination: Examination) -> None:
    """Every way in which less is stopped, tried, masked or told than before, in red; nothing where there is none."""
    say = visit.words("change")
    lost = [f"{e.vertical}: {say('lost', rail=e.rail, expected=say(e.expected))}: {e.text}" for e in examination.lost]
    found = [f"{each.vertical}: {each.text}" for each in examination.weakenings]
    if not found and not lost:
        return
    with ui.element("section").classes("weaker").props('aria-labelledby="weaker"'):
        heading(say("weaker", n=len(found) + len(lost)), 2).props('id="weaker"')
        tag("p", say("weaker_why"))
        with ui.element("ul"):
            for text in (*found, *lost)[:_MOST]:
                tag("li", text)


def show_trials(visit: Visit, review: Review) -> None:
    """The trials of the change beside those of what is live."""
    say, after = visit.words("change"), review.examination
    if after is None:
        tag("p", say("not_tried")).classes("soft")
        return
    compared = compare(review.before, after)
    own = [each for each in after.trials if not each.inherited]
    passed = sum(each.passed for each in own)
    with ui.element("p").classes("line"):
        badge(visit, "passed" if after.passed else "failed")
        tag("span", say("passed_of", passed=passed, total=len(own)))
        when(visit, after.ran_at).classes("soft")
    _failing(visit, say("newly_failing"), compared.newly_failing)
    _failing(visit, say("still_failing"), compared.still_failing)
    for problem in after.problems:
        tag("p", f"{problem.file}: {problem.message}").classes("bad-text")
    _table(visit, compared)


def _failing(visit: Visit, title: str, failing: Sequence[Played]) -> None:
    say = visit.words("change")
    if not failing:
        return
    heading(f"{title} ({len(failing)})", 3)
    with ui.element("ul").classes("failing"):
        for each in failing[:_MOST]:
            with ui.element("li"):
                tag("span", say(f"should_{each.expected}", rail=each.rail)).classes("bad-text")
                tag("q", each.text)


def _table(visit: Visit, compared: Compared) -> None:
    say = visit.words("change")
    several = len({each.vertical for each in compared.rails}) > 1
    with ui.element("details"):
        tag("summary", say("per_rail"))
        with ui.element("table").classes("plain"):
            with ui.element("thead"), ui.element("tr"):
                for key in ("rail", "before", "after"):
                    tag("th", say(key)).props('scope="col"')
            with ui.element("tbody"):
                for each in compared.rails:
                    _table_row(each, name=f"{each.vertical}: {each.rail}" if several else each.rail)


def _table_row(each: RailTrials, *, name: str) -> None:
    with ui.element("tr"):
        tag("td", name)
        tag("td", "–" if each.passed_before is None else f"{each.passed_before} / {each.total_before}")
        worse = each.passed_after < each.total_after
        tag("td", f"{each.passed_after} / {each.total_after}").classes("bad-text" if worse else "")
