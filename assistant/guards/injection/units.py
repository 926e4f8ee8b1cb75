"""A text as the pieces that are judged: its sentences, a few in a row, and the whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.embedding import Embedder, Vectors
from assistant.guards.grounding.sentences import split_sentences

MAX_SENTENCES = 200
MAX_PIECE = 400  # Characters of a piece without spaces.
MAX_WORDS = 45  # What goes on for longer is cut, so that an order in its midst is not averaged away.
MIN_WORDS, MIN_CHARACTERS = 2, 24  # Of a sentence: a number, a name or a mark gives no orders.
WINDOW, STEP = 5, 3
_REPEATED = re.compile(r"(?<!\S)(\S{1,30})(?:\s+\1(?!\S)){3,}")  # A flood of one word hides what follows it.
_UNSPACED_STOP = re.compile(r"(?<=[a-z)][.!?])(?=[A-Z][a-z])")  # E-mails turned into text lose line ends: "e-mail.If".
_CELL_EDGE = re.compile(r"[ \t]*\|[ \t|]*")
_LEADER = re.compile(r"^(?:#{1,6}|[-*•>]|\d{1,2}[.)])[ \t]+")  # Of a heading or a list item: form, not words.
_TELLING = re.compile(
    r"\b(?:you|your|ignore|disregard|forget|instructions?|rules?|prompt|assistant|ai|answer|repl(?:y|ies)|respon\w{1,6}"
    r"|reveal|repeat|password|secret|pretend|act|must|never|translate|write|tell|say|include)\b",
    re.IGNORECASE,
)
"""Words that decide which sentences of a very long text are read."""
_DENSE = re.compile("[\u0e00-\u0e7f\u2e80-\uffef]{4,}")  # Scripts that write without spaces.
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Units:
    """The pieces of one text."""

    texts: tuple[str, ...]
    vectors: Vectors
    """One row a piece; the vector of several sentences is the mean of theirs, at unit length."""
    sentences: int
    """The first so many pieces are single sentences."""


def sentences_of(text: str) -> list[str]:
    """The sentences of `text`, table cells and unspaced sentences apart, each at most MAX_WORDS words long."""
    parts = _CELL_EDGE.sub("\n", _UNSPACED_STOP.sub("\n", _REPEATED.sub(r"\1 ", text)))
    found = [piece for sentence in split_sentences(parts) if _speaks(sentence) for piece in _pieces(sentence)]
    different = list(dict.fromkeys(found))
    if len(different) <= MAX_SENTENCES:
        return different or ([text.strip()[:MAX_PIECE]] if text.strip() else [])
    counts = np.array([sum(1 for _ in _TELLING.finditer(sentence)) for sentence in different])
    kept = sorted(np.argsort(-counts, kind="stable")[:MAX_SENTENCES])
    return [different[place] for place in kept]


def _speaks(sentence: str) -> bool:
    return len(_WORD.findall(sentence)) >= MIN_WORDS or len(sentence) >= MIN_CHARACTERS or bool(_DENSE.search(sentence))


def units_of(text: str, embedder: Embedder) -> Units:
    """The sentences of `text`, then windows of several, then the whole; each sentence is embedded once."""
    sentences = sentences_of(text)
    vectors = embedder.embed(sentences)
    spans = spans_of(len(sentences))
    joined = [" ".join(sentences[start:end]) for start, end in spans]
    if spans:
        means = np.stack([_mean(vectors[start:end]) for start, end in spans])
        vectors = np.concatenate([vectors, means])
    return Units((*sentences, *joined), vectors, len(sentences))


def spans_of(count: int) -> list[tuple[int, int]]:
    """Which of `count` sentences make a window; the last span is all of them. None for a single sentence."""
    if count < 2:
        return []
    windows = [(start, min(start + WINDOW, count)) for start in range(0, max(count - WINDOW, 0) + STEP, STEP)]
    return [*(each for each in windows if each != (0, count) and each[1] - each[0] > 1), (0, count)]


def _pieces(sentence: str) -> Sequence[str]:
    words = re.findall(rf"\S{{1,{MAX_PIECE}}}", _LEADER.sub("", sentence))
    return [" ".join(words[start : start + MAX_WORDS]) for start in range(0, len(words), MAX_WORDS)]


def _mean(vectors: Vectors) -> Vectors:
    mean = vectors.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)
