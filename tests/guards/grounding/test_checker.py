from __future__ import annotations

import pytest

from assistant.guards.grounding.checker import GroundingGuard
from assistant.guards.grounding.network import WordReader

RETURNS = (
    "## Returns\nYou can return any unopened item within 30 days of delivery. "
    "Refunds are issued within 5 business days to the card you paid with. "
    "Opened items cannot be returned unless they are faulty. Exchanges are possible within 60 days."
)
TENT = (
    "The Stormlea 2 tent comes with a two-year warranty. The warranty covers faults in material, not wear and tear. "
    "The tent weighs 1.95 kg and sleeps two people."
)
VISIT = (
    "Any fever: no. The patient denies fever. The patient has had a dry cough for 3 weeks. "
    "Medication: ramipril 5 mg once daily. "
    "Allergies: penicillin (rash). The patient will come back in two weeks on 12 March 2026 "
    "to see Dr. Patel. The patient has pain in the right knee."
)
REVIEWS = "12 of 40 reviews mention delivery. 28 of 40 reviews are positive."
EVIDENCE = [RETURNS, TENT, VISIT, REVIEWS]


@pytest.fixture(scope="module")
def guard(embedder):
    return GroundingGuard(embedder)


@pytest.mark.parametrize(
    "sentence",
    [
        "You have thirty days to return an unopened item.",
        "Refunds take five business days.",
        "The tent has a 2-year warranty.",
        "The tent weighs about 2 kg.",
        "Wear and tear is not covered by the warranty.",
        "No fever.",
        "The patient has had a dry cough for three weeks.",
        "- Penicillin allergy (rash)",
        "Follow-up in two weeks with Dr. Patel.",
        "30 % of the reviews mention delivery.",
        "Most reviews are positive.",
        "The patient has right knee pain.",
        "Opened items can only be returned if they are faulty.",
    ],
)
def test_a_paraphrase_is_borne_out(guard, sentence):
    assert guard.measure(sentence, EVIDENCE).score >= guard.limit


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Unopened items can be returned within 14 days.", "figure"),
        ("The tent has a 3-year warranty.", "figure"),
        ("The warranty lasts two months.", "figure"),
        ("Ramipril 5 g once daily.", "figure"),
        ("Ramipril 5 mg twice daily.", "figure"),
        ("Follow-up on 21 March.", "figure"),
        ("Follow-up with Dr. Rossi in two weeks.", "name"),
        ("The Ridgeline backpack has a two-year warranty.", "name"),
        ("The patient has a fever.", "negation"),
        ("Opened items can be returned.", "negation"),
        ("The patient has left knee pain.", "negation"),
        ("The patient has no allergies.", "negation"),
        ("Most reviews mention delivery.", "quantity"),
        ("All reviews are positive.", "quantity"),
        ("Half of the reviews mention delivery.", "quantity"),
    ],
)
def test_a_sentence_changed_in_one_exact_part_scores_a_fifth_at_most(guard, sentence, reason):
    support = guard.measure(sentence, EVIDENCE)

    assert support.score <= 0.2
    assert support.reason == reason


def test_a_denial_is_as_sure_as_the_answer_it_was_drawn_from(guard):
    asked = "Doctor: Have you ever had any surgery?\nPatient: No, not that I know of."
    visit = f"{asked}\nDoctor: Do you smoke?\nPatient: I do."

    assert guard.measure("No history of surgery.", [visit]).score > 0.8
    assert guard.measure("She denies smoking.", [visit]).score <= 0.2
    assert guard.measure("No history of diabetes.", [visit]).score < guard.limit


def test_what_the_evidence_does_not_speak_of_is_absent(guard):
    support = guard.measure("The tent is waterproof.", EVIDENCE)

    assert support.score < guard.limit
    assert support.reason == "absent"


def test_a_sentence_copied_from_the_evidence_is_certain_and_names_its_passage(guard):
    support = guard.measure("The patient has had a dry cough for 3 weeks.", EVIDENCE)

    assert support.score == 0.99
    assert support.evidence == 2


def test_a_sentence_that_claims_nothing_needs_no_evidence(hash_embedder):
    support = GroundingGuard(hash_embedder).measure("Thank you for asking!", [])

    assert (support.claim, support.score, support.evidence) == (False, 1.0, None)


def test_a_claim_without_evidence_is_absent(hash_embedder):
    support = GroundingGuard(hash_embedder).measure("Refunds take five days.", [])

    assert (support.claim, support.score, support.reason) == (True, 0.0, "absent")


def test_a_short_answer_is_read_with_its_question(guard):
    question = "Can opened items be returned?"

    assert guard.measure("Yes, always.", [RETURNS], question=question).score < guard.limit


def test_a_passage_that_answers_scores_above_one_that_is_merely_near(guard):
    question = "How long do I have to return an unopened item?"

    assert guard.answers(question, RETURNS) > guard.answers(question, "Unopened items are kept in our shop in Milan.")
    assert guard.answers(question, "") == 0.0


class _CountingReader(WordReader):
    def __init__(self):
        self.reads = []

    def supports(self, claim, evidence):
        self.reads.append((claim, evidence))
        return super().supports(claim, evidence)

    def answers(self, question, passage):
        self.reads.append((question, passage))
        return super().answers(question, passage)


@pytest.mark.parametrize(
    "sentence",
    [
        "The warranty lasts two years from the day of delivery.",
        "The warranty lasts five years from the day of delivery.",
    ],
)
def test_the_network_is_not_asked_where_the_words_decide(hash_embedder, sentence):
    reader = _CountingReader()
    guard = GroundingGuard(hash_embedder, reader)
    guard.measure(sentence, ["The warranty lasts two years from the day of delivery."])
    assert not reader.reads
    guard.measure("Cover is given for twenty-four months.", ["The warranty lasts two years from the day of delivery."])
    assert reader.reads


def test_whether_a_passage_answers_takes_one_reading(hash_embedder):
    reader = _CountingReader()
    passage = "Orders leave within a day. Refunds reach the card in 5 days. Gifts can be exchanged. " * 6
    GroundingGuard(hash_embedder, reader).answers("How long does a refund take?", passage)
    assert len(reader.reads) == 1
