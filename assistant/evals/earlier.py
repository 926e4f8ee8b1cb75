"""The same cases in earlier runs: whether a contender has become better or worse since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.evals.metrics import METRICS
from assistant.evals.runs import Run, read_run, runs_in
from assistant.evals.statistics import difference

WATCHED = ("right", "drafts_supported", "wrongly_declined", "wrongly_answered")
"""What is told when it changes; times change with the machine's other work."""


def earlier_runs(home: Path, run: Run) -> list[Run]:
    """The runs on the same cases in the folders beside `home`, oldest first."""
    folders = [folder for folder in runs_in(home.parent, run.spec.vertical) if folder.parent != home]
    others = [each for folder in folders if (each := read_run(folder)).spec.began < run.spec.began]
    same = [each for each in others if each.spec.cases_digest == run.spec.cases_digest]
    return sorted(same, key=lambda each: each.spec.began)


def changes(run: Run, earlier: Sequence[Run]) -> Iterator[str]:
    """A sentence for each watched figure of a contender that surely changed since its last run, the worse first."""
    told = [
        change
        for name in run.spec.contenders
        if (before := next((each for each in reversed(earlier) if each.of(name)), None))
        for metric in WATCHED
        if (change := _change(name, metric, before, run))
    ]
    yield from (text for worse, text in sorted(told, key=lambda each: not each[0]))


def _change(name: str, metric: str, before: Run, now: Run) -> tuple[bool, str] | None:
    watched = METRICS[metric]
    found, was = now.by_case(name, watched), before.by_case(name, watched)
    both = [case for case in found if case in was]
    if not both:
        return None
    gap = difference([found[each] for each in both], [was[each] for each in both], seed=now.spec.seed)
    if not gap.certain:
        return None
    worse = watched.improved(gap.value, 0.0)
    word = "worse" if worse else "better"
    size = f"{gap.value:+.2f} ({gap.low:+.2f} to {gap.high:+.2f}) on {gap.n} cases"
    return worse, f"{name} is {word} than in the run of {before.spec.began[:10]}: {watched.title} {size}."
