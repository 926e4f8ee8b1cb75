"""One text, one stage, one verdict: for integrators who run their own model, and for trying a rail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any, Literal

from assistant.answering.evidence import statements
from assistant.errors import Invalid
from assistant.guards import Placeholders, Support, split_sentences
from assistant.messages import Document, Measurements, Reason, Stage, Verdict
from assistant.rails.live import LiveRails, Release

CheckOutcome = Literal["pass", "block", "mask"]


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """One sentence of an output text, measured against the evidence."""

    text: str
    claim: bool
    support: float | None
    reason: Reason
    evidence: int | None
    """Place of the passage that bears it out in the evidence sent, from 0."""


@dataclass(frozen=True, slots=True)
class Check:
    """What the rails would do with a text, and every measurement behind it."""

    outcome: CheckOutcome
    rail: str | None
    reason: str | None
    text: str
    """The text with personal data masked where the vertical masks it."""
    scores: dict[str, float]
    """By guard: 0 certainly stop … 1 certainly fine."""
    found: tuple[dict[str, Any], ...]
    """Personal data: kind, start, end."""
    sentences: tuple[CheckedSentence, ...]
    release: str
    ms: float

    def wire(self) -> dict[str, Any]:
        """The shape of the contract, less the id."""
        return asdict(self)


class Checks:
    """Measures texts and lets the rails decide, without index or model."""

    def __init__(self, rails: LiveRails) -> None:
        self._rails = rails

    async def check(
        self,
        vertical: str,
        stage: Stage,
        text: str,
        *,
        evidence: Sequence[Document] = (),
        question: str | None = None,
        rail: str | None = None,
    ) -> Check:
        """The verdict of `stage` on `text`; of one rail alone where `rail` names it.

        Raises UnknownVertical, NotFound for an unknown rail, Invalid for an empty text.
        """
        begin = perf_counter()
        if not text.strip():
            raise Invalid("text: is empty; send the text to check")
        release = self._rails.release(vertical)
        needs = release.engine.needs(stage, only=rail)
        gauge = _Gauge(release, stage, needs, rail, question)
        if stage == "output":
            verdict, scores, sentences = await gauge.output(text, evidence)
        else:
            verdict, scores = await gauge.whole(text)
            sentences = ()
        found = release.guards.personal.find(text) if "personal_data" in needs else ()
        masking = release.vertical.personal_data.input if stage == "input" else release.vertical.personal_data.output
        masked = release.guards.personal.mask(text, Placeholders(b"")).text if found and masking == "mask" else text
        if "personal_data" in needs:
            scores["personal-data"] = 0.0 if found else 1.0
        outcome: CheckOutcome = "block" if verdict.blocked else "mask" if masked != text else "pass"
        return Check(
            outcome=outcome,
            rail=verdict.rail or ("personal-data" if outcome == "mask" else None),
            reason=verdict.message
            or (f"masked: {', '.join(sorted({f.kind for f in found}))}" if outcome == "mask" else None),
            text=masked,
            scores=scores,
            found=tuple({"kind": f.kind, "start": f.start, "end": f.end} for f in found),
            sentences=sentences,
            release=release.digest,
            ms=round(1000 * (perf_counter() - begin), 2),
        )


@dataclass(frozen=True, slots=True)
class _Gauge:
    release: Release
    stage: Stage
    needs: frozenset[str]
    rail: str | None
    question: str | None

    async def whole(self, text: str) -> tuple[Verdict, dict[str, float]]:
        measure = self.release.guards.input if self.stage == "input" else self.release.guards.evidence
        measured = await asyncio.to_thread(measure, text, task="answer", turn=1, only=self.needs)
        verdict = await self.release.engine.decide(self.stage, measured, only=self.rail)
        return verdict, _scores(measured)

    async def output(
        self, text: str, evidence: Sequence[Document]
    ) -> tuple[Verdict, dict[str, float], tuple[CheckedSentence, ...]]:
        passages = [(index, e.text) for index, document in enumerate(evidence) for e in statements(document)]
        first, least = Verdict(blocked=False), 1.0
        checked: list[CheckedSentence] = []
        before: list[str] = []
        scores: dict[str, float] = {}
        for sentence in split_sentences(text):
            measured, support = await asyncio.to_thread(
                self.release.guards.output, sentence, [passage for _, passage in passages],
                before=before[-2:], question=self.question, task="answer", turn=1, only=self.needs,
            )  # fmt: skip
            verdict = await self.release.engine.decide("output", measured, only=self.rail)
            first = first if first.blocked or not verdict.blocked else verdict
            if support is not None:
                least = min(least, support.score if support.claim else 1.0)
                scores["grounding"] = round(least, 4)
                checked.append(_sentence(sentence, support, passages))
            before.append(sentence)
        return first, scores, tuple(checked)


def _sentence(text: str, support: Support, passages: Sequence[tuple[int, str]]) -> CheckedSentence:
    place = passages[support.evidence][0] if support.claim and support.evidence is not None else None
    return CheckedSentence(
        text, support.claim, round(support.score, 4) if support.claim else None, support.reason, place
    )


def _scores(measured: Measurements) -> dict[str, float]:
    return {name: round(float(measured[name]["score"]), 4) for name in ("topics", "injection") if name in measured}


async def check_lines(
    checks: Checks, vertical: str, stage: Stage, lines: Iterable[str], *, rail: str | None = None
) -> AsyncIterator[dict[str, Any]]:
    """One object for each line of JSON, in order; a line that cannot be checked gives its id and an `error`."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        given: dict[str, Any] = {"id": number}
        try:
            given = _read_line(line, number)
            evidence = [Document(str(i), f"evidence {i + 1}", text) for i, text in enumerate(given["evidence"])]
            check = await checks.check(
                vertical, stage, given["text"], evidence=evidence, question=given["question"], rail=rail
            )
        except Invalid as error:
            yield {"id": given["id"], "error": str(error)}
            continue
        yield {"id": given["id"], **check.wire()}


def _read_line(line: str, number: int) -> dict[str, Any]:
    try:
        given = json.loads(line)
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Invalid(f"line {number}: holds half a character (a lone surrogate); send whole characters") from error
    except (ValueError, RecursionError) as error:
        raise Invalid(f"line {number}: not valid JSON: {error}") from error
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise Invalid(f'line {number}: must be an object with a "text" that is a string')
    evidence = given.get("evidence") or []
    if not isinstance(evidence, list) or not all(isinstance(each, str) for each in evidence):
        raise Invalid(f'line {number}: "evidence" must be a list of strings')
    question = given.get("question")
    if question is not None and not isinstance(question, str):
        raise Invalid(f'line {number}: "question" must be a string')
    return {"id": given.get("id", number), "text": given["text"], "evidence": evidence, "question": question}
