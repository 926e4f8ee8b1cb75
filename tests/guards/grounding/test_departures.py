from __future__ import annotations

import pytest

from assistant.guards.grounding.checker import GroundingGuard

RETURNS = (
    "Unopened items can be returned within 30 days of delivery. "
    "Opened but unused items can be returned within 14 days of delivery."
)
REFUNDS = "Refunds are issued within 5 working days."
STORMLEA = "The warranty on the Stormlea 2 tent runs for 3 years."
RIDGELINE = "The warranty on the Ridgeline 40 backpack runs for 5 years. The warranty on own products runs for 2 years."
EVIDENCE = [RETURNS, REFUNDS]


@pytest.fixture(scope="module")
def guard(embedder):
    return GroundingGuard(embedder)


@pytest.mark.parametrize(
    ("sentence", "evidence", "reason"),
    [
        ("Refunds are issued after 5 working days.", EVIDENCE, "figure"),
        ("Used items can be returned within 14 days of delivery.", EVIDENCE, "negation"),
        ("Unopened items can be returned within 30 days of delivery, and opened ones too.", EVIDENCE, "absent"),
        ("Unopened items can be returned within 30 days of delivery and so can gift cards.", EVIDENCE, "absent"),
        ("Unopened items can be returned within 30 days of delivery or they will be destroyed.", EVIDENCE, "absent"),
        ("Only unopened items can be returned.", EVIDENCE, "quantity"),
        ("Everything is returnable.", EVIDENCE, "quantity"),
        ("Unopened items can be returned within 30 days of purchase.", EVIDENCE, "figure"),
        ("Refunds take forever.", EVIDENCE, "quantity"),
        ("The Stormlea 2 tent is 3 years old, so it's 3 years old.", [STORMLEA], "figure"),
        ("The Ridgeline 40 backpack is 2 years longer than the standard warranty", [RIDGELINE], "figure"),
    ],
)
def test_a_sentence_that_turns_the_words_of_the_evidence_scores_a_fifth_at_most(guard, sentence, evidence, reason):
    support = guard.measure(sentence, evidence)

    assert support.score <= 0.2
    assert support.reason == reason


@pytest.mark.parametrize(
    "sentence",
    [
        "Refunds are issued within five working days.",
        "You can return unopened items within 30 days of delivery.",
        "Unopened items can be returned within 30 days after delivery.",
        "Opened but unused items can be returned up to 14 days after delivery.",
    ],
)
def test_a_paraphrase_of_the_same_evidence_is_borne_out(guard, sentence):
    assert guard.measure(sentence, EVIDENCE).score >= guard.limit
