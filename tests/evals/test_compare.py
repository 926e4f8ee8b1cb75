"""Two answers side by side, without names."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import Invalid
from assistant.evals.compare import (
    PREFERENCES,
    Preference,
    compare_in_terminal,
    lines,
    marked,
    pairs,
    read_preferences,
    strengths,
)
from assistant.evals.edited import EDITED, edited, read_edited, words_edited
from assistant.evals.results import Judged
from assistant.evals.runs import Run
from tests.evals.conftest import result
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
    file, said, keys = tmp_path / PREFERENCES, [], iter(["1", "?", "b", "q"])
    told = {"say": said.append, "ask": lambda _: next(keys), "clock": iter(range(99)).__next__}
    compare_in_terminal(run, tmp_path, edit=lambda _: None, **told)
    assert [each.preferred for each in read_preferences(file)] == ["first", "both"]
    assert "good" not in "".join(said[: said.index("one of 1, 2, b, n, e1, e2, q")])
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


def test_what_is_corrected_is_counted_for_the_model_nobody_was_told_of(run: Run, tmp_path: Path):
    keys, said, texts = iter(["e1", "e2", "q"]), [], iter(["It weighs 2.1 kg.", None])
    told = {"say": said.append, "ask": lambda _: next(keys), "clock": iter(range(99)).__next__}
    compare_in_terminal(run, tmp_path, edit=lambda _: next(texts), **told)
    kept, pair = read_edited(tmp_path / EDITED), next(pairs(run))
    assert [(each.model, each.text) for each in kept] == [(pair.first.model, "It weighs 2.1 kg.")]
    assert kept[0].seconds > 0 and "nothing is kept" in said and read_preferences(tmp_path / PREFERENCES) == ()


def test_edits_are_counted_in_words_and_characters():
    made = edited(result("c", "It takes five days."), "It takes 5 business days. ", seconds=3)
    assert (made.word_edits, made.character_edits, made.text) == (2, 8, "It takes 5 business days.")
    assert words_edited([made, made], seed=1)["a"].value == 2
    with pytest.raises(Invalid, match="1 to 20000 characters"):
        edited(result("c", "So."), " ", seconds=1)


def test_sentences_are_shown_with_their_words_apart_and_whether_they_are_borne_out():
    judged = (Judged("It takes five days.", False), Judged("Ask us.", None))
    own = result("c", "It takes five days.\n\nAsk us.", sentences=judged)
    first, second = lines(own, result("c", "It takes two days. Ask us."))
    assert [word for word, apart in first.words if apart] == ["five"] and first.borne_out is False
    assert [word for word, _ in second.words] == ["Ask", "us."] and second.borne_out is None
    (whole,) = lines(result("c", "It takes five days."), own)  # As in a run of an earlier version.
    assert whole.borne_out is None and len(whole.words) == 4


def test_words_that_differ_are_marked():
    assert marked("It takes five days.", "It takes two days.") == "It takes *five* days."
    assert marked("Yes.", "Yes.") == "Yes." and marked("", "No.") == ""
