"""The choice: gates first, then what is worth most by stated weights, with reasons, and what would change it.

A pure function of figures case by case, so that a record which holds these can be decided again by anybody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from assistant.errors import Invalid
from assistant.evals.metrics import METRICS
from assistant.evals.runs import Run
from assistant.evals.saying import ENGLISH, Saying
from assistant.evals.spec import ContenderFacts
from assistant.evals.statistics import RESAMPLES, shown

AXES = {"speed": "total_s", "cost": "cost_usd", "energy": "energy_wh"}
"""What a model takes, beside its quality; less is better."""
OPINION = "judged"
WEIGHTS = {"quality": 0.7, "speed": 0.1, "cost": 0.1, "energy": 0.1}
# What is as good as nothing, so that twice as little is not worth twice as much: in seconds, dollars and watt-hours.
_NOTHING = {"speed": 0.1, "cost": 0.0001, "energy": 0.001}
Floats = NDArray[np.float64]
Places = NDArray[np.int64]
"""Places of cases, a resample a row."""
_GATE = re.compile(r"\s*(\w+)\s*(<=|>=)\s*([\d.]+)\s*")


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Gate(_Record):
    """A condition that must hold, whatever else a model is good at."""

    metric: str
    sign: Literal["<=", ">="]
    value: float

    def __str__(self) -> str:
        return f"{self.metric} {self.sign} {self.value:g}"

    def holds(self, found: float) -> bool:
        """Whether a model with that figure may be chosen."""
        return found <= self.value if self.sign == "<=" else found >= self.value


class Terms(_Record):
    """By what is chosen; whoever states other terms may come to another choice."""

    quality: str = "right"
    """The metric that stands for quality, a share or of 100."""
    weights: dict[str, float] = Field(default_factory=lambda: dict(WEIGHTS))
    """Of quality, speed, cost and energy; they sum up to 1."""
    gates: tuple[Gate, ...]
    seed: int = 1

    @property
    def asks_a_machine(self) -> bool:
        """Whether they name the opinion of a judge, which nothing is chosen by otherwise."""
        return OPINION in (self.quality, *(gate.metric for gate in self.gates))


class Candidate(_Record):
    """A model with its figures case by case."""

    facts: ContenderFacts
    values: dict[str, tuple[float | None, ...]]
    """By metric, in the order of the cases; None where the metric says nothing."""

    def mean(self, metric: str) -> float | None:
        """The mean over the cases it is told of."""
        told = [value for value in self.values[metric] if value is not None]
        return sum(told) / len(told) if told else None


class Figures(_Record):
    """Everything a choice is made from."""

    cases: tuple[str, ...]
    candidates: dict[str, Candidate]
    baselines: dict[str, Candidate] = {}
    """Plain ways to answer: never chosen, and the least a model should beat."""
    remarks: tuple[str, ...] = ()
    """What must be known before believing them."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where one candidate stands."""

    name: str
    worth: float
    """0 to 1 by the weights."""
    means: dict[str, float | None]
    stopped_by: tuple[str, ...]
    """What keeps it from being chosen, in words; nothing where it may be."""
    lacks: tuple[str, ...]
    """What of that the vertical itself requires, whatever gates are stated."""
    on_front: bool
    """Whether no other that may be chosen is at least as good everywhere and better somewhere."""
    first: float
    """How often of the reshuffled sets of cases it is worth most among those that may be chosen."""


def default_gates(run: Run) -> tuple[Gate, ...]:
    """What must hold unless other gates are stated: what leaves is borne out, and answers come, and in time."""
    return (
        Gate(metric="supported", sign=">=", value=run.spec.supported_target),
        Gate(metric="failed", sign="<=", value=0.05),
        Gate(metric="wrongly_declined", sign="<=", value=0.25),
        Gate(metric="total_s", sign="<=", value=30),
    )


def parse_gate(text: str) -> Gate:
    """The gate in `text`, like `total_s<=10`; raises Invalid saying what would be right."""
    match = _GATE.fullmatch(text)
    if not match or match[1] not in METRICS:
        raise Invalid(f"{text!r} is no gate; write METRIC<=NUMBER or METRIC>=NUMBER with one of {', '.join(METRICS)}")
    return Gate.model_validate({"metric": match[1], "sign": match[2], "value": match[3]})


def parse_weights(text: str) -> dict[str, float]:
    """The weights in `text`, like `quality=6,speed=2,cost=1,energy=1`, made to sum up to 1; raises Invalid."""
    given: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        if name.strip() not in WEIGHTS or not re.fullmatch(r"\s*\d+(\.\d+)?\s*", value):
            raise Invalid(f"{part!r} is no weight; write NAME=NUMBER with one of {', '.join(WEIGHTS)}")
        given[name.strip()] = float(value)
    total = sum(given.values())
    if not total:
        raise Invalid("the weights are all 0; at least one must count")
    return {name: given.get(name, 0.0) / total for name in WEIGHTS}


def figures_in(run: Run, terms: Terms, *, remarks: Sequence[str] = ()) -> Figures:
    """The figures of a run that a choice by these terms is made from.

    Raises Invalid for a quality that is no share, for a machine's opinion where none was asked for, and for a run
    that is not complete or holds no model.
    """
    if terms.asks_a_machine and run.judge is None:
        raise Invalid(f"{OPINION!r}: nobody judged this run; have it judged with assistant eval … --judge MODEL")
    quality = METRICS.get(terms.quality)
    if quality is None or quality.better != "higher" or quality.unit not in ("", "of 100"):
        shares = [m.name for m in METRICS.values() if m.better == "higher" and m.unit in ("", "of 100")]
        raise Invalid(f"{terms.quality!r} cannot stand for quality; one of {', '.join(shares)} can")
    names = dict.fromkeys((terms.quality, *AXES.values(), *(gate.metric for gate in terms.gates), "prompt_tokens"))
    complete = [name for name in run.spec.contenders if len(run.of(name)) == len(run.cases)]
    if missing := [name for name in run.spec.contenders if name not in complete]:
        raise Invalid(f"the run is not complete: {', '.join(missing)} has not answered every case; run it again")
    if not any(facts.models for facts in run.spec.contenders.values()):
        raise Invalid("the run holds plain baselines only, and these are never chosen; add a model to it: --models A,B")
    found = {
        name: Candidate(
            facts=run.spec.contenders[name],
            values={metric: tuple(run.values(name, METRICS[metric])) for metric in names},
        )
        for name in complete
    }
    return Figures(
        cases=tuple(case.id for case in run.cases),
        candidates={name: each for name, each in found.items() if each.facts.models},
        baselines={name: each for name, each in found.items() if not each.facts.models},
        remarks=tuple(remarks),
    )


def rank(figures: Figures, terms: Terms, *, max_tokens: int, say: Saying = ENGLISH) -> tuple[Ranked, ...]:
    """Every candidate, those that may be chosen first, the one worth most at their head."""
    stopped = {name: _stops(each, terms, max_tokens, say) for name, each in figures.candidates.items()}
    allowed = [name for name, why in stopped.items() if not why]
    worths = _worths(figures, terms, list(figures.candidates), None)
    firsts = _firsts(figures, terms, allowed)
    axes = {name: _axes(each, terms) for name, each in figures.candidates.items()}
    shown = (terms.quality, *AXES.values(), *(gate.metric for gate in terms.gates))
    ranked = [
        Ranked(
            name=name,
            worth=float(worths[place]),
            means={metric: each.mean(metric) for metric in dict.fromkeys(shown)},
            stopped_by=stopped[name],
            lacks=tuple(_lacks(each, max_tokens, say)),
            on_front=name in allowed and not any(_dominates(axes[other], axes[name]) for other in allowed),
            first=firsts.get(name, 0.0),
        )
        for place, (name, each) in enumerate(figures.candidates.items())
    ]
    # Between equals the name decides, so that the same figures give the same order everywhere.
    return tuple(sorted(ranked, key=lambda each: (bool(each.stopped_by), -each.worth, each.name)))


def first_of(figures: Figures, terms: Terms, *, max_tokens: int, prefer: str | None = None) -> str | None:
    """The name that `rank` puts first, `prefer` where it is worth as much; None where nothing may be chosen."""
    allowed = [name for name, each in figures.candidates.items() if not _stops(each, terms, max_tokens, ENGLISH)]
    worths = dict(zip(figures.candidates, _worths(figures, terms, list(figures.candidates), None), strict=True))
    return min(allowed, key=lambda name: (-round(worths[name], 9), name != prefer, name), default=None)


def _stops(candidate: Candidate, terms: Terms, max_tokens: int, say: Saying) -> tuple[str, ...]:
    why = _lacks(candidate, max_tokens, say)
    for gate in terms.gates:
        found = candidate.mean(gate.metric)
        if found is not None and not gate.holds(found):
            why.append(say("gate_missed", **say.gate(gate.metric, gate.sign, gate.value), found=shown(found)))
    return tuple(why)


def _lacks(candidate: Candidate, max_tokens: int, say: Saying) -> list[str]:
    why = [say("unmet", requirement=each) for each in candidate.facts.unmet]
    prompts = [value for value in candidate.values["prompt_tokens"] if value is not None]
    window = candidate.facts.context_tokens
    # The sum of all calls of a case is an upper bound for each of them; only a window smaller than the answer is sure.
    if window is not None and window < max_tokens + min(prompts, default=0):
        why.append(say("window", window=window, answer=max_tokens))
    return why


def _worths(figures: Figures, terms: Terms, names: Sequence[str], places: Places | None) -> Floats:
    """The worth of each of `names` over all cases, or a row of them for each row of `places`."""
    quality = _means(figures, names, terms.quality, places) / _scale(terms.quality)
    worth = terms.weights["quality"] * quality
    for axis, metric in AXES.items():
        taken = _means(figures, names, metric, places) + _NOTHING[axis]
        # 1 for the one that takes least, a half for one that takes twice as much: no unit, no worst that sets a scale.
        worth = worth + terms.weights[axis] * (taken.min(axis=0) / taken)
    return worth


def _means(figures: Figures, names: Sequence[str], metric: str, places: Places | None) -> Floats:
    """Means by candidate; failed cases took what the candidate's others took on average."""
    rows = np.array([[np.nan if v is None else v for v in figures.candidates[n].values[metric]] for n in names], float)
    told = ~np.isnan(rows)
    means = np.where(told.any(axis=1), np.where(told, rows, 0).sum(axis=1) / np.maximum(told.sum(axis=1), 1), 0.0)
    filled = np.where(told, rows, means[:, None])
    return means if places is None else filled[:, places].mean(axis=2)


def _firsts(figures: Figures, terms: Terms, allowed: Sequence[str]) -> dict[str, float]:
    if not allowed:
        return {}
    n = len(figures.cases)
    draws = np.random.default_rng(terms.seed).integers(0, n, size=(RESAMPLES, n))
    worths = _worths(figures, terms, allowed, draws)
    best = worths.max(axis=0)
    ties = np.isclose(worths, best)  # Equals share what they win.
    return dict(zip(allowed, (ties / ties.sum(axis=0)).mean(axis=1).tolist(), strict=True))


def _axes(candidate: Candidate, terms: Terms) -> tuple[float, ...]:
    """Quality and what it takes, each so that more is better."""
    return (candidate.mean(terms.quality) or 0.0, *(-(candidate.mean(metric) or 0.0) for metric in AXES.values()))


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a >= b for a, b in zip(one, other, strict=True))


def _scale(metric: str) -> float:
    return 100.0 if METRICS[metric].unit == "of 100" else 1.0
