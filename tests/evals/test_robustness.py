"""Cases asked otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.cases import CaseDocument
from assistant.evals.contenders import Bench
from assistant.evals.report import write_report
from assistant.evals.robustness import VARIANTS, vary
from assistant.evals.runs import open_run, work
from assistant.models import ScriptedChat
from tests.evals.conftest import CASES, RETURNS, case

BROUGHT = case(
    "x",
    "How much does the standing tent weigh?",
    documents=tuple(CaseDocument(id=f"d{n}", title=f"D {n}", text=f"Text {n}.") for n in range(4)),
)
OTHER = case("y", documents=(CaseDocument(id="d0", title="Other", text="Something else."),))


@pytest.mark.parametrize(
    ("asked", "otherwise"),
    [
        ("How much does the standing tent weigh?", "What is the weight of the standing tent?"),
        ("Can I return an opened item?", "Am I allowed to send back an opened item?"),
        ("Summarise these reviews.", "Give me a summary of these reviews."),
        ("Who answers when nobody is in?", "I would like to know: Who answers when nobody is in?"),
    ],
)
def test_the_same_is_asked_in_other_words(asked: str, otherwise: str):
    assert vary(case("x", asked), "paraphrased", (), seed=1).question == otherwise


def test_a_visitor_writes_small_and_without_an_end_mark():
    assert vary(BROUGHT, "casing", (), seed=1).question == "how much does the standing tent weigh"


def test_some_words_are_misspelt_and_none_is_lost():
    question = vary(BROUGHT, "misspelt", (), seed=1).question
    assert question != BROUGHT.question and sorted(question) == sorted(BROUGHT.question)
    assert vary(BROUGHT, "misspelt", (), seed=1).question == question


def test_documents_come_in_another_order_and_are_the_same():
    found = vary(BROUGHT, "reordered", (), seed=1).documents
    assert found != BROUGHT.documents and set(found) == set(BROUGHT.documents)
    assert vary(OTHER, "reordered", (), seed=1) == OTHER


def test_a_document_of_another_case_joins_under_a_name_of_its_own():
    *own, added = vary(BROUGHT, "distracted", (BROUGHT, OTHER), seed=1).documents
    assert tuple(own) == BROUGHT.documents and (added.id, added.text) == ("d0-besides", "Something else.")
    assert vary(case("z"), "distracted", (BROUGHT,), seed=1) == case("z")


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_right_stays_the_same(variant: str):
    found = vary(BROUGHT, variant, (OTHER,), seed=1)  # type: ignore[arg-type]
    assert (found.id, found.references, found.cite, found.task) == ("x", BROUGHT.references, BROUGHT.cite, "answer")


async def test_what_is_lost_by_it_is_reported_over_the_cases_that_it_changes(
    tmp_path: Path, bench: Bench, model: ScriptedChat
):
    model.will_say(RETURNS)
    folder = tmp_path / "run" / "shop"
    two = case("two", "How heavy is the tent?", "It weighs 2.1 kg.", documents=OTHER.documents, cite="d0")
    cases = (CASES[0], CASES[4], two)
    open_run(folder, bench, ["smollm2-135m", "first-words"], cases, split="test", ways=["railed", *VARIANTS])
    done = await work(folder, bench)
    assert done.complete and len(done.of("first-words")) == 3
    asked = {way: [each.case for _, each in done.of("smollm2-135m", way)] for way in VARIANTS}
    assert asked["reordered"] == [] and asked["distracted"] == ["brought", "two"]
    assert asked["casing"] == asked["paraphrased"] == ["unopened", "brought", "two"]
    assert asked["misspelt"] == ["unopened", "two"]  # "How much does the tent weigh?" has no word long enough.
    assert done.drop("smollm2-135m", "reordered") is None
    casing = done.drop("smollm2-135m", "casing")
    assert casing is not None and (casing.value, casing.n) == (0, 3)
    html = write_report(tmp_path / "run").read_text()
    assert "Asked otherwise" in html and "<th>reordered</th>" not in html
    assert "smollm2-135m, casing</text>" in html and "← loses" in html
