"""A vertical as its vertical.yaml states it: strict, frozen, everything but the title with a default."""

from __future__ import annotations

import re
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from assistant.errors import InvalidVertical, UnknownVertical
from assistant.messages import Task
from assistant.yaml12 import read_yaml

SHARED = "shared"
NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
PersonalKind = Literal[
    "person",
    "email",
    "phone",
    "card",
    "iban",
    "national_id",
    "address",
    "date_of_birth",
    "record_number",
    "ip_address",
    "url",
]
ALL_KINDS: tuple[PersonalKind, ...] = PersonalKind.__args__  # type: ignore[attr-defined]
# A web address mostly names a company or a page; who wants them masked says so.
DEFAULT_KINDS: tuple[PersonalKind, ...] = tuple(kind for kind in ALL_KINDS if kind != "url")

Limit = Literal["auto"] | Annotated[float, Field(ge=0, le=1)]
Masking = Literal["mask", "off"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Require(_Record):
    """What any model of this vertical must satisfy."""

    commercial: bool = True
    on_premises: bool = True
    users: int | None = Field(None, ge=1)
    """Users a month it is meant for; a licence that is free for fewer is not enough. None: nobody counts them."""


class RailOrder(_Record):
    """Names of the rails to run, in order; empty means every file there, by name, shared first."""

    input: tuple[str, ...] = ()
    output: tuple[str, ...] = ()


class Targets(_Record):
    """What `auto` limits aim at, as shares from 0 to 1."""

    false_blocks: float = Field(0.02, ge=0, le=1)
    supported: float = Field(0.95, ge=0, le=1)


class Retrieval(_Record):
    """How many passages at most, and the least cosine similarity of one that may be shown."""

    k: int = Field(4, ge=1, le=20)
    # Whether a passage answers is read afterwards; this keeps out what is of something else altogether. At 0.3, 0.2
    # and 0.1 the right passage is quoted to 116, 122 and 121 of the 223 questions of `benchmarks.near` that the shipped
    # knowledge answers, and some passage to 91, 93 and 92 of the 225 that it does not (run 2026-11-29).
    min_score: float = Field(0.20, ge=0, le=1)


class PersonalData(_Record):
    """Where personal data is masked, and which kinds."""

    input: Masking = "mask"
    output: Masking = "mask"
    records: Masking = "mask"
    kinds: tuple[PersonalKind, ...] = DEFAULT_KINDS
    no_persons: tuple[Annotated[str, Field(min_length=2, pattern=r"^\S+$")], ...] = ()
    """Words of names that are nobody's: of a product or a firm. A name with one of them is not masked as a person's."""


class AnswerLength(_Record):
    """How the model writes."""

    max_tokens: int = Field(300, ge=1, le=4096)
    temperature: float = Field(0.0, ge=0, le=2)


class Handoff(_Record):
    """Where a person is reached."""

    text: str | None = None
    webhook: str | None = None
    mailto: str | None = None


class Theme(_Record):
    """Colours of the widget."""

    accent: str = Field("#0b6e6e", pattern=r"^#[0-9a-fA-F]{6}$")


class Retention(_Record):
    """For how many days texts and audit records are kept."""

    text_days: int = Field(30, ge=0)
    audit_days: int = Field(2190, ge=0)


class Summary(_Record):
    """How summaries are laid out: a knowledge document whose `##` headings are the sections."""

    template: str
    opening: str | None = None
    """The heading under which stands what was said first, where no phrase tells what else: people come for it."""


class Vertical(_Record):
    """A field of use with its own rails and knowledge."""

    name: str = Field(pattern=NAME.pattern)
    title: str = Field(min_length=1)
    language: str = "en"
    tasks: tuple[Task, ...] = ("answer",)
    model: str = "smollm2-135m"
    fallback_models: tuple[str, ...] = ()
    cascade: tuple[str, ...] = ()
    require: Require = Require()
    instructions: str = "Answer the question from the passages only. Be brief."
    rails: RailOrder = RailOrder()
    limits: dict[str, Limit] = {}
    targets: Targets = Targets()
    retrieval: Retrieval = Retrieval()
    on_unsupported: Literal["drop", "quote", "decline"] = "drop"
    personal_data: PersonalData = PersonalData()
    answer: AnswerLength = AnswerLength()
    notice: str = "You are talking to an AI assistant."
    disclaimer: str | None = None
    suggestions: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    """Questions that a visitor is offered, and again after one that could not be answered."""
    handoff: Handoff = Handoff()
    theme: Theme = Theme()
    retention: Retention = Retention()
    summary: Summary | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """Every model that may write for it."""
        return (self.model, *self.fallback_models, *self.cascade)


def parse_vertical(name: str, text: str, *, file: Path | str) -> Vertical:
    """The record in `text`; raises InvalidVertical naming the file and the key that is wrong."""
    root = parse_yaml(text, file=file)
    if not isinstance(root, dict) or set(root) != {"vertical"} or not isinstance(root["vertical"], dict):
        raise InvalidVertical(file, "must hold exactly one root key, `vertical:`, with the settings indented below it")
    fields: dict[str, Any] = root["vertical"]
    if "name" in fields:
        raise InvalidVertical(file, "vertical.name: unknown key; the folder's name is the vertical's name")
    try:
        return Vertical(name=name, **fields)
    except (ValidationError, TypeError) as error:
        raise InvalidVertical(file, _explain(error)) from error


def parse_yaml(text: str, *, file: Path | str) -> object:
    """What YAML 1.2 `text` holds; raises InvalidVertical with the line where it breaks or says a key twice."""
    try:
        return deepcopy(_read_yaml(text))
    except MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InvalidVertical(f"{file}{line}", f"not valid YAML: {error.problem}") from error
    except (YAMLError, ValueError, TypeError, RecursionError) as error:  # A 30 February, brackets a thousand deep.
        raise InvalidVertical(file, f"not valid YAML: {error}") from error


@lru_cache(maxsize=128)
def _read_yaml(text: str) -> object:
    """Of the files of a vertical hardly one has changed since it was last read."""
    return read_yaml(text)


def read_vertical(folder: Path) -> Vertical:
    """The vertical kept in `folder` (rails/<name>); raises UnknownVertical or InvalidVertical."""
    file = folder / "vertical.yaml"
    if not NAME.fullmatch(folder.name) or folder.name == SHARED or not file.is_file():
        raise UnknownVertical(f"no vertical named {folder.name!r}: there is no {file}")
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidVertical(file, "not UTF-8; save it as UTF-8") from error
    return parse_vertical(folder.name, text, file=file)


def list_verticals(rails_dir: Path) -> tuple[str, ...]:
    """Names of the verticals in `rails_dir`, sorted: the folders that hold a vertical.yaml."""
    if not rails_dir.is_dir():
        return ()
    return tuple(
        sorted(
            p.parent.name
            for p in rails_dir.glob("*/vertical.yaml")
            if NAME.fullmatch(p.parent.name) and p.parent.name != SHARED
        )
    )


def _explain(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return f"a key is not a name: {error}"
    problems = []
    for each in error.errors():
        key = ".".join(["vertical", *(str(part) for part in each["loc"])])
        wrong = "unknown key" if each["type"] == "extra_forbidden" else f"{each['msg']} (found {each['input']!r})"
        problems.append(f"{key}: {wrong}")
    return "; ".join(problems)
