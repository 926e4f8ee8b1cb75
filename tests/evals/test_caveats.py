"""What a reader is told before believing a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.cases import read_cases
from assistant.evals.caveats import OFTEN, Register, busy, few, leaks
from assistant.evals.known import texts_known
from assistant.rails import read_bundle
from tests.evals.conftest import case

QUESTION = "How long do I have to return an opened item?"


def test_few_cases_are_warned_of_with_what_they_can_show():
    warning = few([case(str(n)) for n in range(25)])
    assert warning is not None and warning.startswith("25 cases: a difference under about 0.25")
    assert few([case(str(n)) for n in range(100)]) is None


def test_a_machine_that_has_other_work_is_named():
    assert "load 12.0 on 2 cores" in (busy(12.0, 2) or "")
    assert busy(0.4, 2) is None


def test_a_question_that_stands_in_an_example_has_leaked():
    (warning,) = leaks([case("x", QUESTION)], {"examples.yaml": ["Hello.", QUESTION.lower()]})
    assert warning == "case x: its question stands word for word in examples.yaml"


def test_ten_words_of_a_reference_in_the_training_cases_have_leaked():
    reference = "Opened items can be returned within 14 days of delivery."
    (warning,) = leaks([case("x", "How?", reference)], {"the training cases": [f"We say: {reference}"]})
    assert warning == "case x: 10 words in a row of it stand in the training cases"


def test_what_everybody_asks_has_not_leaked():
    cases = [case("x", "Summarise this visit, please do it."), case("y", "When does the shop open on Sundays?")]
    assert not leaks(cases, {"topics.co": ["when does the shop open", "summarise this visit please"]})


def test_each_opening_of_the_final_split_is_told(tmp_path: Path):
    register = Register(tmp_path / "evals" / "register.jsonl")
    assert register.opened("sha256:a") is None
    for _ in range(2):
        register.note("opened", cases="sha256:a", models="small", who="jane")
    told = register.opened("sha256:a")
    assert told is not None and "opened 2 times before" in told and "for small" in told
    assert register.opened("sha256:b") is None


def test_a_set_that_was_decided_on_too_often_is_worn(tmp_path: Path):
    register = Register(tmp_path / "register.jsonl")
    for n in range(OFTEN):
        assert (register.worn("sha256:a") is None) == (n < OFTEN)
        register.note("decided", cases="sha256:a", chosen="small", who="jane")
    assert "5 decisions" in (register.worn("sha256:a") or "")


@pytest.mark.parametrize("vertical", ["marketing", "medical", "feedback"])
def test_no_shipped_case_stands_in_prompts_examples_topics_or_training(vertical: str, repo: Path):
    known = texts_known(read_bundle(repo / "rails", vertical), repo / "knowledge")
    cases = read_cases(repo / "knowledge" / vertical / "questions.yaml")
    kept_apart = [each for each in cases if each.split != "train"]
    assert all(known.values()) and not leaks(kept_apart, known)
