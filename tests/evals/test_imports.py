"""Public sets in the shapes in which they are mostly kept."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from assistant.cases import Case
from assistant.errors import InvalidCase
from assistant.evals.imports import import_cases
from assistant.tasks import form_of


def rows(file: Path, *rows: object) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    file.write_bytes(gzip.compress(text.encode()) if file.suffix == ".gz" else text.encode())
    return file


def one(kind: str, folder: Path, **row: object) -> Case:
    (case,) = import_cases(kind, rows(folder / "set.jsonl.gz", {"id": "x", **row}))
    return case


def test_a_question_with_its_passage_and_answers(tmp_path: Path):
    case = one(
        "question-answer", tmp_path, question="Where?", context="In Oslo, by the sea.", answers=["Oslo", "In Oslo"]
    )
    assert (case.question, case.references, case.cite) == ("Where?", ("Oslo", "In Oslo"), "passage")


def test_a_question_without_an_answer_is_one_that_nothing_answers(tmp_path: Path):
    case = one("question-answer", tmp_path, question="Where?", context="In winter.", answers=[])
    assert (case.reference, case.cite) == ("", None)


def test_a_dialogue_with_its_note(tmp_path: Path):
    case = one("dialogue-summary", tmp_path, dialogue="Doctor: Any fever?\r\nPatient: No.", note="No fever.")
    assert (case.task, case.reference, case.cite) == ("summarize", "No fever.", "visit")
    assert form_of(case.documents[0].text) == "dialogue"


def test_reviews_with_several_summaries(tmp_path: Path):
    case = one("reviews-summary", tmp_path, reviews=["Good.", "Bad."], summaries=["Mixed.", "Half like it."])
    assert [each.text for each in case.documents] == ["Good.", "Bad."]
    assert case.references == ("Mixed.", "Half like it.") and case.cite is None


def test_attributes_become_a_list_of_facts(tmp_path: Path):
    case = one("attributes-copy", tmp_path, mr="name[The Mill], familyFriendly[no]", refs=["The Mill is for adults."])
    assert case.documents[0].text == "- Name: The Mill\n- Family friendly: no"
    assert (case.task, form_of(case.documents[0].text)) == ("write", "facts")


def test_only_so_many_are_taken(tmp_path: Path):
    file = rows(tmp_path / "set.jsonl", *({"question": f"Q{n}?", "context": "c", "answer": "a"} for n in range(9)))
    assert [case.id for case in import_cases("question-answer", file, count=2)] == ["line-1", "line-2"]


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("poems", "{}", "'poems' is no shape of cases; there are question-answer"),
        ("question-answer", '{"question": "Where?"}', r":1: has no context or passages"),
        ("dialogue-summary", '{"dialogue": "Doctor: Hm."}', r":1: has no note or summary"),
        ("question-answer", "{broken", ":1: is no question-answer"),
        ("question-answer", "[1]", ":1: is no question-answer"),
    ],
)
def test_what_cannot_be_imported_is_named(tmp_path: Path, kind: str, text: str, says: str):
    file = tmp_path / "set.jsonl"
    file.write_text(text + "\n")
    with pytest.raises(InvalidCase, match=says):
        import_cases(kind, file)


def test_a_file_that_is_none_is_named(tmp_path: Path):
    with pytest.raises(InvalidCase, match="there is no"):
        import_cases("question-answer", tmp_path / "none.jsonl")
    (tmp_path / "set.jsonl.gz").write_bytes(b"no gzip")
    with pytest.raises(InvalidCase, match="nor these in gzip"):
        import_cases("question-answer", tmp_path / "set.jsonl.gz")
