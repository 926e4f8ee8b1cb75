"""A new rail, begun in words: what it stops, what is said instead, and why. Its rule is written from that."""

from __future__ import annotations

from nicegui import ui

from assistant.console.editing import Writing
from assistant.console.routes import console_page
from assistant.console.shell import button, card, crumbs, field, frame, tag
from assistant.console.visits import Visit
from assistant.rails.beginning import NewRail, begin_rail
from assistant.rails.sheets import POLICY_LINES
from assistant.rails.sources import STAGES


def add_new_rail_page() -> None:
    """Registers `/verticals/{vertical}/new-rail`."""

    @console_page("/verticals/{vertical}/new-rail")
    async def show(visit: Visit, vertical: str) -> None:
        say, by = visit.words("new_rail"), await visit.caller()
        title = visit.desk.rails.release(vertical).vertical.title
        writing = Writing(visit, await visit.desk.drafts.open(vertical, by), say("change"))
        with frame(visit, say("title"), section="verticals"):
            crumbs(visit, (visit.words("frame")("verticals"), "/"), (title, f"/verticals/{vertical}"))
            tag("p", say("lead")).classes("lead")
            _form(visit, writing, vertical)


def _form(visit: Visit, writing: Writing, vertical: str) -> None:
    say, paper_say = visit.words("new_rail"), visit.words("rail")
    with card(say("rule")):
        name = field(say("name"), hint=say("name_hint"))
        with tag("fieldset").classes("choice-row"):
            tag("legend", say("stage"))
            stage = ui.radio({each: say(each) for each in STAGES}, value="input").props("inline")
        stopped = field(say("stopped"), hint=say("stopped_hint"))
        trial = field(say("trial"), hint=say("trial_hint"))
        passes = field(say("passes"), hint=say("passes_hint"))
        says = field(say("says"), lines=2, hint=say("says_hint"))
    with card(paper_say("purpose")):
        tag("p", say("paper_hint")).classes("hint")
        paper = {
            line: field(paper_say(line.lower()), lines=2 if line in ("Stops", "Why") else 1) for line in POLICY_LINES
        }

    async def begin() -> None:
        rail = NewRail(
            name.value or "",
            stage.value,
            stopped.value or "",
            trial.value or "",
            passes.value or "",
            says.value or "",
            {line: made.value or "" for line, made in paper.items()},
        )
        await writing.write(begin_rail(rail, writing.text))
        ui.navigate.to(f"/verticals/{vertical}/rails/{rail.file_name}")

    button(say("begin"), primary=True).on("click", visit.doing(begin))
