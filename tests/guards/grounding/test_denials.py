"""A denial is the same in other grammar, and what leads up to a list holds for each of its items."""

from __future__ import annotations

import pytest

from assistant.guards.grounding.checker import GroundingGuard
from assistant.guards.grounding.sentences import units_of
from assistant.guards.grounding.words import stem_of

COVER = (
    "Cover › What no cover pays for: - riding under the influence of alcohol\n"
    "- damage by riding on the beach or in salt water\n- candles left burning in the tent"
)
TRAILER = "The trailer price does not include:\n- a rain hood\n- a second lock\n- delivery to campsites"
STOCK = "item,price in euro,weight,stock\nkettle,80,35,12\npan,35,20,5"


@pytest.fixture(scope="module")
def guard(embedder):
    return GroundingGuard(embedder)


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("Damage is not covered.", "The guarantee does not cover damage."),
        ("Do not use the heater in the bathroom.", "The heater must not be used in the bathroom."),
        ("The heater must not be used in the bathroom.", "Do not use the heater in the bathroom."),
        ("Support did not reply.", "Support never replied."),
        ("Parcels are not delivered on Sundays.", "We do not deliver parcels on Sundays."),
        ("The lamp was not offered at a discount.", "We did not offer the lamp at a discount."),
        ("Dogs are not allowed on the beach.", "You may not take dogs onto the beach."),
        ("The filter must not be washed.", "Do not wash the filter."),
        ("Repairs take two to four weeks.", "Repairs take between two and four weeks."),
        ("No cover pays for damage by riding on the beach.", COVER),
        ("You must never carry fireworks.", "You must never carry:\n- gas bottles\n- fireworks\n- people"),
        ("The price does not include a second lock.", TRAILER),
        ("The price of the kettle is 80 euros.", STOCK),
        ("There are 12 kettles in stock.", STOCK),
    ],
)
def test_what_is_said_in_other_grammar_is_borne_out(guard, sentence, evidence):
    assert guard.measure(sentence, [evidence]).score >= guard.limit


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("Use the heater in the bathroom.", "The heater must not be used in the bathroom."),
        ("Support replied.", "Support never replied."),
        ("Parcels are delivered on Sundays.", "We do not deliver parcels on Sundays."),
        ("The filter can be washed.", "Do not wash the filter."),
        ("Repairs take six weeks.", "Repairs take between two and four weeks."),
        ("It takes nine days.", "It takes between four and five days."),
        ("Riding on the beach is covered.", COVER),
        ("Fireworks can be carried.", "You must never carry:\n- gas bottles\n- fireworks\n- people"),
        ("The trailer price includes a second lock.", TRAILER),
        ("A rain hood is not included in the trailer price.", TRAILER.replace("does not include", "includes")),
        ("The kettle costs 80.35.", STOCK),
        ("There are 5 kettles in stock.", STOCK),
    ],
)
def test_what_turns_it_round_is_not(guard, sentence, evidence):
    assert guard.measure(sentence, [evidence]).score <= 0.2


def test_each_item_of_a_list_stands_with_what_leads_up_to_it():
    assert units_of("You must never carry:\n- gas bottles. They explode.\n- fireworks\nAll else is fine.") == (
        "You must never carry: - gas bottles. They explode.",
        "You must never carry: - fireworks",
        "All else is fine.",
    )
    assert units_of("Cover › Not covered: - theft\n- salt water") == (
        "Cover › Not covered: - theft",
        "Cover › Not covered: - salt water",
    )


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("item,weight (kg)\npan,2\npot,light", ("item: pan; weight: 2 kg", "item: pot; weight (kg): light")),
        ('name,said\nAnn,"Good, and cheap"', ("name: Ann; said: Good, and cheap",)),
        ("First, do this.\nThen, do that.", ("First, do this.", "Then, do that.")),
        ("A, b.\nC, d, e.", ("A, b.", "C, d, e.")),
    ],
)
def test_a_row_of_values_is_read_under_its_columns_and_prose_is_not(text, units):
    assert units_of(text) == units


@pytest.mark.parametrize(
    "forms",
    ["cover covers covered covering", "deliver delivers delivered delivery", "reply replied replies", "use used using"],
)
def test_the_forms_of_a_verb_have_one_stem(forms):
    assert len({stem_of(form) for form in forms.split()}) == 1


JAM = [
    "Jam › Sugar: Honey may be used in place of sugar, in the same weight. Frozen plums are not suitable.",
    "Jam › Jars: The jars must be boiled for ten minutes.",
]


def test_a_claim_in_clauses_is_held_clause_by_clause(guard):
    """The sentence about honey does not speak against what another says of plums."""
    said = guard.weigh("Honey may be used in place of sugar, but frozen plums are not suitable.", JAM)
    turned = guard.weigh("Honey may not be used in place of sugar, but frozen plums are suitable.", JAM)
    other = guard.weigh("Honey may be used in place of sugar, and the jars are boiled for twenty minutes.", JAM)
    assert said and not said.departs
    assert turned and turned.departs and turned.reading.clash == "negation"
    assert other and other.departs


def test_a_sentence_of_another_matter_does_not_speak_against_a_claim(guard):
    evidence = ["Vet › Solveig: The mare's gut was full, and it was loose. She was found pawing by the night groom."]
    paraphrase = guard.weigh("An examination showed no twist in the bowels of that horse, merely a blockage.", evidence)
    assert paraphrase and paraphrase.reading.clash is None
    few = guard.weigh("No history of colic.", evidence)  # So few words are told by all of them.
    assert few and few.reading.clash == "absent"
