"""The evidence of one turn: what the request brought and what knowledge holds, less what the rails refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.answering.quoting import FAR_BEHIND, part_of, sentence_spans
from assistant.answering.turn import Turn, lists_reviews
from assistant.embedding import Embedder
from assistant.knowledge import split
from assistant.messages import Document, Dropped, Evidence, Measurements, Stage, Task, Verdict
from assistant.rails.live import Release
from assistant.tasks import (
    THEME,
    count_reviews,
    dialogue_statements,
    fact_statements,
    form_of,
    read_reviews,
    review_evidence,
)

REVIEW_WORDS, FEW_REVIEWS = 120, 3  # Documents as short and as many as these are one review each.
REVIEWS_SHOWN = 6  # Of a theme that was asked about; the counts speak for the rest.
PASSAGE_WORDS = 30  # Of a document the request brought: small, so that a hidden order takes little with it.
NEAR = 1.2
"""What nearness in meaning counts among passages that answer: with it the first of them holds .79 of the words of the
reference and not .72, and is of the right document for 75 and not 70, of 93 questions of the verticals (2026-11-28)."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a turn may stand on, and what was kept from it."""

    evidence: tuple[Evidence, ...]
    """For answers only what answers, best first; for summaries and copy everything, in document order."""
    statements: tuple[Evidence, ...] = ()
    """Everything the request's documents state."""
    dropped: tuple[Dropped, ...] = ()
    """Passages that carry instructions."""
    beside: tuple[Evidence, ...] = ()
    """The reviews whose counts are the evidence, in the customers' words."""


async def find_evidence(turn: Turn, embedder: Embedder) -> Found:
    """What bears on the turn's question: its documents first; knowledge where it brought none."""
    if turn.documents:
        admitted, dropped = await _admitted(turn, await asyncio.to_thread(_stated, turn))
        if turn.task == "summarize" and turn.release.vertical.summary:
            admitted = [each for passage in admitted for each in _sentences(passage)]
    else:  # Passages of knowledge were checked for hidden orders when they were ingested.
        admitted, dropped = await asyncio.to_thread(known, turn.release, turn.standing, turn.task), []
    if turn.documents and turn.task == "answer":
        near = await asyncio.to_thread(_nearest, turn, admitted, embedder)
        evidence = await asyncio.to_thread(answering, turn.release, turn.standing, near)
        if not evidence:  # What was brought comes first; knowledge speaks where it is silent.
            evidence = await asyncio.to_thread(known, turn.release, turn.standing, turn.task)
    elif turn.documents and turn.task == "summarize":
        evidence = _counted(turn, admitted)
    else:
        evidence = admitted
    statements = tuple(p for p in admitted if p.origin == "request")
    counted = evidence and all(each.origin == "count" for each in evidence)
    return Found(tuple(evidence), statements, tuple(dropped), statements if counted else ())


async def _admitted(turn: Turn, passages: Sequence[Evidence]) -> tuple[list[Evidence], list[Dropped]]:
    """What the rails let through, in order, and what they drop; of a passage they refuse, its clean sentences stay."""
    admitted: list[Evidence] = []
    dropped: list[Dropped] = []
    texts = [passage.quote or passage.text for passage in passages]
    verdicts = await judge_passages(turn.release, texts, task=turn.task, number=turn.number, decide=turn.decide)
    for passage, verdict in zip(passages, verdicts, strict=True):
        sentences = _sentences(passage)
        if not verdict.blocked:
            admitted.append(passage)
        elif len(sentences) > 1:
            inner, refused = await _admitted(turn, sentences)
            admitted += inner if refused else []
            dropped += refused or [_dropped(passage, verdict)]
        else:
            dropped.append(_dropped(passage, verdict))
    return admitted, dropped


def _dropped(passage: Evidence, verdict: Verdict) -> Dropped:
    return Dropped(passage.quote or passage.text, verdict.rail or "", f"in {passage.document}")


Decide = Callable[[Stage, Measurements], Awaitable[Verdict]]


async def judge_passages(
    release: Release,
    texts: Sequence[str],
    *,
    task: Task,
    number: int,
    decide: Decide | None = None,
    measure: Callable[..., Measurements] | None = None,
) -> list[Verdict]:
    """The verdict on each passage; equal measurements are decided once, by `decide` where it notes them.

    What is no passage but held to the same rails is measured by a `measure` of its own.
    """
    decide, measure = decide or release.engine.decide, measure or release.guards.evidence
    decided: dict[str, Verdict] = {}
    verdicts = []
    for text in texts:
        measured = await asyncio.to_thread(measure, text, task=task, turn=number)
        key = repr(sorted(measured.items()))
        if key not in decided:
            decided[key] = await decide("evidence", measured)
        verdicts.append(decided[key])
    return verdicts


def statements(document: Document) -> tuple[Evidence, ...]:
    """What a document of the request states, read as its form asks for."""
    form = form_of(document.text)
    if form == "dialogue":
        return dialogue_statements(document)
    if form == "facts":
        return fact_statements(document)
    if form == "reviews":
        return review_evidence(read_reviews([document]))
    return tuple(
        Evidence(
            document.id,
            document.title,
            passage.text,
            passage.start,
            passage.end,
            origin="request",
            # A caller's title may be any name.
            heading=passage.heading.removeprefix(document.title).removeprefix(" › "),
        )
        for passage in split(document, max_words=PASSAGE_WORDS)
    )


def known(release: Release, question: str, task: Task) -> list[Evidence]:
    """What the knowledge of `release` has on `question`; for an answer what answers, chosen from twice as much."""
    k = release.vertical.retrieval.k
    if task != "answer":
        return list(release.search(question, k=k))
    return answering(release, question, release.search(question, k=2 * k))


def answering(release: Release, question: str, evidence: Iterable[Evidence]) -> list[Evidence]:
    """The passages that answer the question, best first; those far behind the best are left out."""
    grounding = release.guards.grounding
    scored = [(grounding.answers(question, passage.reading), passage) for passage in evidence]
    least = max(grounding.answer_limit, FAR_BEHIND * max((score for score, _ in scored), default=1.0))

    def rank(each: tuple[float, Evidence]) -> float:
        score, passage = each
        return score + NEAR * passage.score

    best = [passage for score, passage in sorted(scored, key=rank, reverse=True) if score >= least]
    return best[: release.vertical.retrieval.k]


def _stated(turn: Turn) -> list[Evidence]:
    """What the request's documents state."""
    sheets = [document for document in turn.documents if form_of(document.text) == "facts"]
    # Copy stands on the fact list alone: a draft that comes with it may be what needs correcting.
    stands_on = sheets if turn.task == "write" and sheets else turn.documents
    return [statement for document in stands_on for statement in statements(document)]


def _nearest(turn: Turn, passages: Sequence[Evidence], embedder: Embedder) -> list[Evidence]:
    """The documents' passages nearest to the question, best first."""
    if not passages:
        return []
    vectors = embedder.embed([turn.standing, *(passage.text for passage in passages)])
    cosines = np.clip(vectors[1:] @ vectors[0], 0.0, 1.0)
    scored = [replace(passage, score=float(cosine)) for passage, cosine in zip(passages, cosines, strict=True)]
    return sorted(scored, key=lambda passage: -passage.score)[: 2 * turn.release.vertical.retrieval.k]


def _counted(turn: Turn, admitted: Sequence[Evidence]) -> list[Evidence]:
    """For reviews the counts: all of them, or those on the themes asked about with what these reviews say.

    Documents that are not reviews stay as they are.
    """
    if not _are_reviews(turn):
        return list(admitted)
    kept = {(passage.document, passage.start) for passage in admitted}
    reviews = [review for review in read_reviews(turn.documents) if (review.document.id, review.start) in kept]
    counts = count_reviews(reviews, turn.release.guards.phrases.measure)
    named = turn.release.guards.phrases.measure(turn.question)
    asked = [count for count in counts if count.theme and named.get(THEME + count.theme.replace(" ", "_"))]
    if not asked:
        return [count.statement for count in counts]
    said = [evidence for count in asked for evidence in review_evidence(count.members[:REVIEWS_SHOWN])]
    return [*(count.statement for count in asked), *dict.fromkeys(said)]


def _are_reviews(turn: Turn) -> bool:
    """Whether the documents list reviews, or are many short ones where the vertical counts themes."""
    if lists_reviews(turn.documents):
        return True
    short = all(len(document.text.split()) <= REVIEW_WORDS for document in turn.documents)
    counts_themes = any(name.startswith(THEME) for name in turn.release.bundle.phrases)
    return short and counts_themes and len(turn.documents) >= FEW_REVIEWS


def _sentences(passage: Evidence) -> list[Evidence]:
    """The sentences of prose, each of which may belong under another heading; what was read from a form is whole."""
    if passage.quote is not None:
        return [passage]
    return [part_of(passage, start, end) for start, end in sentence_spans(passage.text)] or [passage]
