"""Deciding again: what was measured once, before the rails in force now; no guard and no model runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.errors import RailsUnavailable
from assistant.messages import Measurements, Stage, Verdict
from assistant.rails.engine import RailEngine

_REMEMBERED = 4096  # Decisions on equal measurements are taken once; many passages measure alike.


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rails were told, and what they decided."""

    stage: Stage
    measurements: Measurements
    blocked: bool
    rail: str | None
    """The rail that stopped it."""

    @classmethod
    def of(cls, stage: Stage, measurements: Measurements, verdict: Verdict) -> Decision:
        """The decision as it is taken."""
        return cls(stage, measurements, verdict.blocked, verdict.rail)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Decision:
        """The decision as a receipt holds it."""
        return cls(kept["stage"], kept["measurements"], kept["blocked"], kept["rail"])


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision, and what the rails decide now."""

    before: Decision
    now: Verdict | None
    """None where these rails read something that was not recorded."""
    problem: str | None = None
    """What was not recorded."""

    @property
    def same(self) -> bool:
        """Whether the same rail stops it, or none does, as before."""
        return self.now is not None and (self.now.blocked, self.now.rail) == (self.before.blocked, self.before.rail)


async def replay(engine: RailEngine, decisions: Iterable[Decision]) -> AsyncIterator[Replayed]:
    """Each decision as the rails of `engine` take it, in order and as they are asked for."""
    known: dict[str, Replayed] = {}
    for decision in decisions:
        key = repr(decision)
        if key not in known:
            if len(known) == _REMEMBERED:
                known.clear()
            known[key] = await _again(engine, decision)
        yield known[key]


async def _again(engine: RailEngine, decision: Decision) -> Replayed:
    try:
        return Replayed(decision, await engine.decide(decision.stage, decision.measurements))
    except RailsUnavailable as error:
        return Replayed(decision, None, str(error))
