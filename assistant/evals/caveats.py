"""What a reader must know before believing a run: too few cases, cases that leaked, a set that was used too often."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.cases import Case
from assistant.evals.statistics import CERTAIN, POWER

FEW_CASES = 100
"""With fewer, differences under about an eighth of the whole scale are not seen; see `smallest_difference`."""
OFTEN = 5
"""Decisions on one set of cases, beyond which the best of them may be the luckiest (Dwork et al. 2015)."""
_LEAK_WORDS = 10
"""Words in a row that two texts do not share by chance; GPT-3's authors took 8 to 13 (Brown et al. 2020)."""
# Standard deviation of the gap in `right` between two models on one case: 0.31 between smollm2-135m and gemma-3-270m on
# 19 cases of feedback (run 2026-11-26); models that are less alike differ more.
_SPREAD = 0.4
_REACH = 2.326 + 0.842  # See statistics.CERTAIN and POWER.


def few(cases: Sequence[Case]) -> str | None:
    """The warning that so few cases cannot tell models apart that are alike, with the difference they do show."""
    if len(cases) >= FEW_CASES:
        return None
    return (
        f"{len(cases)} cases: a difference under about {smallest_difference(len(cases)):.2f} on a scale from 0 to 1 "
        f"will mostly not be seen (power {POWER:.0%} at a chance of {CERTAIN:.0%}); {_needed(0.1)} cases would show "
        "one of 0.10"
    )


def smallest_difference(cases: int) -> float:
    """The smallest difference in a share that so many cases show four times of five."""
    return _REACH * _SPREAD / math.sqrt(cases)


def busy(load: float, cores: int) -> str | None:
    """The warning that the machine has other work, so that times say little; None where it is mostly idle.

    `load`: processes that want a core, on average over the last minute.
    """
    if load <= cores / 2:
        return None
    return (
        f"the machine was busy when the run began (load {load:.1f} on {cores} cores): its times are longer than alone"
    )


def leaks(cases: Sequence[Case], known: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """A warning for each case whose question, or ten words in a row of it, stand in a text of `known`.

    `known`: texts that a model or a guard was given beforehand, by where they stand. Knowledge is not among them: the
    answers are meant to stand there.
    """
    grams: dict[str, str] = {}
    wholes: dict[str, str] = {}
    for place, texts in known.items():
        for text in texts:
            words = _words(text)
            wholes.setdefault(" ".join(words), place)
            for gram in _grams(words):
                grams.setdefault(gram, place)
    return tuple(warning for case in cases if (warning := _leak(case, grams, wholes)))


def _leak(case: Case, grams: Mapping[str, str], wholes: Mapping[str, str]) -> str | None:
    question = _words(case.question)
    # "Summarise this visit." is everybody's question; only one that says what it is about can leak.
    if len(question) >= 5 and not case.documents and (place := wholes.get(" ".join(question))):
        return f"case {case.id}: its question stands word for word in {place}"
    for text in (case.question, *case.references):
        if place := next((grams[gram] for gram in _grams(_words(text)) if gram in grams), None):
            return f"case {case.id}: {_LEAK_WORDS} words in a row of it stand in {place}"
    return None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _grams(words: Sequence[str]) -> Iterator[str]:
    return (" ".join(words[n : n + _LEAK_WORDS]) for n in range(len(words) - _LEAK_WORDS + 1))


def _needed(gap: float) -> int:
    return round((_REACH * _SPREAD / gap) ** 2)


class Register:
    """What was done with sets of cases on this machine: each opening of a sealed split, each decision. Only grows."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def note(self, act: str, *, cases: str, **more: Any) -> None:
        """Writes down one act on the set of cases with that digest."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        row = {"when": datetime.now(UTC).isoformat(timespec="seconds"), "act": act, "cases": cases, **more}
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def acts(self, act: str, *, cases: str) -> list[dict[str, Any]]:
        """Those acts on the set, oldest first."""
        if not self._file.exists():
            return []
        rows = [json.loads(line) for line in self._file.read_text(encoding="utf-8").splitlines()]
        return [row for row in rows if (row["act"], row["cases"]) == (act, cases)]

    def opened(self, cases: str) -> str | None:
        """How often the sealed split was opened before, in words; None where it never was."""
        before = self.acts("opened", cases=cases)
        if not before:
            return None
        last, times = before[-1], "once" if len(before) == 1 else f"{len(before)} times"
        return (
            f"the final split was opened {times} before, last on {last['when'][:10]} for {last['models']}: "
            "what was learnt from it then is no longer news to anybody who chose since"
        )

    def worn(self, cases: str) -> str | None:
        """The warning that many decisions were made on the set; None while they are few."""
        made = len(self.acts("decided", cases=cases))
        if made < OFTEN:
            return None
        return f"{made} decisions were made on these cases: the best of many tries may be the luckiest; bring new cases"
