"""How far a question is in scope, by what the vertical's forms and knowledge are about."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder, Vectors
from assistant.guards.grounding.sentences import split_sentences

OFF_TOPIC = "off topic"
"""Forms whose names begin with this are counter-examples."""
# The next four numbers were chosen on the ten domains of CLINC150 (validation), six examples an intent; run 2026-11.
_NEAREST = 3  # How many of the nearest examples speak for a form: one alone is often near by chance.
_NEAREST_BACKGROUND = 10
_BACKGROUND_WEIGHT = 0.7  # A text that is near to everything people ask is not thereby near to this vertical.
_COMMONNESS_WEIGHT = 0.6  # Nor is an example that is near to everything people ask much of a sign.
_NEAREST_OFF = 1  # A counter-example was written because that very question came.
_NEAREST_TALK = 2
_OWN_SUBJECT = 0.60  # From this similarity to a form, a sentence of the background is on the vertical's own subject.
_KNOWLEDGE_DISCOUNT = 0.08  # A passage is near many questions it cannot answer, so it counts for less than a form.
_TALK = 0.09  # Margin from which a text is small talk; judged on 60 sentences, run 2026-11.
_TALK_AHEAD = 0.1  # "Are you human" may be as near as this to a question of the background and still be small talk.
_CLEAR = 2.94  # Log odds of 0.95, the score of an average question in scope.
_FEWEST = 8  # Fewer examples tell nothing about the spread of questions; then the usual place and width are taken.
_USUAL = (0.32, -0.10)  # Mean margin of questions in scope and of others, over the domains of CLINC150.
_MAX_SENTENCES = 24


# "My e-mail is [EMAIL_1]," is no part of what is asked.
_CLAUSE = re.compile(r"[^,.;:!?]+[,.;:!?]?")
_PLACEHOLDER = re.compile(r"\[[A-Z_]{1,40}_\d{1,9}\]")


@dataclass(frozen=True, slots=True)
class TopicScore:
    """How far one text is in scope."""

    score: float
    """0 off topic … 1 in scope; 0.5 is even odds."""
    form: str
    """The nearest form, counter-examples included; empty when there are no forms."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Turns a margin of similarity into odds."""

    middle: float
    slope: float

    def score(self, margin: float) -> float:
        return round(float(1 / (1 + np.exp(np.clip(-self.slope * (margin - self.middle), -30, 30)))), 4)


class TopicGuard:
    """Holds a text against a vertical's forms, counter-examples and knowledge, and against what else people ask."""

    def __init__(
        self,
        forms: Mapping[str, Sequence[str]],
        embedder: Embedder,
        *,
        knowledge: Vectors | None = None,
        small_talk: Collection[str] = (),
        false_blocks: float = 0.02,
    ) -> None:
        """Embed `forms` (name to examples) and the background once; `knowledge` has one unit-length row a passage.

        Forms named in `small_talk` are in scope everywhere, but do not bring the sentences beside them into scope.
        `false_blocks` is the share of in-scope questions that the automatic limit may stop.
        """
        self._embedder = embedder
        self._small_talk = frozenset(small_talk)
        self._names = [name for name, examples in forms.items() for _ in examples]
        texts = [example for examples in forms.values() for example in examples]
        self._examples = embedder.embed(texts) if texts else np.zeros((0, embedder.dimension), dtype=np.float32)
        self._off = np.array([name.startswith(OFF_TOPIC) for name in self._names], dtype=bool)
        self._talk = np.array([name in self._small_talk for name in self._names], dtype=bool)
        self._own = ~self._off & ~self._talk
        self._chat = self._examples[self._talk]
        if len(self._chat):
            self._chat = np.concatenate([self._chat, embedder.embed(_lines("small_talk.txt"))])
        self._background = self._foreign(embedder.embed(_lines("background.txt")))
        self._knowledge = knowledge if knowledge is not None and len(knowledge) else None
        self._commonness = self._common(self._examples)
        self._chat_commonness = self._common(self._chat)
        self._knowledge_commonness = self._common(self._knowledge) if self._knowledge is not None else None
        self._scale, self._limit = self._calibrate(false_blocks)

    @property
    def limit(self) -> float:
        """The automatic limit: it stops `false_blocks` of what is asked like the forms' own examples."""
        return self._limit

    def measure(self, text: str) -> TopicScore:
        """The score and nearest form of `text`; of several sentences the one most in scope counts, or the whole."""
        sentences = [sentence for sentence in split_sentences(text)[:_MAX_SENTENCES] if sentence != text.strip()]
        asides = [rest] if (rest := _unmasked(text)).strip() not in ("", text.strip()) else []
        vectors = self._embedder.embed([text, *asides, *sentences])
        scores = [self._score(vector) for vector in vectors]
        about_something = [each for each in scores if each.form not in self._small_talk or each.score < self._limit]
        return max(about_something or scores, key=lambda each: each.score)

    def _score(self, vector: NDArray[np.float32]) -> TopicScore:
        if not self._names:
            return TopicScore(0.0, "")
        similar = self._examples @ vector
        about, chat = self._margin(vector, similar), self._chat_margin(vector, similar)
        if chat > max(0.0, about - self._scale.middle):
            score = self._scale.score(self._scale.middle + chat)
            return TopicScore(max(score, self._limit), self._nearest_form(similar, self._talk))
        return TopicScore(self._scale.score(about), self._nearest_form(similar, np.ones_like(self._talk)))

    def _margin(self, vector: NDArray[np.float32], similar: NDArray[np.float32], without: int | None = None) -> float:
        """How much nearer the vertical's own examples are than its counter-examples and the background."""
        standing = similar - _COMMONNESS_WEIGHT * self._commonness
        if without is not None:
            standing[without] = -1.0
        inside = max(_mean_of_top(standing[self._own], _NEAREST), self._known(vector))
        return inside - max(self._general(vector), _mean_of_top(standing[self._off], _NEAREST_OFF))

    def _chat_margin(self, vector: NDArray[np.float32], similar: NDArray[np.float32]) -> float:
        if not len(self._chat):
            return -1.0
        near = self._chat @ vector
        standing = _mean_of_top(near - _COMMONNESS_WEIGHT * self._chat_commonness, _NEAREST_TALK)
        request = max(_mean_of_top(similar[self._off], 1), _mean_of_top(self._background @ vector, 1) - _TALK_AHEAD)
        return min(standing - self._general(vector) - _TALK, float(near.max()) - request)

    def _general(self, vector: NDArray[np.float32]) -> float:
        return _BACKGROUND_WEIGHT * _mean_of_top(self._background @ vector, _NEAREST_BACKGROUND)

    def _known(self, vector: NDArray[np.float32]) -> float:
        if self._knowledge is None or self._knowledge_commonness is None:
            return -1.0
        standing = self._knowledge @ vector - _COMMONNESS_WEIGHT * self._knowledge_commonness
        return _mean_of_top(standing, 1) - _KNOWLEDGE_DISCOUNT

    def _nearest_form(self, similar: NDArray[np.float32], among: NDArray[np.bool_]) -> str:
        return self._names[int(np.where(among, similar, -2.0).argmax())]

    def _foreign(self, background: Vectors) -> Vectors:
        """The background without what is as near to the vertical's own forms as its own questions are."""
        own = self._examples[self._own]
        return background[(background @ own.T).max(axis=1) < _OWN_SUBJECT] if len(own) else background

    def _common(self, vectors: Vectors) -> NDArray[np.float32]:
        """How near each of `vectors` is to what people ask in general."""
        return _means_of_top(vectors @ self._background.T, _NEAREST_BACKGROUND)

    def _calibrate(self, false_blocks: float) -> tuple[_Scale, float]:
        """The scale of scores, and the limit, from the own examples, each left out in turn, and the background."""
        places = np.flatnonzero(self._own)
        inside = np.array([self._margin(self._examples[i], self._examples @ self._examples[i], int(i)) for i in places])
        outside = np.array([self._margin(vector, self._examples @ vector) for vector in self._background])
        if len(inside) < _FEWEST or not len(outside):
            return _scale(*_USUAL), 0.5
        # Half way, in widths of the two: with both bell-shaped this is where their odds are even.
        mean, width = float(inside.mean()), float(inside.std(ddof=1)) + 1e-6
        other, other_width = float(outside.mean()), float(outside.std(ddof=1)) + 1e-6
        scale = _scale(mean, other, even=(mean * other_width + other * width) / (width + other_width))
        # The bounds keep a few odd examples from stopping everything or nothing.
        return scale, round(float(np.clip(scale.score(_tail(mean, width, len(inside), false_blocks)), 0.05, 0.9)), 4)


def _unmasked(text: str) -> str:
    """`text` without the clauses in which something was masked."""
    return _CLAUSE.sub(lambda clause: " " if _PLACEHOLDER.search(clause.group()) else clause.group(), text)


def _scale(inside: float, outside: float, *, even: float | None = None) -> _Scale:
    middle = (inside + outside) / 2 if even is None else even
    return _Scale(middle, _CLEAR / max(inside - middle, 0.05))


def _tail(mean: float, width: float, count: int, share: float) -> float:
    """Where `share` of further values lie below, by Student's t (Abramowitz and Stegun 26.7.5, first term).

    The tail of a few dozen values is smoothed this way, since the lowest of them is a matter of chance.
    """
    z = NormalDist().inv_cdf(share)
    return mean + z * (1 + (z * z + 1) / (4 * (count - 1))) * float(np.sqrt(1 + 1 / count)) * width


def _mean_of_top(values: NDArray[np.float32], count: int) -> float:
    return float(np.sort(values)[-count:].mean()) if len(values) else -1.0


def _means_of_top(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    if not values.size:
        return np.zeros(len(values), dtype=np.float32)
    return np.asarray(np.sort(values, axis=1)[:, -count:].mean(axis=1), dtype=np.float32)


@lru_cache(maxsize=2)
def _lines(name: str) -> tuple[str, ...]:
    lines = files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
