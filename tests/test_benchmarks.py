from __future__ import annotations

import pytest

from assistant.models import ScriptedChat
from benchmarks.guard_sets import Sample, Text
from benchmarks.guards import measured, merged

TEXTS = [
    *(Text(f"fine {number}", fine=True) for number in range(4)),
    Text("bad one", fine=False),
    Text("sly one", False),
]
SCORES = {"bad one": 0.1, "sly one": 0.8, "fine 0": 0.4}


def sample(*, judged: int = 4) -> Sample:
    ways = {"ours": lambda text: SCORES.get(text.text, 0.9), "keyword list": lambda text: float("one" not in text.text)}
    return Sample("topics", "a set", TEXTS, ways, 0.5, 'Is "{text}" bad?', judged)


def test_ours_is_counted_at_the_limit_in_use_and_a_simple_way_at_the_best_for_it():
    ours, keywords, _ = measured(sample(), ScriptedChat(replies=["No"]))

    assert (ours.fine, ours.bad, ours.caught, ours.false_alarms) == (4, 2, 0.5, 0.25)
    assert ours.auroc == pytest.approx(7 / 8)
    assert (keywords.caught, keywords.false_alarms) == (1.0, 0.0)


def test_the_judge_is_asked_about_as_many_texts_of_both_sorts_and_yes_stops():
    *_, judge = measured(sample(), ScriptedChat(replies=["No.", "Yes", "yes, it is", "No"]))

    assert (judge.fine, judge.bad, judge.caught, judge.false_alarms) == (2, 2, 0.5, 0.5)


def test_rows_of_the_same_set_become_their_mean():
    rows = [*measured(sample(), ScriptedChat(replies=["No"])), *measured(sample(), ScriptedChat(replies=["Yes"]))]

    whole = merged(rows)

    assert [each.way for each in whole] == [each.way for each in rows[:3]]
    assert (whole[0].fine, whole[2].caught, whole[2].false_alarms) == (8, 0.5, 0.5)
