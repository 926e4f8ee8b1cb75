"""What of a passage is said word for word as the answer: the sentence that answers and what it leans on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from assistant.answering.turn import Turn
from assistant.guards import leans_on_previous, split_sentences
from assistant.messages import Evidence

FAR_BEHIND = 0.75  # A passage or sentence that answers less than this share of the best is not used beside it.
ANSWERS_BY_ITSELF = 0.6
"""What is said word for word as the answer must answer by itself. On the halves of two public sets that nothing is
reported on, .90 of 149 answerable questions have such a sentence, and .07 of 151 others (run 2026-11-28)."""
KNOWLEDGE_ANSWERS = 0.56
"""The same of approved knowledge: a question that has passed the topics rail is likelier to be answered there."""
AS_GOOD_AS_A_QUOTE = 0.92  # Of what the best passage answers; with less, that passage itself is the better answer.
SHORT_PARAGRAPH = 60  # Words that are quoted whole: a sentence alone may lack what it is about, or what limits it.
LOOKED_AHEAD = 2  # An exception may stand one sentence after the next.
_MARK = r"(?:[-*•]|\d+[.)])\s"
_MARKER = re.compile(rf"{_MARK}+")  # Of a list item; a quote begins after it.
_FRAGMENT = re.compile(rf"{_MARK}|[a-z]")
_ENDS = re.compile(r"[.!?…][\"'”’)\]]*\Z")
_LIMITING = r"not|no|never|only|unless|except|cannot|without"
_RESTRICTS = re.compile(rf"\b(?:{_LIMITING}|but|however)\b|n['’]t\b", re.IGNORECASE)
_LIMITS = re.compile(
    rf"\b(?:{_LIMITING}|except\w+|exclu\w+|separately|forbidden|prohibited|banned)\b|n['’]t\b", re.IGNORECASE
)


def quotation(turn: Turn, passage: Evidence) -> Evidence | None:
    """The sentences of `passage` that answer, with their own place in the document; None where none does by itself."""
    if passage.quote is not None:  # A statement is short, and its words are not those of the document.
        return passage
    spans = list(sentence_spans(passage.text))
    leant_on = [_leant_on(passage.text, spans, at) for at in range(len(spans))]
    readings = [_reading(passage, spans, first, at) for at, first in enumerate(leant_on)]
    scores = [turn.release.guards.grounding.answers(turn.standing, reading) for reading in readings]
    if not scores:
        return passage
    best = int(np.argmax(scores))
    least = KNOWLEDGE_ANSWERS if passage.origin == "knowledge" else ANSWERS_BY_ITSELF
    if scores[best] < least and not answers_as_asked(turn, readings[best], least):
        return None
    chosen = [at for at, score in enumerate(scores) if score >= FAR_BEHIND * scores[best]]
    first, last = _paragraph(passage.text, spans, best)
    # Neighbours that answer as well are quoted along; a quote has no holes.
    while first - 1 in chosen:
        first -= 1
    while last + 1 in chosen and not passage.text[slice(*spans[last + 1])].endswith(":"):  # With that begins a list.
        last += 1
    first = _lead_in(passage.text, spans, min(leant_on[first : last + 1]))
    while farther := [
        at for at in _next(last, spans) if _belongs_to(passage.text, spans[first : at + 1], last - first)
    ]:
        last = farther[-1]
    start, end = spans[first][0], spans[last][1]
    if "\n" in passage.text[start:end]:
        start = _line_start(passage.text, start)  # Of several items of a list the first has its mark, too.
    return part_of(passage, start, end)


def under_heading(text: str, heading: str) -> str:
    """`text`, and where it is no sentence or what it stands under limits it, that before it.

    "- candles" says the opposite of what stands under "What is forbidden".
    """
    under = heading.rpartition(" › ")[2]
    listed = " › " in heading and not _ENDS.search(text)
    led = text.split("\n", 1)[0].endswith(":")
    if not under or led or not (listed or _FRAGMENT.match(text) or _LIMITS.search(under)):
        return text
    colon, gap = "" if _ENDS.search(under) else ":", "\n" if "\n" in text else " "
    return f"{under}{colon}{gap}{text}"


def _reading(passage: Evidence, spans: Sequence[tuple[int, int]], first: int, at: int) -> str:
    """The sentence at `at` with what it leans on, under what leads up to it."""
    said = passage.text[spans[first][0] : spans[at][1]]
    lead = _lead_in(passage.text, spans, first)
    if lead != first:
        said = f"{passage.text[slice(*spans[lead])]} - {said}"
    return f"{passage.heading}: {said}"


def _lead_in(text: str, spans: Sequence[tuple[int, int]], at: int) -> int:
    """What leads up to the list that the sentence at `at` is in: "You must never carry:"; else that sentence."""
    for place in range(at, -1, -1):
        if text[slice(*spans[place])].endswith(":"):
            return place
        if not _within_item(text, spans[place][0]):
            break
    return at


def _within_item(text: str, start: int) -> bool:
    """Whether the mark of an item, or another sentence, stands before `start` in its line."""
    return bool(text[text.rfind("\n", 0, start) + 1 : start].strip())


def _leant_on(text: str, spans: Sequence[tuple[int, int]], at: int) -> int:
    """The sentence at `at`, or the one of its paragraph that it says little without: "It …", "Then …"."""
    while at and leans_on_previous(text[slice(*spans[at])]) and "\n" not in text[spans[at - 1][0] : spans[at][0]]:
        at -= 1
    return at


def _paragraph(text: str, spans: Sequence[tuple[int, int]], best: int) -> tuple[int, int]:
    """The first and the last sentence of the paragraph of `best`, with its subject; of a long one `best` alone."""
    begin = text.rfind("\n", 0, spans[best][0]) + 1
    end = text.find("\n", spans[best][1])
    within = [at for at, (start, stop) in enumerate(spans) if start >= begin and (end < 0 or stop <= end)]
    short = len(text[begin : end if end >= 0 else None].split()) <= SHORT_PARAGRAPH
    return (within[0], within[-1]) if short else (best, best)


def _next(last: int, spans: Sequence[tuple[int, int]]) -> range:
    return range(last + 1, min(last + 1 + LOOKED_AHEAD, len(spans)))


def _belongs_to(text: str, spans: Sequence[tuple[int, int]], last: int) -> bool:
    """Whether the last sentence belongs to those up to `last`: an exception to their rule, the next of their steps."""
    (begin, _), (before, stop), (after, end) = spans[0], spans[-2], spans[-1]
    mark = text[_line_start(text, after) : after]
    if mark:  # Steps are done in order; what a list begins with says little without its items.
        return mark[0].isdigit() or (text[before:stop].endswith(":") and last == len(spans) - 2)
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


def answers_as_asked(turn: Turn, reading: str, least: float) -> bool:
    """Whether `reading` answers a follow-up in its own words: put behind the question before, it asks for two things.

    That the passage is about the same thing was seen when it was found for both.
    """
    asked = turn.question != turn.standing
    return asked and turn.release.guards.grounding.answers(turn.question, reading) >= least


def least_answer(turn: Turn, evidence: Sequence[Evidence]) -> float:
    """What a model's sentence must answer to be worth more than a quote of the best passage."""
    if turn.task != "answer":
        return 0.0
    grounding = turn.release.guards.grounding
    best = max((grounding.answers(turn.standing, each.reading) for each in evidence), default=0.0)
    return max(grounding.answer_limit, AS_GOOD_AS_A_QUOTE * best)


def part_of(passage: Evidence, start: int, end: int) -> Evidence:
    """The characters from `start` to `end` of `passage`, with their own place in the document."""
    return replace(passage, text=passage.text[start:end], start=passage.start + start, end=passage.start + end)


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence of `text` begins and ends; that of a list item begins after its mark."""
    at = 0
    for sentence in split_sentences(text):
        found = text.find(sentence, at)
        if found >= 0:
            at = found + len(sentence)
            marker = _MARKER.match(sentence)
            yield found + (marker.end() if marker else 0), at
