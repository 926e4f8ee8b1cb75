from __future__ import annotations

import numpy as np

from assistant.guards.grounding.checker import read_weights
from assistant.guards.grounding.fit import balanced_accuracy, balanced_weights, fit
from assistant.guards.grounding.signals import SIGNALS


def test_the_fit_finds_which_signal_matters():
    chance = np.random.default_rng(1)
    signals = np.column_stack([np.ones(400), chance.normal(size=400), chance.normal(size=400)])
    labels = (signals[:, 1] > 0).astype(float)

    coefficients = fit(signals, labels, np.ones(400))

    assert coefficients[1] > 3 * abs(coefficients[2])


def test_every_set_and_answer_weighs_the_same():
    weights = balanced_weights([("a", True), ("a", True), ("a", False), ("b", True)])

    assert weights[0] + weights[1] == weights[2] == weights[3]


def test_balanced_accuracy_is_the_mean_of_both_sides():
    assert balanced_accuracy([0.9, 0.4, 0.1, 0.2], [True, True, False, False], limit=0.5) == 0.75


def test_there_is_a_shipped_coefficient_for_every_signal():
    assert len(read_weights()) == len(SIGNALS)
