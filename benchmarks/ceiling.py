"""What the signals of the grounding guard could tell at best: fused on the very sets that are reported.

    python -m benchmarks.ceiling FOLDER [COUNT]

Where even that is hardly better than the shipped fusion, what is wanting is in the signals, not in how they are joined.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.commands.records_report import table
from assistant.guards import GroundingGuard, is_claim, split_sentences
from assistant.guards.grounding.checker import judge
from assistant.guards.grounding.fusion import Fusion, read_fusion
from assistant.guards.grounding.training.fuse import balanced_weights, fit
from assistant.guards.grounding.training.measure import MEASURED_ON, accuracy_at, auroc
from assistant.guards.grounding.training.pairs import Pair, read_pairs
from assistant.opening import open_catalog, open_embedder
from assistant.settings import read_settings

PAIRS = 400
_SURE = 20.0  # Odds of a claim word for word: no fusion changes them.
_EVEN = 0.0  # The limit of fused odds.


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as its weakest sentence has it."""

    supported: bool
    shipped: float
    """The score of the shipped fusion."""
    signals: NDArray[np.float64]
    """Those that are fused, and whether an exact part departs."""
    settled: float | None
    """Odds that no fusion changes."""


def main() -> None:
    """Prints balanced accuracy and AUROC of each set: as shipped, fused on the other sets, and fused on all of them."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else PAIRS
    settings = read_settings()
    guard, fusion = GroundingGuard(open_embedder(settings, open_catalog(settings))), read_fusion()
    sets: dict[str, list[Claim]] = {}
    for name in MEASURED_ON:
        read = (_claim(guard, fusion, pair) for pair in read_pairs(folder, name)[:count])
        sets[name] = [each for each in read if each is not None]
        print(f"read {name}: {len(sets[name])} claims", file=sys.stderr)
    rows = [[_told(sets[name], way) for way in _ways(sets, name, guard.limit)] for name in sets]
    lines = [("SET", "AS SHIPPED", "FUSED ON THE OTHER SETS", "FUSED ON ALL OF THEM")]
    lines += [
        (name, *(f"{accuracy:.3f} / {area:.3f}" for accuracy, area in row))
        for name, row in zip(sets, rows, strict=True)
    ]
    means = np.array(rows).mean(axis=0)
    lines.append(("mean", *(f"{accuracy:.3f} / {area:.3f}" for accuracy, area in means)))
    print(table(lines))


def _claim(guard: GroundingGuard, fusion: Fusion, pair: Pair) -> Claim | None:
    """None where nothing is claimed."""
    sentences = [each for each in split_sentences(pair.claim) if is_claim(each)]
    weighed = [each for each in (guard.weigh(sentence, pair.evidence) for sentence in sentences) if each is not None]
    if not weighed:
        return None
    weakest = min(weighed, key=lambda each: judge(each, fusion).score)
    signals = np.append(weakest.signals, float(weakest.departs))
    score, settled = judge(weakest, fusion).score, _SURE if weakest.reading.verbatim else None
    return Claim(pair.label == "supported", score, signals, settled)


@dataclass(frozen=True, slots=True)
class _Way:
    """Scores of the claims of a set, and the limit from which they pass."""

    scores: NDArray[np.float64]
    limit: float


def _ways(sets: Mapping[str, Sequence[Claim]], name: str, limit: float) -> tuple[_Way, _Way, _Way]:
    mine = sets[name]
    others = {other: claims for other, claims in sets.items() if other != name}
    return (
        _Way(np.array([each.shipped for each in mine]), limit),
        _Way(_odds(mine, _fused(others)), _EVEN),
        _Way(_odds(mine, _fused(sets)), _EVEN),
    )


def _fused(sets: Mapping[str, Sequence[Claim]]) -> NDArray[np.float64]:
    """Coefficients; every set, and in it both answers, weigh the same."""
    free = [(name, each) for name, claims in sets.items() for each in claims if each.settled is None]
    weights = balanced_weights([(name, each.supported) for name, each in free])
    return fit(np.array([e.signals for _, e in free]), np.array([float(e.supported) for _, e in free]), weights)


def _odds(claims: Sequence[Claim], coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([each.signals @ coefficients if each.settled is None else each.settled for each in claims])


def _told(claims: Sequence[Claim], way: _Way) -> tuple[float, float]:
    supported = np.array([each.supported for each in claims])
    return accuracy_at(way.scores, supported, way.limit), auroc(way.scores, supported)


if __name__ == "__main__":
    main()
