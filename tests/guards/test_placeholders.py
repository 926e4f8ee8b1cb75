from __future__ import annotations

import json

import pytest

from assistant.guards import Placeholders


@pytest.fixture
def placeholders():
    return Placeholders(b"key")


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ("Martha Lopez", "Martha"),
        ("Martha Lopez", "LOPEZ"),
        ("Martha Lopez", "Lopez, Martha A."),
        ("Martha", "Martha Lopez"),
        ("Zoë O’Neill", "Zoe ONeill"),
        ("Ludwig van Beek", "Beek"),
        ("J. Smith", "Smith"),
    ],
)
def test_a_person_keeps_one_placeholder_however_they_are_called(placeholders, first, later):
    assert placeholders.for_value("person", first) == placeholders.for_value("person", later) == "[PERSON_1]"


@pytest.mark.parametrize(("first", "other"), [("Martha Lopez", "John Lopez"), ("Anna Berg", "Ben Cole")])
def test_another_person_gets_another_placeholder(placeholders, first, other):
    assert placeholders.for_value("person", first) != placeholders.for_value("person", other)


def test_titles_keep_a_couple_apart(placeholders):
    assert placeholders.for_value("person", "Smith", before="for Mr. ") == "[PERSON_1]"
    assert placeholders.for_value("person", "Smith", before="and Mrs ") == "[PERSON_2]"
    assert placeholders.for_value("person", "Smith", before="Mr ") == "[PERSON_1]"


def test_a_family_name_means_who_was_named_last(placeholders):
    for name in ("Martha Lopez", "John Lopez"):
        placeholders.for_value("person", name)

    assert placeholders.for_value("person", "Lopez") == "[PERSON_2]"


@pytest.mark.parametrize(("first", "other"), [("Samantha Lee-Young", "Lee"), ("Jean-Luc Moreau", "Jean")])
def test_half_of_a_double_name_is_somebody_else(placeholders, first, other):
    assert placeholders.for_value("person", first) != placeholders.for_value("person", other)


def test_a_relative_of_the_other_sex_is_not_who_a_title_means(placeholders):
    wife = placeholders.for_value("person", "Maeve O'Neill")
    placeholders.for_value("person", "Will O'Neill", before="with her husband ")

    assert placeholders.for_value("person", "O'Neill", before="Mrs. ") == wife


def test_after_a_title_stands_what_stood_after_one(placeholders):
    placeholders.for_value("person", "Neill", before="Mrs. ")
    placeholders.for_value("person", "Maeve Neill")

    assert placeholders.restore("Mrs. [PERSON_1] came. [PERSON_1] left.") == "Mrs. Neill came. Maeve Neill left."
    assert placeholders.conceal("Mrs. Neill came. Maeve Neill left.") == "Mrs. [PERSON_1] came. [PERSON_1] left."


@pytest.mark.parametrize(
    ("kind", "first", "later", "other"),
    [
        ("phone", "07700 900462", "+44 7700 900 462", "07700 900463"),
        ("address", "14 Harrow Lane, Bristol BS6 5TY", "14 Harrow Lane", "14 Harrow Lane, Bath BA1 1AA"),
        ("address", "14 Harrow Lane", "14 harrow lane, Bristol", "Flat 2, 14 Harrow Lane"),
    ],
)
def test_a_number_and_an_address_are_the_same_in_short_and_in_full(placeholders, kind, first, later, other):
    assert placeholders.for_value(kind, first) == placeholders.for_value(kind, later)
    assert placeholders.for_value(kind, other) != placeholders.for_value(kind, first)
    again = Placeholders.from_json(placeholders.to_json(), b"key")
    assert again.for_value(kind, later) == placeholders.for_value(kind, later)


@pytest.mark.parametrize("times", [500, pytest.param(10_000, marks=pytest.mark.soak)])
def test_many_people_of_one_name_are_told_apart_quickly(in_proportion, times):
    def all_named(names):
        placeholders = Placeholders(b"key")
        return [placeholders.for_value("person", name) for name in names]

    names = [f"{chr(97 + i % 26)}{i:05d} Smith".replace("0", "o") for i in range(times)]
    in_proportion(all_named, names)


def test_what_was_given_out_is_put_back(placeholders):
    text = (
        f"{placeholders.for_value('person', 'Anna Berg')} wrote from {placeholders.for_value('email', 'a@b.example')}."
    )

    assert placeholders.restore(text + " [PERSON_7]") == "Anna Berg wrote from a@b.example. [PERSON_7]"
    assert placeholders.conceal(placeholders.restore(text)) == text


def test_what_is_kept_holds_no_value_and_goes_on_counting(placeholders):
    placeholders.for_value("person", "Anna Berg")
    placeholders.for_value("phone", "020 7946 0958")
    kept = placeholders.to_json()
    again = Placeholders.from_json(kept, b"key")

    assert "Anna" not in kept and "7946" not in kept
    assert again.for_value("person", "Berg") == "[PERSON_1]"
    assert again.for_value("person", "Ben Cole") == "[PERSON_2]"
    assert again.for_value("phone", "(020) 79460958") == "[PHONE_1]"
    assert again.restore("[PERSON_1]") == "Berg"


def test_a_map_kept_by_the_first_version_is_still_read():
    kept = json.dumps({"person": {"ab" * 32: 1, "cd" * 32: 2}, "card": {"ef" * 32: 1}})
    again = Placeholders.from_json(kept, b"key")

    assert again.for_value("person", "Anna Berg") == "[PERSON_3]"
    assert again.for_value("card", "4111111111111111") == "[CARD_2]"
