"""Everything about one answer: what was asked and said, what it stands on, what was measured, and what made it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from nicegui import ui

from assistant.console.door import PATH
from assistant.console.figures import meter
from assistant.console.routes import console_page
from assistant.console.shell import badge, button, card, digest_chip, field, frame, heading, notice, tag, when
from assistant.console.source import light, passage
from assistant.console.visits import Visit
from assistant.messages import Answer
from assistant.rails.sheets import Expected
from assistant.records.recorded import Recorded
from assistant.reviewing import WholeAnswer, trials_of


def add_answer_page() -> None:
    """Registers `/answers/{answer}`."""

    @console_page("/answers/{answer}")
    async def show(visit: Visit, answer: str) -> None:
        say, by = visit.words("answer"), await visit.caller()
        whole = await visit.desk.reviewing.answer(answer, by)
        receipt = whole.receipt.content
        with frame(visit, say("title"), section="review", wide=True):
            with ui.element("div").classes("line gap-below"):
                badge(visit, receipt["outcome"])
                if receipt["rail"]:
                    tag("span", say("rail", rail=receipt["rail"])).classes("hint")
                tag("span", whole.receipt.vertical).classes("hint")
                when(visit, whole.receipt.created_at).classes("hint")
                tag("code", answer).classes("hint")
            with ui.element("div").classes("columns"):
                with ui.element("div"):
                    if whole.recorded is None:
                        notice(say("erased"), "warn")
                    else:
                        _said(visit, whole.recorded)
                        _withheld(visit, whole.recorded.answer)
                    _decisions(visit, receipt)
                with ui.element("div"):
                    _judgement(visit, whole)
                    _evidence(visit, whole.recorded)
                    _made_by(visit, receipt)
                    _cost(visit, receipt)
                    _again(visit, answer)
                    if whole.recorded is not None:
                        _erasing(visit, whole)


def _said(visit: Visit, recorded: Recorded) -> None:
    say = visit.words("answer")
    with card(say("asked")):
        for message in recorded.earlier[-4:]:
            tag("p", message.text).classes("hint")
        tag("p", recorded.question).classes("asked")
        if recorded.answer.masked:
            tag("p", say("masked", kinds=", ".join(recorded.answer.masked))).classes("hint")
    with card(say("said")), tag("ol").classes("sentences"):
        for sentence in recorded.answer.sentences:
            with tag("li"):
                chosen = tag("button", sentence.text.strip()).props('type="button"').classes("sentence")
                light(chosen, sentence.citations)
                if sentence.claim:
                    with ui.element("span").classes("line tight"):
                        meter(sentence.support or 0.0, None)
                        numbers = ", ".join(map(str, sentence.citations)) or "–"
                        percent = round(100 * (sentence.support or 0.0))
                        tag("span", say("support", percent=percent, numbers=numbers)).classes("hint")


def _withheld(visit: Visit, answer: Answer) -> None:
    say = visit.words("answer")
    if not (answer.dropped_sentences or answer.dropped_evidence):
        return
    with card(say("withheld")):
        for title, dropped in (("sentences", answer.dropped_sentences), ("passages", answer.dropped_evidence)):
            if dropped:
                heading(say(f"withheld_{title}"), 3)
                with tag("ul"):
                    for each in dropped:
                        with tag("li", each.text):
                            tag("span", f" {say('because', rail=each.rail, reason=each.reason)}").classes("hint")


def _decisions(visit: Visit, receipt: Mapping[str, Any]) -> None:
    say = visit.words("answer")
    with card(say("decisions")), tag("table").classes("plain"):
        with tag("thead"), tag("tr"):
            for name in ("stage", "measured", "decided"):
                tag("th", say(name)).props('scope="col"')
        with tag("tbody"):
            # Passages are many, and most of them measure alike.
            for row, alike in groupby(_Row.of(each) for each in receipt["decisions"]):
                with tag("tr"):
                    count = len(list(alike))
                    tag("td", say(f"stage_{row.stage}") + (f" × {count}" if count > 1 else "")).classes("nowrap")
                    tag("td", row.measured).classes("hint")
                    with tag("td"):
                        badge(visit, "block" if row.blocked else "pass")
                        if row.rail:
                            tag("span", f" {row.rail}").classes("hint")


@dataclass(frozen=True, slots=True)
class _Row:
    stage: str
    measured: str
    blocked: bool
    rail: str | None

    @classmethod
    def of(cls, decision: Mapping[str, Any]) -> _Row:
        measured = _measured(decision["measurements"])
        return cls(decision["stage"], measured, decision["blocked"], decision["rail"])


def _measured(measurements: Mapping[str, Any]) -> str:
    """The scores, and of what was counted only what occurred."""
    parts = []
    for name, value in measurements.items():
        if isinstance(value, Mapping) and "score" in value:
            more = value.get("form") or value.get("reason") or value.get("kind")
            parts.append(f"{name} {value['score']:.2f}" + (f" ({more})" if more and more != "none" else ""))
        elif isinstance(value, Mapping):
            parts += [f"{name}.{key} {each}" for key, each in value.items() if each and each is not True]
    return " · ".join(parts)


def _judgement(visit: Visit, whole: WholeAnswer) -> None:
    say = visit.words("answer")
    if whole.recorded is None:
        return
    with card(say("judgement")):
        told = ui.element("div").props('aria-live="polite"')
        if whole.reviewed and (mark := whole.reviewed.mark):
            with told:
                notice(say("was_right" if mark.right else "was_wrong"), "good" if mark.right else "bad")
        note = field(say("note"))

        def marking(*, right: bool) -> Callable[[], Any]:
            async def mark() -> None:
                by = await visit.caller()
                await visit.desk.reviewing.mark(whole.receipt.answer_id, by, right=right, note=note.value or "")
                told.clear()
                with told:
                    notice(say("was_right" if right else "was_wrong"), "good" if right else "bad")

            return mark

        with ui.element("div").classes("line"):
            button(say("right")).on("click", visit.doing(marking(right=True)))
            button(say("wrong")).on("click", visit.doing(marking(right=False)))
        _trials(visit, whole.receipt.vertical, whole.recorded)


def _trials(visit: Visit, vertical: str, recorded: Recorded) -> None:
    """One click makes a text that a rail decided on an example of that rail, in the reader's own draft."""
    say = visit.words("answer")
    trials = trials_of(recorded)
    if not trials:
        return
    folded = ui.element("details").classes("adding")
    if len(trials) == 1:
        folded.props("open")
    with folded:
        tag("summary", say("trials"))
        tag("p", say("trials_lead")).classes("hint")
    for trial in trials:
        with folded, ui.element("div").classes("suggestion"):
            tag("p", trial.text).classes("flush")
            with ui.element("div").classes("line") as line:
                tag("span", trial.rail).classes("badge calm")
                for expected in ("block", "pass"):

                    async def make(trial=trial, expected: Expected = expected, line=line) -> None:  # type: ignore[no-untyped-def]
                        draft = await visit.desk.reviewing.make_trial(vertical, trial, expected, await visit.caller())
                        line.clear()
                        with line:
                            tag("span", say(f"made_{expected}")).classes("badge good")
                            tag("a", say("to_draft")).props(f'href="{PATH}/changes/{draft.id}"')

                    button(say(f"must_{expected}"), small=True).on("click", visit.doing(make))


def _evidence(visit: Visit, recorded: Recorded | None) -> None:
    say = visit.words("answer")
    if recorded is None or not recorded.answer.citations:
        return
    with card(say("evidence")):
        for each in recorded.answer.citations:
            passage(each)


def _made_by(visit: Visit, receipt: Mapping[str, Any]) -> None:
    say = visit.words("answer")
    with card(say("made_by")):
        with tag("dl").classes("facts"):
            tag("dt", say("release"))
            with tag("dd"):
                digest_chip(visit, receipt["release"]["digest"])
                tag("span", f" {say('published' if receipt['release']['published'] else 'unpublished')}").classes(
                    "hint"
                )
            tag("dt", say("model"))
            tag("dd", receipt["model"])
        with ui.element("details"):
            tag("summary", say("parts"))
            with tag("dl").classes("facts"):
                for name, value in receipt["release"]["parts"].items():
                    tag("dt", name)
                    with tag("dd"):
                        tag("code", str(value)).classes("wrap")


def _cost(visit: Visit, receipt: Mapping[str, Any]) -> None:
    say, usage, times = visit.words("answer"), receipt["usage"], receipt["timings_ms"]
    with card(say("cost")), tag("dl").classes("facts"):
        for name, text in (
            ("tokens", f"{usage['prompt_tokens']} + {usage['completion_tokens']}"),
            ("money", f"{usage['cost_usd']:.6f} $"),
            ("energy", f"{1000 * usage['energy_wh']:.2f} mWh · {say('basis_' + usage['basis'])}"),
            ("carbon", f"{1000 * usage['co2_g']:.2f} mg"),
            ("total", f"{times['total'] / 1000:.2f} s"),
        ):
            tag("dt", say(name))
            tag("dd", text)
        for stage in ("input", "evidence", "first_sentence", "generation", "output"):
            if times[stage] is not None:
                tag("dt", say(f"stage_{stage}"))
                tag("dd", f"{times[stage]:.0f} ms")


def _again(visit: Visit, answer: str) -> None:
    say = visit.words("answer")
    with card(say("again")):
        tag("p", say("again_lead")).classes("hint")
        run = button(say("again_run"))
        told = ui.element("div").props('aria-live="polite"').classes("tried")

        async def replayed() -> None:
            found = await visit.desk.reviewing.replay(answer, await visit.caller())
            told.clear()
            with told:
                if found.same:
                    notice(say("again_same", n=len(found.decisions)), "good")
                for each in found.decisions:
                    if not each.same:
                        stage = say(f"stage_{each.before.stage}")
                        notice(say("again_other", stage=stage, why=each.problem or ""), "bad")
                if found.changed:
                    tag("p", say("again_changed", parts=", ".join(found.changed))).classes("hint")

        run.on("click", visit.doing(replayed))


def _erasing(visit: Visit, whole: WholeAnswer) -> None:
    say = visit.words("answer")
    with ui.element("details").classes("card"):
        tag("summary", say("erase"))
        with ui.element("div"):
            tag("p", say("erase_lead")).classes("hint")
            told = ui.element("div").props('aria-live="polite"')

            async def erased() -> None:
                await visit.desk.reviewing.erase(whole.receipt.answer_id, await visit.caller())
                told.clear()
                with told:
                    notice(say("erase_done"), "good")

            button(say("erase_run"), danger=True).on("click", visit.doing(erased))
