"""The runs below a folder as a list tells them: what was compared, on how many cases, and what an answer took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import AssistantError
from assistant.evals.runs import Run, read_run, runs_in
from assistant.evals.spec import Spec

_Stamp = tuple[tuple[int, int], ...]
"""When each file of a run changed last, in nanoseconds, and its bytes."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an answer took on this machine, on average over the cases of one run."""

    total_s: float
    energy_wh: float
    cases: int
    """Those it answered."""
    vertical: str
    on: str
    """The day, as 2026-11-27."""


@dataclass(frozen=True, slots=True)
class ListedRun:
    """What a list tells of one run."""

    name: str
    """Of the run: the folder that holds a folder for each vertical."""
    folder: Path
    spec: Spec
    cases: int
    complete: bool
    """Whether every contender has answered every case."""
    taken: Mapping[str, Taken]
    """By contender; none for one that answered nothing yet."""


class RunList:
    """The runs below `home`. One is read again only when its files have changed: its answers are megabytes."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._known: dict[Path, tuple[_Stamp, ListedRun | None]] = {}

    def read(self) -> tuple[ListedRun, ...]:
        """The runs by name, those left out that cannot be read. Threads may share it."""
        known = self._known
        self._known = {folder: _looked_at(folder, known.get(folder)) for folder in runs_in(self._home)}
        return tuple(listed for _, listed in self._known.values() if listed)


def taken_here(runs: Iterable[ListedRun]) -> dict[str, Taken]:
    """What an answer of each contender took in the latest of the runs that it answered in."""
    return {name: taken for run in sorted(runs, key=lambda each: each.spec.began) for name, taken in run.taken.items()}


def _looked_at(folder: Path, known: tuple[_Stamp, ListedRun | None] | None) -> tuple[_Stamp, ListedRun | None]:
    # Before it is read: what is written meanwhile shows at the next look.
    stamp = tuple((each.stat().st_mtime_ns, each.stat().st_size) for each in sorted(folder.glob("*.json*")))
    return known if known and known[0] == stamp else (stamp, _listed(folder))


def _listed(folder: Path) -> ListedRun | None:
    try:
        run = read_run(folder)
    except AssistantError:
        return None
    taken = {name: found for name in run.spec.contenders if (found := _taken(run, name))}
    return ListedRun(folder.parent.name, folder, run.spec, len(run.cases), run.complete, taken)


def _taken(run: Run, contender: str) -> Taken | None:
    answered = [result for _, result in run.of(contender) if result.failed is None]
    n = len(answered)
    if not n:
        return None
    seconds, energy = (sum(each.total_s for each in answered) / n, sum(each.energy_wh for each in answered) / n)
    return Taken(seconds, energy, n, run.spec.vertical, run.spec.began[:10])
