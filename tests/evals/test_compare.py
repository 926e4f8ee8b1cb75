"""Two answers side by side, without names."""

from __future__ import annotations

from pathlib import Path

from assistant.evals.compare import Preference, compare_in_terminal, marked, pairs, read_preferences, strengths
from assistant.evals.runs import Run
from tests.evals.test_select import run

__all__ = ["run"]


def preferred(case: str, first: str, second: str, which: str) -> Preference:
    return Preference(case, first, second, which, 1.0)  # type: ignore[arg-type]


def test_each_is_shown_first_about_as_often_and_never_by_name(run: Run):
    found = list(pairs(run))
    firsts = sum(
        pair.first.model == "good" for pair in found if {pair.first.model, pair.second.model} == {"good", "quick"}
    )
    assert 10 < firsts < 30 and len(found) == 3 * len(run.cases)


def test_a_session_that_was_left_goes_on_with_what_is_left(run: Run, tmp_path: Path):
    file, said, keys = tmp_path / "preferences.jsonl", [], iter(["1", "?", "b", "q"])
    compare_in_terminal(run, file, say=said.append, ask=lambda _: next(keys), clock=iter(range(99)).__next__)
    assert [each.preferred for each in read_preferences(file)] == ["first", "both"]
    assert "good" not in "".join(said[: said.index("one of 1, 2, b, n, q")])
    assert len(list(pairs(run, done=read_preferences(file)))) == 3 * len(run.cases) - 2


def test_who_is_preferred_is_stronger_and_surely_so_only_with_many_cases():
    many = [
        preferred(str(n), "good", "bad", "first") if n % 2 else preferred(str(n), "bad", "good", "second")
        for n in range(30)
    ]
    found = strengths(many)
    assert found["good"].low > 0.5 > found["bad"].high
    few = strengths([preferred("1", "good", "bad", "first"), preferred("2", "bad", "good", "first")])
    assert few["good"].low < 0.5 < few["good"].high


def test_both_and_neither_leave_them_equal():
    found = strengths([preferred("1", "a", "b", "both"), preferred("2", "a", "b", "neither")])
    assert found["a"].value == found["b"].value == 0.5
    assert strengths([]) == {}


def test_words_that_differ_are_marked():
    assert marked("It takes five days.", "It takes two days.") == "It takes *five* days."
    assert marked("Yes.", "Yes.") == "Yes." and marked("", "No.") == ""
