"""Evaluation cases of a vertical, as knowledge/<vertical>/questions.yaml states them: strict and frozen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import InvalidCase, InvalidVertical
from assistant.messages import Document, Task
from assistant.verticals import parse_yaml

Split = Literal["train", "test", "final"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CaseDocument(_Record):
    """A document that comes with the question."""

    id: str = Field(min_length=1)
    title: str
    text: str = Field(min_length=1)


class Case(_Record):
    """A question, what a good human answer would be, and where it stands."""

    id: str = Field(min_length=1)
    task: Task
    question: str = Field(min_length=1)
    documents: tuple[CaseDocument, ...] = ()
    reference: str
    """Empty where neither knowledge nor documents answer."""
    cite: str | None
    """File name or document id the answer must cite; None where nothing answers."""
    split: Split

    def as_documents(self) -> tuple[Document, ...]:
        """The documents as the line takes them."""
        return tuple(Document(d.id, d.title, d.text) for d in self.documents)


def read_cases(file: Path) -> tuple[Case, ...]:
    """The cases in `file`, in order; raises InvalidCase naming the case and the key that is wrong."""
    try:
        root = parse_yaml(file.read_text(encoding="utf-8"), file=file)
    except FileNotFoundError as error:
        raise InvalidCase(f"there is no {file}") from error
    except UnicodeDecodeError as error:
        raise InvalidCase(f"{file}: not UTF-8; save it as UTF-8") from error
    except InvalidVertical as error:
        raise InvalidCase(str(error)) from error
    if not isinstance(root, dict) or set(root) != {"questions"} or not isinstance(root["questions"], list):
        raise InvalidCase(f"{file}: must hold exactly one root key, `questions:`, with a list below it")
    cases = tuple(_case(file, number, each) for number, each in enumerate(root["questions"], start=1))
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise InvalidCase(f"{file}: the id {case.id!r} stands here twice; each case needs its own")
        seen.add(case.id)
    return cases


def _case(file: Path, number: int, fields: Any) -> Case:
    try:
        return Case.model_validate(fields)
    except ValidationError as error:
        name = fields.get("id", f"number {number}") if isinstance(fields, dict) else f"number {number}"
        raise InvalidCase(f"{file}: case {name}: {'; '.join(_problems(error))}") from error


def _problems(error: ValidationError) -> Iterator[str]:
    for each in error.errors():
        key = ".".join(str(part) for part in each["loc"])
        yield f"{key}: {'unknown key' if each['type'] == 'extra_forbidden' else each['msg']}"
