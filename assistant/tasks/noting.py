"""What of a visit belongs in a note at all, learnt from notes that people wrote: no greetings, no asides."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.messages import Evidence
from assistant.tasks.omissions import kind_of

FILE = Path(__file__).with_name("noting.json")
LEAST = -1.5
"""From these odds on, as their logarithm, a statement is kept. Of visits that nothing was learnt from, .95 of what
clearly stands in the note is, and .34 of what clearly does not (`python -m benchmarks.noting DATA`, 2026-11-27)."""


@dataclass(frozen=True, slots=True)
class Noting:
    """A linear reading of sentence embeddings."""

    embedder: str
    """Name of the embedder whose vectors it reads."""
    weights: NDArray[np.float64]
    """One a dimension of the embedding."""
    bias: float

    def odds(self, vectors: NDArray[Any]) -> NDArray[np.float64]:
        """For each statement the logarithm of the odds that a note holds it."""
        return np.asarray(vectors @ self.weights + self.bias, dtype=np.float64)

    def write(self, file: Path = FILE) -> None:
        """Keep it in `file`."""
        told = {"embedder": self.embedder, "bias": round(self.bias, 4), "weights": self.weights.round(4).tolist()}
        file.write_text(json.dumps(told) + "\n", encoding="utf-8")


@lru_cache(maxsize=1)
def shipped_noting() -> Noting:
    """The one that ships."""
    told = json.loads(FILE.read_text(encoding="utf-8"))
    return Noting(told["embedder"], np.array(told["weights"]), told["bias"])


def worth_noting(statements: Sequence[Evidence], embedder: Embedder) -> list[Evidence]:
    """What of `statements` a note would hold, in order: everything that was not spoken in a dialogue, and of that what
    is likely enough or must not be left out in silence.

    All of them where another embedder is in use than the one it was learnt with.
    """
    noting = shipped_noting()
    if embedder.name != noting.embedder or not statements:
        return list(statements)
    odds = noting.odds(embedder.embed([each.text for each in statements]))
    return [s for s, o in zip(statements, odds, strict=True) if s.turns is None or o >= LEAST or kind_of(s.text)]
