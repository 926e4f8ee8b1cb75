"""Plays the examples of each rail: measured by the guards, decided by that rail alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.guards import Guards
from assistant.messages import Measurements, Verdict
from assistant.rails.bundle import Rail, RailBundle
from assistant.rails.engine import RailEngine
from assistant.rails.sheets import EXPECTED, Example, Expected


@dataclass(frozen=True, slots=True)
class TrialResult:
    """One example played once."""

    rail: str
    expected: Expected
    text: str
    passed: bool
    """Whether the rail did as expected."""
    verdict: Verdict
    scores: Mapping[str, float]
    """By guard: 0 certainly stop … 1 certainly fine."""


async def run_trials(
    bundle: RailBundle,
    engine: RailEngine,
    guards: Guards,
    *,
    examples: Mapping[str, Mapping[Expected, tuple[Example, ...]]] | None = None,
) -> tuple[TrialResult, ...]:
    """Every example of every rail of `bundle`, or each of `examples`, in order of the rails.

    Raises RailsUnavailable when a guard or a rail is broken.
    """
    tried = bundle.examples if examples is None else examples
    return tuple(
        [
            await play(rail, expected, example, engine, guards)
            for rail in bundle.rails
            for expected in EXPECTED
            for example in tried.get(rail.name, {}).get(expected, ())
        ]
    )


async def play(rail: Rail, expected: Expected, example: Example, engine: RailEngine, guards: Guards) -> TrialResult:
    """One example measured by the guards and decided by its rail alone; raises as `run_trials` does."""
    needs = needed(rail, example, engine)
    measured = await asyncio.to_thread(measure_example, rail, example, guards, needs)
    verdict = await engine.decide(rail.stage, measured, only=rail.name)
    passed = verdict.blocked == (expected == "block") and understood(example, measured)
    return TrialResult(rail.name, expected, example.text, passed, verdict, _scores(measured))


def needed(rail: Rail, example: Example, engine: RailEngine) -> frozenset[str]:
    """What must be measured to play `example` on `rail`."""
    return engine.needs(rail.stage, only=rail.name) | ({"topics"} if example.form else set())


def understood(example: Example, measured: Measurements) -> bool:
    """Whether a question is nearest to the form that its example names, if it names one."""
    return example.form is None or measured["topics"]["form"] == example.form


def measure_example(rail: Rail, example: Example, guards: Guards, needs: frozenset[str]) -> Measurements:
    """What `rail` reads of an example, as far as guards measure it."""
    if rail.stage == "input":
        return guards.input(example.text, task=example.task, turn=1, only=needs)
    measured, _ = guards.output(
        example.text, example.evidence, before=(), question=example.question, task=example.task, turn=1, only=needs
    )
    return measured


def _scores(measured: Measurements) -> dict[str, float]:
    parts = {name: part["score"] for name, part in measured.items() if isinstance(part, Mapping) and "score" in part}
    return {name: round(float(score), 4) for name, score in parts.items()}
