"""The claims that we wrote: only who reads the document can tell the true ones."""

import json
from collections import Counter

import numpy as np

from assistant.guards.grounding.checker import GroundingGuard
from assistant.guards.grounding.network import WordReader
from assistant.guards.grounding.training import claimed
from assistant.guards.grounding.training.claimed import claimed_lessons, read_claimed
from assistant.guards.grounding.training.measure import auroc
from assistant.guards.grounding.words import words_of

CLAIMS = [*read_claimed(), *read_claimed("fit")]


def test_of_each_matter_two_claims_are_borne_out_and_none_is_there_twice():
    kinds = Counter(kind for kind, _ in CLAIMS)
    assert set(kinds) == {"true_own", "true_other", "false_own", "false_other"}
    assert len(set(kinds.values())) == 1
    assert len({pair.claim for _, pair in CLAIMS}) == len(CLAIMS) > 12_000
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


def test_each_claim_is_learnt_beside_what_the_network_reads_of_its_document(embedder, monkeypatch, tmp_path):
    """Less and more of it too, and sometimes with another document between."""
    (tmp_path / "some.jsonl").write_text("".join(_document(n) for n in range(2)))
    monkeypatch.setattr(claimed, "FOLDER", tmp_path)
    guard = GroundingGuard(embedder, WordReader())

    lessons = claimed_lessons(guard)

    assert {lesson.label for lesson in lessons} == {"supported", "unsupported"}
    claims = {lesson.first for lesson in lessons}
    assert len(claims) == 8
    for claim in claims:
        read = [lesson.second for lesson in lessons if lesson.first == claim]
        assert len(read) >= 3 and len(set(read)) == len(read)
        assert all("locked at nine" in each for each in read)
    assert any("gate 0" in lesson.second and "gate 1" in lesson.second for lesson in lessons)


def _document(number: int) -> str:
    filler = " ".join(f"Path {i} of park {number} leads to pond {i + 5} along the old wall." for i in range(30))
    claims = {
        kind: f"{kind.replace('_', ' ')}: gate {number} is locked at nine."
        for kind in ("true_own", "true_other", "false_own", "false_other")
    }
    text = f"{filler} The gate {number} is locked at nine. {filler}"
    return json.dumps({"document": number, "title": f"Park {number}", "text": text, "claims": [claims]}) + "\n"
