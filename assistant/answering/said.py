"""What a speaker passes on and remembers: texts that passed, sentences that leave, and where it stood."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.guards import Support
from assistant.messages import Citation, Evidence, Sentence


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that leaves, with the citations it is the first to use."""

    sentence: Sentence
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Passed:
    """A text that the rails let through, and what bears it out."""

    text: str
    joiner: str
    support: Support
    evidence: Evidence | None
    answers: bool
    """Whether it says what was asked; a true sentence beside the question does not."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a speaker stood, so that what was said since can be taken back before any of it has left."""

    said: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    claims: int
