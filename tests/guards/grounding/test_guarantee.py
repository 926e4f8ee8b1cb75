from __future__ import annotations

import pytest

from assistant.cases import LabelledSentence
from assistant.guards.grounding.guarantee import Judged, find_limit, guarantee_at, lower_bound


def judged(kind: str, *scores: float) -> list[Judged]:
    return [
        Judged(LabelledSentence(id=f"{kind}-{i}", text="x", evidence=("y",), kind=kind, split="limit"), score)
        for i, score in enumerate(scores)
    ]


def test_the_lowest_limit_that_holds_the_target_is_taken():
    sentences = judged("true", *[0.9] * 40, *[0.55] * 5) + judged("false", *[0.5] * 10)

    found = find_limit(sentences, target=0.95, least=0.35, default=0.5)

    assert found.held
    assert found.limit == pytest.approx(0.51)
    assert (found.passed, found.wrong, found.let_through) == (45, 0, 1.0)


def test_a_target_that_cannot_be_held_says_what_can():
    sentences = judged("true", *[0.9] * 10) + judged("false", 0.95)

    found = find_limit(sentences, target=0.95, least=0.35, default=0.5)

    assert not found.held
    assert 0.6 < found.supported < 0.95
    assert "cannot be held" in str(found)


def test_without_labelled_sentences_nothing_is_promised():
    found = find_limit([], target=0.95, least=0.35, default=0.5)

    assert (found.limit, found.supported, found.held) == (0.5, 0.0, False)


def test_the_bound_is_that_of_clopper_and_pearson():
    assert lower_bound(40, 40) == pytest.approx(0.2 ** (1 / 40), abs=1e-3)
    assert lower_bound(0, 5) == 0.0


def test_a_sentence_that_is_not_borne_out_and_passes_counts_as_wrong():
    found = guarantee_at(judged("true", 0.8) + judged("unrelated", 0.7, 0.2), 0.5, target=0.5)

    assert (found.passed, found.wrong) == (2, 1)
