"""What came of one case with one model: one line of a run, written as soon as it is known and never twice."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from assistant.errors import Invalid
from assistant.messages import Basis, Outcome

Variant = Literal["paraphrased", "casing", "misspelt", "reordered", "distracted"]
Way = Literal["railed", "raw"] | Variant
"""Through the rails, as visitors are answered; the model's words as they are; or through the rails, asked otherwise."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence of an answer, as it was judged when the answer was given."""

    text: str
    borne_out: bool | None
    """Whether the evidence bears it out; None for a sentence that claims nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """One case, answered by one model one way."""

    model: str
    way: Way
    case: str
    outcome: Outcome | Literal["failed"]
    text: str = ""
    """What left; empty where the model failed."""
    failed: str | None = None
    """Why there is no answer, in words."""
    rail: str | None = None
    wrote: str | None = None
    """The model that wrote; another than the first where a cascade went on."""
    cited: tuple[str, ...] = ()
    """Documents cited, each once."""
    claims: int = 0
    """Sentences that left and claim something."""
    claims_supported: int = 0
    """Those of them that the evidence bears out."""
    drafted: int = 0
    """Sentences the model wrote that claim something, whether they left or not."""
    drafted_supported: int = 0
    facts: float | None = None
    """Share of the reference's claims that the answer bears out; None where nothing answers."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    energy_wh: float = 0.0
    basis: Basis = "estimated"
    first_sentence_s: float | None = None
    generation_s: float = 0.0
    total_s: float = 0.0
    sentences: tuple[Judged, ...] = ()
    """What left, sentence by sentence; none in a run that was made before this was kept."""
    peak_mb: float | None = None
    """The most memory of the whole process so far, guards included, in MiB; None where the system does not tell."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is the result of: model, way and case."""
        return (self.model, self.way, self.case)


class Ledger:
    """The results of a run in one file, a JSON object a line. One process writes."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> tuple[Result, ...]:
        """Every result written so far, in order.

        A last line that a kill cut off is left out, so its case is done again; raises Invalid naming any other line
        that is no result.
        """
        return tuple(self._results())

    def mend(self) -> None:
        """Cuts off a line that a kill left unfinished."""
        if not self._file.exists():
            return
        whole = self._file.read_bytes()
        if whole and not whole.endswith(b"\n"):
            with self._file.open("r+b") as file:
                file.truncate(whole.rfind(b"\n") + 1)

    def add(self, result: Result) -> None:
        """Writes one more line, which is on the disk when this returns."""
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _results(self) -> Iterator[Result]:
        if not self._file.exists():
            return
        lines = self._file.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines[:-1], start=1):  # What follows the last line end was cut off, or is empty.
            try:
                yield _RESULT.validate_python(_tuples(json.loads(line)))
            except (ValueError, ValidationError) as error:
                raise Invalid(f"{self._file}:{number}: is no result of a run ({type(error).__name__})") from error


_RESULT = TypeAdapter(Result)


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
