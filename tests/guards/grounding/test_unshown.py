from __future__ import annotations

import pytest

from assistant.guards.grounding.checker import GroundingGuard
from assistant.guards.grounding.unshown import (
    is_quotation,
    unshown_advice,
    unshown_praise,
    unshown_quotation,
    unshown_speech,
)


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The patient was advised to stop taking aspirin.", "Patient: I take aspirin every morning."),
        ("She should see a specialist about the mole.", "Patient: The mole has looked the same for years."),
        ("The patient needs to lose weight.", "Doctor: You weigh 82 kg today."),
        ("The nurse suggests a walk after lunch.", "Nurse: You weigh 82 kg today."),
        ("A walk after lunch was suggested.", "Nurse: You weigh 82 kg today."),
    ],
)
def test_advice_that_nobody_gave_is_unshown(claim, evidence):
    assert unshown_advice(claim, [evidence])


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The doctor advised bed rest.", "Doctor: I advise bed rest."),
        ("The patient should come back in a week.", "Doctor: Come back in a week."),
        ("The patient must avoid salt.", "Doctor: No more salt, please."),
        ("The patient swims every Monday.", "Patient: I swim every Monday."),
        ("The scan suggests a small stone.", "Doctor: On the scan we see a small stone."),  # No person suggests it.
    ],
)
def test_advice_that_was_given_in_any_form_is_shown(claim, evidence):
    assert not unshown_advice(claim, [evidence])


def test_praise_must_stand_in_the_evidence():
    assert unshown_praise("The Cove is an affordable wall light.", ["The Cove is a wall light."])
    assert not unshown_praise("The Cove is affordable.", ["The Cove stays affordable."])
    assert unshown_praise("The Cove is popular.", ["The Cove is a wall light."])
    assert not unshown_praise("The Cove is popularly called the shell.", ["The Cove is known as the shell."])


def test_a_quotation_must_stand_in_the_evidence_word_for_word():
    review = ["- [4/5] Tough fabric, good zips, clever front opening."]

    assert is_quotation("A customer wrote “Tough fabric, good zips, clever front opening”.", review)
    assert not is_quotation("Three customers wrote “Tough fabric, good zips”.", review)
    assert unshown_quotation('A customer wrote "my whole family wants one now".', review)
    assert not unshown_quotation('The word "tough" is used.', review)


@pytest.fixture(scope="module")
def guard(embedder):
    return GroundingGuard(embedder)


SHOP = "The shop in Mill Lane opens at 9:00 from Monday to Friday. It is closed on Sunday."
TENT = "The tent comes with a two-year warranty."
CARD = "Refunds are issued within 5 business days to the card you paid with."
LAMP = "The shade of the Sill is undyed linen on a steel ring."


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The shop is closed on Sunday.", SHOP),
        ("The shop opens at 9:00 from Monday to Friday.", SHOP),
        ("The warranty is 24 months.", TENT),
        ("The refund goes to the card you used to pay.", CARD),
        ("The shade of the Wrenlow Sill is undyed linen.", LAMP),
    ],
)
def test_the_same_in_other_words_is_borne_out(guard, claim, evidence):
    assert guard.measure(claim, [evidence]).score >= guard.limit


@pytest.mark.parametrize(
    ("claim", "evidence", "reason"),
    [
        ("The shop is open on Sunday.", SHOP, "negation"),
        ("The shop is not closed on Sunday.", SHOP, "negation"),
        ("The warranty is 36 months.", TENT, "figure"),
        ("Samuel Osei designed it.", "Nadia Osei designed it.", "name"),
        ("Most customers are happy.", "Customers write about the tents.", "quantity"),
        ("Most customers are happy.", "2 of the 9 reviews praise it, and 7 of the 9 reviews criticise it.", "quantity"),
        ("The patient needs to lose weight.", "Doctor: You weigh 82 kg today.", "absent"),
        ("The patient was advised to stop taking aspirin.", "Patient: I take aspirin every morning.", "absent"),
        ("She should see a specialist about the mole.", "Patient: The mole has looked the same for years.", "absent"),
    ],
)
def test_what_the_evidence_does_not_say_scores_a_fifth_at_most(guard, claim, evidence, reason):
    support = guard.measure(claim, [evidence])

    assert (support.score <= 0.2, support.reason) == (True, reason)


DIALOGUE = ["Doctor: How have you been?", "Patient: I am always tired.", "Patient: My mother had the same."]


@pytest.mark.parametrize(
    "claim",
    [
        "Doctor: I'm glad to see you are enjoying your new home.",
        "Patient: I am never tired.",
        "My brother is tired as well.",
        "Request: I am going to discuss your health.",
    ],
)
def test_words_that_nobody_spoke_are_unshown(claim):
    assert unshown_speech(claim, DIALOGUE)


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Patient: I am always tired.", DIALOGUE),
        ("I am always tired.", DIALOGUE),
        ("The patient is always tired.", DIALOGUE),
        ("Weight: 2 kg", ["Weight: 2.0 kg", "Colour: green"]),
        ("I love the zip.", ["I would buy it again.", "The zip is great."]),
    ],
)
def test_spoken_words_and_what_is_no_dialogue_are_not_unshown_speech(claim, evidence):
    assert not unshown_speech(claim, evidence)
