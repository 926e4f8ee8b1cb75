# ruff: noqa: E501 — a case reads better on one line
from pathlib import Path

import pytest

from assistant.cases import read_cases, read_sentences
from assistant.errors import InvalidCase

GOOD = "questions:\n  - {id: a, task: answer, question: Why?, documents: [], reference: Because., cite: a.md, split: test}\n"


def write(folder: Path, text: str) -> Path:
    file = folder / "questions.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_case_is_read_as_it_stands(tmp_path: Path):
    (case,) = read_cases(write(tmp_path, GOOD))
    assert (case.id, case.task, case.reference, case.cite, case.split) == ("a", "answer", "Because.", "a.md", "test")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("split: test", "split: maybe"), "question a: split"),
        (GOOD.replace("cite:", "sights:"), "sights: unknown key"),
        (GOOD.replace("questions:", "cases:"), "one root key"),
        (GOOD + GOOD.removeprefix("questions:\n"), "'a' stands here twice"),
        ("questions: [", "not valid YAML"),
    ],
)
def test_a_wrong_case_is_named(tmp_path: Path, text: str, says: str):
    with pytest.raises(InvalidCase, match=says):
        read_cases(write(tmp_path, text))


@pytest.mark.parametrize("vertical", ["marketing", "medical", "feedback"])
def test_the_shipped_verticals_have_cases_for_each_task_and_split(repo: Path, vertical: str):
    cases = read_cases(repo / "knowledge" / vertical / "questions.yaml")
    assert len(cases) >= 40
    assert {case.split for case in cases} == {"train", "test", "final"}
    assert len({case.task for case in cases}) >= 2


@pytest.mark.parametrize("vertical", ["marketing", "medical", "feedback"])
def test_the_shipped_verticals_have_labelled_sentences_of_each_kind_in_both_halves(repo: Path, vertical: str):
    sentences = read_sentences(repo / "knowledge" / vertical / "sentences.yaml")
    assert len(sentences) >= 100
    for kind in ("true", "false", "unrelated", "none"):
        halves = [sum(s.split == split for s in sentences if s.kind == kind) for split in ("limit", "report")]
        assert min(halves) >= 5
        assert abs(halves[0] - halves[1]) <= 1


def test_a_vertical_without_labelled_sentences_has_none(tmp_path: Path):
    assert read_sentences(tmp_path / "sentences.yaml") == ()


def test_a_wrong_sentence_is_named(tmp_path: Path):
    file = tmp_path / "sentences.yaml"
    file.write_text("sentences:\n- {id: a, text: Yes., evidence: [], kind: maybe, split: limit}\n")
    with pytest.raises(InvalidCase, match="sentence a: kind"):
        read_sentences(file)
