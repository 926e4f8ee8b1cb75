"""The blast radius of proposed states as it is kept: what was counted, and which turns come out otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Database, Moment, add_if_missing


@dataclass(frozen=True, slots=True)
class Counts:
    """How many turns there were, and what became of them."""

    unchanged: int = 0
    blocked: int = 0
    """Let through before, stopped now."""
    let_through: int = 0
    """Stopped before, let through now."""
    otherwise: int = 0
    """Stopped before and now, by another rail or with other words."""
    unknown: Mapping[str, int] = field(default_factory=dict)
    """Could not be decided again, by reason."""

    @property
    def changed(self) -> int:
        """Turns whose outcome is another."""
        return self.blocked + self.let_through + self.otherwise

    @property
    def total(self) -> int:
        """All of them."""
        return self.unchanged + self.changed + sum(self.unknown.values())

    def plus(self, what: str | None, problem: str | None) -> Counts:
        """With one turn more: changed like `what`, else unknown for `problem`, else unchanged."""
        if what is not None:
            name = what.replace(" ", "_")
            return replace(self, **{name: getattr(self, name) + 1})
        if problem is not None:
            return replace(self, unknown={**self.unknown, problem: self.unknown.get(problem, 0) + 1})
        return replace(self, unchanged=self.unchanged + 1)


@dataclass(frozen=True, slots=True)
class Run:
    """One counting, under way or at its end."""

    id: str
    """That of its job."""
    digest: str
    """The proposed state."""
    surroundings: str
    """What was live then, and what the state would be a part of: with other surroundings it counts no more."""
    counts: Counts
    place: Mapping[str, Any] | None
    """Where it is, for whoever takes it up again; None at its end."""
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangedTurn:
    """A turn that would come out otherwise. No text of it is kept here: an erased one stays erased."""

    number: int
    vertical: str
    answer_id: str
    kind: str
    """`blocked`, `let through` or `otherwise`."""
    stage: str
    rail_before: str | None
    rail_after: str | None
    says_before: str | None
    says_after: str | None


class Radii:
    """The countings in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, run_id: str) -> Run | None:
        """One counting; None before it has begun."""
        async with self._database.reading() as session:
            row = await session.get(RadiusRow, run_id)
        return None if row is None else row.run()

    async def latest(self, digest: str, surroundings: str) -> Run | None:
        """The last counting of a state among these others that came to its end."""
        wanted = select(RadiusRow).where(RadiusRow.digest == digest, RadiusRow.surroundings == surroundings)
        wanted = wanted.where(RadiusRow.ended_at.is_not(None)).order_by(RadiusRow.ended_at.desc()).limit(1)
        async with self._database.reading() as session:
            row = await session.scalar(wanted)
        return None if row is None else row.run()

    async def changed(self, run_id: str, *, after: int = 0, most: int = 100) -> tuple[ChangedTurn, ...]:
        """The turns of a counting that come out otherwise, from the one after number `after` on."""
        mine = (RadiusTurnRow.radius_id == run_id, RadiusTurnRow.number > after)
        async with self._database.reading() as session:
            rows = await session.scalars(select(RadiusTurnRow).where(*mine).order_by(RadiusTurnRow.number).limit(most))
            return tuple(row.turn() for row in rows)

    async def begin(self, run: Run) -> None:
        """Begins a counting anew; what it had found before is gone."""
        async with self._database.session() as session:
            await session.execute(delete(RadiusRow).where(RadiusRow.id == run.id))
            await add_if_missing(session, RadiusRow(**_values(run)))

    async def advance(self, run: Run, changed: Iterable[ChangedTurn]) -> None:
        """Notes how far a counting is, together with what it found since the last time."""
        async with self._database.session() as session:
            row = await session.get_one(RadiusRow, run.id)
            for name, value in _values(run).items():
                setattr(row, name, value)
            last = await session.scalar(select(func.max(RadiusTurnRow.number)).where(RadiusTurnRow.radius_id == run.id))
            numbered = [
                {"radius_id": run.id, **_turn_values(each), "number": number}
                for number, each in enumerate(changed, start=(last or 0) + 1)
            ]
            if numbered:
                await session.execute(insert(RadiusTurnRow), numbered)


class RadiusRow(Base):
    """A counting as stored."""

    __tablename__ = "revision_radii"

    id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("revision_trees.digest"), index=True)
    surroundings: Mapped[str] = mapped_column(String(64))
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    place: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    def run(self) -> Run:
        """The record of this row."""
        return Run(self.id, self.digest, self.surroundings, Counts(**self.counts), self.place, self.ended_at)


class RadiusTurnRow(Base):
    """A turn that would come out otherwise, as stored."""

    __tablename__ = "revision_radius_turns"

    radius_id: Mapped[str] = mapped_column(ForeignKey("revision_radii.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    vertical: Mapped[str] = mapped_column(String(64))
    answer_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(16))
    rail_before: Mapped[str | None] = mapped_column(String(200))
    rail_after: Mapped[str | None] = mapped_column(String(200))
    says_before: Mapped[str | None] = mapped_column(Text)
    says_after: Mapped[str | None] = mapped_column(Text)

    def turn(self) -> ChangedTurn:
        """The record of this row."""
        return ChangedTurn(**{name: getattr(self, name) for name in ChangedTurn.__dataclass_fields__})


def _values(run: Run) -> dict[str, Any]:
    counts = {name: getattr(run.counts, name) for name in ("unchanged", "blocked", "let_through", "otherwise")}
    return {
        "id": run.id,
        "digest": run.digest,
        "surroundings": run.surroundings,
        "counts": {**counts, "unknown": dict(run.counts.unknown)},
        "place": None if run.place is None else dict(run.place),
        "ended_at": run.ended_at,
    }


def _turn_values(turn: ChangedTurn) -> dict[str, Any]:
    return {name: getattr(turn, name) for name in ChangedTurn.__dataclass_fields__}
