from __future__ import annotations

from assistant.guards.grounding.reduce import kept, reduced, relevance

FILLER = "The garden was quiet that morning and nobody walked along the path by the river."


def test_short_evidence_is_shown_whole():
    assert (
        reduced("The tent is green.", ["The tent is green.", FILLER], max_words=110) == f"The tent is green.\n{FILLER}"
    )


def test_of_long_evidence_the_sentences_about_the_claim_are_kept_in_their_order():
    passage = " ".join([FILLER] * 10 + ["The tent weighs 2 kg."] + [FILLER] * 10 + ["The tent is green."])

    shown = reduced("The green tent weighs 2 kg.", [passage], max_words=40)

    assert len(shown.split()) <= 40
    assert shown.index("weighs") < shown.index("green")


def test_a_sentence_that_follows_a_relevant_one_is_relevant_too():
    near = relevance("The tent is green.", ["The tent stands here.", "It has a green roof.", FILLER, FILLER])

    assert near[0] > near[2]
    assert relevance("tent", ["The tent stands.", "It is light.", FILLER])[1] > 0


def test_at_least_one_sentence_is_kept_however_long():
    assert kept([0.1, 0.9], [500, 900], 110) == [1]
