"""What the signals of the grounding guard could tell at best: fused on the very sets that are reported.

    python -m benchmarks.ceiling FOLDER [COUNT]

Where even that is hardly better than the shipped fusion, what is wanting is in the signals, not in how they are joined.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.commands.records_report import table
from assistant.guards import GroundingGuard
from assistant.guards.grounding.checker import judge
from assistant.guards.grounding.fusion import Fusion, read_fusion
from assistant.guards.grounding.training.fuse import balanced_weights, fit
from assistant.guards.grounding.training.measure import MEASURED_ON, accuracy_at, auroc, weigh_sentences
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
    verbatim: bool


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
    on_all = _fused(list(sets.values()))
    rows = []
    for name, mine in sets.items():
        on_others = _fused([claims for other, claims in sets.items() if other != name])
        shipped = np.array([each.shipped for each in mine])
        fused = (_told(mine, _odds(mine, joined), _EVEN) for joined in (on_others, on_all))
        rows.append((_told(mine, shipped, guard.limit), *fused))
    means = np.array(rows).mean(axis=0)
    lines = [("SET", "AS SHIPPED", "FUSED ON THE OTHER SETS", "FUSED ON ALL OF THEM")]
    for name, row in zip((*sets, "mean"), (*rows, means), strict=True):
        lines.append((name, *(f"{accuracy:.3f} / {area:.3f}" for accuracy, area in row)))
    print(table(lines))


def _claim(guard: GroundingGuard, fusion: Fusion, pair: Pair) -> Claim | None:
    """None where nothing is claimed, or the evidence cannot be read."""
    held = [(judge(each, fusion).score, each) for each in weigh_sentences(guard, pair) if each is not None]
    if not held:
        return None
    score, weakest = min(held, key=lambda each: each[0])
    signals = np.append(weakest.signals, float(weakest.departs))
    return Claim(pair.label == "supported", score, signals, weakest.reading.verbatim)


def _fused(sets: Sequence[Sequence[Claim]]) -> NDArray[np.float64]:
    """Coefficients; every set, and in it both answers, weigh the same."""
    free = [(str(number), each) for number, claims in enumerate(sets) for each in claims if not each.verbatim]
    weights = balanced_weights([(number, each.supported) for number, each in free])
    return fit(np.array([e.signals for _, e in free]), np.array([float(e.supported) for _, e in free]), weights)


def _odds(claims: Sequence[Claim], coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([_SURE if each.verbatim else each.signals @ coefficients for each in claims])


def _told(claims: Sequence[Claim], scores: NDArray[np.float64], limit: float) -> tuple[float, float]:
    """Balanced accuracy at `limit`, and AUROC."""
    supported = np.array([each.supported for each in claims])
    return accuracy_at(scores, supported, limit), auroc(scores, supported)


if __name__ == "__main__":
    main()
