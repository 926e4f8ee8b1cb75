import gzip
import json

import pytest

from assistant.cases import Case, CaseDocument
from assistant.errors import InvalidCase
from assistant.tasks import Section
from assistant.tuning import SectionCase, read_section_cases, vertical_cases

ROW = {"id": "a", "heading": "History", "dialogue": "Doctor: Any fever?\r\nPatient: No.", "text": "No  fever."}


def test_a_case_is_a_line_and_its_white_space_is_made_plain(tmp_path):
    (tmp_path / "cases.jsonl").write_text(json.dumps(ROW) + "\n\n")
    assert read_section_cases(tmp_path / "cases.jsonl") == (
        SectionCase("a", "History", "Doctor: Any fever?\nPatient: No.", "No fever."),
    )


def test_mts_dialog_is_read_as_it_is_published(tmp_path):
    row = {"id": "1", "section": "FAM/SOCHX", "dialogue": "Doctor: Do you smoke?", "note": "Smoker.", "more": 1}
    with gzip.open(tmp_path / "cases.jsonl.gz", "wt") as out:
        out.write(json.dumps(row))
    (case,) = read_section_cases(tmp_path / "cases.jsonl.gz")
    assert (case.heading, case.place, case.text) == ("Family and social history", "History", "Smoker.")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{broken", "line 2: line: Invalid JSON"),
        (json.dumps(ROW | {"text": ""}), "line 2: text: String should have at least 1 character"),
        (json.dumps(ROW | {"text": "  "}), "line 2: dialogue and text must each hold at least one word"),
        (json.dumps({"id": "b"}), "line 2: heading: Field required"),
        ("[1, 2]", "line 2: line: Input should be an object"),
    ],
)
def test_a_broken_line_is_refused_with_its_number(tmp_path, line, told):
    (tmp_path / "cases.jsonl").write_text(json.dumps(ROW) + "\n" + line + "\n")
    with pytest.raises(InvalidCase) as refused:
        read_section_cases(tmp_path / "cases.jsonl")
    assert told in str(refused.value)


@pytest.mark.parametrize("content", [b"\x1f\x8b\x08\x00cut", b"no gzip at all"])
def test_a_damaged_archive_is_refused(tmp_path, content):
    (tmp_path / "cases.jsonl.gz").write_bytes(content)
    with pytest.raises(InvalidCase, match=r"cases\.jsonl\.gz"):
        read_section_cases(tmp_path / "cases.jsonl.gz")


def test_of_the_verticals_own_cases_only_summaries_of_the_train_split_are_taken():
    document = CaseDocument(id="v", title="Visit", text="Doctor: Hello.")
    reference = "## History\nA cough.\n## Allergies\nNot discussed.\n## Elsewhere\nSomething.\n"
    made = [
        Case(
            id=f"{task}-{split}",
            task=task,
            question="?",
            documents=(document,),
            reference=reference,
            cite=None,
            split=split,
        )
        for task in ("summarize", "answer")
        for split in ("train", "test", "final")
    ]
    found = vertical_cases(made, (Section("History", ""), Section("Allergies", "")))
    assert [(each.id, each.text) for each in found] == [
        ("summarize-train: History", "A cough."),
        ("summarize-train: Allergies", ""),
    ]
