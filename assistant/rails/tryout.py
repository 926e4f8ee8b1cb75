"""One text tried on one release: every measurement, what each rail says to it, and the evidence it was held against."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.errors import Invalid
from assistant.guards import split_sentences
from assistant.messages import Measurements, Stage, Verdict
from assistant.rails.live import Release

MOST_CHARACTERS = 20_000
_READ_AS_EVIDENCE = 8
"""Passages shown and measured against; answers stand on fewer."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Something a sentence may stand on."""

    title: str
    text: str
    score: float | None
    """How near it is to the question, 0 to 1; None where somebody brought it along."""


@dataclass(frozen=True, slots=True)
class TriedText:
    """A question, or one sentence of an answer."""

    text: str
    measured: Measurements
    verdict: Verdict
    """Of all rails in their order."""
    rails: Mapping[str, Verdict]
    """Of each rail alone."""
    evidence: int | None = None
    """Place of the passage that bears it out best, from 0; None where none does."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What one release makes of a text."""

    texts: tuple[TriedText, ...]
    evidence: tuple[Passage, ...]
    limits: Mapping[str, float]

    @property
    def blocked(self) -> bool:
        """Whether anything was stopped."""
        return any(each.verdict.blocked for each in self.texts)


async def try_text(
    release: Release, stage: Stage, text: str, *, question: str | None = None, evidence: Sequence[str] = ()
) -> Tried:
    """What `release` makes of a question, or of each sentence of an answer to `question`.

    Without `evidence` an answer is held against what the knowledge has on the question, or on the answer itself.
    Raises Invalid for an empty or very long text.
    """
    if not text.strip() or len(text) > MOST_CHARACTERS:
        raise Invalid(f"write a text of 1 to {MOST_CHARACTERS:,} characters to try")
    passages, public = [Passage("", each, None) for each in evidence if each.strip()], list[str]()
    if not passages:
        found = await asyncio.to_thread(release.search, (question or text).strip(), k=_READ_AS_EVIDENCE)
        passages = [Passage(each.title or each.document, each.text, float(each.score)) for each in found]
        public = [each.text for each in found]
    texts = [text.strip()] if stage != "output" else split_sentences(text)
    tried = []
    for place, each in enumerate(texts):
        if stage == "output":
            before = texts[max(0, place - 2) : place]
            measured, support = await asyncio.to_thread(
                release.guards.output,
                each,
                [p.text for p in passages],
                before=before,
                question=question,
                public=public,
            )
            shown = support.evidence if support is not None else None
        else:
            measured, shown = await asyncio.to_thread(release.guards.input, each), None
        verdict = await release.engine.decide(stage, measured)
        alone = {
            rail.name: await release.engine.decide(stage, measured, only=rail.name)
            for rail in release.bundle.rails
            if rail.stage == stage
        }
        tried.append(TriedText(each, measured, verdict, alone, shown))
    return Tried(tuple(tried), tuple(passages), release.engine.limits)
