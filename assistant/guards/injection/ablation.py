"""What each signal adds: the same sets read with one part of the guard left out, or by one part alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.embedding import Embedder
from assistant.guards.injection.guard import InjectionGuard, suspicion
from assistant.guards.injection.head import Floats, Head, shipped_head
from assistant.guards.injection.report import FALSE_ALARMS, Sample, Scores, auroc, limit_for, read_sets
from assistant.guards.injection.train import fit, read_examples
from assistant.guards.injection.units import Units, units_of
from assistant.guards.plain_text import plain_text

Choice = Callable[[Floats, Units, bool], Floats]
"""How far each piece lies beyond the limit, from its log-odds; the last value says whether it is a passage."""


@dataclass(frozen=True, slots=True)
class Variant:
    """How well one variant tells questions and passages, with its limit set for 2 % false alarms on each."""

    name: str
    questions: float
    """Share of attempts in questions that are caught."""
    passages: float
    """Share of orders in passages that are caught."""
    question_auroc: float
    passage_auroc: float

    def __str__(self) -> str:
        """The variant as a line of the table."""
        caught = f"{self.questions:9.1%} {self.passages:9.1%}"
        return f"{self.name:34} {caught} {self.question_auroc:9.3f} {self.passage_auroc:9.3f}"


HEADER = f"{'variant':34} {'questions':>9} {'passages':>9} {'AUROC q':>9} {'AUROC p':>9}"


def ablation(folder: Path, embedder: Embedder) -> Iterator[Variant]:
    """A row for each variant, the whole guard first; heads that leave something out are trained anew."""
    samples = [sample for each in read_sets(folder).values() for sample in each]
    guard, patterns, head = InjectionGuard(embedder), InjectionGuard(None), shipped_head()
    yield _variant("the guard", samples, [_score(guard, sample) for sample in samples])
    yield _variant("exact patterns alone", samples, [_score(patterns, sample) for sample in samples])
    read = [units_of(plain_text(sample.text), embedder) for sample in samples]
    raw = [units_of(sample.text, embedder) for sample in samples]
    yield _variant("head alone", samples, _by_head(samples, read, head, _usual))
    yield _variant("head, nothing normalised", samples, _by_head(samples, raw, head, _usual))
    for name, choice in _CHOICES.items():
        yield _variant(f"head, {name}", samples, _by_head(samples, read, head, choice))
    known = read_examples(folder, embedder)
    yield _variant("head on embeddings alone", samples, _by_head(samples, read, fit(known, without="signals"), _usual))
    yield _variant("head on signals alone", samples, _by_head(samples, read, fit(known, without="embedding"), _usual))


def _usual(odds: Floats, units: Units, passage: bool) -> Floats:
    return suspicion(odds, units, indirect=passage)


_CHOICES: Mapping[str, Choice] = {
    "single sentences alone": lambda odds, units, passage: odds[: units.sentences, int(passage)],
    "the whole text alone": lambda odds, _, passage: odds[-1:, int(passage)],
}


def _score(guard: InjectionGuard, sample: Sample) -> float:
    return (guard.measure_passage if sample.passage else guard.measure)(sample.text).score


def _by_head(samples: Sequence[Sample], read: Sequence[Units], head: Head, choice: Choice) -> list[float]:
    odds = [head.odds(units) if units.texts else np.full((1, 2), -30, np.float32) for units in read]
    return [
        -float(np.max(choice(each, units, sample.passage))) if units.texts else 30.0
        for sample, units, each in zip(samples, read, odds, strict=True)
    ]


def _variant(name: str, samples: Sequence[Sample], found: Sequence[float]) -> Variant:
    scores = np.array(found)
    bad, passage = (np.array([getattr(each, field) for each in samples]) for field in ("attempt", "passage"))
    questions = _told(scores[bad & ~passage], scores[~bad & ~passage])
    passages = _told(scores[bad & passage], scores[~bad & passage])
    return Variant(name, questions[0], passages[0], questions[1], passages[1])


def _told(attempts: Scores, harmless: Scores) -> tuple[float, float]:
    return float((attempts < limit_for(harmless, FALSE_ALARMS)).mean()), auroc(attempts, harmless)
