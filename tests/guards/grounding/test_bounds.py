"""Any text, however odd or long, is measured in bounded time and never makes the guard fail."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.guards.grounding.checker import GroundingGuard
from assistant.guards.grounding.sentences import units_of


@pytest.fixture(scope="module")
def guard(embedder):
    return GroundingGuard(embedder)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sentence=st.text(max_size=120), passages=st.lists(st.text(max_size=200), max_size=3))
def test_no_text_makes_it_fail(guard, sentence, passages):
    support = guard.measure(sentence, passages, before=passages[:1], question=sentence)

    assert 0 <= support.score <= 1
    assert 0 <= guard.answers(sentence, passages[0] if passages else "") <= 1


TENT = "The tent is green."


@pytest.mark.parametrize(
    "sentence", ["word " * 200_000, "a" * 1_000_000], ids=["a million characters", "one long word"]
)
def test_a_long_sentence_costs_no_more_than_its_length(guard, sentence, in_proportion):
    in_proportion(lambda each: _measured(guard, each, [TENT]), sentence)


@pytest.mark.parametrize("figures", ["+1" * 2_000, " ".join(map(str, range(1_000)))], ids=["one figure", "many"])
def test_figures_cost_no_more_than_their_number(guard, figures, in_proportion):
    shown = [" ".join(map(str, range(5_000, 9_000)))] * 24
    in_proportion(lambda each: _measured(guard, figures, each), shown)


LONG_COLUMNS = f"{'name' * 10_000},price\n" + "a,b\n" * 40_000
LONG_LEAD = f"{'Not ' * 20_000}this:\n" + "- a\n" * 20_000


@pytest.mark.parametrize(
    "passage", [LONG_COLUMNS, LONG_LEAD, "not a: - b " * 20_000], ids=["long columns", "a long lead", "many lists"]
)
def test_what_stands_over_rows_and_lists_does_not_multiply(guard, passage):
    assert sum(map(len, units_of(passage))) < 12 * len(passage)
    _measured(guard, TENT, [passage])


def test_a_long_passage_costs_no_more_than_its_length(guard, in_proportion):
    in_proportion(lambda each: _measured(guard, TENT, [each]), "word " * 200_000)


def test_ten_thousand_passages_cost_no_more_than_their_number(guard, in_proportion):
    passages = [f"Passage {i} says that the tent number {i} is green." for i in range(10_000)]

    in_proportion(lambda each: _measured(guard, TENT, each), passages)


def _measured(guard, sentence, passages):
    assert 0 <= guard.measure(sentence, passages).score <= 1
