"""What the figures of a run say by the stated terms: gates first, then what is worth most and why."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from assistant.console.figures import meter
from assistant.console.shell import card, heading, notice, tag
from assistant.console.visits import Visit
from assistant.evals.plots import colour
from assistant.evals.reasons import Choice
from assistant.evals.record import plots_of
from assistant.evals.select import AXES, Figures, Gate, Ranked, Terms
from assistant.evals.statistics import shown


def show_choice(visit: Visit, figures: Figures, terms: Terms, choice: Choice, *, in_force: bool) -> None:
    """The recommended model with its reasons, the gates, the front, the ranking, and what would change it."""
    _recommended(visit, choice, in_force=in_force)
    _gates(visit, figures, terms, choice.ranking)
    _front(visit, figures, terms, choice)
    _ranking(visit, figures, terms, choice.ranking)
    with card(visit.words("choice")("changes")):
        _listed(choice.changes)


def _recommended(visit: Visit, choice: Choice, *, in_force: bool) -> None:
    say = visit.words("choice")
    with ui.element("section").classes("card chosen").props('aria-labelledby="chosen"'):
        if choice.recommended is None:
            heading(say("nothing")).props('id="chosen"').classes("flush")
            notice(say("nothing_lead"), "bad")
        else:
            tag("p", say("recommended")).classes("hint flush")
            tag("h2", choice.recommended).props('id="chosen"').classes("flush")
            with ui.element("div").classes("line sure"):
                meter(choice.sure, None)
                tag("span", say("sure", n=round(100 * choice.sure)))
            if in_force:
                tag("p", say("in_force")).classes("hint")
        heading(say("why"), 3)
        _listed(choice.reasons)


def _listed(sentences: Sequence[str]) -> None:
    with tag("ul").classes("reasons"):
        for each in sentences:
            tag("li", each)


def _gates(visit: Visit, figures: Figures, terms: Terms, ranking: Sequence[Ranked]) -> None:
    say = visit.words("choice")
    with card(say("gates_first")):
        tag("p", say("gates_lead")).classes("hint")
        with _scrolling(say("gates_first")), tag("table").classes("plain"):
            with tag("thead"), tag("tr"):
                for text in (say("model"), say("required")):
                    tag("th", text).props('scope="col"')
                for gate in terms.gates:
                    with tag("th").props('scope="col"'):
                        tag("span", say(f"metric_{gate.metric}")).classes("block")
                        tag("span", f"{'≤' if gate.sign == '<=' else '≥'} {gate.value:g}").classes("hint nowrap")
                tag("th", say("result")).props('scope="col"')
            with tag("tbody"):
                for row in ranking:
                    with tag("tr"):
                        _name(figures, row.name)
                        with tag("td"):
                            _held(say("holds"), holds=True) if not row.lacks else _lacking(row.lacks)
                        for gate in terms.gates:
                            with tag("td"):
                                _gate(say("no_value"), gate, row)
                        with tag("td"):
                            stopped = bool(row.stopped_by)
                            text = say("stopped" if stopped else "passes")
                            tag("span", text).classes(f"badge {'bad' if stopped else 'good'}")


def _gate(nothing: str, gate: Gate, row: Ranked) -> None:
    found = row.means[gate.metric]
    if found is None:
        tag("span", nothing).classes("hint")
        return
    _held(shown(found), holds=gate.holds(found))


def _held(text: str, *, holds: bool) -> None:
    tag("span", f"{'✓' if holds else '✗'} {text}").classes(f"nowrap {'good-text' if holds else 'bad-text strong'}")


def _lacking(lacks: Sequence[str]) -> None:
    tag("span", f"✗ {'; '.join(lacks)}").classes("bad-text")


def _front(visit: Visit, figures: Figures, terms: Terms, choice: Choice) -> None:
    say = visit.words("choice")
    with card(say("front")):
        tag("p", say("front_lead")).classes("hint")
        with ui.element("div").classes("plots"):
            for metric, plot in plots_of(figures, terms, choice):
                with tag("figure"):
                    ui.html(str(plot), sanitize=False)
                    quality = say(f"metric_{terms.quality}")
                    tag("figcaption", f"{quality} · {say(f'metric_{metric.name}')}").classes("hint")


def _ranking(visit: Visit, figures: Figures, terms: Terms, ranking: Sequence[Ranked]) -> None:
    say, shown = visit.words("choice"), (terms.quality, *AXES.values())
    with card(say("ranking")), _scrolling(say("ranking")), tag("table").classes("plain"):
        with tag("thead"), tag("tr"):
            for text in (say("model"), say("worth"), say("first"), *(say(f"metric_{name}") for name in shown)):
                tag("th", text).props('scope="col"')
        with tag("tbody"):
            for row in ranking:
                with tag("tr"):
                    _name(figures, row.name, note=say("on_front") if row.on_front else "")
                    with tag("td"), ui.element("span").classes("line tight"):
                        meter(row.worth, None)
                        tag("span", f"{row.worth:.3f}")
                    tag("td", say("first_of", percent=round(100 * row.first)))
                    for name in shown:
                        _figure(row.means[name])
            for name, baseline in figures.baselines.items():
                with tag("tr").classes("soft"):
                    _name(figures, name, note=say("plain"))
                    tag("td", "–")
                    tag("td", "–")
                    for metric in shown:
                        _figure(baseline.mean(metric))


def _figure(value: float | None) -> None:
    tag("td", "–" if value is None else shown(value))


def _name(figures: Figures, name: str, *, note: str = "") -> None:
    place = [*figures.candidates, *figures.baselines].index(name)
    with tag("td").classes("name"):
        tag("span").classes("dot").style(f"background: {colour(place)}").props('aria-hidden="true"')
        tag("span", f"{name} ")
        if note:
            tag("span", note).classes("badge calm")


def _scrolling(label: str) -> ui.element:
    """What is wider than a small screen is moved with the keys."""
    return ui.element("div").classes("scrolling").props(f'tabindex="0" role="group" aria-label="{label}"')
