"""How far a sentence is borne out by the evidence, and what speaks against it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.guards.grounding.answering import answer_signals, answers
from assistant.guards.grounding.claims import is_claim
from assistant.guards.grounding.facts import Facts, Unit, facts_of
from assistant.guards.grounding.fusion import Fusion, read_fusion
from assistant.guards.grounding.memory import Memory
from assistant.guards.grounding.names import names_of
from assistant.guards.grounding.network import CrossEncoder, PairReader
from assistant.guards.grounding.reading import Weighed, reason_of, weigh
from assistant.guards.grounding.reduce import MAX_WORDS, kept, relevance
from assistant.guards.grounding.sentences import leans_on_previous, units_of
from assistant.guards.grounding.siblings import answers_of_a_sibling
from assistant.guards.grounding.signals import read_signals, relevances, similarities
from assistant.messages import Reason

CONTRADICTED = 0.2
"""The most a sentence scores that departs from the evidence in a figure, name, negation or quantity."""
_VERBATIM = 0.99
_EVEN = 0.5
_FEW_WORDS = 3  # A sentence of fewer content words is read together with the question it answers.
_MAX_UNITS = 24  # Sentences of the evidence that are looked at closely; the others share less with the claim.
_MAX_EVIDENCE = 400_000  # Characters of evidence beyond which nothing is read: about 200 pages.
_MAX_SENTENCE = 4_000  # Characters of a sentence that are read; no sentence is longer.
# That a customer said it is shown by its standing in a review; what counts is what was said.
_CHOOSES = re.compile(
    r"\b(?:which|who|whose|where|other|else|than|like|instead|alternative|compare|difference)\b", re.IGNORECASE
)
_SAID_BY_SOME = re.compile(
    r"^(?:an?|one|another|the)\s+(?:customer|reviewer|review|buyer|shopper)\s+(?:says|said|writes|wrote|reports|notes)\s+"
    r"(?:that\s+)?(?=\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Support:
    """How far the evidence bears out one sentence."""

    claim: bool
    """False when the sentence claims nothing; then the score is 1."""
    score: float
    """0 unsupported … 1 borne out; 0.5 is even odds."""
    reason: Reason = "none"
    """What is wrong with a sentence that scores low."""
    evidence: int | None = None
    """Place of the passage that bears most on it; None when nothing is claimed or there is no evidence."""
    shown: str | None = None
    """The sentence of that passage it was held against."""


NOTHING_CLAIMED = Support(claim=False, score=1.0)


class GroundingGuard:
    """Holds sentences against evidence.

    Word overlap, sentence embeddings, exact figures, names and negations, and a small cross-encoder are fused into one
    calibrated score; `weights/MODEL_CARD.md` says what they were fitted on.
    """

    def __init__(self, embedder: Embedder, reader: PairReader | None = None, *, fusion: Fusion | None = None) -> None:
        """Without a `reader` the shipped cross-encoder is opened; raises ModelUnavailable if it cannot be read."""
        self._embedder = embedder
        self._reader = CrossEncoder() if reader is None else reader
        self._fusion = read_fusion() if fusion is None else fusion
        self._cut: Memory[tuple[str, ...]] = Memory(512)
        self._facts: Memory[Facts] = Memory(4096)

    @property
    def name(self) -> str:
        """Stable name of weights and rules: equal names give equal scores."""
        return f"{self._reader.name} {self._fusion.name} rules@{_rules_digest()}"

    @property
    def limit(self) -> float:
        """Scores below it are not borne out, where a vertical leaves the limit to us."""
        return 0.5

    def prepare(self, evidence: Sequence[str]) -> None:
        """Read and embed `evidence` ahead of time, while the model is still writing."""
        texts = [text for passage in evidence for text in self._sentences(passage)][:_MAX_UNITS]
        if texts:
            self._embedder.embed([self._facts.of(text, facts_of).text for text in texts])

    def measure(
        self, sentence: str, evidence: Sequence[str], *, before: Sequence[str] = (), question: str | None = None
    ) -> Support:
        """How far `evidence` bears out `sentence`, which follows the sentences `before` in answer to `question`."""
        if not is_claim(sentence):
            return NOTHING_CLAIMED
        weighed = self.weigh(sentence, evidence, before=before, question=question)
        if weighed is None:
            return Support(claim=True, score=0.0, reason="absent")
        return judge(weighed, self._fusion)

    @property
    def answer_limit(self) -> float:
        """Passages that score below it are near the question without answering it."""
        return 0.5

    def answers(self, question: str, passage: str) -> float:
        """How likely `passage` holds the answer to `question`, 0 to 1."""
        return answers(answer_signals(question, passage, self._embedder, self._reader), self._fusion.answers)

    def names_another(self, sentence: str, question: str) -> bool:
        """Whether `sentence` names something, and nothing that `question` names, which neither compares nor chooses."""
        asked, named = set(names_of(question)), set(names_of(sentence))
        return bool(asked and named) and not asked & named and not _CHOOSES.search(question)

    def answers_of_another(self, value: str, question: str, evidence: Sequence[str]) -> bool:
        """Whether `evidence` holds `value`, a few words, only of another thing of the kind that `question` names."""
        facts = facts_of(value[:_MAX_SENTENCE])
        return answers_of_a_sibling(facts, question[:_MAX_SENTENCE], self._units(facts.text, evidence))

    def fits(self, words: str, heading: str, elsewhere: Sequence[str], evidence: Sequence[str]) -> bool:
        """Whether `evidence` bears out `words` under `heading` as well as under any of those that stand `elsewhere`."""
        here = self.measure(f"{heading}: {words}", evidence).score
        return all(self.measure(f"{other}: {words}", evidence).score <= here for other in elsewhere)

    def weigh(
        self, sentence: str, evidence: Sequence[str], *, before: Sequence[str] = (), question: str | None = None
    ) -> Weighed | None:
        """The signals behind `measure`; None when the evidence holds no sentence."""
        sentence = sentence[:_MAX_SENTENCE]
        facts = _facts_in_place(sentence, question)
        units = self._units(facts.text, evidence)
        if not units:
            return None
        leans = bool(before) and leans_on_previous(sentence)
        whole = f"{before[-1][-_MAX_SENTENCE:]} {sentence}" if leans else facts.text
        reading = read_signals(facts, units, self._nearness([facts.text, whole], units))

        def read() -> float:
            return self._reader.supports(whole, _mattering(units, reading.relevance, MAX_WORDS))

        return weigh(reading, facts.text, read)

    def mattering(self, claims: Sequence[str], evidence: Sequence[str], *, max_words: int) -> str:
        """What of `evidence` the network would read, in at most `max_words` words, beside whichever of `claims`.

        What matters most to the first comes first; "" where there is nothing to read.
        """
        facts = [facts_of(claim[:_MAX_SENTENCE]) for claim in claims]
        units = self._units(facts[0].text, evidence)
        if not units:
            return ""
        near = [relevances(each, units, self._nearness([each.text], units)) for each in facts]
        shared = np.max([each / max(each.max(), 1e-6) for each in near], axis=0)
        shared[near[0].argmax()] += 1.0
        return _mattering(units, shared.tolist(), max_words)

    def _nearness(self, texts: Sequence[str], units: Sequence[Unit]) -> NDArray[np.float32]:
        """For each of `units` the cosine of the nearest of `texts`, the readings of one claim."""
        vectors = self._embedder.embed([*texts, *(unit.facts.text for unit in units)])
        return similarities(vectors[: len(texts)], vectors[len(texts) :])

    def _units(self, claim: str, evidence: Sequence[str]) -> list[Unit]:
        """The sentences of `evidence` that share most with `claim`, in their order."""
        left = _MAX_EVIDENCE
        texts: list[str] = []
        places: list[int] = []
        for place, passage in enumerate(evidence):
            sentences = self._sentences(passage[:left])
            left -= len(passage)
            texts += sentences
            places += [place] * len(sentences)
            if left <= 0:
                break
        chosen = list(range(len(texts)))
        if len(texts) > _MAX_UNITS:
            near = relevance(claim, texts)
            chosen = sorted(sorted(chosen, key=lambda i: -near[i])[:_MAX_UNITS])
        return [Unit(self._facts.of(texts[i], facts_of), places[i]) for i in chosen]

    def _sentences(self, passage: str) -> tuple[str, ...]:
        return self._cut.of(passage, units_of)


@lru_cache(maxsize=1)
def _rules_digest() -> str:
    """Of the source of this package, whose patterns decide along with the weights."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:12]


def judge(weighed: Weighed, fusion: Fusion) -> Support:
    """The score of what was weighed, with the reason when it is low."""
    score = fusion.score(weighed.signals)
    if weighed.reading.verbatim:
        score = _VERBATIM
    elif weighed.departs:
        score *= CONTRADICTED  # Not cut off, so that of two such claims the likelier still scores higher.
    reason: Reason = "none" if score >= _EVEN else reason_of(weighed)
    best = weighed.reading.best
    return Support(True, round(score, 4), reason, best.passage, best.facts.text)


def _mattering(units: Sequence[Unit], relevance_of: Sequence[float], max_words: int) -> str:
    lengths = [len(unit.facts.text.split()) for unit in units]
    return "\n".join(units[i].facts.text for i in kept(relevance_of, lengths, max_words))


def _facts_in_place(sentence: str, question: str | None) -> Facts:
    facts = facts_of(_SAID_BY_SOME.sub("", sentence))
    if question and len(facts.words.stems) < _FEW_WORDS:
        return facts_of(f"{question.rstrip('?. ')}: {sentence}")
    return facts
