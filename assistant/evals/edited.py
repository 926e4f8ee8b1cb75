"""Corrections: what somebody changed in a model's answer until it was right, and how long that took them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import Invalid
from assistant.evals.lines import Lines
from assistant.evals.results import Result
from assistant.evals.statistics import Estimate, estimate
from assistant.evals.words import edits

EDITED = "edited.jsonl"
"""The file of a run's folder that keeps them."""
MAX_CHARACTERS = 20_000
"""Of a corrected answer; counting edits takes the product of both lengths."""


@dataclass(frozen=True, slots=True)
class Edited:
    """One answer made right by a person, who did not know whose it was."""

    case: str
    model: str
    text: str
    """The answer as they left it."""
    word_edits: int
    """Words inserted, deleted or replaced."""
    character_edits: int
    seconds: float


def edited(result: Result, text: str, *, seconds: float) -> Edited:
    """The correction that made `text` of the result's answer; raises Invalid for an empty text or one too long."""
    text = text.strip()
    if not 0 < len(text) <= MAX_CHARACTERS:
        raise Invalid(f"a corrected answer has 1 to {MAX_CHARACTERS} characters, not {len(text)}")
    words, characters = edits(result.text.split(), text.split()), edits(result.text.strip(), text)
    return Edited(result.case, result.model, text, words, characters, round(seconds, 1))


def read_edited(file: Path) -> tuple[Edited, ...]:
    """The corrections kept in `file`, oldest first; raises Invalid naming a line that is none."""
    return _kept(file).read()


def add_edited(file: Path, correction: Edited) -> None:
    """Keeps one more."""
    _kept(file).add(correction)


def _kept(file: Path) -> Lines[Edited]:
    return Lines(file, Edited, named="correction")


def words_edited(corrections: Sequence[Edited], *, seed: int) -> dict[str, Estimate]:
    """Words corrected in an answer of each model, on average, with intervals; only models that were corrected."""
    by_model: dict[str, list[float]] = {}
    for each in corrections:
        by_model.setdefault(each.model, []).append(float(each.word_edits))
    found = {name: estimate(values, seed=seed) for name, values in by_model.items()}
    return {name: each for name, each in found.items() if each is not None}
