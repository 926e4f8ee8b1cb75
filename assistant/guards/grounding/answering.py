"""Whether a passage answers a question, rather than merely being about the same matter."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.guards.grounding.figures import figures_of
from assistant.guards.grounding.names import names_of
from assistant.guards.grounding.network import PairReader
from assistant.guards.grounding.sentences import units_of
from assistant.guards.grounding.words import words_of

_NUMBER_ASKED = re.compile(
    r"\bhow\s+(?:long|much|many|often|old|far|big|large|heavy|tall|high|fast|soon|deep|wide)\b|\bwhat\s+(?:percentage|share|number|amount|price|dose|size|weight|age|temperature)\b",
    re.I,
)
_DATE_ASKED = re.compile(
    r"\bwhen\b|\bwhat\s+(?:date|day|year|month|time)\b|\b(?:which|in\s+what)\s+(?:date|day|year|month)\b|\bby\s+when\b",
    re.I,
)
_NAME_ASKED = re.compile(r"\b(?:who|whom|whose)\b", re.I)
_DATED = frozenset({"date", "time", "duration", "months", "working days", "each"})
# A placeholder for personal data, as in "my e-mail is [EMAIL_1]", is nothing that a passage would hold.
_NAMED = re.compile(r"(?<!^)(?<![.?!]\s)(?<!\[)\b[A-Z][\w-]+|\b\d+\b")
ANSWER_SIGNALS = ("one", "cosine", "covered", "lacks", "unnamed", "network")
"""What speaks for a passage's holding the answer, in order: cosine of its best sentence, share of the question's words in
it, the sort of thing asked for (figure, date, name) missing, each name or number missing, and the network's odds for
its best sentence and those around it."""
_MOST_SURE = 6.0
_MAX_CHARACTERS = 8_000
_STEM = 5  # Characters that tell words apart, whatever their endings.
# Around the best sentence, which is read in any case: an answer may stand in the one after. A second reading of more
# words cost twice the time and ranked no better.
_READ_WORDS = 40


def answer_signals(question: str, passage: str, embedder: Embedder, reader: PairReader) -> NDArray[np.float64] | None:
    """The signals in the order of ANSWER_SIGNALS; None for a passage that cannot answer whatever they say."""
    units = units_of(passage[:_MAX_CHARACTERS])
    question = question[:_MAX_CHARACTERS]
    if not units or not question.strip():
        return None
    vectors = embedder.embed([question, *units])
    cosines = vectors[1:] @ vectors[0]
    best = int(cosines.argmax())
    shown = _beginnings(passage)
    if shown <= _beginnings(question):
        return None  # The question said over again is near it in every way and answers nothing.
    asked = frozenset(words_of(question).stems)
    covered = sum(stem[:_STEM] in shown for stem in asked) / len(asked) if asked else 0.0
    lacks = float(_wanted(question, units[best]) is False)
    unnamed = min(2, sum(name[:6].lower() not in passage.lower() for name in _NAMED.findall(question)))
    network = reader.answers(question, around(units, best))
    network = float(np.clip(network, -_MOST_SURE, _MOST_SURE))
    return np.array([1.0, float(cosines[best]), covered, lacks, float(unnamed), network])


def _beginnings(text: str) -> frozenset[str]:
    return frozenset(stem[:_STEM] for stem in words_of(text).stems)


def answers(signals: NDArray[np.float64] | None, coefficients: NDArray[np.float64]) -> float:
    """How likely the passage with `signals` holds the answer, 0 to 1; below 0.5 it is near without answering."""
    if signals is None:
        return 0.0
    return round(float(1 / (1 + np.exp(-np.clip(signals @ coefficients, -30, 30)))), 4)


def around(units: Sequence[str], best: int) -> str:
    """The unit at `best` with as many of its neighbours as fit, those after it first."""
    first = last = best
    left = _READ_WORDS - len(units[best].split())
    while left > 0:
        if last + 1 < len(units):
            last += 1
            left -= len(units[last].split())
        if left > 0 and first > 0:
            first -= 1
            left -= len(units[first].split())
        elif last + 1 >= len(units):
            break
    return " ".join(units[first : last + 1])


def _wanted(question: str, passage: str) -> bool | None:
    """Whether the passage holds the sort of thing the question asks for; None when it asks for no such thing."""
    if _NUMBER_ASKED.search(question):
        return any(figure.kind != "label" for figure in figures_of(passage)) or bool(
            re.search(r"\b(?:free|immediately|never|always|no\s+limit)\b", passage, re.I)
        )
    if _DATE_ASKED.search(question):
        return any(figure.kind in _DATED for figure in figures_of(passage)) or bool(
            re.search(
                r"\b(?:before|after|during|until|when|once|as\s+soon\s+as|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
                passage,
                re.I,
            )
        )
    return (
        bool(names_of(passage)) or bool(re.search(r"\b(?:the\s+\w+|staff|team|everyone|anyone)\b", passage, re.I))
        if _NAME_ASKED.search(question)
        else None
    )
