from __future__ import annotations

from random import Random

from assistant.guards.people.compose import compose, fill


def test_every_slot_is_filled_and_labelled_where_it_stands():
    filled = fill("Dear {titled}, {person} of {firm} lives at {address} in {place}. {drug} {product}", Random(1))

    assert "{" not in filled.text
    assert [label for _, _, label in filled.spans] == ["person", "person", "firm", "address", "place"]
    assert all(filled.text[start:end].strip() == filled.text[start:end] for start, end, _ in filled.spans)


def test_the_same_seed_composes_the_same_texts():
    assert compose(50, Random(3)) == compose(50, Random(3))
