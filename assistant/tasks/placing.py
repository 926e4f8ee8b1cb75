"""Under which headings a statement belongs: those whose words it holds, else the nearest or as learnt from notes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.errors import Invalid
from assistant.messages import Evidence
from assistant.tasks.noting import worth_noting

SECTION = "section_"
"""Begins the name of a phrase list whose phrases belong under the heading it is named after: `section_medication`."""
PhraseCounts = Callable[[str], dict[str, int]]
"""How often each named phrase list of the vertical occurs in a text."""
STAYS = 1.0
"""By how much, as a logarithm of odds, another heading must be likelier than that of the statement before: talk stays
with its subject. Of 0 to 2 the best on MTS-Dialog's validation set and first test set (run 2026-11)."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a summary and what belongs under it."""

    heading: str
    about: str

    @property
    def phrases(self) -> str:
        """Name of the phrase list that says what belongs under the heading."""
        return SECTION + "_".join(re.findall(r"\w+", self.heading.lower()))


@dataclass(frozen=True, slots=True)
class Placing:
    """A linear reading of sentence embeddings, learnt for exactly these headings."""

    headings: tuple[str, ...]
    weights: NDArray[np.float64]
    """One row a heading, one column a dimension of the embedding."""
    bias: NDArray[np.float64]

    def places(self, vectors: NDArray[Any], allowed: NDArray[np.bool_] | None = None) -> list[int]:
        """For each statement, in the order in which they were said, the number of its heading.

        Of those that are `allowed` there: one row a statement, one column a heading.
        """
        odds = vectors @ self.weights.T + self.bias
        odds -= np.log(np.exp(odds - odds.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)) + odds.max(
            axis=1, keepdims=True
        )
        if allowed is not None:
            odds = np.where(allowed, odds, -np.inf)
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
    statements: Sequence[Evidence],
    sections: Sequence[Section],
    embedder: Embedder,
    placing: Placing | None = None,
    phrases: PhraseCounts | None = None,
    opening: str | None = None,
) -> list[list[Evidence]]:
    """For each section the statements that belong there, in document order.

    A statement stands under every heading whose phrases it holds, so that none is said to be without what answers it.
    One that holds none stands under a single heading: by `placing` where that was learnt for these headings, else the
    nearest. Under `opening` stands what is said first that a note would hold, where nothing else holds its phrases.
    """
    if not statements:
        return [[] for _ in sections]
    held = np.array([_held(each, sections, phrases) for each in statements])
    noted = set(worth_noting(statements, embedder))
    opens = [at for at, statement in enumerate(statements) if statement in noted]
    for at, section in enumerate(sections):
        if section.heading == opening and not held[opens, at].any():
            held[opens[:1], at] = True
    allowed = held | ~held.any(axis=1, keepdims=True)
    vectors = embedder.embed([s.text for s in statements])
    if placing is not None and placing.headings == tuple(section.heading for section in sections):
        places = placing.places(vectors, allowed)
    else:
        about = embedder.embed([f"{section.heading}. {section.about}" for section in sections])
        places = np.argmax(np.where(allowed, vectors @ about.T, -np.inf), axis=1).tolist()
    held[np.arange(len(statements)), places] = True
    return [[s for s, there in zip(statements, column, strict=True) if there] for column in held.T]


def _held(statement: Evidence, sections: Sequence[Section], phrases: PhraseCounts | None) -> list[bool]:
    """Of which sections the statement holds phrases, in the words in which it was said."""
    counts = phrases(statement.turns or statement.text) if phrases else {}
    return [counts.get(section.phrases, 0) > 0 for section in sections]
