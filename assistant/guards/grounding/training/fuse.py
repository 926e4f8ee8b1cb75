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
from assistant.guards.grounding.sentences import split_sentences
from assistant.guards.grounding.training.flips import flips
from assistant.guards.grounding.training.pairs import Pair, held_out, read_pairs

FUSED_ON: Mapping[str, str] = {
    "fever_dev": "CC BY-SA 3.0",
    "infotabs_dev": "Apache-2.0",
    "nli_newprot_base_val": "CC BY-SA 3.0",
    "nli_newprot_contrast_val": "CC BY-SA 3.0",
    "nli_newprot_edit_other_val": "CC BY-SA 3.0",
    "nli_newprot_edit_premise_val": "CC BY-SA 3.0",
    "nli_newprot_paragraph_val": "CC BY-SA 3.0",
    "nli_mnli_dev": "OANC",
    "nli_mpe_dev": "CC BY-SA",
    "cad_nli_dev": "Apache-2.0",
    "e2e_cleaned_dev": "CC BY-SA 4.0",
    "mtsdialog_validationset": "CC BY 4.0",
    "acibench_valid": "CC BY 4.0",
    "medquad": "CC BY 4.0",
}
"""Sets the fusion is fitted on, with their licences; of those the network learned from only what was held out."""
_ONLY_HELD_OUT = ("fever_dev", "nli_mnli_dev", "e2e_cleaned_dev", "medquad")
_FLIPPED = ("mtsdialog_validationset", "acibench_valid", "medquad", "fever_dev", "e2e_cleaned_dev")
PAIRS_A_SET = 250
_COPIED = 0.3
_UNRELATED = 0.25
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
    """Whether it is a quotation or departs in an exact part, so that its score is set whatever the fusion says."""


def fusing_pairs(folder: Path, *, count: int = PAIRS_A_SET) -> list[Pair]:
    """The pairs to fit on: up to `count` a set, with strangers among their evidence, and true ones made false."""
    chance = random.Random(11)  # noqa: S311 — reproducible, not secret
    found: list[Pair] = []
    for name in FUSED_ON:
        pairs = [pair for pair in read_pairs(folder, name) if name not in _ONLY_HELD_OUT or held_out(pair)]
        for pair in pairs[:count]:
            made = [pair, *_copies(pair, chance)]
            if name in _FLIPPED:
                made += _turned(pair, chance) if pair.label == "supported" else ()
                if chance.random() < _UNRELATED:
                    made.append(Pair(pair.claim, chance.choice(pairs).evidence, "neutral", f"{name}+unrelated"))
            found += [_among_strangers(each, pairs, chance) for each in made]
    return found


def _copies(pair: Pair, chance: random.Random) -> Iterator[Pair]:
    """Now and then a sentence of the evidence as the claim, and the same with one change: what small models write."""
    sentences = [each for each in split_sentences("\n".join(pair.evidence)) if 6 <= len(each.split()) <= 40]
    if sentences and chance.random() < _COPIED:
        copied = Pair(chance.choice(sentences), pair.evidence, "supported", f"{pair.source}+copy")
        yield copied
        yield from _turned(copied, chance)


def _turned(pair: Pair, chance: random.Random) -> list[Pair]:
    """`pair` with its claim made false by one change, where it allows one."""
    made = list(flips(pair.claim, "\n".join(pair.evidence), chance).items())
    chance.shuffle(made)
    return [Pair(claim, pair.evidence, "unsupported", f"{pair.source}+{flip}") for flip, claim in made[:1]]


def _among_strangers(pair: Pair, pairs: Sequence[Pair], chance: random.Random) -> Pair:
    others = [chance.choice(pairs).evidence[0] for _ in range(chance.choice(_STRANGERS))]
    passages = [*pair.evidence, *(other for other in others if other not in pair.evidence)]
    chance.shuffle(passages)
    return Pair(pair.claim, tuple(passages), pair.label, pair.source)


def read_all(guard: GroundingGuard, pairs: Sequence[Pair], report: Callable[[str], None]) -> list[Read]:
    """The signals of every pair; a claim without readable evidence is left out."""
    found = []
    for number, pair in enumerate(pairs, start=1):
        reading = guard.read(pair.claim, pair.evidence)
        if reading is not None:
            group = "copies" if "+copy" in pair.source else pair.source.partition("+")[0]
            found.append(Read(reading.signals, pair.label == "supported", group, reading.departs or reading.verbatim))
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
        odds[inside] = signals[inside] @ fit(signals[~inside], labels[~inside], weights[~inside])
    at, scores = rising(odds, labels, weights)
    return Fusion(fit(signals, labels, weights), at, scores, answers)


def fit(signals: NDArray[np.float64], labels: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients of the ridge logistic model that fits best, by Newton's method."""
    found = np.zeros(signals.shape[1])
    penalty = _RIDGE * np.eye(signals.shape[1])
    penalty[0, 0] = 1e-6
    for _ in range(30):
        odds = 1 / (1 + np.exp(-np.clip(signals @ found, -30, 30)))
        gradient = signals.T @ (weights * (odds - labels)) + penalty @ found
        curvature = (signals * (weights * odds * (1 - odds))[:, None]).T @ signals + penalty
        step = np.linalg.solve(curvature, gradient)
        found -= step
        if np.abs(step).max() < 1e-6:
            break
    return found


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
