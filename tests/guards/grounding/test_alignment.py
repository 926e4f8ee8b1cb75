from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.guards.grounding.alignment import align


def test_a_copy_matches_whole():
    found = align("The tent weighs 2 kg.", "The tent weighs 2 kg.")

    assert (found.matched, found.restated, found.swapped, found.renamed, found.unnamed) == (
        1,
        True,
        False,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("Ada wrote a long letter to Carl.", "Carl wrote a long letter to Ada."),
        ("In 1990 the firm Nokia bought the firm Halden.", "In 1990 the firm Halden bought the firm Nokia."),
    ],
)
def test_names_that_change_places_are_seen(claim, sentence):
    assert align(claim, sentence).swapped


def test_names_change_places_from_active_to_passive_without_harm():
    assert not align("The letter to Carl was written by Ada.", "In the end Ada wrote the letter to Carl.").swapped


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("The club of Thracian Turks was founded in Germany.", "In Germany the club of Thracian Turks was founded."),
        ("During the Fronde the Abbey served as a hospital.", "The Abbey served as a hospital during the Fronde."),
        ("Ada beat Carl at the Basle Indoors.", "At the Basle Indoors Ada beat Carl."),
    ],
)
def test_where_and_when_may_stand_anywhere(claim, sentence):
    assert not align(claim, sentence).swapped


def test_from_where_to_where_may_not_be_exchanged():
    assert align("He moved from Turin to Milan in May.", "He moved from Milan to Turin in May.").swapped


def test_a_month_is_no_name_that_another_stands_for():
    assert not align(
        "At Quill Court 17 parcels stood in the hall.", "As last November, 17 parcels stood in the hall."
    ).renamed


def test_another_name_in_the_same_place_is_seen():
    assert align("Refunds go to Maria Bianchi first.", "Refunds go to Peter Novak first.").renamed


def test_another_person_by_title_is_seen_in_whatever_words():
    assert align("Follow-up with Dr. Rossi.", "The patient comes back to see Dr. Patel.").renamed
    assert not align("Dr. Patel sees the patient.", "The patient comes back to see Dr. Patel and Dr. Rossi.").renamed


def test_a_name_for_a_pronoun_is_no_other_name():
    assert not align("In Leeds the Ridgeline sells well.", "In Leeds it sells well.").unnamed
    assert align("In Leeds the Ridgeline sells well.", "In Leeds the tent sells well.").unnamed


def test_a_name_of_the_heading_is_named_in_each_sentence_under_it():
    claim, sentence = "Whoever loses a key at Quill Court pays 180 euros.", "Whoever loses a key pays 180 euros."
    assert align(claim, sentence).unnamed
    assert not align(claim, sentence, under="Quill Court › Keys").unnamed
    assert align(claim, sentence, under="Marsh House › Keys").unnamed


def test_a_claim_with_a_word_the_evidence_lacks_does_not_restate_it():
    assert align("The tent is green.", "The tent is large and green.").restated
    assert not align("The tent is cheap and green.", "The tent is large and green.").restated


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_makes_it_fail(claim, sentence):
    assert 0 <= align(claim, sentence).matched <= 1
