"""Does the judge prefer what people prefer? Its grades held against the choices people made side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.evals.compare import PREFERENCES, Preference, read_preferences
from assistant.evals.runs import Run, read_run
from assistant.evals.statistics import Estimate, estimate, kappa

FEW_CHOICES = 30
"""With fewer, kappa's interval is about as wide as from chance to perfect."""

Side = Literal["first", "second", "even"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the judge and people preferred the same of two answers; both and neither are `even`."""

    same: Estimate
    """Share of the choices, 0 to 1."""
    kappa: Estimate | None
    """The same beyond chance: 1 always, 0 as by chance (Cohen 1960); None where one of them always says one thing."""
    ungraded: int
    """Choices about an answer that the judge gave no grade; they count in neither."""


def agreement(run: Run, preferences: Sequence[Preference]) -> Agreement | None:
    """The judge's agreement with these choices; None where people chose nothing that it graded.

    The sides are those on which the answers were shown, at random: by the models' names, a judge that always prefers
    the stronger one would agree without reading.
    """
    scores = {(r.model, r.case): r.judged for r in run.results if r.way == "railed"}
    told: dict[str, list[tuple[Side, Side]]] = {}
    for each in preferences:
        first, second = (scores.get((model, each.case)) for model in (each.first, each.second))
        if first is not None and second is not None:
            told.setdefault(each.case, []).append((_chosen(each), _preferred(first, second)))
    pairs = [pair for group in told.values() for pair in group]
    same = estimate([float(one == other) for one, other in pairs], seed=run.spec.seed, share=True)
    if same is None:
        return None
    return Agreement(same, kappa(list(told.values()), seed=run.spec.seed), len(preferences) - len(pairs))


def told_agreement(run: Run, preferences: Sequence[Preference]) -> str:
    """The agreement in one sentence, for whoever reads the judge's figures."""
    found = agreement(run, preferences)
    if found is None:
        return "Agreement with people: not known, because nobody has compared answers of this run side by side."
    same = f"the same preferred in {found.same.value:.0%} of {found.same.n} choices"
    beyond = "kappa cannot be told, because one of the two always says the same"
    if found.kappa:
        beyond = f"kappa {found.kappa.value:.2f} ({found.kappa.low:.2f} to {found.kappa.high:.2f})"
    few = "; so few choices say little" if found.same.n < FEW_CHOICES else ""
    left_out = f"; {found.ungraded} more are about answers without a grade" if found.ungraded else ""
    return f"Agreement with people: {same} ({found.same.low:.0%} to {found.same.high:.0%}), {beyond}{few}{left_out}."


def told_opinions(folder: Path) -> tuple[str, ...]:
    """Who judged the run in `folder`, how steadily, at what cost, and whether people agree; nothing without judge."""
    run = read_run(folder)
    if not run.opinions:
        return ()
    graded = [each for each in run.opinions if each.grades]
    steady = sum(len(set(each.grades)) == 1 for each in graded)
    cost = sum(each.cost_usd for each in run.opinions)
    lines = [
        f"Judged by the model {run.judge}, with the approved text shown before the answer and after it: {len(graded)} "
        f"texts graded, {steady} of them the same both times, in {sum(each.total_s for each in run.opinions):.0f} s"
        + (f" for {cost:.4f} USD." if cost else ".")
    ]
    if missing := len(run.opinions) - len(graded):
        lines.append(f"{missing} texts have no grade, because it gave none or they do not fit its window.")
    if run.judge in {name for facts in run.spec.contenders.values() for name in facts.models}:
        lines.append(f"{run.judge} judges its own answers here; models tend to prefer their own (Panickssery 2024).")
    return (*lines, told_agreement(run, read_preferences(folder / PREFERENCES)))


def _chosen(preference: Preference) -> Side:
    return preference.preferred if preference.preferred in ("first", "second") else "even"


def _preferred(first: float, second: float) -> Side:
    return "even" if first == second else "first" if first > second else "second"
