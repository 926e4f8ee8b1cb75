"""Three signals of whether a text is about a vertical's own subject, fused into one margin."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Vectors

Values = NDArray[np.float32]
"""One number a text, in order; the greater, the more in scope."""

# The numbers below were chosen on halves of CLINC150's domains (training rows beyond the forms), on the intents of
# BANKING77 and on alarms, reminders and weather of the Facebook set; none on CLINC150's validation rows. Run 2026-11.
HEAD_WEIGHT = 0.3  # The signals have units of their own: a similarity, a vote from -1 to 1, a log odds.
WORDS_WEIGHT = 0.036
_OWN_SUBJECT = 0.5  # From this similarity to a form, a sentence of the background is on the vertical's own subject.
_NEAREST = 3  # How many of the nearest examples speak for a form: one alone is often near by chance.
_NEAREST_BACKGROUND = 10
_BACKGROUND_WEIGHT = 1.0  # A text that is near to everything people ask is not thereby near to this vertical.
_COMMONNESS_WEIGHT = 0.6  # Nor is an example that is near to everything people ask much of a sign.
_COMMONNESS_OFF = 0.4  # Less so a counter-example, which was written because that very question came.
_KNOWLEDGE_DISCOUNT = 0.08  # A passage is near many questions it cannot answer, so it counts for less than a form.
_SHARPNESS = 3.0  # Of the kernel: so fast does an example's say fade with distance.
_RIDGE = 1.0
_COUNTER_EXAMPLE = 6.0  # So many sentences of the background one counter-example counts for.
_WORD_DOUBT = 0.5  # A word must be seen so often before it counts; Lidstone's smoothing.
_STEM = 6  # "delivered" and "delivery" are one word to us.
_MAX_WORDS, _MAX_CHARACTERS = 60, 4096
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Sentences:
    """Texts beside their vectors."""

    texts: Sequence[str]
    vectors: Vectors

    def where(self, kept: NDArray[np.bool_]) -> Sentences:
        """Those for which `kept` is true."""
        return Sentences([text for text, keep in zip(self.texts, kept, strict=True) if keep], self.vectors[kept])

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, slots=True)
class Material:
    """What a text is held against."""

    own: Sentences
    """Examples of what the vertical is asked."""
    off: Sentences
    """Its counter-examples."""
    background: Sentences
    """What people ask in general."""
    knowledge: Vectors
    """The vertical's passages."""

    def foreign(self) -> Material:
        """The same without the sentences of the background that are as near to its own as its own are to each other."""
        if not len(self.own) or not len(self.background):
            return self
        near = (self.background.vectors @ self.own.vectors.T).max(axis=1) >= _OWN_SUBJECT
        return Material(self.own, self.off, self.background.where(~near), self.knowledge)


class Signals:
    """The margin of a text: how much more it is about the vertical than about anything else."""

    def __init__(self, material: Material) -> None:
        """Fits all three to `material`, less what of the background is on the vertical's own subject."""
        self.material = material.foreign()
        self._nearness = Nearness(self.material)
        self._head, self._words = Head(self.material), Words(self.material)
        self._weights = (HEAD_WEIGHT, WORDS_WEIGHT)

    def weighted(self, *, head: float, words: float) -> Signals:
        """The same signals fused with other weights; that of nearness is 1."""
        other = copy(self)
        other._weights = (head, words)
        return other

    def margins(self, sentences: Sentences) -> Values:
        """The margin of each of `sentences`."""
        head, words = self._weights
        return np.asarray(
            self._nearness.measure(sentences)
            + head * self._head.measure(sentences)
            + words * self._words.measure(sentences),
            dtype=np.float32,
        )

    def margins_left_out(self) -> Values:
        """The margin of each own example as it would be had it not been among them."""
        head, words = self._weights
        return np.asarray(
            self._nearness.left_out() + head * self._head.left_out() + words * self._words.left_out(),
            dtype=np.float32,
        )


class Nearness:
    """How much nearer the nearest own examples are than counter-examples and background; a difference of cosines."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._own, self._off, self._known = (
            self.commonness(vectors) for vectors in (material.own.vectors, material.off.vectors, material.knowledge)
        )

    def measure(self, sentences: Sentences) -> Values:
        """One value a sentence, mostly between -0.5 and 0.5."""
        vectors = sentences.vectors
        standing = vectors @ self._material.own.vectors.T - _COMMONNESS_WEIGHT * self._own
        return np.asarray(self._inside(standing, vectors) - self._outside(vectors), dtype=np.float32)

    def left_out(self) -> Values:
        """The value of each own example, held against the others."""
        vectors = self._material.own.vectors
        standing = vectors @ vectors.T - _COMMONNESS_WEIGHT * self._own
        np.fill_diagonal(standing, -1.0)
        return np.asarray(self._inside(standing, vectors) - self._outside(vectors), dtype=np.float32)

    def commonness(self, vectors: Vectors) -> Values:
        """How near each of `vectors` is to what people ask in general."""
        return means_of_top(vectors @ self._material.background.vectors.T, _NEAREST_BACKGROUND, nothing=0.0)

    def general(self, vectors: Vectors) -> Values:
        """How much a text must be nearer than so, merely for sounding like a request."""
        return np.asarray(_BACKGROUND_WEIGHT * self.commonness(vectors), dtype=np.float32)

    def _inside(self, standing: Values, vectors: Vectors) -> Values:
        known = vectors @ self._material.knowledge.T - _COMMONNESS_WEIGHT * self._known
        passages = means_of_top(known, 1) - _KNOWLEDGE_DISCOUNT
        return np.asarray(np.maximum(means_of_top(standing, _NEAREST), passages), dtype=np.float32)

    def _outside(self, vectors: Vectors) -> Values:
        off = vectors @ self._material.off.vectors.T - _COMMONNESS_OFF * self._off
        return np.asarray(np.maximum(self.general(vectors), means_of_top(off, 1)), dtype=np.float32)


class Head:
    """A vote of all examples for and against, fitted by kernel ridge regression; about 1 inside and -1 outside."""

    def __init__(self, material: Material) -> None:
        own, off, background = len(material.own), len(material.off), len(material.background)
        self._vectors = np.concatenate([material.own.vectors, material.off.vectors, material.background.vectors])
        weights = np.concatenate([np.ones(own), np.full(off, _COUNTER_EXAMPLE), np.ones(background)])
        # Both sides weigh the same, however many sentences the background has.
        weights[:own] *= 0.5 / max(own, 1)
        weights[own:] *= 0.5 / max(float(weights[own:].sum()), 1.0)
        system = self._kernel(self._vectors)
        system[np.diag_indices_from(system)] += (_RIDGE / (weights * max(len(weights), 1))).astype(np.float32)
        sides = np.concatenate([np.ones(own), -np.ones(off + background)]).astype(np.float32)
        # The first columns of the inverse tell what each own example's vote would be without itself.
        unit = np.eye(len(sides), own, dtype=np.float32)
        solved = np.linalg.solve(system, np.column_stack([sides, unit])).astype(np.float32)
        self._votes = solved[:, 0]
        self._left_out = 1 - solved[:own, 0] / np.maximum(np.diagonal(solved[:own, 1:]), 1e-6)

    def measure(self, sentences: Sentences) -> Values:
        """One value a sentence."""
        return np.asarray(self._kernel(sentences.vectors) @ self._votes, dtype=np.float32)

    def left_out(self) -> Values:
        """The value of each own example, had it no vote (Rasmussen and Williams 2006, equation 5.12)."""
        return np.asarray(self._left_out, dtype=np.float32)

    def _kernel(self, vectors: Vectors) -> Values:
        return np.asarray(np.exp(_SHARPNESS * (vectors @ self._vectors.T - 1)), dtype=np.float32)


@dataclass(slots=True)
class Words:
    """What the words alone say: their log odds among the own examples against everything else."""

    material: Material
    _inside: Counter[str] = field(init=False)
    _outside: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        self._inside = _counted(self.material.own.texts)
        self._outside = _counted([*self.material.off.texts, *self.material.background.texts])

    def measure(self, sentences: Sentences) -> Values:
        """One value a sentence; 0 when all its words are unknown."""
        return np.array([self._odds(words_of(text), own=0) for text in sentences.texts], dtype=np.float32)

    def left_out(self) -> Values:
        """The value of each own example, had its words not been counted."""
        return np.array([self._odds(words_of(text), own=1) for text in self.material.own.texts], dtype=np.float32)

    def _odds(self, words: frozenset[str], *, own: int) -> float:
        inside = len(self.material.own) - own
        outside = len(self.material.off) + len(self.material.background)
        # In proportion to its size, so that a word in neither says nothing.
        doubt = _WORD_DOUBT * max(outside, 1) / max(inside, 1)
        total = sum(
            np.log((self._inside[word] - own + _WORD_DOUBT) / (self._outside[word] + doubt))
            - np.log((inside + 2 * _WORD_DOUBT) / (outside + 2 * doubt))
            for word in words
        )
        # Words of a text are not independent; by the root of their number long texts count about as much as short.
        return float(total) / float(np.sqrt(len(words) + 1))


def words_of(text: str) -> frozenset[str]:
    """The different words of `text`, cut to their stems; of a long text those at its beginning."""
    found = (match.group().lower()[:_STEM] for match in _WORD.finditer(text[:_MAX_CHARACTERS]))
    return frozenset(word for word, _ in zip(found, range(_MAX_WORDS), strict=False))


def means_of_top(values: Values, count: int, *, nothing: float = -1.0) -> Values:
    """The mean of the `count` largest of each row; `nothing` where rows are empty."""
    if not values.shape[1]:
        return np.full(len(values), nothing, dtype=np.float32)
    taken = min(count, values.shape[1])
    return np.asarray(np.partition(values, -taken, axis=1)[:, -taken:].mean(axis=1), dtype=np.float32)


def _counted(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in words_of(text))
