"""Cases for writing sections: what was said in a visit, and what stands under one heading of its note."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from assistant.cases import Case
from assistant.errors import InvalidCase
from assistant.tasks import Section

MTS_DIALOG: Mapping[str, str] = {
    "CC": "Reason for visit",
    "GENHX": "History",
    "ROS": "Review of systems",
    "PASTMEDICALHX": "Past medical history",
    "PASTSURGICAL": "Past surgical history",
    "FAM/SOCHX": "Family and social history",
    "GYNHX": "Gynaecological history",
    "OTHER_HISTORY": "Other history",
    "IMMUNIZATIONS": "Immunizations",
    "MEDICATIONS": "Medication",
    "ALLERGY": "Allergies",
    "EXAM": "Examination",
    "LABS": "Laboratory results",
    "IMAGING": "Imaging",
    "PROCEDURES": "Procedures",
    "ASSESSMENT": "Assessment",
    "DIAGNOSIS": "Diagnosis",
    "PLAN": "Plan and follow-up",
    "DISPOSITION": "Disposition",
    "EDCOURSE": "Course",
}
"""What the sections of MTS-Dialog (Ben Abacha 2023) are called. They are kept apart: each is written in its own way."""
PLACES: Mapping[str, str] = {
    **dict.fromkeys(("Review of systems", "Past medical history", "Past surgical history"), "History"),
    **dict.fromkeys(("Family and social history", "Gynaecological history"), "History"),
    **dict.fromkeys(("Other history", "Immunizations"), "History"),
    **dict.fromkeys(("Laboratory results", "Imaging", "Procedures"), "Examination"),
    "Diagnosis": "Assessment",
    **dict.fromkeys(("Disposition", "Course"), "Plan and follow-up"),
}
"""Under which heading of a visit summary these belong; any other heading is its own place."""
_HEADING = re.compile(r"^## +(?P<heading>.+?)\s*$\n(?P<text>(?:(?!## ).*\n?)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SectionCase:
    """One section as a person wrote it, and the dialogue it was written from."""

    id: str
    heading: str
    dialogue: str
    text: str
    """Empty where nothing of the dialogue belongs under the heading."""

    @property
    def place(self) -> str:
        """The heading of a visit summary under which it belongs."""
        return PLACES.get(self.heading, self.heading)


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str = Field(min_length=1)
    heading: str = Field(min_length=1, validation_alias=AliasChoices("heading", "section"))
    dialogue: str = Field(min_length=1)
    text: str = Field(min_length=1, validation_alias=AliasChoices("text", "note"))


def read_section_cases(file: Path) -> tuple[SectionCase, ...]:
    """The cases in `file`, JSON lines of id, heading, dialogue and text, gzipped or not.

    MTS-Dialog's own names and section codes are understood too. Raises InvalidCase with the line that is wrong.
    """
    try:
        with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
            return tuple(_case(file, n, line) for n, line in enumerate(lines, start=1) if line.strip())
    except FileNotFoundError as error:
        raise InvalidCase(f"there is no {file}") from error
    except UnicodeDecodeError as error:
        raise InvalidCase(f"{file}: not UTF-8; save it as UTF-8") from error
    except (OSError, EOFError) as error:
        raise InvalidCase(f"{file} cannot be read: {error}") from error


def vertical_cases(cases: Sequence[Case], sections: Sequence[Section]) -> tuple[SectionCase, ...]:
    """The sections of the summaries among `cases`: those of the `train` split and no others."""
    headings = {section.heading for section in sections}
    return tuple(
        SectionCase(f"{case.id}: {heading}", heading, case.documents[0].text, text)
        for case in cases
        if case.split == "train" and case.task == "summarize" and len(case.documents) == 1
        for heading, text in _written(case.reference)
        if heading in headings
    )


def _case(file: Path, number: int, line: str) -> SectionCase:
    place = f"{file}, line {number}"
    try:
        row = _Row.model_validate_json(line)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'line'}: {each['msg']}" for each in error.errors())
        raise InvalidCase(f"{place}: {wrong}") from error
    heading, text = MTS_DIALOG.get(row.heading, row.heading), " ".join(row.text.split())
    if not text or not row.dialogue.strip():
        raise InvalidCase(f"{place}: dialogue and text must each hold at least one word")
    return SectionCase(row.id, heading, row.dialogue.replace("\r\n", "\n"), text)


def _written(reference: str) -> Iterator[tuple[str, str]]:
    for match in _HEADING.finditer(reference):
        text = " ".join(match["text"].split())
        yield match["heading"], "" if text.lower().startswith("not discussed") else text


def dialogue_json(case: SectionCase) -> str:
    """The case as a line of such a file."""
    return json.dumps({"id": case.id, "heading": case.heading, "dialogue": case.dialogue, "text": case.text})
