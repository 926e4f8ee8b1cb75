"""The evidence of one turn: what the request brought and what knowledge holds, less what the rails refuse."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.answering.turn import Turn, lists_reviews
from assistant.embedding import Embedder
from assistant.guards import split_sentences
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

_MARKER = re.compile(r"(?:[-*•]|\d+[.)])\s+")  # Of a list item; a quote begins after it.
REVIEW_WORDS, FEW_REVIEWS = 120, 3  # Documents as short and as many as these are one review each.
REVIEWS_SHOWN = 6  # Of a theme that was asked about; the counts speak for the rest.
PASSAGE_WORDS = 30  # Of a document the request brought: small, so that a hidden order takes little with it.
_RESTRICTS = re.compile(r"\b(?:not|no|never|only|unless|except|cannot|without|but|however)\b|n['’]t\b", re.IGNORECASE)
SHORT_PARAGRAPH = 60  # Words that are quoted whole: a sentence alone may lack what it is about, or what limits it.
LOOKED_AHEAD = 2  # An exception may stand one sentence after the next.
NEAR = 1.2
"""What nearness in meaning counts among passages that answer: with it the first of them holds .79 of the words of the
reference and not .72, and is of the right document for 75 and not 70, of 93 questions of the verticals (2026-11-28)."""
FAR_BEHIND = 0.75  # A passage or sentence that answers less than this share of the best is not used beside it.
ANSWERS_BY_ITSELF = 0.62
"""What is said word for word as the answer must answer by itself. On the halves of three public sets that nothing is
reported on, .89 of 360 answerable questions have such a passage, and .18 of 180 others (run 2026-11-27)."""
KNOWLEDGE_ANSWERS = 0.56
"""The same of approved knowledge: a question that has passed the topics rail is likelier to be answered there."""


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
        admitted, dropped = list(await asyncio.to_thread(_known, turn)), []
    if turn.task == "answer":
        near = await asyncio.to_thread(_nearest, turn, admitted, embedder) if turn.documents else admitted
        evidence = await asyncio.to_thread(answering, turn, near)
        if turn.documents and not evidence:  # What was brought comes first; knowledge speaks where it is silent.
            evidence = await asyncio.to_thread(lambda: answering(turn, _known(turn)))
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
    release: Release, texts: Sequence[str], *, task: Task, number: int, decide: Decide | None = None
) -> list[Verdict]:
    """The verdict on each passage; equal measurements are decided once, by `decide` where it notes them."""
    decide = decide or release.engine.decide
    decided: dict[str, Verdict] = {}
    verdicts = []
    for text in texts:
        measured = await asyncio.to_thread(release.guards.evidence, text, task=task, turn=number)
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
        Evidence(document.id, document.title, passage.text, passage.start, passage.end, origin="request")
        for passage in split(document, max_words=PASSAGE_WORDS)
    )


def answering(turn: Turn, evidence: Iterable[Evidence]) -> list[Evidence]:
    """The passages that answer the question, best first; those far behind the best are left out."""
    grounding = turn.release.guards.grounding
    scored = [(grounding.answers(turn.standing, passage.reading), passage) for passage in evidence]
    least = max(grounding.answer_limit, FAR_BEHIND * max((score for score, _ in scored), default=1.0))

    def rank(each: tuple[float, Evidence]) -> float:
        score, passage = each
        return score + NEAR * passage.score

    best = [passage for score, passage in sorted(scored, key=rank, reverse=True) if score >= least]
    return best[: turn.release.vertical.retrieval.k]


def quotation(turn: Turn, passage: Evidence) -> Evidence | None:
    """The sentences of `passage` that answer, with their own place in the document; None where none does by itself."""
    if passage.quote is not None:  # A statement is short, and its words are not those of the document.
        return passage
    spans = list(_sentence_spans(passage.text))
    readings = [f"{passage.heading}: {passage.text[a:b]}" for a, b in spans]
    scores = [turn.release.guards.grounding.answers(turn.standing, reading) for reading in readings]
    if not scores:
        return passage
    best = int(np.argmax(scores))
    least = KNOWLEDGE_ANSWERS if passage.origin == "knowledge" else ANSWERS_BY_ITSELF
    if scores[best] < least and not _answers_as_asked(turn, readings[best], least):
        return None
    chosen = [at for at, score in enumerate(scores) if score >= FAR_BEHIND * scores[best]]
    first, last = _paragraph(passage.text, spans, best)
    # Neighbours that answer as well are quoted along; a quote has no holes.
    while first - 1 in chosen:
        first -= 1
    while last + 1 in chosen:
        last += 1
    while farther := [at for at in _next(last, spans) if _belongs_to(passage.text, spans[first : at + 1])]:
        last = farther[-1]
    start, end = spans[first][0], spans[last][1]
    if "\n" in passage.text[start:end]:
        start = _line_start(passage.text, start)  # Of several items of a list the first has its mark, too.
    return _part(passage, start, end)


def _paragraph(text: str, spans: Sequence[tuple[int, int]], best: int) -> tuple[int, int]:
    """The first and the last sentence of the paragraph of `best`, with its subject; of a long one `best` alone."""
    begin = text.rfind("\n", 0, spans[best][0]) + 1
    end = text.find("\n", spans[best][1])
    within = [at for at, (start, stop) in enumerate(spans) if start >= begin and (end < 0 or stop <= end)]
    short = len(text[begin : end if end >= 0 else None].split()) <= SHORT_PARAGRAPH
    return (within[0], within[-1]) if short else (best, best)


def _next(last: int, spans: Sequence[tuple[int, int]]) -> range:
    return range(last + 1, min(last + 1 + LOOKED_AHEAD, len(spans)))


def _belongs_to(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether the last sentence belongs to those before it: an exception to its rule, a step to those it is one of."""
    (begin, _), (before, stop), (after, end) = spans[0], spans[-2], spans[-1]
    mark = text[_line_start(text, after) : after]
    if mark:  # Steps are done in order; what a list begins with says little without its items.
        return mark[0].isdigit() or text[before:stop].endswith(":")
    if "\n" in text[begin:end].rstrip():
        return False  # Another paragraph.
    sentence = text[after:end]
    return bool(_RESTRICTS.search(sentence)) and bool(_stems(sentence) & _stems(text[begin:stop]))


def _stems(text: str) -> set[str]:
    return {word[:5].lower() for word in re.findall(r"[^\W\d_]{4,}", text)}


def _line_start(text: str, at: int) -> int:
    """Where the mark of the list item that begins at `at` stands; `at` itself where there is none."""
    begin = text.rfind("\n", 0, at) + 1
    return begin if begin < at and _MARKER.fullmatch(text[begin:at]) else at


def _answers_as_asked(turn: Turn, reading: str, least: float) -> bool:
    """Whether `reading` answers a follow-up in its own words: put behind the question before, it asks for two things.

    That the passage is about the same thing was seen when it was found for both.
    """
    asked = turn.question != turn.standing
    return asked and turn.release.guards.grounding.answers(turn.question, reading) >= least


def _part(passage: Evidence, start: int, end: int) -> Evidence:
    return replace(passage, text=passage.text[start:end], start=passage.start + start, end=passage.start + end)


def _known(turn: Turn) -> tuple[Evidence, ...]:
    """What knowledge has on the question; for an answer twice as much as is used: what answers is chosen from it."""
    k = turn.release.vertical.retrieval.k
    return turn.release.search(turn.standing, k=2 * k if turn.task == "answer" else k)


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
    return [_part(passage, start, end) for start, end in _sentence_spans(passage.text)] or [passage]


def _sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for sentence in split_sentences(text):
        found = text.find(sentence, at)
        if found >= 0:
            at = found + len(sentence)
            marker = _MARKER.match(sentence)
            yield found + (marker.end() if marker else 0), at
