from __future__ import annotations

import pytest

from assistant.guards.grounding.facts import contradictions


@pytest.mark.parametrize(
    ("claim", "evidence", "reason"),
    [
        ("Returns are accepted within 14 days.", "You can return items within 30 days of delivery.", "figure"),
        ("Refunds take 5 days.", "Refunds are issued within 5 business days.", "figure"),
        ("Take 5 g daily.", "Take 5 mg daily.", "figure"),
        ("Take one tablet weekly.", "Take one tablet daily.", "figure"),
        ("The offer ends on 12 March.", "The offer ends on 21 March 2025.", "figure"),
        ("Most customers liked it.", "12 of 40 reviews mention liking it.", "quantity"),
        ("Most customers are happy.", "2 of the 9 reviews praise it, and 7 of the 9 reviews criticise it.", "quantity"),
        ("All items can be returned.", "Most items can be returned.", "quantity"),
        ("12 of 40 reviews mention zips.", "13 of 40 reviews mention zips.", "quantity"),
        ("The patient has a fever.", "Any fever: no. The patient denies fever.", "negation"),
        ("The patient has chest pain.", "Doctor: Do you have any chest pain? Patient: No, nothing.", "negation"),
        ("She is allergic to latex.", "Doctor: Any allergy to latex? Guest_family: Not that I know of.", "negation"),
        ("Negative for fever.", "The patient has a fever.", "negation"),
        ("Chest pain was denied.", "The patient has chest pain.", "negation"),
        ("Opened items can be returned.", "Opened items cannot be returned.", "negation"),
        ("Opened items can be returned.", "Opened items cannot be returned unless they are faulty.", "negation"),
        ("Unopened items can be returned.", "Opened items can be returned.", "negation"),
        ("Pain in the left knee.", "The patient reports pain in the right knee.", "negation"),
        ("Wear and tear is covered by the warranty.", "The warranty covers faults, not wear and tear.", "negation"),
    ],
)
def test_what_departs_from_the_evidence_is_named(claim, evidence, reason):
    assert contradictions(claim, evidence) == reason


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The warranty lasts 24 months.", "The warranty is two years."),
        ("Refunds take five business days.", "Refunds are issued within 5 business days."),
        ("30 % of the reviews mention it.", "12 of 40 reviews mention it."),
        ("Most reviews are positive.", "28 of 40 reviews are positive."),
        ("No fever.", "Any fever: no. The patient denies fever."),
        ("No fever.", "Any fever? No."),
        ("The patient denies chest pain.", "Doctor: Do you have any chest pain or nausea? Patient: No."),
        ("No known drug allergies.", "Doctor: Are you allergic to any drugs? Patient: No, not that I know of."),
        ("She does not smoke.", "Doctor: Do you smoke? Ever used drugs? Patient: Um, no, none of these."),
        ("He cannot walk due to his weight.", "Patient: I can't walk because of my weight."),
        ("He is unable to walk.", "Patient: I'm not able to walk."),
        ("Headaches and chest pain were both denied.", "Doctor: Any headache or chest pain? Patient: No."),
        ("The colour comes from vapour instead of a stain.", "It is darkened with vapour and carries no stain."),
        ("Keep the tent out of the dryer.", "Do not put the tent in the dryer."),
        ("The patient eats no meat and has heavy periods.", "Patient: I eat no meat. My periods are heavy."),
        ("Lamps have three years of warranty and bulbs two.", "Warranty: 3 years for lamps, 2 years for bulbs."),
        ("Most customers are unhappy.", "2 of the 9 reviews praise it, and 7 of the 9 reviews criticise it."),
        ("The patient has no allergies.", "Allergies: none."),
        ("It weighs about 2 kg.", "Weight: 1.95 kg."),
        ("Wear and tear is not covered by the warranty.", "The warranty covers faults, not wear and tear."),
        (
            "Opened items can only be returned if they are faulty.",
            "Opened items cannot be returned unless they are faulty.",
        ),
        ("Delivery is free over €50.", "Delivery is free for orders above 50 euros."),
    ],
)
def test_the_same_in_other_words_is_no_contradiction(claim, evidence):
    assert contradictions(claim, evidence) is None
