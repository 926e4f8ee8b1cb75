"""Trying a text: what is live and the draft side by side, with all that was measured and what each rail says."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import ui
from nicegui.element import Element

from assistant.console.editing import Writing
from assistant.console.figures import meter
from assistant.console.shell import badge, button, card, field, heading, notice, tag
from assistant.console.tongues import Say
from assistant.console.visits import Visit
from assistant.errors import AssistantError
from assistant.messages import Stage
from assistant.rails.live import Release
from assistant.rails.tryout import Tried, TriedText, try_text


def try_panel(writing: Writing, vertical: str, stage: Stage, *, rail: str | None = None) -> None:
    """A form to try one text, and below it what becomes of it."""
    visit = writing.visit
    say = visit.words("trying")
    with card(say("title")):
        tag("p", say(f"lead_{stage}")).classes("hint")
        question = field(say("question")) if stage == "output" else None
        text = field(say(f"text_{stage}"), lines=3)
        evidence = field(say("evidence"), lines=3, hint=say("evidence_hint")) if stage == "output" else None
        run = button(say("try"), primary=True)
        result = ui.element("div").classes("tried").props('aria-live="polite"')

        async def tried() -> None:
            if not (text.value or "").strip():
                return
            await writing.settle()
            await visit.caller()
            result.clear()
            with result:
                tag("p", say("measuring")).classes("hint")
            brought = [each for each in (evidence.value or "").split("\n\n") if each.strip()] if evidence else []
            asked = (question.value or None) if question else None
            live = visit.desk.rails.release(vertical)
            found = await try_text(live, stage, text.value, question=asked, evidence=brought)
            drafted: Tried | str | None = None
            if writing.draft.changed:
                try:
                    release: Release = await visit.desk.drafts.release(vertical, writing.draft)
                    drafted = await try_text(release, stage, text.value, question=asked, evidence=brought)
                except AssistantError as error:
                    drafted = str(error)
            result.clear()
            with result:
                _shown(visit, found, drafted, rail)

        run.on("click", visit.doing(tried))


def _shown(visit: Visit, live: Tried, drafted: Tried | str | None, rail: str | None) -> None:
    say = visit.words("trying")
    with ui.element("div").classes("sides" if drafted is not None else ""):
        _side(visit, say("live"), live, rail)
        if isinstance(drafted, Tried):
            _side(visit, say("draft"), drafted, rail)
        elif drafted is not None:
            with ui.element("section"):
                heading(say("draft"), 3)
                notice(say("broken", problem=drafted), "bad")
    if live.evidence:
        heading(say("evidence_title"), 3)
        lit = {each.evidence for each in live.texts}
        for place, each in enumerate(live.evidence):
            with ui.element("details").classes("passage" + (" lit" if place in lit else "")):
                with tag("summary"):
                    tag("span", each.title or say("brought")).classes("title")
                    if each.score is not None:
                        tag("span", f"{each.score:.2f}").classes("number hint")
                    if place in lit:
                        tag("span", say("nearest")).classes("badge calm")
                tag("p", each.text[:2000])


def _side(visit: Visit, title: str, tried: Tried, rail: str | None) -> Element:
    with ui.element("section") as made:
        heading(title, 3)
        for each in tried.texts:
            _text(visit, each, tried.limits, rail, alone=len(tried.texts) == 1)
    return made


def _text(visit: Visit, each: TriedText, limits: Mapping[str, float], rail: str | None, *, alone: bool) -> None:
    say = visit.words("trying")
    if not alone:
        tag("p", each.text).classes("sentence")
    with ui.element("div").classes("line"):
        badge(visit, "block" if each.verdict.blocked else "pass")
        if each.verdict.rail:
            tag("span", say("by", rail=each.verdict.rail)).classes("hint")
    if each.verdict.message:
        tag("blockquote", each.verdict.message)
    _measurements(visit, each, limits)
    with tag("ul").classes("verdicts"):
        for name, verdict in each.rails.items():
            with tag("li").classes("mine" if name == rail else ""):
                tag("span", name)
                badge(visit, "block" if verdict.blocked else "pass")


def _measurements(visit: Visit, each: TriedText, limits: Mapping[str, float]) -> None:
    say = visit.words("trying")
    with tag("table").classes("plain measured"):
        tag("caption", say("measured")).classes("visually-hidden")
        with tag("tbody"):
            for name, value in each.measured.items():
                if not isinstance(value, Mapping):
                    continue
                for member, one in value.items():
                    if name == "sentence" and member == "text":
                        continue
                    if name == "phrases" and not one:
                        continue
                    _row(f"{name}.{member}", one, limits.get(name) if member == "score" else None, say)


def _row(name: str, value: object, limit: float | None, say: Say) -> None:
    with tag("tr"):
        tag("th", name).props('scope="row"').classes("mono")
        with tag("td"):
            if name.endswith(".score") and isinstance(value, int | float):
                with ui.element("div").classes("line tight"):
                    meter(float(value), limit)
                    tag("span", f"{float(value):.2f}")
                    if limit is not None:
                        tag("span", say("limit", value=f"{limit:.2f}")).classes("hint")
            else:
                tag("span", say(str(value).lower()) if isinstance(value, bool) else _plain(value))


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(each) for each in value) or "–"
    return str(value) if value not in ("", None) else "–"
