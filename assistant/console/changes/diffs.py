"""What a change changes: each file before and after, side by side, with its mistakes in their lines."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from nicegui import ui

from assistant.console.shell import badge, card, heading, tag
from assistant.console.visits import Visit
from assistant.rails.lines import Problem
from assistant.rails.reviewing import Diff, Review
from assistant.rails.side_by_side import Row, Side, side_by_side
from assistant.rails.trees import vertical_of
from assistant.verticals import SHARED

_MOST_ROWS = 600  # More than anybody reads in one go; the file itself can be opened.


def show_diffs(visit: Visit, review: Review) -> None:
    """Every changed file in a card of its own."""
    say = visit.words("change")
    own = vertical_of(review.proposal.folder) or SHARED
    if not review.diffs:
        tag("p", say("nothing_changed")).classes("soft")
    for diff in review.diffs:
        problems = [each for each in review.problems if each.file in (f"{own}/{diff.change.path}", diff.change.path)]
        with card():
            with ui.element("div").classes("line spread"):
                heading(diff.change.path, 3).classes("mono")
                badge(visit, "draft", say(f"kind_{diff.change.kind}"))
            _show(visit, diff, problems)


def show_problems(visit: Visit, review: Review) -> None:
    """Every mistake with its file, line and what would be right."""
    say = visit.words("change")
    if not review.problems:
        return
    with ui.element("div").classes("notice bad").props('role="alert"'):
        tag("p", say("problems", n=len(review.problems))).classes("strong")
        with ui.element("ul").classes("problems"):
            for problem in review.problems[:50]:
                with ui.element("li"):
                    tag("span", f"{problem.file}" + (f":{problem.line}" if problem.line else "")).classes("mono")
                    tag("span", problem.message)


def _show(visit: Visit, diff: Diff, problems: Sequence[Problem]) -> None:
    say = visit.words("change")
    try:
        before, after = ((each or b"").decode() for each in (diff.before, diff.after))
    except UnicodeDecodeError:
        tag("p", say("binary", before=len(diff.before or b""), after=len(diff.after or b"")))
        return
    by_line: dict[int, list[str]] = {}
    for problem in problems:
        by_line.setdefault(problem.line or 1, []).append(problem.message)
    rows = side_by_side(before, after, keep=frozenset(by_line))
    body = Markup("").join(_row(row, by_line, say("hidden", n=row.hidden)) for row in rows[:_MOST_ROWS])
    head = Markup(
        '<div class="diff-frame" tabindex="0" role="region" aria-label="{}"><table class="diff">'
        '<thead><tr><th class="n"></th><th>{}</th><th class="n"></th><th>{}</th></tr></thead><tbody>'
    ).format(diff.change.path, say("before"), say("after"))
    ui.html(str(head + body + Markup("</tbody></table></div>")), sanitize=False)
    if len(rows) > _MOST_ROWS:
        tag("p", say("more_rows", n=len(rows) - _MOST_ROWS)).classes("hint")


_MISTAKE = Markup(
    '<tr class="mistake"><td class="n"></td><td></td><td class="n" aria-hidden="true">▲</td><td>{}</td></tr>'
)


def _row(row: Row, by_line: dict[int, list[str]], hidden: str) -> Markup:
    if row.kind == "gap":
        return Markup('<tr class="gap"><td colspan="4">{}</td></tr>').format(hidden)
    made = Markup('<tr class="{}">{}{}</tr>').format(row.kind, _cells(row.before, "del"), _cells(row.after, "ins"))
    said = by_line.get(row.after.number, ()) if row.after else ()
    return made + Markup("").join(_MISTAKE.format(each) for each in said)


def _cells(side: Side | None, element: str) -> Markup:
    if side is None:
        return Markup('<td class="n"></td><td class="none"></td>')
    lit = Markup("<{0}>{1}</{0}>")
    text = Markup("").join(
        lit.format(element, each.text) if each.lit else Markup("{}").format(each.text) for each in side.pieces
    )
    return Markup('<td class="n">{}</td><td>{}</td>').format(side.number, text)
