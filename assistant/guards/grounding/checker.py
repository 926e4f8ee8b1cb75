"""How far a sentence is borne out by the evidence, and what speaks against it."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.guards.grounding.answering import answers
from assistant.guards.grounding.claims import is_claim
from assistant.guards.grounding.facts import Facts, facts_of
from assistant.guards.grounding.sentences import leans_on_previous
from assistant.guards.grounding.signals import SIGNALS, Reading, Unit, read_signals, read_units, similarities
from assistant.messages import Reason

CONTRADICTED = 0.2
"""The most a sentence scores that departs from the evidence in a figure, name, negation or quantity."""
_VERBATIM = 0.99
_FEW_WORDS = 3  # A sentence of fewer content words is read together with the question it answers.
_REMEMBERED_PASSAGES = 512


@dataclass(frozen=True, slots=True)
class Support:
    """How far the evidence bears out one sentence."""

    claim: bool
    """False when the sentence claims nothing; then the score is 1."""
    score: float
    """0 unsupported … 1 borne out; 0.5 is even odds."""
    reason: Reason = "none"
    """What is wrong with a sentence that scores low."""
    evidence: int | None = None
    """Place of the passage that bears most on it; None when nothing is claimed or there is no evidence."""
    shown: str | None = None
    """The sentence of that passage it was held against."""


NOTHING_CLAIMED = Support(claim=False, score=1.0)


class GroundingGuard:
    """Holds sentences against evidence: word overlap, sentence embeddings, and exact figures, names and negations.

    The signals are fused by a logistic model; `weights.json` names the sets it was fitted on.
    """

    def __init__(self, embedder: Embedder, *, weights: NDArray[np.float64] | None = None) -> None:
        self._embedder = embedder
        self._weights = read_weights() if weights is None else weights
        self._passages = _Passages(_REMEMBERED_PASSAGES)

    @property
    def limit(self) -> float:
        """Scores below it are not borne out, where a vertical leaves the limit to us.

        Above even odds, because an invented sentence harms more than a quote in its place: of the shipped trials every
        true sentence scores more, and most of what the default model invents and 0.5 lets through scores less.
        """
        return 0.6

    def prepare(self, evidence: Sequence[str]) -> None:
        """Read and embed `evidence` ahead of time, while the model is still writing."""
        units = self._units(evidence)
        if units:
            self._embedder.embed([unit.facts.text for unit in units])

    def measure(
        self, sentence: str, evidence: Sequence[str], *, before: Sequence[str] = (), question: str | None = None
    ) -> Support:
        """How far `evidence` bears out `sentence`, which follows the sentences `before` in answer to `question`."""
        if not is_claim(sentence):
            return NOTHING_CLAIMED
        reading = self.read(sentence, evidence, before=before, question=question)
        if reading is None:
            return Support(claim=True, score=0.0, reason="absent")
        return judge(reading, self._weights)

    @property
    def answer_limit(self) -> float:
        """Passages that score below it are near the question without answering it."""
        return 0.5

    def answers(self, question: str, passage: str) -> float:
        """How likely `passage` holds the answer to `question`, 0 to 1."""
        return answers(question, passage, self._embedder)

    def read(
        self, sentence: str, evidence: Sequence[str], *, before: Sequence[str] = (), question: str | None = None
    ) -> Reading | None:
        """The signals behind `measure`; None when the evidence holds no sentence."""
        units = self._units(evidence)
        if not units:
            return None
        facts = _facts_in_place(sentence, question)
        readings = [facts.text, f"{before[-1]} {sentence}"] if before and leans_on_previous(sentence) else [facts.text]
        vectors = self._embedder.embed([*readings, *(unit.facts.text for unit in units)])
        return read_signals(facts, units, similarities(vectors[: len(readings)], vectors[len(readings) :]))

    def _units(self, evidence: Sequence[str]) -> list[Unit]:
        return [
            Unit(unit.facts, place) for place, passage in enumerate(evidence) for unit in self._passages.read(passage)
        ]


def judge(reading: Reading, weights: NDArray[np.float64]) -> Support:
    """The score of `reading` under `weights`, with the reason when it is low."""
    score = float(1 / (1 + np.exp(-np.clip(reading.signals @ weights, -30, 30))))
    reason: Reason = "none"
    if reading.verbatim:
        score = _VERBATIM
    elif reading.clash or reading.missing:
        score, reason = min(score, CONTRADICTED), reading.clash or reading.missing or "absent"
    elif score < 0.5:
        reason = "absent"
    return Support(True, round(score, 4), reason, reading.best.passage, reading.best.facts.text)


def read_weights() -> NDArray[np.float64]:
    """The shipped coefficients, in the order of SIGNALS."""
    stored = json.loads(files(__package__).joinpath("weights.json").read_text(encoding="utf-8"))
    return np.array([float(stored["coefficients"][name]) for name in SIGNALS])


def _facts_in_place(sentence: str, question: str | None) -> Facts:
    facts = facts_of(sentence)
    if question and len(facts.words.stems) < _FEW_WORDS:
        return facts_of(f"{question.rstrip('?. ')}: {sentence}")
    return facts


class _Passages:
    """The units of the passages read last, by digest, so that a passage is read once and its text is no key."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._units: OrderedDict[bytes, list[Unit]] = OrderedDict()
        self._lock = Lock()

    def read(self, passage: str) -> list[Unit]:
        key = hashlib.blake2b(passage.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        with self._lock:
            if key in self._units:
                self._units.move_to_end(key)
                return self._units[key]
        units = read_units([passage])
        with self._lock:
            self._units[key] = units
            while len(self._units) > self._size:
                self._units.popitem(last=False)
        return units
