"""How good the answers were, as far as anybody measured it on this machine: the figures of its evaluation runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import AssistantError
from assistant.evals.metrics import METRICS
from assistant.evals.runs import Run, read_run

_GROUPS = ("quality", "rails")


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric of one model in one run, with the interval that holds the true value 95 times of 100."""

    began: str
    """When the run began."""
    vertical: str
    release: str
    """The release that was live then; the model takes the place of its model."""
    model: str
    metric: str
    better: str
    """`higher` or `lower`."""
    value: float
    low: float
    high: float
    cases: int
    complete: bool
    """Whether the run came to its end."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the runs in a folder found."""

    figures: tuple[Figure, ...]
    unreadable: tuple[str, ...]
    """What is wrong with the runs that cannot be read."""


def figures_in(folder: Path) -> Figures:
    """Quality and rails, as every run below `folder` measured them through the live rails; the oldest first."""
    found: list[Figure] = []
    unreadable = []
    for file in sorted(folder.glob("*/*/run.json")):
        try:
            found += _figures(read_run(file.parent))
        except AssistantError as error:
            unreadable.append(f"{file.parent.relative_to(folder)}: {error}")
    return Figures(tuple(found), tuple(unreadable))


def _figures(run: Run) -> Iterator[Figure]:
    spec = run.spec
    for model in spec.contenders:
        for name, metric in METRICS.items():
            told = run.estimate(model, name) if metric.group in _GROUPS else None
            if told is not None:
                interval = (round(told.value, 4), round(told.low, 4), round(told.high, 4))
                known = (spec.began, spec.vertical, spec.release, model, metric.title, metric.better)
                yield Figure(*known, *interval, told.n, run.complete)
