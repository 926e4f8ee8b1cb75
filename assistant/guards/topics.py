"""How far a question is in scope, by what the vertical's forms and knowledge are about."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder, KeptEmbedder, Vectors
from assistant.guards.topics_limit import fit_scale
from assistant.guards.topics_parts import asked_beside, less, names_nothing, parts_of
from assistant.guards.topics_signals import Material, Sentences, Signals, Values
from assistant.guards.topics_talk import SmallTalk

OFF_TOPIC = "off topic"
"""Forms whose names begin with this are counter-examples."""
_PASSAGES = 64  # Of a long document so many are read, from all over it.
_PER_SUBJECT = 0.4  # Small talk is measured by similarity alone, whose differences are so much smaller than a margin's.


@dataclass(frozen=True, slots=True)
class TopicScore:
    """How far one text is in scope."""

    score: float
    """0 off topic … 1 in scope; 0.5 is even odds."""
    form: str
    """The nearest form, counter-examples included; that of small talk only for small talk. Empty when there is none."""
    asides: tuple[str, ...] = ()
    """What else is asked for in the text and is off topic, where the text is in scope for another part."""


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
        kept: Path | None = None,
    ) -> None:
        """Embed `forms` (name to examples) and the background once; `knowledge` has one unit-length row a passage.

        Forms named in `small_talk` are in scope everywhere, but do not bring the sentences beside them into scope.
        `false_blocks` is the share of in-scope questions that the automatic limit may stop. In the folder `kept` the
        vectors of these sentences outlive the process: with them a guard is there at once, without in some seconds.
        """
        self._embedder = embedder  # What is asked is never kept.
        known = KeptEmbedder(embedder, kept) if kept else embedder
        self._small_talk = frozenset(small_talk)
        self._names = [name for name, examples in forms.items() for _ in examples]
        examples = _embedded([example for each in forms.values() for example in each], known)
        self._examples = examples.vectors
        off = np.array([name.startswith(OFF_TOPIC) for name in self._names], dtype=bool)
        self._talking = np.array([name in self._small_talk for name in self._names], dtype=bool)
        background = _embedded(_lines("background.txt"), known)
        material = Material(
            own=examples.where(~off & ~self._talking),
            off=examples.where(off),
            background=background,
            knowledge=examples.vectors[:0] if knowledge is None else knowledge,
        )
        self.signals = Signals(material)
        """What the scores are made of; for measuring what each adds."""
        self._scale = fit_scale(self.signals.margins_left_out(), self._likeness(~off & ~self._talking), false_blocks)
        talk = examples.where(self._talking).vectors
        if len(talk):
            talk = np.concatenate([talk, known.embed(_lines("small_talk.txt"))])
        requests = np.isin(background.texts, _lines("background.txt", without="small talk"))
        self._talk = SmallTalk(talk, material.off.vectors, background.vectors[requests])

    @property
    def limit(self) -> float:
        """The automatic limit: it stops `false_blocks` of what is asked like the forms' own examples."""
        return self._scale.limit

    def measure(self, text: str, *, about: Sequence[str] = ()) -> TopicScore:
        """The score and nearest form of `text`; of several parts the one most in scope counts, or the whole.

        "Summarise this" names no subject: where the forms know no such instruction, it is in scope if what it is
        `about` is, the passages of the documents it came with. What is asked for beside it, as in "Summarise this and
        tell me a joke", names a subject of its own and is measured by that, whatever came with it.
        """
        if about and names_nothing(text):
            return max(self.measure(text), self._middle(about), key=lambda each: each.score)
        parts = parts_of(text)
        asked = [part for part in parts if asked_beside(part, text) and not names_nothing(part)]
        if about and asked and any(names_nothing(part) for part in parts):
            return max(self._scores(asked), key=lambda each: each.score)
        whole, *scores = self._scores((text, *parts))
        about_something = [each for each in (whole, *scores) if not self._is_talk(each)]
        best = max(about_something or (whole, *scores), key=lambda each: each.score)
        if self._is_talk(best) or best.score < self.limit:
            return best
        measured = list(zip(parts, scores, strict=True))
        if all(score.score < self.limit or self._is_talk(score) for _, score in measured):
            return best  # In scope as a whole only: no part can be told from the others.
        beside = [part for part, score in measured if score.score < self.limit and asked_beside(part, text)]
        return TopicScore(best.score, best.form, tuple(beside))

    def inside(self, text: str) -> str:
        """`text` without what is asked beside the subject; unchanged when there is nothing of the kind."""
        return less(text, self.measure(text).asides)

    def _middle(self, passages: Sequence[str]) -> TopicScore:
        """The middle score: a document is about what half of it is about, one sentence on the subject is not enough."""
        read = [passages[place * len(passages) // _PASSAGES] for place in range(_PASSAGES)]
        measured = self._scores(read if len(passages) > _PASSAGES else passages)
        return sorted(measured, key=lambda each: each.score)[len(measured) // 2]

    def _is_talk(self, score: TopicScore) -> bool:
        return score.form in self._small_talk and score.score >= self.limit

    def _scores(self, texts: Sequence[str]) -> list[TopicScore]:
        if not self._names:
            return [TopicScore(0.0, "") for _ in texts]
        sentences = _embedded(texts, self._embedder)
        about = self.signals.margins(sentences)
        talk = self._talk.margins(sentences.vectors)
        similar = sentences.vectors @ self._examples.T
        return [self._score(*each) for each in zip(about, talk, similar, strict=True)]

    def _score(self, about: float, talk: float, similar: Values) -> TopicScore:
        if talk > max(0.0, _PER_SUBJECT * (about - self._scale.middle)):
            score = self._scale.score(self._scale.middle + talk / _PER_SUBJECT)
            return TopicScore(max(score, self.limit), self._nearest(similar, self._talking))
        # Only what measures as small talk is of its forms: a greeting may well be the example nearest to "Is it nice?".
        return TopicScore(self._scale.score(about), self._nearest(similar, ~self._talking))

    def _nearest(self, similar: Values, among: NDArray[np.bool_]) -> str:
        return self._names[int(np.where(among, similar, -2.0).argmax())] if among.any() else ""

    def _likeness(self, own: NDArray[np.bool_]) -> float | None:
        """How near the examples of one form are to each other: of each to its nearest, on average."""
        names = np.array(self._names)
        similar = self._examples @ self._examples.T
        np.fill_diagonal(similar, -1.0)
        nearest = np.where(names[:, None] == names, similar, -1.0).max(axis=1, initial=-1.0)
        found = nearest[own & (nearest > -1.0)]
        return float(found.mean()) if len(found) else None


def _embedded(texts: Sequence[str], embedder: Embedder) -> Sentences:
    return Sentences(texts, embedder.embed(texts))


@lru_cache(maxsize=3)
def _lines(name: str, *, without: str | None = None) -> tuple[str, ...]:
    """The sentences of a file of ours, less those of the section `without`."""
    sections = re.split(r"^## ", files(__package__).joinpath(name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    kept = [section for section in sections if without is None or not section.startswith(f"{without}\n")]
    # The first line of a section is its name.
    lines = [line.strip() for number, section in enumerate(kept) for line in section.splitlines()[number > 0 :]]
    return tuple(line for line in lines if line and not line.startswith("#"))
