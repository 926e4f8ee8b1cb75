"""Two answers side by side, without names."""

from __future__ import annotations

from pathlib import Path

from assistant.evals.compare import (
    Preference,
    compare_in_terminal,
    marked,
    pairs,
    read_preferences,
    standings,
    strengths,
)
from assistant.evals.runs import Run
from assistant.evals.statistics import estimate
from assistant.evals.words import edits
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
    assert "good" not in "".join(said[: said.index("one of 1, 2, b, n, e1, e2, q")])
    assert len(list(pairs(run, done=read_preferences(file)))) == 3 * len(run.cases) - 2


def test_an_answer_is_edited_until_right_and_what_that_took_is_counted(run: Run, tmp_path: Path):
    file, said, keys = tmp_path / "preferences.jsonl", [], iter(["e1", "e2", "e2", "2", "q"])
    saved = iter(["It is a tent\n", None, "It weighs 2.1 kg."])
    edit = lambda _: next(saved)  # noqa: E731
    compare_in_terminal(run, file, say=said.append, ask=lambda _: next(keys), edit=edit, clock=iter(range(99)).__next__)
    (kept,) = read_preferences(file)
    assert (kept.first_edited, kept.second_edited, kept.seconds) == ("It is a tent", "It weighs 2.1 kg.", 4)
    # Seven ticks of this clock, three of which went by in the editor.
    assert "(1 of 1 claims borne out)" in said
    found = {each.model: each for each in standings(run, [kept])}
    said_first = next(r.text for r in run.results if (r.model, r.case) == (kept.first, kept.case))
    taken = edits(said_first.split(), ["It", "is", "a", "tent"])
    assert taken > 0 and found[kept.first].corrected == estimate([taken], seed=1)
    assert any("words changed in each of 1 answers" in each for each in said)


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
