"""Evaluation cases and labelled sentences of a vertical, as its knowledge folder states them: strict and frozen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import InvalidCase, InvalidVertical
from assistant.messages import Document, Task
from assistant.verticals import parse_yaml

Split = Literal["train", "test", "final"]
SentenceKind = Literal["true", "false", "unrelated", "none"]
"""Borne out by its evidence; subtly not; about something else; or claiming nothing."""
Wrong = Literal["figure", "date", "name", "unit", "negation", "quantity", "role", "cause", "condition", "other"]


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
    other_references: tuple[str, ...] = ()
    """Other texts that would be as good; where there are any, the nearest of all counts."""
    cite: str | None
    """File name or document id the answer must cite; None where nothing answers."""
    split: Split

    @property
    def references(self) -> tuple[str, ...]:
        """Every text that would be right; none where nothing answers."""
        return (self.reference, *self.other_references) if self.reference else ()

    def as_documents(self) -> tuple[Document, ...]:
        """The documents as the line takes them."""
        return tuple(Document(d.id, d.title, d.text) for d in self.documents)


class LabelledSentence(_Record):
    """A sentence of an answer, judged by a person against its evidence."""

    id: str = Field(min_length=1)
    text: str = Field(min_length=1)
    evidence: tuple[str, ...]
    kind: SentenceKind
    wrong: Wrong | None = None
    """What is wrong with a false one."""
    before: tuple[str, ...] = ()
    """The sentences of the answer that precede it."""
    split: Literal["limit", "report"]
    """`limit` sentences set the automatic limit, `report` sentences only measure it."""


def read_cases(file: Path) -> tuple[Case, ...]:
    """The cases in `file`, in order: questions.yaml, or `.jsonl` with a case a line.

    Raises InvalidCase naming the case, or the line, and the key that is wrong.
    """
    if file.suffix != ".jsonl":
        return _records(file, "questions", Case)
    return _distinct(file, tuple(_from_line(f"{file}:{n}", line) for n, line in enumerate(_lines(file), 1) if line))


def read_sentences(file: Path) -> tuple[LabelledSentence, ...]:
    """The sentences in `file`, in order, none when it is missing; raises InvalidCase naming sentence and key."""
    return _records(file, "sentences", LabelledSentence) if file.exists() else ()


R = TypeVar("R", Case, LabelledSentence)


def _records(file: Path, key: str, kind: type[R]) -> tuple[R, ...]:
    try:
        root = parse_yaml(_text(file), file=file)
    except InvalidVertical as error:
        raise InvalidCase(str(error)) from error
    if not isinstance(root, dict) or set(root) != {key} or not isinstance(root[key], list):
        raise InvalidCase(f"{file}: must hold exactly one root key, `{key}:`, with a list below it")
    noun = key.removesuffix("s")
    return _distinct(file, tuple(_record(f"{file}: {noun}", n, each, kind) for n, each in enumerate(root[key], 1)))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InvalidCase(f"there is no {file}") from error
    except UnicodeDecodeError as error:
        raise InvalidCase(f"{file}: not UTF-8; save it as UTF-8") from error


def _lines(file: Path) -> list[str]:
    return [line.strip() for line in _text(file).split("\n")]


def _from_line(place: str, line: str) -> Case:
    try:
        return Case.model_validate_json(line)
    except ValidationError as error:
        raise InvalidCase(f"{place}: {'; '.join(_problems(error))}") from error


def _distinct(file: Path, records: tuple[R, ...]) -> tuple[R, ...]:
    seen: set[str] = set()
    for record in records:
        if record.id in seen:
            raise InvalidCase(f"{file}: the id {record.id!r} stands here twice; each needs its own")
        seen.add(record.id)
    return records


def _record(place: str, number: int, fields: Any, kind: type[R]) -> R:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        name = fields.get("id", f"number {number}") if isinstance(fields, dict) else f"number {number}"
        raise InvalidCase(f"{place} {name}: {'; '.join(_problems(error))}") from error


def _problems(error: ValidationError) -> Iterator[str]:
    for each in error.errors():
        key = ".".join(str(part) for part in each["loc"])
        yield f"{key}: {'unknown key' if each['type'] == 'extra_forbidden' else each['msg']}"
