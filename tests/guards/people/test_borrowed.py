from __future__ import annotations

from random import Random

import pytest

from assistant.guards.people.borrowed import other_people


@pytest.mark.parametrize(
    "text",
    ["Yesterday Michael Stanton called Barbara.", "Mr Quibble said that Barbara was late.", "She flew to Germany."],
)
def test_people_and_places_are_replaced_where_they_stand(text):
    made = other_people(text, frozenset(("yesterday", "she")), Random(1))

    assert made is not None and made.spans
    assert all(made.text[start:end].strip() == made.text[start:end] for start, end, _ in made.spans)
    assert not any(name in made.text for name in ("Michael", "Stanton", "Barbara", "Quibble", "Germany"))


def test_a_person_is_the_same_person_throughout_a_sentence():
    made = other_people("Barbara laughed, and Barbara left.", frozenset(), Random(1))

    assert made is not None
    assert len({made.text[start:end] for start, end, _ in made.spans}) == 1 < len(made.spans)


@pytest.mark.parametrize(
    "text", ["He works for Wrenlow Systems.", "Barbara Jones University is old.", "The Quibbler is out."]
)
def test_a_sentence_with_a_capital_that_is_not_understood_is_left_out(text):
    assert other_people(text, frozenset(("he", "the")), Random(1)) is None
