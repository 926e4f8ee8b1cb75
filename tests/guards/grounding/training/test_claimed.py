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


def test_claims_of_one_matter_are_learnt_side_by_side_and_true_ones_beside_what_bears_them_out(
    embedder, monkeypatch, tmp_path
):
    """Beside less and more of their document: the same for all, and what is nearest to each."""
    (tmp_path / "some.jsonl").write_text("".join(_document(n) for n in range(2)))
    monkeypatch.setattr(claimed, "FOLDER", tmp_path)

    lessons = claimed_lessons(GroundingGuard(embedder, WordReader()))

    matters = {lesson.matter: [each for each in lessons if each.matter == lesson.matter] for lesson in lessons}
    assert [each for some in matters.values() for each in some] == lessons  # Each stands in one piece.
    together = [some for matter, some in matters.items() if "together" in matter]
    assert together and all(len(some) == 4 and len({each.second for each in some}) == 1 for some in together)
    alone = [some for matter, some in matters.items() if "alone" in matter]
    assert len({each.second for some in alone for each in some}) > len(alone)
    true = [lesson for lesson in lessons if lesson.label == "supported"]
    assert true and all("locked at nine" in lesson.second for lesson in true)
    strange = [each for some in alone for each in some if each.label == "unsupported"]
    assert any("locked at nine" not in lesson.second for lesson in strange)


def _document(number: int) -> str:
    filler = " ".join(f"Path {i} of park {number} leads to pond {i + 5} along the old wall." for i in range(30))
    claims = {
        "true_own": f"The gate {number} is locked at nine.",
        "true_other": "After that hour in the evening nobody enters.",
        "false_own": f"The gate {number} is open at nine.",
        "false_other": "A wall separates the ponds from each other.",
    }
    text = f"{filler} The gate {number} is locked at nine. {filler}"
    return json.dumps({"document": number, "title": f"Park {number}", "text": text, "claims": [claims]}) + "\n"
