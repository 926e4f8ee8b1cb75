"""A judge is believed as far as it prefers what people prefer, and never chosen by unless asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.errors import Invalid
from assistant.evals.agreement import agreement, told_agreement
from assistant.evals.compare import Preference
from assistant.evals.opinions import Opinion, digest_of, judged
from assistant.evals.record import decide
from assistant.evals.runs import Run
from assistant.evals.select import Terms, default_gates, parse_gate
from assistant.evals.statistics import kappa
from tests.evals.test_select import YAML, run

__all__ = ["run"]


def graded(run: Run, **grades: int) -> Run:
    """The run, every answer of a model graded alike."""
    opinions = tuple(
        Opinion("big", "sha", each.case, digest_of(each.text), (grades[each.model],) * 2)
        for each in run.results
        if each.model in grades
    )
    return replace(run, results=judged(run.results, opinions), opinions=opinions)


def choices(run: Run, count: int, *preferred: str) -> list[Preference]:
    """Choices between `good` and `quick`, each shown first by turns; what is `preferred` comes by turns too."""
    sides = [("good", "quick"), ("quick", "good")]
    found = []
    for n in range(count):
        first, second = sides[n % 2]
        wanted = preferred[n % len(preferred)]
        which = "first" if wanted == first else "second" if wanted == second else wanted
        found.append(Preference(run.cases[n].id, first, second, which, 1.0))  # type: ignore[arg-type]
    return found


def test_a_judge_that_prefers_what_people_prefer_agrees_beyond_chance(run: Run):
    found = agreement(graded(run, good=5, quick=2), choices(run, 30, "good"))
    assert found is not None and found.kappa is not None
    assert (found.same.value, found.kappa.value, found.same.n) == (1, 1, 30)
    assert 0.8 < found.same.low < 1


def test_a_judge_that_prefers_the_other_disagrees_and_one_that_is_even_says_nothing(run: Run):
    against = agreement(graded(run, good=1, quick=4), choices(run, 20, "good"))
    assert against is not None and against.kappa is not None and against.kappa.value == -1
    even = graded(run, good=3, quick=3)
    found = agreement(even, choices(run, 20, "good"))
    assert found is not None and (found.same.value, found.kappa) == (0, None)
    assert "kappa cannot be told" in told_agreement(even, choices(run, 20, "good"))


def test_both_and_neither_are_what_a_judge_means_by_equal_grades(run: Run):
    found = agreement(graded(run, good=3, quick=3), choices(run, 20, "both", "neither"))
    assert found is not None and found.same.value == 1


def test_without_choices_agreement_is_not_known(run: Run):
    assert agreement(graded(run, good=5, quick=1), []) is None
    assert "not known" in told_agreement(graded(run, good=5, quick=1), [])
    assert "not known" in told_agreement(run, choices(run, 9, "good"))


def test_choices_about_answers_without_a_grade_are_counted_apart(run: Run):
    told = told_agreement(graded(run, good=5, quick=1), [*choices(run, 8, "good"), other_choice(run)])
    assert "the same preferred in 100% of 8 choices" in told and "so few choices say little" in told
    assert "1 more are about answers without a grade" in told


def other_choice(run: Run) -> Preference:
    return Preference(run.cases[0].id, "good", "first-words", "first", 1.0)


def test_kappa_is_that_of_scikit_learn_and_its_interval_holds_it():
    from sklearn.metrics import cohen_kappa_score

    ours = ["first", "second", "even", "first", "first", "second", "second", "even", "first", "second"] * 3
    theirs = ["first", "second", "first", "first", "second", "second", "second", "even", "even", "second"] * 3
    found = kappa([[pair] for pair in zip(ours, theirs, strict=True)], seed=1)
    assert found is not None and found.value == pytest.approx(cohen_kappa_score(ours, theirs))
    assert found.low < found.value < found.high and found.n == 30
    assert kappa([[("first", "first")]], seed=1) is None


def test_a_choice_takes_no_notice_of_a_judge_unless_it_is_asked_for_by_name(run: Run):
    charmed = graded(run, good=1, quick=5)

    def chosen(terms: Terms, run: Run = charmed):
        return decide(run, terms, who="x", vertical_yaml=YAML, remarks=("Nobody agreed.",) * terms.asks_a_machine)

    plain = chosen(Terms(gates=default_gates(run)))
    assert plain == chosen(Terms(gates=default_gates(run)), run).model_copy(update={"made": plain.made})
    assert plain.recommended == "good" and "judged" not in plain.model_dump_json()
    asked = chosen(Terms(quality="judged", gates=()))
    assert asked.recommended == "quick" and asked.reasons[-1] == "Nobody agreed."
    assert asked.again().reasons == asked.reasons
    assert chosen(Terms(gates=(parse_gate("judged>=0.5"),))).recommended == "quick"
    with pytest.raises(Invalid, match="nobody judged this run"):
        chosen(Terms(quality="judged", gates=()), run)
