"""Choice: which model a run speaks for, by the terms its reader states, and the record and proposal of it."""

from __future__ import annotations

import asyncio

from nicegui import ui

from assistant.console.changes.acting import act
from assistant.console.choosing.found import show_choice
from assistant.console.choosing.runs import choice_path, side_by_side_path
from assistant.console.choosing.terms import TermsPanel
from assistant.console.door import PATH
from assistant.console.routes import console_page
from assistant.console.shell import card, crumbs, frame, notice, tag
from assistant.console.visits import Visit
from assistant.errors import Invalid
from assistant.evals.reasons import Choice, choose
from assistant.evals.saying import Saying
from assistant.evals.select import Figures, Terms, figures_in
from assistant.releases.choosing import KeptRun


def add_choice_page() -> None:
    """Registers `/models/choice/{run}/{vertical}`."""

    @console_page("/models/choice/{run}/{vertical}")
    async def show(visit: Visit, run: str, vertical: str) -> None:
        say = visit.words("choice")
        kept = await visit.desk.choosing.run(run, vertical, await visit.caller())
        with frame(visit, say("title"), section="models", wide=True):
            crumbs(visit, (say("models"), "/models"))
            tag("p", say("lead")).classes("lead")
            _about(visit, kept)
            with ui.element("div").classes("choosing"):
                with ui.element("aside").props(f'aria-label="{say("terms")}"'):
                    chosen = _Chosen(visit, kept)
                with ui.element("div"):
                    await chosen.begin()
                    await _record(visit, kept, chosen)


def _about(visit: Visit, kept: KeptRun) -> None:
    say, spec = visit.words("choice"), kept.run.spec
    with ui.element("p").classes("line about"):
        tag("span", say("about", run=kept.name, vertical=kept.vertical, cases=len(kept.run.cases))).classes("hint")
        tag("a", visit.words("runs")("compare")).props(f'href="{PATH}{side_by_side_path(kept)}"')
    release = next((each for each in visit.desk.rails.live if each.vertical.name == kept.vertical), None)
    if release is None or release.digest != spec.release:
        notice(say("older"), "warn")
    for each in (*spec.warnings, visit.desk.choosing.worn(kept)):
        if each:
            notice(each, "warn").props('lang="en"')


class _Chosen:
    """The choice by the terms as they stand."""

    def __init__(self, visit: Visit, kept: KeptRun) -> None:
        self._visit, self._kept, self._turn = visit, kept, asyncio.Lock()
        self._panel = TermsPanel(visit, kept.run, self.show)

    @property
    def terms(self) -> Terms:
        """The terms as they stand; raises Invalid."""
        return self._panel.terms

    async def begin(self) -> None:
        """The place where it is shown, and what the figures say by the usual terms."""
        # Says the new choice to whoever does not see it change.
        self._told = tag("p").classes("visually-hidden").props('role="status"')
        self._place = ui.element("div")
        await self.show()

    async def show(self) -> None:
        """What the figures say, anew."""
        async with self._turn:  # One after the other: what was stated last is what is shown.
            try:
                terms = self.terms
                saying = Saying(self._visit.tongue, self._visit.words("choice"))
                figures, choice = await asyncio.to_thread(_found, self._kept, terms, saying)
            except Invalid as error:
                self._place.clear()
                with self._place:
                    notice(str(error), "bad").props('lang="en"')
                return
            say = self._visit.words("choice")
            self._told.text = f"{say('recommended')}: {choice.recommended or say('nobody')}"
            self._place.clear()
            with self._place:
                show_choice(self._visit, figures, terms, choice, in_force=self._in_force(choice))

    def _in_force(self, choice: Choice) -> bool:
        if choice.recommended is None:
            return False
        live = next((r.vertical for r in self._visit.desk.rails.live if r.vertical.name == self._kept.vertical), None)
        models = self._kept.run.spec.contenders[choice.recommended].models
        return live is not None and (live.model, *live.cascade) == models


def _found(kept: KeptRun, terms: Terms, say: Saying) -> tuple[Figures, Choice]:
    figures = figures_in(kept.run, terms)
    return figures, choose(figures, terms, max_tokens=kept.run.spec.max_tokens, say=say)


async def _record(visit: Visit, kept: KeptRun, chosen: _Chosen) -> None:
    """The button that settles it, and what came of it."""
    say = visit.words("choice")
    with card(say("record")):
        tag("p", say("record_lead")).classes("hint")
        told = ui.element("div").props('role="status"')
        if before := await visit.desk.choosing.decision(kept):
            with told:
                tag("p", say("before", model=before.recommended or say("nobody"), who=before.who)).classes("hint")
                _downloads(visit, kept)

        async def settle() -> None:
            by = await visit.caller()
            decision = await visit.desk.choosing.decide(kept, chosen.terms, by, who=visit.person.name)
            title = say("change_title", model=decision.recommended or say("nobody"), run=kept.name)
            made = await visit.desk.choosing.propose(decision, by, title=title)
            told.clear()
            with told:
                notice(say("written"), "good")
                with ui.element("p"):
                    tag("span", say("proposed" if made else "unchanged") + " ")
                    if made:
                        tag("a", made.title).props(f'href="{PATH}/changes/{made.id}"')
                _downloads(visit, kept)

        act(visit, say("propose"), settle, busy=say("busy"), primary=True)


def _downloads(visit: Visit, kept: KeptRun) -> None:
    say = visit.words("choice")
    with ui.element("p").classes("line"):
        for form in ("html", "json"):
            link = tag("a", say(f"as_{form}")).props(f'href="{PATH}{choice_path(kept)}/decision.{form}" download')
            link.classes("button small")
