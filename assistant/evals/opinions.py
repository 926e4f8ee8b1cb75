"""What a judge, itself a model, thought of the answers of a run: kept beside the results, marked as a machine's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.evals.lines import Lines
from assistant.evals.results import Result

FILE = "opinions.jsonl"
BEST = 5
"""Grades run from 1 to this."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the judge thought of the words of one answer to one case, whoever said them."""

    judge: str
    """Name of the model that was asked."""
    weights: str
    """SHA-256 of its weights, or the provider's name of the model."""
    case: str
    answer: str
    """Digest of the words that were judged; see `digest_of`."""
    grades: tuple[int, ...] = ()
    """With the approved text shown first, then with the answer shown first; empty where it gave none."""
    reasons: tuple[str, ...] = ()
    """In the judge's own words, one for each grade."""
    failed: str | None = None
    """Why there is no grade, in words."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    total_s: float = 0.0

    @property
    def score(self) -> float | None:
        """The mean of its grades as a share from 0 to 1; None where it gave none."""
        return sum((grade - 1) / (BEST - 1) for grade in self.grades) / len(self.grades) if self.grades else None


class OpinionFile(Lines[Opinion]):
    """The opinions on a run in one file beside its results."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / FILE, Opinion, named="opinion on a run")


def digest_of(text: str) -> str:
    """What an opinion knows the words of an answer by."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def judged(results: Sequence[Result], opinions: Sequence[Opinion]) -> tuple[Result, ...]:
    """The results with what the judge thought of each; one that failed is worth nothing, unasked."""
    if not opinions:
        return tuple(results)
    scores = {(each.case, each.answer): each.score for each in opinions}
    return tuple(
        replace(each, judged=0.0 if each.failed else scores.get((each.case, digest_of(each.text)))) for each in results
    )
