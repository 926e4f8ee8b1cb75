"""Fits how the signals are fused and calibrates the score, on pairs the network has not seen."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.guards.grounding.checker import GroundingGuard
from assistant.guards.grounding.fusion import Fusion
from assistant.guards.grounding.reading import DIRECTIONS
from assistant.guards.grounding.training.flips import flips
from assistant.guards.grounding.training.pairs import Pair, read_pairs

FUSED_ON: Mapping[str, str] = {
    "pubmedqa_train": "MIT",
    "clapnq_dev_a": "Apache-2.0",
    "opsum_amazon": "MIT",
    "opsum_yelp_train": "MIT",
    "mtsdialog_validationset": "CC BY 4.0",
    "acibench_valid": "CC BY 4.0",
}
"""Sets the fusion is fitted on, with their licences: what people wrote from evidence they had before them.

The network has seen nothing of them, and of the first four nothing of their kind. On what is like its lessons it is so
good that fitted there it would drown out every other signal, and then fail on what is not (run 2026-11).
"""
PAIRS_A_SET = 125
"""Of claims as they were written; each comes with one change, and held against other evidence."""
_STRANGERS = (0, 0, 1, 3)  # In use a claim is held against some passages of which one matters.
_RIDGE = 1.0


@dataclass(frozen=True, slots=True)
class Read:
    """One pair with its signals."""

    signals: NDArray[np.float64]
    supported: bool
    group: str
    """The set it came from; every set weighs the same."""
    settled: bool
    """Whether it is a quotation or differs in an exact part, so that its score is set whatever the fusion says."""


def fusing_pairs(folder: Path, *, count: int = PAIRS_A_SET) -> list[Pair]:
    """The pairs to fit on: up to `count` claims a set, each true, made false, and among evidence of something near."""
    chance = random.Random(11)  # noqa: S311 — reproducible, not secret
    found: list[Pair] = []
    for name in FUSED_ON:
        pairs = read_pairs(folder, name)
        for pair in pairs[:count]:
            made = (pair, *_turned(pair, chance), *_nearly(pair, pairs, chance))
            found += [_among_strangers(each, pairs, chance) for each in made]
    return found


def _turned(pair: Pair, chance: random.Random) -> list[Pair]:
    """`pair` with its claim made false by one change, where it allows one."""
    made = list(flips(pair.claim, "\n".join(pair.evidence), chance).items())
    chance.shuffle(made)
    return [Pair(claim, pair.evidence, "unsupported", f"{pair.source}+{flip}") for flip, claim in made[:1]]


def _nearly(pair: Pair, pairs: Sequence[Pair], chance: random.Random) -> Iterator[Pair]:
    """The claim held against other evidence of its set that shares many words with it."""
    words = set(pair.claim.lower().split())
    others = [each for each in chance.sample(pairs, min(len(pairs), 60)) if each.evidence != pair.evidence]
    if others:
        near = max(others, key=lambda each: len(words & set("\n".join(each.evidence).lower().split())))
        yield Pair(pair.claim, near.evidence, "unsupported", f"{pair.source}+near")


def _among_strangers(pair: Pair, pairs: Sequence[Pair], chance: random.Random) -> Pair:
    others = [chance.choice(pairs).evidence[0] for _ in range(chance.choice(_STRANGERS))]
    passages = [*pair.evidence, *(other for other in others if other not in pair.evidence)]
    chance.shuffle(passages)
    return Pair(pair.claim, tuple(passages), pair.label, pair.source)


def read_all(guard: GroundingGuard, pairs: Sequence[Pair], report: Callable[[str], None]) -> list[Read]:
    """The signals of every pair; a claim without readable evidence is left out."""
    found = []
    for number, pair in enumerate(pairs, start=1):
        weighed = guard.weigh(pair.claim, pair.evidence)
        if weighed is not None:
            settled = weighed.departs or weighed.reading.verbatim
            found.append(Read(weighed.signals, pair.label == "supported", pair.source.partition("+")[0], settled))
        if number % 500 == 0:
            report(f"read {number} of {len(pairs)} pairs")
    return found


def fuse(read: Sequence[Read], *, answers: NDArray[np.float64]) -> Fusion:
    """The fusion fitted on `read`: every set, and in it both answers, weigh the same, so 0.5 is even odds.

    `answers` are the coefficients of answerability, fitted apart.
    """
    free = [each for each in read if not each.settled]  # The others must not bend the line.
    signals = np.array([each.signals for each in free])
    labels = np.array([float(each.supported) for each in free])
    groups = [(each.group, each.supported) for each in free]
    weights = balanced_weights(groups)
    # Crossed by set, so that the line is drawn through odds of sets that the coefficients have not seen.
    odds = np.zeros(len(free))
    for name in sorted({each.group for each in free}):
        inside = np.array([each.group == name for each in free])
        odds[inside] = signals[inside] @ fit(signals[~inside], labels[~inside], weights[~inside], DIRECTIONS)
    at, scores = rising(odds, labels, weights)
    return Fusion(fit(signals, labels, weights, DIRECTIONS), at, scores, answers)


def fit(
    signals: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    directions: Sequence[int] | None = None,
) -> NDArray[np.float64]:
    """Coefficients of the ridge logistic model that fits best; `directions` says of each which sign it may have."""
    from scipy.optimize import minimize

    sides = {0: (None, None), 1: (0, None), -1: (None, 0)}
    ridge = np.full(signals.shape[1], _RIDGE)
    ridge[0] = 0.0
    turned = 2 * labels - 1

    def loss(found: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = signals @ found
        slope = signals.T @ (weights * (1 / (1 + np.exp(-np.clip(odds, -30, 30))) - labels)) + ridge * found
        return float(weights @ np.logaddexp(0, -turned * odds) + ridge @ found**2 / 2), slope

    bounds = [sides[each] for each in directions or [0] * signals.shape[1]]
    found = minimize(loss, np.zeros(signals.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x, np.float64)


def balanced_weights(groups: Sequence[tuple[str, bool]]) -> NDArray[np.float64]:
    """A weight for each pair such that every set, and in it both answers, count the same."""
    sizes: dict[tuple[str, bool], int] = {}
    for group in groups:
        sizes[group] = sizes.get(group, 0) + 1
    return np.array([len(groups) / len(sizes) / sizes[group] for group in groups])


def rising(
    odds: NDArray[np.float64], labels: NDArray[np.float64], weights: NDArray[np.float64], *, knots: int = 24
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A rising line through the shares borne out at `odds`: isotonic regression, thinned to some knots."""
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(y_min=0.01, y_max=0.985, out_of_bounds="clip").fit(odds, labels, sample_weight=weights)
    at = np.unique(np.quantile(odds, np.linspace(0.005, 0.995, knots)))
    # Each knot takes the mean of its surroundings: steps of the regression would make ties of unlike scores.
    width = np.diff(at).mean() if len(at) > 1 else 1.0
    near = np.array([[model.predict([x + shift * width])[0] for shift in (-0.5, -0.25, 0, 0.25, 0.5)] for x in at])
    scores = np.maximum.accumulate(near.mean(axis=1))
    return at, scores + np.linspace(0, 1e-6, len(at))
