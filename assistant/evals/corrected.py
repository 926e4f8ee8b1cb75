"""What people corrected in earnest: texts of a model that waited in the work queue until somebody let them go out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.evals.statistics import Estimate, estimate
from assistant.records import Correction

FILE = "corrections.jsonl"


@dataclass(frozen=True, slots=True)
class Corrected:
    """What the texts of one model took, by the text."""

    model: str
    words: Estimate
    """Words inserted, deleted or replaced."""
    characters: Estimate
    seconds: Estimate
    """Time a person spent on it."""


def keep_corrections(folder: Path, corrections: Iterable[Correction]) -> None:
    """Keeps with a run what people had corrected by then, in place of what was kept before; it holds no text."""
    lines = (json.dumps(asdict(each)) + "\n" for each in corrections)
    (folder / FILE).write_text("".join(lines), encoding="utf-8")


def read_corrections(folder: Path) -> tuple[Correction, ...]:
    """What was kept; nothing where nothing was."""
    file = folder / FILE
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else ()
    return tuple(Correction(**json.loads(line)) for line in lines)


def corrected(corrections: Iterable[Correction], *, seed: int = 1) -> Iterator[Corrected]:
    """What each model's texts took, with intervals, by the model's name."""
    by_model: dict[str, list[Correction]] = {}
    for each in corrections:
        by_model.setdefault(each.model, []).append(each)
    for model, own in sorted(by_model.items()):
        words, characters, seconds = (
            estimate([float(getattr(each, name)) for each in own], seed=seed)
            for name in ("word_edits", "character_edits", "seconds")
        )
        assert words and characters and seconds  # There is one text at least.
        yield Corrected(model, words, characters, seconds)
