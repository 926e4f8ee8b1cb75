"""How good the guard is on sets it was not trained on, beside the simple ways it must beat."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.guards.grounding.checker import GroundingGuard, judge
from assistant.guards.grounding.claims import is_claim
from assistant.guards.grounding.fusion import Fusion
from assistant.guards.grounding.reading import Weighed
from assistant.guards.grounding.sentences import split_sentences
from assistant.guards.grounding.training.answerability import ASKED, read_asked
from assistant.guards.grounding.training.flips import Flip, flips
from assistant.guards.grounding.training.pairs import Pair, read_pairs
from assistant.guards.grounding.words import words_of

MEASURED_ON = (
    "summeval", "wice_claim_dev", "wice_oracle_claim_dev", "bump_task1", "healthver_dev", "fm2_dev", "q2_wow",
    "scifact_rte_dev", "control_dev", "faithdial_audit",
)  # fmt: skip
"""Sets that nothing was trained, fused or tuned on."""
APART = ("nli4ct_train",)
"""Measured too, but of another kind (inference over trial reports), and not part of the mean."""
WAYS = ("ours", "cosine", "words", "word pairs")
_RESAMPLED = 400


@dataclass(frozen=True, slots=True)
class Scores:
    """One set, scored in every way; higher is more borne out."""

    name: str
    supported: NDArray[np.bool_]
    by_way: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a set in one way."""

    name: str
    way: str
    count: int
    accuracy: float
    """Balanced accuracy at the one limit of this way."""
    low: float
    high: float
    """Its 95 % interval, by resampling the pairs."""
    auroc: float


def score_set(guard: GroundingGuard, fusion: Fusion, pairs: Sequence[Pair], name: str) -> Scores:
    """`pairs` scored by the guard and by each simple way; a claim of several sentences scores as its worst."""
    rows = [_score(guard, fusion, pair) for pair in pairs]
    by_way = {way: np.array([row[way] for row in rows]) for way in WAYS}
    return Scores(name, np.array([pair.label == "supported" for pair in pairs]), by_way)


def measure_sets(
    guard: GroundingGuard,
    fusion: Fusion,
    folder: Path,
    *,
    limit: float,
    count: int | None = None,
    report: Callable[[str], None] = print,
) -> tuple[list[Row], list[Row]]:
    """Every set in every way, and the means; ours at `limit`, each simple way at the one limit that suits it best."""
    scored = []
    for name in (*MEASURED_ON, *APART):
        scored.append(score_set(guard, fusion, read_pairs(folder, name)[:count], name))
        report(f"measured {name}: {len(scored[-1].supported)} pairs")
    main = [each for each in scored if each.name not in APART]
    limits = {way: limit if way == "ours" else best_limit(main, way) for way in WAYS}
    rows = [_row(each, way, limits[way]) for each in scored for way in WAYS]
    return rows, [_mean([row for row in rows if row.way == way and row.name not in APART]) for way in WAYS]


def best_limit(scored: Sequence[Scores], way: str) -> float:
    """The one limit at which the mean balanced accuracy of `way` over all sets is highest."""
    candidates = np.unique(np.quantile(np.concatenate([each.by_way[way] for each in scored]), np.linspace(0, 1, 201)))
    means = [np.mean([accuracy_at(each.by_way[way], each.supported, x) for each in scored]) for x in candidates]
    return float(candidates[int(np.argmax(means))])


def accuracy_at(scores: NDArray[np.float64], supported: NDArray[np.bool_], limit: float) -> float:
    """Mean share of borne-out claims let through and of others stopped at `limit`."""
    passed = scores >= limit
    return float((passed[supported].mean() + (~passed[~supported]).mean()) / 2)


def auroc(scores: NDArray[np.float64], supported: NDArray[np.bool_]) -> float:
    """Chance that a borne-out claim scores above one that is not, ties half (Hanley and McNeil 1982)."""
    from scipy.stats import rankdata

    ranks = rankdata(scores)
    right, wrong = int(supported.sum()), int((~supported).sum())
    return float((ranks[supported].sum() - right * (right + 1) / 2) / (right * wrong))


@dataclass(frozen=True, slots=True)
class FlipRow:
    """How claims fare that one change made false."""

    flip: Flip
    count: int
    caught: float
    unflipped_blocked: float
    """Share of the same claims, unchanged, that are stopped."""


def measure_flips(guard: GroundingGuard, pairs: Sequence[Pair], *, limit: float, count: int = 500) -> list[FlipRow]:
    """True claims of `pairs` and what one change makes of each, `count` of every sort of change."""
    chance = random.Random(5)  # noqa: S311 — reproducible, not secret
    found: dict[Flip, list[tuple[bool, bool]]] = {}
    for pair in pairs:
        passage = "\n".join(pair.evidence)
        made = flips(pair.claim, passage, chance)
        wanted = {flip: claim for flip, claim in made.items() if len(found.get(flip, [])) < count}
        if not wanted or not is_claim(pair.claim):
            continue
        blocked = guard.measure(pair.claim, pair.evidence).score < limit
        for flip, claim in wanted.items():
            caught = guard.measure(claim, pair.evidence).score < limit
            found.setdefault(flip, []).append((caught, blocked))
    return [
        FlipRow(flip, len(each), float(np.mean([c for c, _ in each])), float(np.mean([b for _, b in each])))
        for flip, each in sorted(found.items())
    ]


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """How questions with passages fare."""

    name: str
    count: int
    kept: float
    """Share of the passages that answer which are taken."""
    refused: float
    """Share of the passages that do not answer which are refused."""
    auroc: float


def measure_answers(guard: GroundingGuard, folder: Path, *, limit: float, count: int = 200) -> list[AnswerRow]:
    """The halves of the question sets that answerability was not fitted on."""
    asked = read_asked(folder, "report", count=count)
    found = []
    for name in ASKED:
        mine = [each for each in asked if each.source == name]
        scores = np.array([guard.answers(each.question, each.passage) for each in mine])
        answered = np.array([each.answered for each in mine])
        kept, refused = float((scores[answered] >= limit).mean()), float((scores[~answered] < limit).mean())
        found.append(AnswerRow(name, len(mine), kept, refused, auroc(scores, answered)))
    return found


def weigh_sentences(guard: GroundingGuard, pair: Pair) -> list[Weighed | None]:
    """What is weighed of each sentence of the claim that claims something; None where the evidence cannot be read."""
    return [guard.weigh(sentence, pair.evidence) for sentence in split_sentences(pair.claim) if is_claim(sentence)]


def _score(guard: GroundingGuard, fusion: Fusion, pair: Pair) -> dict[str, float]:
    weighed = weigh_sentences(guard, pair)
    held = [each for each in weighed if each is not None]
    mine, shown = words_of(pair.claim), words_of("\n".join(pair.evidence))
    stems = frozenset(mine.stems)
    return {
        "ours": min((judge(each, fusion).score for each in held), default=1.0 if not weighed else 0.0),
        "cosine": float(np.mean([each.reading.cosine for each in held])) if held else 0.0,
        "words": len(stems & frozenset(shown.stems)) / max(1, len(stems)),
        "word pairs": len(mine.pairs & shown.pairs) / max(1, len(mine.pairs)),
    }


def _row(scores: Scores, way: str, limit: float) -> Row:
    values, supported = scores.by_way[way], scores.supported
    chance = np.random.default_rng(3)
    again = []
    for _ in range(_RESAMPLED):
        drawn = chance.integers(0, len(values), len(values))
        if 0 < supported[drawn].sum() < len(drawn):
            again.append(accuracy_at(values[drawn], supported[drawn], limit))
    low, high = np.quantile(again, [0.025, 0.975])
    accuracy = accuracy_at(values, supported, limit)
    return Row(scores.name, way, len(values), accuracy, float(low), float(high), auroc(values, supported))


def _mean(rows: Sequence[Row]) -> Row:
    def mean(values: Sequence[float]) -> float:
        return float(np.mean(values))

    return Row(
        "mean",
        rows[0].way,
        sum(row.count for row in rows),
        mean([row.accuracy for row in rows]),
        mean([row.low for row in rows]),
        mean([row.high for row in rows]),
        mean([row.auroc for row in rows]),
    )
