"""The topics of a vertical: forms and their examples to edit, a map of them, and questions that were only just read."""

from __future__ import annotations

import asyncio

from nicegui import ui
from nicegui.element import Element

from assistant.console.editing import Writing, editor
from assistant.console.figures import topic_map
from assistant.console.forms import FormsTable
from assistant.console.routes import console_page
from assistant.console.shell import badge, button, card, crumbs, empty, frame, tag
from assistant.console.visits import Visit
from assistant.rails.lint import OFF_TOPIC
from assistant.rails.rewriting import forms_of, with_example
from assistant.rails.topic_map import Point, map_forms
from assistant.reviewing.near_questions import NearQuestion

FILE = "topics.co"
_OVERLAPS_SHOWN = 12
_HOVER = """(event) => {
  const point = event.target.closest("g"), map = event.currentTarget, said = map.parentElement.querySelector(".under");
  for (const each of map.querySelectorAll("g")) {
    each.classList.toggle("dim", !!point && each.dataset.form !== point.dataset.form);
  }
  said.textContent = point ? `${point.dataset.text} — ${point.dataset.form}` : said.dataset.hint;
}"""


def add_topics_page() -> None:
    """Registers `/verticals/{vertical}/topics`."""

    @console_page("/verticals/{vertical}/topics")
    async def show(visit: Visit, vertical: str) -> None:
        say, by = visit.words("topics"), await visit.caller()
        release = visit.desk.rails.release(vertical)
        draft = await visit.desk.drafts.open(vertical, by)
        writing = Writing(visit, draft, say("change"))
        limit = release.engine.limits["topics"]
        questions = await visit.desk.questions.of(vertical, by, limit=limit)
        with frame(visit, say("title"), section="verticals", wide=True):
            crumbs(visit, (visit.words("frame")("verticals"), "/"), (release.vertical.title, f"/verticals/{vertical}"))
            tag("p", say("lead")).classes("lead")
            writing.status()
            with ui.element("div").classes("columns even"):
                with ui.element("div"):
                    FormsTable(writing)
                    _as_text(visit, writing)
                with ui.element("div"):
                    _map(visit, writing)
                    _suggestions(visit, writing, questions, limit)
        await writing.check()


def _as_text(visit: Visit, writing: Writing) -> None:
    say = visit.words("topics")
    with tag("details").classes("card") as made:
        tag("summary", say("as_text"))
        holder = ui.element("div")

    async def opened() -> None:
        if not holder.default_slot.children:
            with holder:
                editor(writing, FILE, label=say("as_text_label"))
            await writing.check()

    made.on("toggle", visit.doing(opened))


def _map(visit: Visit, writing: Writing) -> None:
    say = visit.words("topics")
    with card(say("map")):
        tag("p", say("map_lead")).classes("hint")
        holder = ui.element("div").classes("map")
    shown: list[str] = []

    async def draw() -> None:
        text = writing.text(FILE)
        if shown == [text]:
            return
        shown[:] = [text]
        forms = {each.name: each.examples for each in forms_of(text)}
        points = await asyncio.to_thread(map_forms, forms, visit.desk.embedder)
        holder.clear()
        with holder:
            _drawn(visit, points)

    writing.kept.append(draw)


def _drawn(visit: Visit, points: tuple[Point, ...]) -> None:
    say = visit.words("topics")
    overlapping = sorted((each for each in points if each.overlaps), key=lambda each: -each.likeness)
    label = say("map_label", n=len(points), forms=len({each.form for each in points}), overlaps=len(overlapping))
    drawn = topic_map(points, label=label, off_topic=OFF_TOPIC)
    for event in ("mouseover", "mouseout"):
        drawn.on(event, js_handler=_HOVER)
    under = tag("p", say("map_hint")).classes("under hint").props('aria-hidden="true"')
    under.props["data-hint"] = say("map_hint")
    if not overlapping:
        tag("p", say("no_overlaps")).classes("hint")
        return
    with tag("details"):
        tag("summary", say("overlaps", n=len(overlapping)))
        with tag("ul").classes("overlaps"):
            for each in overlapping[:_OVERLAPS_SHOWN]:
                with tag("li"):
                    tag("span", each.text)
                    tag(
                        "span", say("overlap", form=each.form, text=each.nearest_text, other=each.nearest_form)
                    ).classes("hint block")


def _suggestions(visit: Visit, writing: Writing, questions: tuple[NearQuestion, ...], limit: float) -> None:
    say = visit.words("topics")
    with card(say("suggestions")):
        tag("p", say("suggestions_lead", limit=f"{limit:.2f}")).classes("hint")
        known = {text for form in forms_of(writing.text(FILE)) for text in form.examples}
        new = [each for each in questions if each.text not in known]
        if not new:
            empty(say("no_suggestions"), say("no_suggestions_hint"))
        for each in new:
            _suggestion(visit, writing, each)


def _suggestion(visit: Visit, writing: Writing, question: NearQuestion) -> Element:
    say = visit.words("topics")
    names = [each.name for each in forms_of(writing.text(FILE))]
    with ui.element("div").classes("suggestion") as made:
        with ui.element("div").classes("line spread"):
            tag("p", question.text).classes("flush asked")
            badge(visit, question.outcome)
        tag("p", say("read_as", form=question.form or "–", score=f"{question.score:.2f}")).classes("hint flush")
        with ui.element("div").classes("line"):
            chosen = ui.select(names, value=question.form if question.form in names else names[0] if names else None)
            chosen.props(f'dense borderless aria-label="{say("form_for")}"').classes("plain-select")

            async def add() -> None:
                await writing.write({FILE: with_example(writing.text(FILE), str(chosen.value), question.text)})
                made.delete()

            button(say("add_to"), small=True).on("click", visit.doing(add))
    return made
