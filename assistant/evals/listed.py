"""The runs below a folder as a list tells them: what was compared on how many cases, without the answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assistant.errors import AssistantError
from assistant.evals.runs import read_run, runs_in
from assistant.evals.spec import Spec

_Stamp = tuple[tuple[int, int], ...]
"""When each file of a run changed last, in nanoseconds, and its bytes."""


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


def _looked_at(folder: Path, known: tuple[_Stamp, ListedRun | None] | None) -> tuple[_Stamp, ListedRun | None]:
    # Before it is read: what is written meanwhile shows at the next look.
    stamp = tuple((each.stat().st_mtime_ns, each.stat().st_size) for each in sorted(folder.glob("*.json*")))
    return known if known and known[0] == stamp else (stamp, _listed(folder))


def _listed(folder: Path) -> ListedRun | None:
    try:
        run = read_run(folder)
    except AssistantError:
        return None
    return ListedRun(folder.parent.name, folder, run.spec, len(run.cases), run.complete)
