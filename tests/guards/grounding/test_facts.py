from __future__ import annotations

import pytest

from assistant.guards.grounding.facts import contradictions, facts_of, missing_figures


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
        ("The MX-300 weighs 3 kg.", "The MX-200 weighs 3 kg.", "figure"),
        ("COVID-20 spreads by droplets.", "COVID-19 spreads by droplets.", "figure"),
        ("The hall was built in the 1840s.", "The hall was built in 1831.", "figure"),
        ("The hall was built in 1831.", "The hall was built in the 1830s.", "figure"),
        ("They met on 23 May 2008.", "They met on 24–25 May 2008.", "figure"),
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
        ("COVID-19 spreads by droplets.", "SARS-CoV-2 spreads by droplets."),
        ("The MX-200 weighs 3 kg.", "The MX 200 weighs 3 kg."),
        (
            "Arsenic-74 gives clearer pictures than iodine-124.",
            "Iodine-124 gives pictures less clear than arsenic-74's.",
        ),
        ("The hall was built in the 1830's.", "The hall was built in 1831."),
        ("They met on May 24-25, 2008.", "They met on 24–25 May 2008."),
        ("They met on August 20, 1993.", "They met on August 20 , 1993 ."),
        ("Men aged 16 to 24 are screened.", "Screening is for men aged 16–24 years."),
        (
            "The house was private for the majority of the time.",
            "For the major part of the time the house was private.",
        ),
        ("The test gives an answer within minutes.", "The test gives a yes/no answer within minutes."),
    ],
)
def test_the_same_in_other_words_is_no_contradiction(claim, evidence):
    assert contradictions(claim, evidence) is None


@pytest.mark.parametrize(
    ("claim", "evidence", "missing"),
    [
        ("COVID-19 harms the lungs.", "The coronavirus harms the lungs.", []),  # Missed as a name, not as a figure.
        ("COVID-20 harms the lungs.", "COVID-19 harms the lungs.", ["COVID-20"]),
        ("It helped 19 patients.", "It helped COVID-19 patients.", ["19 patients"]),
        ("The F-16 flew.", "A 15 year old plane flew.", []),
        ("The F-16 flew.", "The F-15 flew.", ["F-16"]),
        ("It began in the mid-1990s.", "It began in 1994.", []),
        ("The house was once called the Ark.", "The house used to be called the Ark.", []),
        ("Take it once a day.", "Take it twice a day.", ["1 times"]),
        ("It was bought second-hand by a third party for a third of the price.", "Somebody else bought it used.", []),
        ("The second bus was late.", "The bus was late.", ["2th bus"]),
        ("Up to a quarter of an hour is free.", "The first 15 minutes are free.", []),
        ("A week after the operation she drove.", "She drove when the wound had healed.", []),
        ("She drives once a week.", "She drives twice a day.", ["1 times", "a week"]),
        ("Men aged 16 to 25 are screened.", "Screening is for men aged 16–24 years.", ["25"]),
    ],
)
def test_figures_that_are_nowhere_given_are_found_and_those_of_names_are_part_of_them(claim, evidence, missing):
    assert [figure.text for figure in missing_figures(facts_of(claim), facts_of(evidence))] == missing
