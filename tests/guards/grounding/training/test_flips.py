from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.guards.grounding.training.flips import flips

PASSAGE = "Ada Brown paid 40 pounds in Leeds on 3 March 2020. The parcel weighs 12 kg and was not opened by Carl Weiss."


@pytest.mark.parametrize(
    ("claim", "flip"),
    [
        ("The parcel cost 40 pounds.", "figure"),
        ("It arrived in 2020.", "date"),
        ("The buyer was Ada Brown.", "name"),
        ("The parcel weighs 12 kg.", "unit"),
        ("The parcel was not opened.", "negation"),
        ("The parcel can be returned.", "negation"),
        ("Most parcels arrive.", "quantity"),
        ("In the end it was Ada who wrote a long letter to Carl.", "role"),
        ("The price increased.", "word"),
    ],
)
def test_each_sort_of_change_is_made_where_a_claim_allows_it(claim, flip):
    made = [flips(claim, PASSAGE, random.Random(seed)).get(flip) for seed in range(8)]

    assert any(each is not None and each != claim for each in made)


def test_a_claim_without_an_exact_part_is_not_changed():
    assert flips("Nice colours everywhere.", PASSAGE, random.Random(1)) == {}


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_makes_it_fail(claim, passage):
    for changed in flips(claim, passage, random.Random(1)).values():
        assert changed != claim
