from __future__ import annotations

import pytest

from assistant.errors import RailsUnavailable
from assistant.guards.phrases import PhraseGuard


def test_phrases_count_as_whole_words_in_any_case():
    guard = PhraseGuard({"superlatives": ["best", "world's  finest"], "doses": [{"pattern": r"\b\d+\s?mg\b"}]})

    assert guard.measure("The BEST tent, the world’s finest, asbestos, 5 mg or 10mg.") == {
        "superlatives": 2,
        "doses": 2,
    }
    assert guard.find("The best.", "superlatives") == ((4, 8),)


def test_overlapping_finds_count_once():
    guard = PhraseGuard({"list": ["heart", "heart failure", {"pattern": "heart fail"}]})

    assert guard.measure("heart failure") == {"list": 1}


def test_a_pattern_that_takes_too_long_withholds_the_text():
    guard = PhraseGuard({"slow": [{"pattern": r"(a|aa)+(?P<x>b|c)(?P=x)$"}]})

    with pytest.raises(RailsUnavailable, match="slow"):
        guard.measure("a" * 5000 + "!")


def test_a_pattern_that_does_not_compile_is_refused_with_its_list():
    with pytest.raises(ValueError, match="doses"):
        PhraseGuard({"doses": [{"pattern": "("}]})
