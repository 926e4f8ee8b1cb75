"""Any text, however odd or long, is measured in bounded time and never makes the guard fail."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.guards.grounding.checker import GroundingGuard


@pytest.fixture(scope="module")
def guard(embedder):
    return GroundingGuard(embedder)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sentence=st.text(max_size=120), passages=st.lists(st.text(max_size=200), max_size=3))
def test_no_text_makes_it_fail(guard, sentence, passages):
    support = guard.measure(sentence, passages, before=passages[:1], question=sentence)

    assert 0 <= support.score <= 1
    assert 0 <= guard.answers(sentence, passages[0] if passages else "") <= 1


@pytest.mark.parametrize(
    ("sentence", "passages"),
    [
        ("word " * 200_000, ["The tent is green."]),
        ("a" * 1_000_000, ["The tent is green."]),
        ("The tent is green.", ["word " * 200_000]),
        ("The tent is green.", [f"Passage {i} says that the tent number {i} is green." for i in range(10_000)]),
    ],
    ids=["a million characters", "one long word", "a long passage", "ten thousand passages"],
)
def test_long_texts_take_bounded_time(guard, sentence, passages):
    start = time.process_time()

    support = guard.measure(sentence, passages)

    assert 0 <= support.score <= 1
    assert time.process_time() - start < 20
