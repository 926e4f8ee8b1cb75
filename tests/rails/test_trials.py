from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.messages import Measurements, Task
from assistant.rails import RailBundle, RailEngine, run_trials


class WordGuards:
    """Measures by single words, so that every verdict is known beforehand."""

    def __init__(self) -> None:
        self.asked: list[frozenset[str] | None] = []

    def input(self, text: str, *, task: Task, turn: int, only: frozenset[str] | None = None) -> Measurements:
        self.asked.append(only)
        measured = {
            "topics": {"score": 0.1 if "poem" in text else 0.9, "form": "ask about returns"},
            "injection": {"score": 0.1 if "orders" in text else 0.9, "kind": "none"},
            "personal_data": {"kinds": [], "count": 30 * ("@" in text)},
            "phrases": {"haggling": 0, "slogans": 0},
        }
        if "per cent" in text:
            measured["topics"] = {"score": 0.9, "form": "ask for a discount"}
        return {**{name: measured[name] for name in only or measured}, "task": task, "turn": turn}

    def output(
        self,
        sentence: str,
        evidence: Sequence[str],
        *,
        before: Sequence[str],
        question: str | None,
        task: Task,
        turn: int,
        only: frozenset[str] | None = None,
    ) -> tuple[Measurements, Any]:
        measured = {
            "grounding": {"score": 0.9 if sentence in evidence else 0.25, "reason": "none"},
            "sentence": {"claim": True, "text": sentence},
            "personal_data": {"kinds": ["card"] if "4111 1111" in sentence else [], "count": 0},
            "phrases": {"slogans": int("best ever" in sentence)},
        }
        return {**{name: measured[name] for name in only or measured}, "task": task, "turn": turn}, None


async def test_every_example_is_played_on_its_rail_alone(bundle: RailBundle, engine: RailEngine) -> None:
    results = await run_trials(bundle, engine, WordGuards())

    played = [(each.rail, each.expected, each.passed) for each in results if each.rail in ("discounts", "slogans")]
    assert played == [
        ("discounts", "block", True),
        ("discounts", "pass", True),
        ("slogans", "block", True),
        ("slogans", "pass", True),
    ]
    assert len(results) == sum(len(texts) for lists in bundle.examples.values() for texts in lists.values())


async def test_a_rail_that_lets_its_example_through_fails_the_trial(bundle: RailBundle, engine: RailEngine) -> None:
    results = await run_trials(bundle, engine, WordGuards())

    missed = next(each for each in results if each.rail == "injection" and each.expected == "block")
    assert not missed.passed and not missed.verdict.blocked
    assert missed.scores == {"injection": 0.9}


async def test_only_what_the_rail_reads_is_measured(bundle: RailBundle, engine: RailEngine) -> None:
    guards = WordGuards()

    await run_trials(bundle, engine, guards)

    assert set(guards.asked) == {
        frozenset({"injection"}),
        frozenset({"personal_data"}),
        frozenset({"topics"}),
        frozenset({"topics", "phrases"}),
    }
