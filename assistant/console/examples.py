"""The examples of one rail, with pass or fail beside each: for what is live, and for the draft."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import background_tasks, ui
from nicegui.element import Element

from assistant.console.editing import Writing
from assistant.console.shell import badge, button, card, empty, field, notice, tag
from assistant.console.visits import Visit
from assistant.errors import AssistantError
from assistant.rails.live import Release
from assistant.rails.rewriting import with_trial, without_trial
from assistant.rails.sheets import EXPECTED, Example, Examples, Expected, parse_examples
from assistant.rails.trials import run_trials

FILE = "examples.yaml"
Results = Mapping[tuple[Expected, str], bool]


class ExamplesPanel:
    """A table of what the rail must stop and must let through, and a form for one more."""

    def __init__(self, writing: Writing, vertical: str, rail: str, *, title: str, with_evidence: bool) -> None:
        self._title = title
        self._writing, self._vertical, self._rail, self._with_evidence = writing, vertical, rail, with_evidence
        self._live: Results = {}
        self._drafted: Results = {}
        self._busy = False
        self._table = self._build()
        writing.kept.append(self._changed)

    def _build(self) -> Element:
        visit = self._writing.visit
        say = visit.words("examples")
        with card(self._title):
            tag("p", say("lead")).classes("hint")
            with ui.element("div").classes("line gap-below"):
                button(say("play"), small=True).on("click", visit.doing(lambda: self.play()))
                self._said = tag("span").classes("hint").props('role="status" aria-live="polite"')
            table = ui.element("div").classes("examples")
            self._form(visit)
        with table:
            self._show()
        background_tasks.create(self._first_play(table))
        return table

    def _form(self, visit: Visit) -> None:
        say = visit.words("examples")
        with tag("details").classes("adding"):
            tag("summary", say("add"))
            with tag("fieldset").classes("choice-row"):
                tag("legend", say("expected")).classes("visually-hidden")
                expected = ui.radio({each: say(each) for each in EXPECTED}, value="block").props("inline")
            text = field(say("text"), lines=2)
            evidence = field(say("evidence"), lines=2) if self._with_evidence else None

            async def add() -> None:
                said = " ".join((text.value or "").split())
                if not said:
                    return
                passages = [each.strip() for each in ((evidence.value or "") if evidence else "").split("\n\n")]
                brought = [each for each in passages if each]
                entry = {"text": said, "evidence": brought} if evidence else said
                await self._writing.write({FILE: with_trial(self._source(), self._rail, expected.value, entry)})
                text.value = ""

            button(say("add_button"), small=True).on("click", visit.doing(add))

    def _source(self) -> str:
        return self._writing.text(FILE)

    def _rows(self) -> list[tuple[Expected, Example]]:
        examples: Examples = parse_examples(FILE, self._source())[0]
        lists = examples.get(self._rail, {})
        return [(expected, each) for expected in EXPECTED for each in lists.get(expected, ())]

    def _show(self) -> None:
        visit, rows = self._writing.visit, self._rows()
        say = visit.words("examples")
        if not rows:
            empty(say("none"))
            return
        both = bool(self._writing.draft.changed)
        with tag("table").classes("plain"):
            with tag("thead"), tag("tr"):
                for key in ("must", "text", "live", *(("draft",) if both else ()), "remove"):
                    tag("th", say(key)).props('scope="col"').classes("visually-hidden" if key == "remove" else "")
            with tag("tbody"):
                for expected, each in rows:
                    self._row(expected, each, both=both)

    def _row(self, expected: Expected, example: Example, *, both: bool) -> None:
        visit = self._writing.visit
        say = visit.words("examples")
        with tag("tr"):
            tag("td", say(expected)).classes("soft nowrap")
            with tag("td"):
                tag("span", example.text)
                if example.form:
                    tag("span", example.form).classes("hint block")
                for passage in example.evidence:
                    tag("span", passage).classes("hint block")
            for results in (self._live, *((self._drafted,) if both else ())):
                with tag("td"):
                    passed = results.get((expected, example.text))
                    if passed is None:
                        tag("span", "–").classes("hint")
                    else:
                        badge(visit, "passed" if passed else "failed")
            with tag("td").classes("number"):
                gone = button("×", small=True).props(f'aria-label="{say("remove_one")}"')

                async def remove() -> None:
                    text = without_trial(self._source(), self._rail, expected, example.text)
                    await self._writing.write({FILE: text})

                gone.on("click", visit.doing(remove))

    async def _changed(self) -> None:
        self._drafted = {}
        self._table.clear()
        with self._table:
            self._show()

    async def _first_play(self, table: Element) -> None:
        """On what is live: it is ready, while the draft would take seconds that nobody has asked for."""
        with table:
            await self._writing.visit.doing(lambda: self.play(drafted=False))()

    async def play(self, *, drafted: bool = True) -> None:
        """Plays every example on what is live, and on the draft."""
        if self._busy:
            return
        visit = self._writing.visit
        say, self._busy = visit.words("examples"), True
        self._said.text = say("playing")
        problem = ""
        try:
            await (self._writing.settle() if drafted else visit.caller())
            rows = self._rows()
            self._live = await self._results(visit.desk.rails.release(self._vertical), rows)
            if drafted and self._writing.draft.changed:
                try:
                    release = await visit.desk.drafts.release(self._vertical, self._writing.draft)
                    self._drafted = await self._results(release, rows)
                except AssistantError as error:
                    problem = str(error)
        finally:
            self._busy = False
        shown = self._drafted or self._live
        failed = sum(not each for each in shown.values())
        self._said.text = say("failed", n=failed) if failed else say("all_passed", n=len(shown)) if shown else ""
        self._table.clear()
        with self._table:
            if problem:
                notice(say("broken", problem=problem), "bad")
            self._show()

    async def _results(self, release: Release, rows: list[tuple[Expected, Example]]) -> Results:
        lists = {expected: tuple(each for wanted, each in rows if wanted == expected) for expected in EXPECTED}
        played = await run_trials(release.bundle, release.engine, release.guards, examples={self._rail: lists})
        return {(each.expected, each.text): each.passed for each in played}
