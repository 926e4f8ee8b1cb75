"""The decision record: what was chosen and why, with every figure it stands on, so that anybody can choose again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import Invalid, NotFound
from assistant.evals.metrics import METRICS, Metric
from assistant.evals.plots import Point, against
from assistant.evals.reasons import Choice, choose
from assistant.evals.report import page
from assistant.evals.runs import Run
from assistant.evals.select import AXES, Figures, Terms, figures_in
from assistant.evals.spec import Spec
from assistant.evals.statistics import Estimate, estimate
from assistant.verticals import parse_vertical


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Proposal(_Record):
    """The change the choice asks for; it is live only once it was approved."""

    file: str
    parent: str
    """Digest of the release it was made on."""
    text: str
    """The whole of the changed vertical.yaml."""


class Decision(_Record):
    """A choice that can be made again from this record alone."""

    format: int = 1
    made: str
    who: str
    spec: Spec
    terms: Terms
    figures: Figures
    recommended: str | None
    ranking: tuple[str, ...]
    reasons: tuple[str, ...]
    changes: tuple[str, ...]
    sure: float
    proposal: Proposal | None
    """None where nothing is recommended, or what is in force already."""

    def again(self) -> Choice:
        """The choice made anew from the figures and terms of the record."""
        return choose(self.figures, self.terms, max_tokens=self.spec.max_tokens)

    def changed(self, vertical_yaml: str) -> str | None:
        """That text with the recommended model; None where nothing is recommended, or the text names it already."""
        return _changed(self.spec, self.recommended, vertical_yaml)


def decide(run: Run, terms: Terms, *, who: str, vertical_yaml: str, remarks: Sequence[str] = ()) -> Decision:
    """The decision on a run by these terms; raises as `figures_in`.

    `vertical_yaml`: the text that the proposal changes.
    `remarks`: what must be known before believing the figures; it stands in the record among the reasons.
    """
    figures = figures_in(run, terms, remarks=remarks)
    choice = choose(figures, terms, max_tokens=run.spec.max_tokens)
    return Decision(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        who=who,
        spec=run.spec,
        terms=terms,
        figures=figures,
        recommended=choice.recommended,
        ranking=tuple(each.name for each in choice.ranking),
        reasons=choice.reasons,
        changes=choice.changes,
        sure=choice.sure,
        proposal=_proposal(run.spec, choice.recommended, vertical_yaml),
    )


def write_decision(decision: Decision, folder: Path) -> tuple[Path, Path]:
    """Writes decision.json and decision.html into `folder` and returns their paths."""
    as_json, as_html = folder / "decision.json", folder / "decision.html"
    as_json.write_text(decision.model_dump_json(indent=1) + "\n", encoding="utf-8")
    as_html.write_text(_page(decision), encoding="utf-8")
    return as_json, as_html


def read_decision(file: Path) -> Decision:
    """The decision in `file`; raises NotFound, or Invalid naming the file."""
    try:
        return Decision.model_validate_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"there is no {file}") from error
    except ValidationError as error:
        raise Invalid(f"{file}: is no decision record of this version ({error.error_count()} fields wrong)") from error


def proposed_text(text: str, contender: tuple[str, ...], *, name: str) -> str:
    """The text of a vertical.yaml with another `model:` and `cascade:`, every other line as it was.

    Raises Invalid where these two do not stand on lines of their own.
    """
    model, cascade = contender[0], list(contender[1:])
    changed = _with_key(text, "model", model)
    if cascade or re.search(r"^\s+cascade:", changed, re.MULTILINE):
        changed = _with_key(changed, "cascade", f"[{', '.join(cascade)}]")
    found = parse_vertical(name, changed, file="vertical.yaml")
    if (found.model, found.cascade) != (model, tuple(cascade)):
        raise Invalid(f"{name}/vertical.yaml: write `model:` and `cascade:` on one line each, then choose again")
    return changed


def _with_key(text: str, key: str, value: str) -> str:
    changed, count = re.subn(
        rf"^(\s+{key}:)[^\n#]*?(\s*#[^\n]*)?$", rf"\g<1> {value}\g<2>", text, count=1, flags=re.MULTILINE
    )
    if count:
        return changed
    above = "model" if key == "cascade" else "title"
    return re.sub(rf"^(\s+)({above}:[^\n]*)$", rf"\g<1>\g<2>\n\g<1>{key}: {value}", text, count=1, flags=re.MULTILINE)


def plots_of(figures: Figures, terms: Terms, choice: Choice) -> list[tuple[Metric, Markup]]:
    """Quality against each of what it takes; a ring where no other that may be chosen is better everywhere."""
    everybody = {**figures.candidates, **figures.baselines}
    front = {each.name for each in choice.ranking if each.on_front}
    allowed = {each.name for each in choice.ranking if not each.stopped_by}
    quality, plots = METRICS[terms.quality], []

    def estimated(name: str, metric: str) -> Estimate | None:
        told = [value for value in everybody[name].values[metric] if value is not None]
        return estimate(told, seed=terms.seed, share=not METRICS[metric].unit)

    for metric in (METRICS[name] for name in AXES.values()):
        found = [(name, estimated(name, metric.name), estimated(name, terms.quality)) for name in everybody]
        points = [
            Point(name, place, across, up, ringed=name in front)
            for place, (name, across, up) in enumerate(found)
            if across and up
        ]
        if any(point.across.value > 0 for point in points):
            most = 100.0 if quality.unit == "of 100" else 1.0
            title = f"{quality.title} against {metric.title.lower()}"
            plots.append((metric, against(points, unit=metric.unit, most=most, title=title, candidates=allowed)))
    return plots


def _proposal(spec: Spec, recommended: str | None, text: str) -> Proposal | None:
    changed = _changed(spec, recommended, text)
    return Proposal(file=f"rails/{spec.vertical}/vertical.yaml", parent=spec.release, text=changed) if changed else None


def _changed(spec: Spec, recommended: str | None, text: str) -> str | None:
    if recommended is None:
        return None
    changed = proposed_text(text, spec.contenders[recommended].models, name=spec.vertical)
    return None if changed == text else changed


def _page(decision: Decision) -> str:
    choice, figures = decision.again(), decision.figures
    place = {name: n for n, name in enumerate((*figures.candidates, *figures.baselines))}
    plots = plots_of(figures, decision.terms, choice)
    rows: list[dict[str, Any]] = [asdict(each) for each in choice.ranking]
    return page("decision.html.jinja", decision=decision, rows=rows, plots=plots, place=place, metrics=METRICS)
