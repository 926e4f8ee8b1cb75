"""Nothing to report, told in one way."""

from __future__ import annotations

import pytest

from assistant.tuning import SectionCase
from assistant.tuning.stock import in_one_way, says_nothing


def test_each_heading_gets_the_phrase_that_shares_most_with_its_others():
    said = ["None.", "No allergies.", "No known drug allergies.", "He has no known drug allergies.", "Penicillin."]
    cases = [SectionCase(f"a-{n}", "Allergies", "Doctor: Any?", text) for n, text in enumerate(said)]
    cases += [SectionCase(f"m-{n}", "Medication", "Doctor: Any?", text) for n, text in enumerate(("None.", "None."))]
    told = [each.text for each in in_one_way(cases)]
    assert told == [*["No known drug allergies."] * 4, "Penicillin.", "None.", "None."]


@pytest.mark.parametrize("text", ["None.", "Noncontributory", "No known drug allergies.", "Denies any past surgeries."])
def test_a_phrase_for_nothing_is_known(text: str):
    assert says_nothing(text)


@pytest.mark.parametrize(
    "text", ["", "No penicillin.", "Known allergy.", "Negative for cancer.", "Past surgical history"]
)
def test_a_text_that_says_something_stays_as_it_is(text: str):
    assert not says_nothing(text)
