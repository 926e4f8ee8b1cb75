"""A file of a draft, written in on the page: kept at every pause of typing, its mistakes marked at their lines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from markupsafe import Markup
from nicegui import ui
from nicegui.events import GenericEventArguments

from assistant.console.shell import button, card, heading, tag
from assistant.console.visits import Visit
from assistant.rails.lines import Problem
from assistant.rails.reviewing import Review
from assistant.rails.trees import vertical_of
from assistant.verticals import SHARED

_PAUSE_S = 0.6
"""A pause in typing after which what was written is kept; much less than the two seconds that may be lost."""


Heard = Callable[[Review], Awaitable[None]]
"""Hears of the change as it stands after something was written."""


def edit_files(visit: Visit, review: Review, heard: Heard) -> None:
    """A choice among the files of the folder, and the one that was chosen, open for writing."""
    say, made = visit.words("change"), review.proposal
    paths = [path for path in sorted(review.tree.files) if not path.startswith("documents/")]
    if not paths:
        return

    async def open_file(path: str) -> None:
        content = await visit.desk.proposals.read(made.id, path, await visit.caller())
        place.clear()
        with place:
            _editor(visit, review, path, content.decode(errors="replace"), heard)

    with card(say("edit")):
        tag("p", say("edit_why")).classes("soft")
        with ui.element("div").classes("files").props(f'role="group" aria-label="{say("files")}"'):
            for path in paths:

                async def chosen(path: str = path) -> None:
                    await open_file(path)

                button(path, small=True).classes("mono").on("click", visit.doing(chosen))
        place = ui.element("div")


def _editor(visit: Visit, review: Review, path: str, text: str, heard: Heard) -> None:
    say, made = visit.words("change"), review.proposal
    own = vertical_of(made.folder) or SHARED
    written = text

    async def keep(event: GenericEventArguments) -> None:
        nonlocal written
        written = str(event.args)
        by = await visit.caller()
        await visit.desk.proposals.save(made.id, by, {path: written.encode()})
        told.text = say("kept")
        now = await visit.desk.reviews.review(made.id, by)
        mark([each for each in now.problems if each.file in (f"{own}/{path}", path)], now.problems)
        await heard(now)

    def mark(here: Sequence[Problem], everywhere: Sequence[Problem]) -> None:
        gutter.content = str(_gutter(written, {each.line or 1 for each in here}))
        area.props(f'aria-invalid="{str(bool(here)).lower()}"')
        wrong.clear()
        with wrong:
            for problem in here:
                _told(area.id, problem, say("line", n=problem.line or 1))
            others = len(everywhere) - len(here)
            if others:
                tag("p", say("elsewhere", n=others)).classes("bad-text")
            if not everywhere:
                tag("p", say("no_problems")).classes("good-text")

    heading(path, 3).classes("mono")
    with ui.element("div").classes("editor"):
        gutter = ui.html(str(_gutter(text, set())), sanitize=False).props('aria-hidden="true"').classes("gutter")
        area = ui.element("textarea").props('spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off"')
        area.props["value"], area.props["aria-label"] = text, path
        area.on(
            "input",
            visit.doing(keep),
            throttle=_PAUSE_S,
            leading_events=False,
            js_handler="(event) => emit(event.target.value)",
        )
    told = tag("p").classes("hint").props('aria-live="polite"')
    wrong = ui.element("div").classes("wrongs").props('aria-live="polite"')
    mark([each for each in review.problems if each.file in (f"{own}/{path}", path)], review.problems)


def _told(area: int, problem: Problem, line: str) -> None:
    """A mistake that leads to its line."""
    with ui.element("p").classes("bad-text wrong-line"):
        jump = tag("button", line).classes("button small danger").props('type="button"')
        jump.on("click", js_handler=f"() => {_jump(area, problem.line or 1)}")
        tag("span", problem.message)


def _jump(area: int, line: int) -> str:
    before = f"a.value.split('\\n').slice(0, {line - 1}).reduce((n, l) => n + l.length + 1, 0)"
    here = f"a.value.split('\\n')[{line - 1}].length"
    return (
        f"{{ const a = getHtmlElement({area}); const from = {before};"
        f" a.focus(); a.setSelectionRange(from, from + {here}); }}"
    )


def _gutter(text: str, wrong: set[int]) -> Markup:
    lines = [
        Markup('<span class="{}">{}</span>').format("wrong" if number in wrong else "", number)
        for number in range(1, text.count("\n") + 2)
    ]
    return Markup("\n").join(lines)
