"""Summaries of a count and of the reviews' own sentences: what a small model can say and every check finds again."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import yaml
from rouge_score.rouge_scorer import RougeScorer

from assistant.answering.evidence import REVIEW_WORDS
from assistant.cases import Case, CaseDocument
from assistant.guards import PhraseGuard
from assistant.guards.grounding.sentences import split_sentences
from assistant.messages import Document
from assistant.tasks import count_reviews, read_reviews

PHRASES = Path(__file__).parents[1] / "rails" / "feedback" / "phrases.yaml"

FEWEST_WORDS, MOST_WORDS = 4, 25
MOST_SENTENCES = 4
FEWEST_REVIEWS = 5
_OF_ONE_PERSON = re.compile(r"\b(i|me|my|mine|we|us|our|ours|you|your|he|she|his|her|im|ive|id)\b", re.IGNORECASE)
"""What only whoever wrote it can say, or what names somebody; a report does not say it."""
_MEASURES = ("rouge1", "rouge2", "rougeL")


def picked(cases: Iterable[Case], *, times: int) -> Iterator[Case]:
    """Each case `times` times, with some of its reviews in another order; its summary is their tone and sentences.

    Taken is what comes nearest to the summaries that people wrote, sentence by sentence as long as it comes nearer
    (Nallapati, Zhai and Zhou 2017, SummaRuNNer). Every second time the reviews come as one text, which the line counts
    nothing in: whoever learns to begin with a count has to learn as well where there is none.
    """
    chance, phrases = random.Random(5), PhraseGuard(yaml.safe_load(PHRASES.read_text(encoding="utf-8"))["phrases"])
    for case in cases:
        told = [case.reference, *case.other_references]
        for number in range(times):
            count = chance.randint(min(FEWEST_REVIEWS, len(case.documents)), len(case.documents))
            documents = tuple(chance.sample(case.documents, count))
            taken = _nearest([each for document in documents for each in _reportable(document.text)], told)
            if not taken:
                continue
            if number % 2:
                text = "\n\n".join(each.text for each in documents)
                documents = (CaseDocument(id="reviews", title="Reviews", text=text),)
            elif all(len(each.text.split()) <= REVIEW_WORDS for each in documents):
                taken = [_counted([Document(each.id, each.title, each.text) for each in documents], phrases), *taken]
            made = {"documents": documents, "reference": " ".join(taken), "other_references": ()}
            yield case.model_copy(update={"id": f"{case.id}-picked-{number}", **made})


def _counted(reviews: Sequence[Document], phrases: PhraseGuard) -> str:
    """What the line tells of the tone of most reviews: "6 of the 8 reviews (75%) are positive."."""
    overall = count_reviews(read_reviews(reviews), phrases.measure)[0].statement.text
    tones = [each for each in split_sentences(overall) if each[0].isdigit() or each.startswith("All ")]
    return max(tones, key=_share)


def _share(sentence: str) -> int:
    found = re.search(r"\((\d+)%\)", sentence)
    return int(found[1]) if found else 100


def _reportable(text: str) -> list[str]:
    """The sentences of a review that stand in a report as they are."""
    found = (" ".join(each.split()) for each in split_sentences(text))
    return [each for each in found if _is_reportable(each)]


def _is_reportable(sentence: str) -> bool:
    words = sentence.split()
    whole = sentence[0].isupper() and sentence[-1] in ".!" and not sentence.isupper()
    return whole and FEWEST_WORDS <= len(words) <= MOST_WORDS and not _OF_ONE_PERSON.search(sentence)


def _nearest(sentences: Sequence[str], told: Sequence[str]) -> list[str]:
    scorer = RougeScorer(list(_MEASURES), use_stemmer=True)
    left, taken, best = list(dict.fromkeys(sentences)), list[str](), 0.0
    while left and len(taken) < MOST_SENTENCES:
        score, sentence = max((_score(scorer, [*taken, each], told), each) for each in left)
        if score <= best:
            break
        best = score
        taken.append(sentence)
        left.remove(sentence)
    return taken


def _score(scorer: RougeScorer, taken: Sequence[str], told: Sequence[str]) -> float:
    found = [scorer.score(each, " ".join(taken)) for each in told]
    return sum(each[measure].fmeasure for each in found for measure in _MEASURES)
