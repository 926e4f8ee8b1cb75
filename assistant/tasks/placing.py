"""Under which heading a statement belongs: the nearest by meaning, or as learnt from notes that people wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.errors import Invalid
from assistant.messages import Evidence

STAYS = 1.0
"""By how much, as a logarithm of odds, another heading must be likelier than that of the statement before: talk stays
with its subject. Of 0 to 2 the best on MTS-Dialog's validation set and first test set (run 2026-11)."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a summary and what belongs under it."""

    heading: str
    about: str


@dataclass(frozen=True, slots=True)
class Placing:
    """A linear reading of sentence embeddings, learnt for exactly these headings."""

    headings: tuple[str, ...]
    weights: NDArray[np.float64]
    """One row a heading, one column a dimension of the embedding."""
    bias: NDArray[np.float64]

    def places(self, vectors: NDArray[Any]) -> list[int]:
        """For each statement, in the order in which they were said, the number of its heading."""
        odds = vectors @ self.weights.T + self.bias
        odds -= np.log(np.exp(odds - odds.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)) + odds.max(
            axis=1, keepdims=True
        )
        best, came_from = odds[0], []
        for each in odds[1:]:
            moved = best.max() - STAYS
            came_from.append(np.where(best >= moved, np.arange(len(best)), best.argmax()))
            best = np.maximum(best, moved) + each
        path = [int(best.argmax())]
        for before in reversed(came_from):
            path.append(int(before[path[-1]]))
        return path[::-1]

    def write(self, file: Path) -> None:
        """Keep it in `file`."""
        told = {
            "headings": self.headings,
            "bias": self.bias.round(4).tolist(),
            "weights": self.weights.round(4).tolist(),
        }
        file.write_text(json.dumps(told) + "\n", encoding="utf-8")


def read_placing(file: Path) -> Placing:
    """What `Placing.write` kept; raises Invalid when it cannot be read."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return Placing(tuple(told["headings"]), np.array(told["weights"]), np.array(told["bias"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Invalid(f"{file} does not say where statements belong; make the adapter again") from error


def assign(
    statements: Sequence[Evidence], sections: Sequence[Section], embedder: Embedder, placing: Placing | None = None
) -> list[list[Evidence]]:
    """For each section the statements that belong there, in document order.

    By `placing` where it was learnt for these headings, else each to what is nearest.
    """
    vectors = embedder.embed([s.text for s in statements])
    if not statements:
        places: Sequence[int] = ()
    elif placing is not None and placing.headings == tuple(section.heading for section in sections):
        places = placing.places(vectors)
    else:
        about = embedder.embed([f"{section.heading}. {section.about}" for section in sections])
        places = np.argmax(vectors @ about.T, axis=1).tolist()
    return [[s for s, at in zip(statements, places, strict=True) if at == index] for index in range(len(sections))]
