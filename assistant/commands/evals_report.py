"""A run as text for people at a terminal: the figures they look at first, and the limits a model missed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from assistant.commands.records_report import table

if TYPE_CHECKING:
    from assistant.evals.runs import Run
    from assistant.evals.statistics import Estimate


def leaderboard(run: Run) -> str:
    """A line a contender with the figures people look at first, each with its interval."""
    from assistant.evals.metrics import METRICS

    names = ("right", "rouge_l", "word_edits", "drafts_supported", "wrongly_declined", "total_s", "energy_wh")
    shown = [METRICS[name] for name in (*names, *(("judged",) if run.judge else ()))]
    heads = (f"{m.title} {'↑' if m.better == 'higher' else '↓'}{f' {m.unit}' if m.unit else ''}" for m in shown)
    rows = [(run.spec.vertical.upper(), *heads, "Failed")]
    for contender in run.spec.contenders:
        figures = (figure(run.estimate(contender, metric.name)) for metric in shown)
        failures = sum(result.failed is not None for _, result in run.of(contender))
        rows.append((contender, *figures, f"{failures} of {len(run.of(contender))}"))
    return table(rows)


def figure(estimate: Estimate | None) -> str:
    """A figure with its interval where that says more; a dash where there is none."""
    if estimate is None:
        return "–"
    from assistant.evals.statistics import shown

    value, low, high = shown(estimate.value), shown(estimate.low), shown(estimate.high)
    return value if value == low == high else f"{value} [{low}, {high}]"


def below(run: Run, limits: Iterable[tuple[str, float]]) -> list[str]:
    """A line for each limit that a model missed; a plain baseline may be as bad as it is."""
    from assistant.evals.contenders import models_of
    from assistant.evals.metrics import METRICS

    lines = []
    for name, limit in limits:
        for contender in filter(models_of, run.spec.contenders):
            found = run.estimate(contender, name)
            if found is None or METRICS[name].improved(found.value, limit):
                value = "no value" if found is None else f"{found.value:.4g}"
                lines.append(f"{run.spec.vertical}: {contender}: {name} is {value}, and must be {limit:g} or better")
    return lines


def parse_limit(text: str) -> tuple[str, float]:
    """The metric and the number in `text`, like `right=0.5`; raises BadParameter saying what would be right."""
    from assistant.evals.metrics import METRICS

    name, _, value = text.partition("=")
    if name not in METRICS:
        raise typer.BadParameter(f"{name!r} is no metric; there are {', '.join(METRICS)}")
    try:
        return name, float(value)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} must be METRIC=NUMBER, like right=0.5") from error
