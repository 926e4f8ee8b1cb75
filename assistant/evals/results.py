"""What came of one case with one model: one line of a run, written as soon as it is known and never twice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.evals.lines import Lines
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
    escalated: bool | None = None
    """Whether a cascade asked more than its first model; None for what is no cascade."""
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
    judged: float | None = None
    """A machine's opinion of it from 0 to 1, kept in a file of its own; None where none was asked for."""

    @property
    def unsupported(self) -> tuple[str, ...]:
        """The claims that left and that the evidence does not bear out, each once."""
        return tuple(dict.fromkeys(each.text for each in self.sentences if each.borne_out is False))

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is the result of: model, way and case."""
        return (self.model, self.way, self.case)


class Ledger(Lines[Result]):
    """The results of a run in one file."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, Result, named="result of a run")
