"""Attempts to take the assistant over, in questions and in documents."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from assistant.embedding import Embedder
from assistant.guards.injection.head import ATTEMPTS, OUTPUTS, Floats, Head, shipped_head
from assistant.guards.injection.patterns import Hit, InjectionKind, foreign_attempt_in, hits_in
from assistant.guards.injection.signals import speaks_to_reader
from assistant.guards.injection.units import Units, units_of
from assistant.guards.plain_text import hidden_texts, plain_text, turned_texts

MAX_CHARACTERS = 100_000
"""Of a text; documents are measured passage by passage, and nobody types a question that long."""
_TURNED = 20_000  # Characters that are read backwards and the like, which takes as long as reading them again.
_CERTAIN = 0.03  # Score of an exact pattern.
_DENIED = 0.72  # A clause and a sentence that read so clean tell of something else than what a pattern found in them.
_MOST_DENIED = 50  # A text with more different finds is no ordinary one.
# Log-odds from which a piece is an attempt. In a question: a sentence alone or among a few, one among more,
# and several in a row. In a passage: a sentence that asks for something, and one that merely states something. Set so
# that the harmless questions of the public sets that are reported on give 2 % false alarms together (MODEL_CARD.md).
_ALONE, _AMONG_OTHERS, _FEW, _IN_A_ROW = 1.7, 3.3, 3, 0.8
_PASSAGE, _STATEMENT = 1.5, 3.8


@dataclass(frozen=True, slots=True)
class InjectionScore:
    """How clean one text is of attempts to take the assistant over."""

    score: float
    """0 take-over attempt … 1 clean."""
    kind: InjectionKind = "none"
    """What sort of attempt it looks most like; `none` from the limit up."""


CLEAN = InjectionScore(1.0)


class InjectionGuard:
    """Reads a text as a person would, sentence by sentence and as a whole: exact patterns, then a trained head."""

    def __init__(self, embedder: Embedder | None, *, head: Head | None = None) -> None:
        """Without an embedder, or with another than the head was trained on, only the exact patterns count."""
        head = head or shipped_head()
        fits = embedder is not None and embedder.name.partition("@")[0] == head.embedder
        self._embedder = embedder if fits else None
        self._head = head

    @property
    def limit(self) -> float:
        """Scores below it count as an attempt, where a vertical leaves the limit to us."""
        return 0.5

    def measure(self, text: str) -> InjectionScore:
        """How clean a question is; of its sentences, of several in a row and of the whole, the worst counts."""
        return self._worst(text, indirect=False)

    def measure_passage(self, text: str) -> InjectionScore:
        """How clean a passage of a document is: any order addressed to an assistant counts, whatever it asks for."""
        return self._worst(text, indirect=True)

    def _worst(self, text: str, *, indirect: bool) -> InjectionScore:
        plain = plain_text(text[:MAX_CHARACTERS])
        foreign = foreign_attempt_in(plain)
        if foreign is not None:
            return InjectionScore(_CERTAIN, foreign)
        read = self._by_head(plain, indirect=indirect)
        doubtful = not indirect and read.score <= _DENIED
        denied: set[Hit] = set()
        for hit in hits_in(plain, indirect=indirect):
            if hit in denied:
                continue
            if doubtful or len(denied) >= _MOST_DENIED or not self._denies(hit, indirect=indirect):
                return InjectionScore(_CERTAIN, hit.kind)
            denied.add(hit)
        hidden, turned = hidden_texts(plain), turned_texts(plain[:_TURNED])
        besides = {hit.text for hit in denied}
        if any(_states(each, besides=besides, indirect=indirect) for each in (*hidden, *turned)):
            return InjectionScore(_CERTAIN, "encoded")
        for each in hidden:
            deeper = self._by_head(each, indirect=indirect)
            if deeper.score < min(read.score, self.limit):
                read = InjectionScore(deeper.score, "encoded")
        return read

    def _denies(self, hit: Hit, *, indirect: bool) -> bool:
        """Whether what holds `hit` reads so clean that it tells of something else; never from what stands beside it."""
        if self._embedder is None or not hit.around:
            return False
        return all(self._by_head(each, indirect=indirect).score > _DENIED for each in dict.fromkeys(hit.around))

    def _by_head(self, text: str, *, indirect: bool) -> InjectionScore:
        if self._embedder is None:
            return CLEAN
        units = units_of(text, self._embedder)
        if not units.texts:
            return CLEAN
        odds = self._head.odds(units)
        worst = suspicion(odds, units, indirect=indirect)
        place = int(worst.argmax())
        score = round(float(1 / (1 + np.exp(np.clip(worst[place], -30, 30)))), 4)
        return InjectionScore(score, _kind(odds[place], indirect=indirect) if score < self.limit else "none")


def suspicion(odds: Floats, units: Units, *, indirect: bool) -> Floats:
    """How far each piece lies beyond the limit, in log-odds.

    In a passage, orders of any sort are looked for in single sentences. In a question, a sentence among many must be
    surer of itself than one among a few, and than several in a row: stories quote what attempts say.
    """
    single = np.arange(len(odds)) < units.sentences
    if indirect:
        speaks = np.array([speaks_to_reader(text) for text in units.texts])
        return np.where(single, odds[:, 1] - np.where(speaks, _PASSAGE, _STATEMENT), -np.inf)
    among = _AMONG_OTHERS if units.sentences > _FEW else 0.0
    return odds[:, 0] - np.where(single, _ALONE + among, _IN_A_ROW)


def _states(text: str, *, besides: Set[str], indirect: bool) -> bool:
    stated = any(hit.text not in besides for hit in hits_in(text, indirect=indirect))
    return stated or foreign_attempt_in(text) is not None


def _kind(odds: Floats, *, indirect: bool) -> InjectionKind:
    if indirect:
        return "indirect"
    return ATTEMPTS[int(odds[len(OUTPUTS) - len(ATTEMPTS) :].argmax())]
