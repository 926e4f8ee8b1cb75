"""What is to be made, and from what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assistant.cases import Case
from assistant.tuning.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Order:
    """An adapter that somebody wants."""

    vertical: str
    model: str
    name: str
    out: Path
    cases: tuple[tuple[Path, str], ...]
    """Files of cases, each with its licence."""
    unlicensed: tuple[Path, ...]
    """Files whose licence was not told."""
    validation: Path | None
    held_out: tuple[Path, ...]
    published: bool
    recipe: Recipe
    threads: int
    command: str
    """The call that makes it again."""
    begin: str | None = None
    """An adapter of the catalog on the same model, from which it learns on; None to begin anew."""
    reviewed: tuple[Case, ...] = ()
    """Texts that people approved here."""
