"""The work queue: summaries and copy that wait for a person, and one of them beside its source."""

from __future__ import annotations

import re
from time import monotonic

from nicegui import ui

from assistant.checks import CheckedSentence
from assistant.console.door import PATH
from assistant.console.figures import meter
from assistant.console.routes import console_page
from assistant.console.shell import badge, button, card, crumbs, empty, field, frame, heading, notice, tag, when
from assistant.console.source import light, sources
from assistant.console.visits import Visit
from assistant.messages import Answer
from assistant.reviewing import WorkItem

_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=#)")
FIRST_WORDS = 140
"""Characters of a text that a list shows."""


def add_work_pages() -> None:
    """Registers `/work` and `/work/{answer}`."""

    @console_page("/work")
    async def work(visit: Visit) -> None:
        say, by = visit.words("work"), await visit.caller()
        waiting = await visit.desk.reviewing.work(by)
        approved = await visit.desk.reviewing.work(by, approved=True)
        with frame(visit, say("title"), section="work"):
            tag("p", say("lead")).classes("lead")
            if not waiting:
                empty(say("none"), say("none_hint"))
            for each in waiting:
                _row(visit, each)
            if approved:
                heading(say("approved"), 2)
                for each in approved[:20]:
                    _row(visit, each)

    @console_page("/work/{answer}")
    async def item(visit: Visit, answer: str) -> None:
        say, by = visit.words("work"), await visit.caller()
        found = await visit.desk.reviewing.item(answer, by)
        with frame(visit, _title(visit, found), section="work", wide=True):
            crumbs(visit, (say("title"), "/work"))
            if found.recorded is None:
                notice(say("erased"), "warn")
                return
            with ui.element("div").classes("columns even"):
                with ui.element("div"), card(say("source")):
                    sources(found.work.documents, found.recorded.answer.citations)
                with ui.element("div"):
                    _editor(visit, found, found.recorded.answer)
                    _sentences(visit, found.recorded.answer)


def _title(visit: Visit, item: WorkItem) -> str:
    titles = ", ".join(dict.fromkeys(each.title for each in item.work.documents))
    return titles or visit.words("work")(f"task_{item.work.task}")


def _row(visit: Visit, item: WorkItem) -> None:
    say = visit.words("work")
    with ui.element("article").classes("card turn"):
        with ui.element("div").classes("line spread"):
            with ui.element("div").classes("line"):
                tag("span", say(f"task_{item.work.task}")).classes("badge calm")
                if item.recorded:
                    badge(visit, item.recorded.answer.outcome)
                if item.work.approval:
                    badge(visit, "approved")
            when(visit, item.work.created_at).classes("hint")
        with tag("h2").classes("asked"):
            tag("a", _title(visit, item)).props(f'href="{PATH}/work/{item.work.answer_id}"')
        if done := item.work.approval:
            tag("p", say("edits", words=done.word_edits, seconds=done.seconds)).classes("hint")
        elif item.recorded:
            text = " ".join(each.text for each in item.recorded.answer.sentences if each.claim)
            tag("p", text[:FIRST_WORDS] + ("…" if len(text) > FIRST_WORDS else "")).classes("hint")


def _sentences(visit: Visit, answer: Answer) -> None:
    say = visit.words("work")
    with card(say("sentences")):
        tag("p", say("sentences_lead")).classes("hint")
        with tag("ol").classes("sentences"):
            for sentence in answer.sentences:
                if not sentence.claim:
                    continue
                with tag("li"):
                    chosen = tag("button", sentence.text.strip()).props('type="button"').classes("sentence")
                    light(chosen, sentence.citations)
                    with ui.element("span").classes("line tight"):
                        meter(sentence.support or 0.0, None)
                        tag("span", say("support", percent=round(100 * (sentence.support or 0.0)))).classes("hint")
        if answer.omitted:
            heading(say("omitted"), 3)
            with tag("ul"):
                for each in answer.omitted:
                    tag("li", each.text)


def _editor(visit: Visit, item: WorkItem, answer: Answer) -> None:
    say, began_s = visit.words("work"), monotonic()
    done = item.work.approval
    with card(say("text")):
        if done:
            notice(say("edits", words=done.word_edits, seconds=done.seconds), "good")
        text = field(say("text_label"), done.text if done else answer.text, lines=12, hint=say("text_hint"))
        found = ui.element("div").props('aria-live="polite"').classes("tried")
        with ui.element("div").classes("line"):
            approve, check = button(say("approve"), primary=True), button(say("check"))

        async def checked() -> None:
            await visit.caller()
            sentences = await _checked(visit, item, text.value or "")
            found.clear()
            with found:
                _told(visit, sentences)

        async def approved() -> None:
            by, seconds = await visit.caller(), round(monotonic() - began_s)
            kept = await visit.desk.reviewing.approve(answer.answer_id, text.value or "", by, seconds=seconds)
            found.clear()
            with found:
                notice(say("kept", words=kept.word_edits, seconds=kept.seconds), "good")
                tag("a", say("next")).props(f'href="{PATH}/work"').classes("button")

        approve.on("click", visit.doing(approved))
        check.on("click", visit.doing(checked))


async def _checked(visit: Visit, item: WorkItem, text: str) -> list[CheckedSentence]:
    """Each sentence of the edited text against the source, paragraph by paragraph."""
    found: list[CheckedSentence] = []
    for part in _PARAGRAPH.split(text):
        if part.strip():
            checked = await visit.desk.checks.check(
                item.work.vertical, "output", part.strip(), evidence=item.work.documents
            )
            found += checked.sentences
    return found


def _told(visit: Visit, sentences: list[CheckedSentence]) -> None:
    say = visit.words("work")
    weak = [each for each in sentences if each.claim and each.reason != "none"]
    if not weak:
        notice(say("all_borne_out"), "good")
        return
    notice(say("not_borne_out", n=len(weak)), "warn")
    with tag("ul"):
        for each in weak:
            with tag("li", each.text):
                tag("span", f" {say(f'reason_{each.reason}')}").classes("hint")
