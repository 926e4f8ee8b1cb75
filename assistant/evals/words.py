"""Metrics that hold an answer's words against a reference: BLEU, ROUGE, chrF, F1 and the corrections it needs.

Against several references the best counts, as their authors have it. A failed answer is an empty one.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from assistant.cases import Case
from assistant.errors import Misconfigured
from assistant.evals.metrics import metric
from assistant.evals.results import Result
from assistant.guards.grounding import figures_of
from assistant.guards.grounding.figures import same_figure

if TYPE_CHECKING:
    from rouge_score.rouge_scorer import RougeScorer
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def signatures() -> dict[str, str]:
    """How BLEU, chrF and ROUGE were computed, so that others can compute the same."""
    bleu, chrf, _ = _scorers()
    for scorer in (bleu, chrf):  # They know how many references there are once they have seen some.
        scorer.corpus_score(["a"], [["a"]])
    return {
        "bleu": f"{bleu.get_signature()}",
        "chrf": f"{chrf.get_signature()}",
        "rouge": f"rouge-score {version('rouge-score')}, no stemming, F1, best reference",
    }


def corpus_bleu(pairs: Sequence[tuple[Case, Result]]) -> Callable[[Sequence[int]], float]:
    """BLEU over the cases at given places: sacrebleu's own formula over the summed counts of their sentences."""
    bleu = _sentence_bleu()  # The counts are the same; the formula over their sums is the corpus's.
    scores = [bleu.sentence_score(result.text, list(case.references)) for case, result in pairs]
    counts = np.array([[*s.counts, *s.totals, s.sys_len, s.ref_len] for s in scores], dtype=np.int64)

    def over(places: Sequence[int]) -> float:
        *grams, sys_len, ref_len = (int(each) for each in counts[np.asarray(places)].sum(axis=0))
        return float(bleu.compute_bleu(grams[:4], grams[4:], sys_len, ref_len, smooth_method="exp").score)

    return over


@metric("bleu", "BLEU", group="words", better="higher", unit="of 100", whole=corpus_bleu)
def bleu(case: Case, result: Result) -> float | None:
    """BLEU of sacrebleu, over all cases together (Papineni 2002, Post 2018); for one case its sentence BLEU."""
    if not case.reference:
        return None
    return float(_sentence_bleu().sentence_score(result.text, list(case.references)).score)


@metric("chrf", "chrF", group="words", better="higher", unit="of 100")
def chrf(case: Case, result: Result) -> float | None:
    """Mean of the sentences' chrF2: runs of up to six characters in common (Popović 2015)."""
    if not case.reference:
        return None
    return float(_scorers()[1].sentence_score(result.text, list(case.references)).score)


@metric("rouge_1", "ROUGE-1", group="words", better="higher")
def rouge_1(case: Case, result: Result) -> float | None:
    """Words in common, F1 (Lin 2004)."""
    return _rouge(case, result, "rouge1")


@metric("rouge_2", "ROUGE-2", group="words", better="higher")
def rouge_2(case: Case, result: Result) -> float | None:
    """Pairs of words in common, F1 (Lin 2004)."""
    return _rouge(case, result, "rouge2")


@metric("rouge_l", "ROUGE-L", group="words", better="higher")
def rouge_l(case: Case, result: Result) -> float | None:
    """Longest common subsequence of words, F1 (Lin 2004)."""
    return _rouge(case, result, "rougeL")


@metric("exact", "Exact", group="words", better="higher")
def exact(case: Case, result: Result) -> float | None:
    """Whether the answer is a reference, case, articles and punctuation aside (as SQuAD counts it)."""
    return max((float(_plain(result.text) == _plain(each)) for each in case.references), default=None)


@metric("token_f1", "Token F1", group="words", better="higher")
def token_f1(case: Case, result: Result) -> float | None:
    """F1 of the words in common, case, articles and punctuation aside (as SQuAD counts it)."""
    return max((_f1(_plain(result.text).split(), _plain(each).split()) for each in case.references), default=None)


@metric("word_edits", "Words to correct", group="words", better="lower", unit="words")
def word_edits(case: Case, result: Result) -> float | None:
    """Words to insert, delete or replace until the answer is the nearest reference."""
    return min((float(edits(result.text.split(), each.split())) for each in case.references), default=None)


@metric("character_edits", "Characters to correct", group="words", better="lower", unit="characters")
def character_edits(case: Case, result: Result) -> float | None:
    """Characters to insert, delete or replace until the answer is the nearest reference."""
    return min((float(edits(result.text, each)) for each in case.references), default=None)


@metric("figures", "Figures kept", group="quality", better="higher")
def figures(case: Case, result: Result) -> float | None:
    """Share of the reference's figures that stand in the answer, however they are written."""
    wanted = figures_of(case.reference)
    if not wanted:
        return None
    there = figures_of(result.text)
    return sum(any(same_figure(each, shown) for shown in there) for each in wanted) / len(wanted)


def edits(said: Sequence[str], approved: Sequence[str]) -> int:
    """The least number of items to insert, delete or replace until `said` is `approved` (Levenshtein 1966)."""
    try:
        from rapidfuzz.distance import Levenshtein
    except ImportError as error:
        raise _missing() from error
    return int(Levenshtein.distance(said, approved))


def _rouge(case: Case, result: Result, kind: str) -> float | None:
    if not case.reference:
        return None
    return max(_rouges(each, result.text)[kind] for each in case.references)


@lru_cache(maxsize=4096)
def _rouges(reference: str, text: str) -> dict[str, float]:
    scores = _scorers()[2].score(reference, text)
    return {kind: float(score.fmeasure) for kind, score in scores.items()}


@lru_cache(maxsize=1)
def _scorers() -> tuple[BLEU, CHRF, RougeScorer]:
    try:
        from rouge_score.rouge_scorer import RougeScorer
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF
    except ImportError as error:
        raise _missing() from error
    return BLEU(), CHRF(), RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=False)


@lru_cache(maxsize=1)
def _sentence_bleu() -> BLEU:
    from sacrebleu.metrics.bleu import BLEU

    _scorers()
    return BLEU(effective_order=True)  # A sentence of three words has no runs of four to be counted.


def _missing() -> Misconfigured:
    return Misconfigured(
        "evaluation needs sacrebleu, rouge-score and rapidfuzz: pip install -c constraints.txt '.[eval]'"
    )


def _plain(text: str) -> str:
    bare = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def _f1(said: Sequence[str], wanted: Sequence[str]) -> float:
    shared = sum((Counter(said) & Counter(wanted)).values())
    return 2 * shared / (len(said) + len(wanted)) if shared else float(not said and not wanted)
