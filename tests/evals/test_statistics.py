"""What may be said of two models, and what may not."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.evals.statistics import difference, estimate, shown


def test_two_models_that_differ_in_name_alone_are_equal_in_95_of_100_reshuffles():
    random = np.random.default_rng(7)
    declared = 0
    for reshuffle in range(100):
        answers = random.beta(0.6, 0.4, size=(30, 2))  # Mostly wholly right or wholly wrong, as answers are.
        shuffled = random.permuted(answers, axis=1)  # Which of the two has which name is chance, case by case.
        declared += difference(shuffled[:, 0], shuffled[:, 1], seed=reshuffle).certain
    assert declared <= 5


def test_the_same_answers_are_never_told_apart():
    values = [1.0, 0.0, 0.5, 1.0]
    same = difference(values, values, seed=1)
    assert (same.value, same.chance, same.certain, same.cases_needed) == (0, 1, False, None)


def test_a_model_made_worse_is_found_worse_with_as_many_cases_as_were_said_to_be_needed():
    random = np.random.default_rng(3)
    good = random.random(400)
    bad = np.where(random.random(400) < 0.3, 0.0, good)  # Three answers in ten are lost.
    needed = difference(good, bad, seed=1).cases_needed
    assert needed is not None and 5 < needed < 200
    found = [difference(good[s : s + needed], bad[s : s + needed], seed=1).certain for s in range(0, 400 - needed, 20)]
    assert sum(found) >= 0.6 * len(found)  # Four times of five, and these few windows overlap.
    assert not difference(good[:4], bad[:4], seed=1).certain


def test_the_interval_of_a_share_never_says_that_there_can_be_none():
    none = estimate([0.0] * 27, seed=1, share=True)
    assert none is not None and none.low == 0 and 0.1 < none.high < 0.2


def test_an_interval_holds_its_value_and_shrinks_with_more_cases():
    random = np.random.default_rng(1)
    few, many = (estimate(random.random(n), seed=1) for n in (20, 500))
    assert few is not None and many is not None
    assert few.low < few.value < few.high and many.high - many.low < few.high - few.low


def test_what_costs_nothing_costs_nothing_for_sure():
    free = estimate([0.0] * 27, seed=1)
    assert free is not None and (free.low, free.high) == (0, 0)


def test_nothing_is_estimated_from_nothing():
    assert estimate([], seed=1) is None


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_gives_the_same_interval(seed: int):
    values = [0.1, 0.9, 0.4, 0.7]
    assert estimate(values, seed=seed) == estimate(values, seed=seed)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.00004, "<0.001"), (-0.00004, ">-0.001"), (0.0123456, "0.0123"), (99.96, "100"), (1234.5, "1,234")],
)
def test_a_number_is_shown_in_three_digits_and_never_as_a_power_of_ten(value: float, text: str):
    assert shown(value) == text
