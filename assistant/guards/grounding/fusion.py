"""All signals of one claim as one calibrated score: 0.5 is even odds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelUnavailable
from assistant.guards.grounding.answering import ANSWER_SIGNALS
from assistant.guards.grounding.network import WEIGHTS
from assistant.guards.grounding.reading import SIGNALS


@dataclass(frozen=True, slots=True)
class Fusion:
    """A logistic model over SIGNALS whose odds are then put straight by a rising line in pieces."""

    coefficients: NDArray[np.float64]
    """One a signal, in the order of SIGNALS."""
    odds: NDArray[np.float64]
    scores: NDArray[np.float64]
    """The line: at `odds`, rising, the calibrated score is `scores`."""
    answers: NDArray[np.float64]
    """Coefficients of whether a passage answers a question, in the order of ANSWER_SIGNALS."""
    name: str = "unnamed"
    """Stable name: equal names give equal scores."""

    def score(self, signals: NDArray[np.float64]) -> float:
        """How likely a claim with these signals is borne out, 0 to 1."""
        return float(np.interp(float(signals @ self.coefficients), self.odds, self.scores))


def read_fusion(folder: Path = WEIGHTS) -> Fusion:
    """The shipped fusion; raises ModelUnavailable when the file is missing or is for other signals."""
    file = folder / "fusion.json"
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        coefficients = np.array([float(stored["coefficients"][name]) for name in SIGNALS])
        answers = np.array([float(stored["answers"][name]) for name in ANSWER_SIGNALS])
        odds, scores = np.array(stored["odds"], float), np.array(stored["scores"], float)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{file} cannot be read ({error}); install the package again") from error
    return Fusion(coefficients, odds, scores, answers, f"fusion@{hashlib.sha256(file.read_bytes()).hexdigest()[:12]}")


def as_json(fusion: Fusion, **facts: object) -> str:
    """What `read_fusion` reads, with `facts` about how it was made."""
    named = _named(SIGNALS, fusion.coefficients)
    line: dict[str, Sequence[float]] = {
        "odds": [round(float(each), 4) for each in fusion.odds],
        "scores": [round(float(each), 4) for each in fusion.scores],
    }
    answers = _named(ANSWER_SIGNALS, fusion.answers)
    return json.dumps({**facts, "coefficients": named, **line, "answers": answers}, indent=2) + "\n"


def _named(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
    return {name: round(float(value), 5) for name, value in zip(names, values, strict=True)}
