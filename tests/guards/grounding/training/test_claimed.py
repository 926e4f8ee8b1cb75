"""The claims that we wrote: only who reads the document can tell the true ones."""

from collections import Counter

import numpy as np

from assistant.guards.grounding.training.claimed import read_claimed
from assistant.guards.grounding.training.measure import auroc
from assistant.guards.grounding.words import words_of

CLAIMS = [*read_claimed(), *read_claimed("fit")]


def test_of_each_matter_two_claims_are_borne_out_and_none_is_there_twice():
    kinds = Counter(kind for kind, _ in CLAIMS)
    assert set(kinds) == {"true_own", "true_other", "false_own", "false_other"}
    assert len(set(kinds.values())) == 1
    assert len({pair.claim for _, pair in CLAIMS}) == len(CLAIMS) > 4000
    assert all((pair.label == "supported") == kind.startswith("true") for kind, pair in CLAIMS)


def test_what_is_kept_is_of_other_documents():
    learnt = {pair.evidence for _, pair in read_claimed()}
    assert learnt.isdisjoint(pair.evidence for _, pair in read_claimed("fit"))


def test_neither_shared_words_nor_length_nor_a_denial_tells_which_is_true():
    """Else that is what is learnt instead."""
    true = np.array([pair.label == "supported" for _, pair in CLAIMS])
    said = [words_of(pair.claim) for _, pair in CLAIMS]
    told = [frozenset(words_of("\n".join(pair.evidence)).stems) for _, pair in CLAIMS]
    shared = [np.mean([stem in there for stem in words.stems]) for words, there in zip(said, told, strict=True)]
    lengths = [float(len(pair.claim.split())) for _, pair in CLAIMS]
    denies = [float(bool(words.negated)) for words in said]
    for tell in (shared, lengths, denies):
        assert 0.45 <= auroc(np.array(tell), true) <= 0.55
