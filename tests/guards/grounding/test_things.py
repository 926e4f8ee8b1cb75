"""What the evidence says of one thing is not borne out of another that it speaks of, and of its own thing it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.guards.grounding.checker import GroundingGuard
from assistant.guards.grounding.facts import Unit, facts_of
from assistant.guards.grounding.owners import clauses_of, figure_of_another
from assistant.guards.grounding.places import another_in_place
from assistant.guards.grounding.siblings import told_of_a_sibling

LAMPS = [
    "The Wrenlow Sill gives 400 lumens with the bulb supplied. Its bulb is a dimmable LED bulb of 4.5 watts.",
    "The Wrenlow Tarn gives 640 lumens at full brightness. The arm of the Tarn is 42 cm long and its base 18 cm wide.",
]
PHONES = ["The Halden X2 weighs 180 g. The Halden X5 weighs 214 g."]
DELIVERY = [
    "Standard delivery within the UK takes 2 to 4 working days. Standard delivery costs £3.95.",
    "Express delivery costs £6.95 and arrives on the next working day. Express delivery is not available to the "
    "Highlands, the islands or Northern Ireland.",
]
RETURNS = [
    "The following items cannot be returned: opened filters, engraved items and gift cards.",
    "Unused items can be returned within 30 days of delivery.",
]
ALLERGIES = ["Only a clinician may remove an allergy. Reception may note what a patient says of an allergy."]
TENT = [
    "The footprint for the Stormlea 2 is sold separately and costs £29.",
    "The warranty of the Stormlea 2 tent is 3 years.",
]
TARIFFS = [
    "The Comfort home tariff costs 14 euros a month. Bicycle theft is covered up to 1,500 euros.",
    "The Basic home tariff costs 8 euros a month. It has an excess of 250 euros.",
]
TRAVEL = ["Hotels are booked by the travellers themselves.", "Flights are booked by the travel desk."]
GYM = ["The Bronze membership costs £19 a month. The Gold membership costs £45 a month and includes all classes."]


@pytest.fixture(scope="module")
def guard(embedder):
    return GroundingGuard(embedder)


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("The Wrenlow Sill gives 640 lumens at full brightness.", LAMPS),
        ("Here is the answer: The Wrenlow Sill gives 640 lumens at full brightness.", LAMPS),
        ("Wrenlow Sill bedside lamp: The Wrenlow Sill gives 640 lumens at full brightness.", LAMPS),
        ("The Wrenlow Sill bedside lamp gives 640 lumens at full brightness.", LAMPS),
        ("At full brightness, the Sill gives 640 lumens.", LAMPS),
        ("The Sill gives 640 lumens and the Tarn gives 400 lumens.", LAMPS),
        ("The base of the Tarn is 42 cm long and its arm 18 cm wide.", LAMPS),
        ("The arm of the Tarn is 18 cm long.", LAMPS),
        ("The Halden X2 weighs 214 g.", PHONES),
        ("Express delivery takes 2 to 4 working days.", DELIVERY),
        ("Express delivery within the UK takes 2 to 4 working days.", DELIVERY),
        ("Express delivery to Northern Ireland costs £6.95.", DELIVERY),
        ("Gift cards can be returned within 30 days.", RETURNS),
        ("Engraved items can be returned within 30 days of delivery.", RETURNS),
        ("Reception may remove an allergy.", ALLERGIES),
        ("A nurse may remove an allergy.", ALLERGIES),
        ("The Stormlea 2 tent is sold separately.", TENT),
        ("Under the Basic tariff, bicycle theft is covered up to 1,500 euros.", TARIFFS),
        ("Flights are booked by the travellers themselves.", TRAVEL),
        ("The Bronze membership includes all classes.", GYM),
        ("The Bronze membership costs £45 a month.", GYM),
    ],
)
def test_what_is_said_of_another_thing_is_not_borne_out(guard, sentence, evidence):
    support = guard.measure(sentence, evidence)
    assert (support.score < 0.2, support.reason != "none") == (True, True)


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("Wrenlow Sill bedside lamp: The Wrenlow Sill gives 400 lumens with the bulb supplied.", LAMPS),
        ("The Sill gives 400 lumens and the Tarn gives 640 lumens.", LAMPS),
        ("The arm of the Tarn is 42 cm long.", LAMPS),
        ("The Halden X5 weighs 214 g.", PHONES),
        ("Standard delivery takes 2 to 4 working days.", DELIVERY),
        ("Express delivery is not available to Northern Ireland.", DELIVERY),
        ("Delivery within the UK takes 2 to 4 working days.", DELIVERY),
        ("Gift cards cannot be returned.", RETURNS),
        ("Unused items can be returned within 30 days.", RETURNS),
        ("A clinician may remove an allergy.", ALLERGIES),
        ("The footprint costs £29.", TENT),
        ("The Basic tariff has an excess of 250 euros.", TARIFFS),
        ("The Comfort tariff covers bicycle theft up to 1,500 euros.", TARIFFS),
        ("Flights are booked by the travel desk.", TRAVEL),
        ("For £45 a month, the Gold membership includes all classes.", GYM),
    ],
)
def test_what_is_said_of_the_thing_itself_is_borne_out(guard, sentence, evidence):
    assert guard.measure(sentence, evidence).score > 0.5


def test_a_sentence_is_cut_where_each_part_has_a_figure_of_its_own():
    parts = clauses_of(facts_of("The load is 2 kg for wool and 8 kg for cotton."))
    assert [part.text for part in parts] == ["The load is 2 kg for wool", "The load is 8 kg for cotton."]


@pytest.mark.parametrize("text", ["It takes between 2 and 4 days.", "It weighs 14 kg and has an eight-speed hub."])
def test_a_sentence_about_one_thing_is_not_cut(text):
    assert [part.text for part in clauses_of(facts_of(text))] == [text]


@given(st.text(max_size=80), st.lists(st.text(max_size=80), min_size=1, max_size=3))
def test_no_text_makes_them_fail(claim, passages):
    units = [Unit(facts_of(text), place) for place, text in enumerate(passages)]
    for rule in (another_in_place, figure_of_another, told_of_a_sibling):
        assert rule(facts_of(claim), units) in (True, False)


@pytest.mark.parametrize(
    ("question", "sentence", "another"),
    [
        ("How long is the warranty of the Ember?", "The Wrenlow Sill has a warranty of 2 years.", True),
        ("How long is the warranty of the Ember?", "The battery of the Ember has a warranty of 1 year.", False),
        ("How long is the warranty of the Ember?", "It has a warranty of 1 year.", False),
        ("Which lamp is brighter than the Sill?", "The Tarn gives 640 lumens.", False),
    ],
)
def test_an_answer_about_another_thing_than_was_asked_for_is_seen(guard, question, sentence, another):
    assert guard.names_another(sentence, question) is another
