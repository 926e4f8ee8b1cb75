"""What the trials of a proposed state found, kept for whoever decides on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.database import Clock, Database, utc_now
from assistant.errors import Conflict
from assistant.rails.lines import Problem
from assistant.rails.revision_rows import ExaminationRow
from assistant.rails.sheets import Expected
from assistant.rails.snapshots import Snapshot, live_in, snapshots, surroundings
from assistant.rails.trees import RAILS, SHARED_FOLDER, Tree, vertical_of
from assistant.rails.weakenings import Weakening


@dataclass(frozen=True, slots=True)
class Played:
    """One example played once on a proposed state."""

    vertical: str
    rail: str
    expected: Expected
    text: str
    passed: bool
    said: str | None
    """What the rail says; None where it lets the text pass."""
    scores: Mapping[str, float]
    inherited: bool = False
    """Whether only the parent has this example: the proposal took it away, so it shows and does not count."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in one vertical."""

    trials: tuple[Played, ...]
    weakenings: tuple[Weakening, ...]
    problems: tuple[Problem, ...] = ()
    """What cannot be read of its knowledge."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found in every vertical that a proposed state is a part of."""

    digest: str
    passed: bool
    """Whether every example of the proposed state does as it says, and every document can be read."""
    trials: tuple[Played, ...]
    weakenings: tuple[Weakening, ...]
    problems: tuple[Problem, ...]
    ran_at: datetime

    @property
    def failed(self) -> tuple[Played, ...]:
        """The trials that stand in the way."""
        return tuple(each for each in self.trials if not each.passed and not each.inherited)

    @property
    def lost(self) -> tuple[Played, ...]:
        """What the parent was tried on, the proposal is not, and would fail."""
        return tuple(each for each in self.trials if not each.passed and each.inherited)


class Workshop(Protocol):
    """Compiles and tries what verticals would be made of; `assistant.releases.publishing` does it for real."""

    async def examine(self, made: Snapshot, before: Snapshot | None) -> Examined:
        """What the examples of `made`, and those of `before`, find in it, and where it is laxer."""

    async def compile(self, made: Snapshot) -> None:
        """Returns once a release can be made of it; raises an AssistantError saying why not."""


class Examinations:
    """Trials of proposed states among what is live, run once for each state of both."""

    def __init__(self, database: Database, workshop: Workshop, *, clock: Clock = utc_now) -> None:
        self._database, self._workshop, self._clock = database, workshop, clock

    async def found(self, tree: Tree, live: Mapping[str, Tree]) -> Examination | None:
        """What was found before in the same state among the same others; None when it was not tried."""
        key = (tree.digest, surroundings(snapshots(live, tree)))
        async with self._database.reading() as session:
            row = await session.get(ExaminationRow, key)
        return None if row is None else _examination(row.digest, row.passed, row.found, row.ran_at)

    async def run(self, tree: Tree) -> Examination:
        """What is found now, or was before; `tree` must be kept. Raises Conflict where nothing can try it."""
        async with self._database.reading() as session:
            live = await live_in(session)
        if known := await self.found(tree, live):
            return known
        made, before = snapshots(live, tree), {each.vertical: each for each in snapshots(live)}
        check_tried(tree, made)
        examined = [await self._workshop.examine(each, before.get(each.vertical)) for each in made]
        found = _found(examined)
        passed = not found["problems"] and all(each["passed"] or each["inherited"] for each in found["trials"])
        now = self._clock()
        async with self._database.session() as session:
            row = ExaminationRow(
                digest=tree.digest, surroundings=surroundings(made), passed=passed, found=found, ran_at=now
            )
            await session.merge(row)
        return _examination(tree.digest, passed, found, now)


async def last_examination(session: AsyncSession, digest: str, *, before: datetime) -> Examination | None:
    """The last trials of a state up to `before`, among whatever was live then; None where none were run."""
    wanted = select(ExaminationRow).where(ExaminationRow.digest == digest, ExaminationRow.ran_at <= before)
    row = await session.scalar(wanted.order_by(ExaminationRow.ran_at.desc()).limit(1))
    return None if row is None else _examination(row.digest, row.passed, row.found, row.ran_at)


def check_tried(tree: Tree, made: Sequence[Snapshot]) -> None:
    """Raises Conflict where a state cannot be tried because what it stands on was never published."""
    vertical = vertical_of(tree.folder)
    if vertical is not None and not made:
        first = SHARED_FOLDER if tree.folder.startswith(f"{RAILS}/") else f"{RAILS}/{vertical}"
        raise Conflict(f"{tree.folder} needs {first} beside it; publish that first")


def _found(examined: Sequence[Examined]) -> dict[str, Any]:
    return {
        "trials": [asdict(played) for each in examined for played in each.trials],
        "weakenings": [asdict(weakening) for each in examined for weakening in each.weakenings],
        "problems": [asdict(problem) for each in examined for problem in each.problems],
    }


def _examination(digest: str, passed: bool, found: Mapping[str, Any], ran_at: datetime) -> Examination:
    return Examination(
        digest=digest,
        passed=passed,
        trials=tuple(Played(**each) for each in found["trials"]),
        weakenings=tuple(Weakening(**each) for each in found["weakenings"]),
        problems=tuple(Problem(**each) for each in found["problems"]),
        ran_at=ran_at,
    )
