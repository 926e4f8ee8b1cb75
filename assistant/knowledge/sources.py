"""What sources.yaml says about each document: title, publisher, dates, owner, trust."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import InvalidDocument, InvalidVertical
from assistant.knowledge.index import Trust
from assistant.verticals import parse_yaml


class Source(BaseModel):
    """Where a document comes from and how far it is trusted; all of it may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str | None = Field(None, min_length=1)
    publisher: str | None = None
    link: str | None = None
    effective: date | None = None
    review: date | None = None
    owner: str | None = None
    trust: Trust = "reference"
    """A document is approved only where somebody wrote so."""


def read_sources(file: Path) -> Mapping[str, Source]:
    """The sources in `file` by document; none if there is no such file. Raises InvalidDocument naming the key."""
    if not file.is_file():
        return {}
    try:
        root = parse_yaml(file.read_text(encoding="utf-8"), file=file)
    except UnicodeDecodeError as error:
        raise InvalidDocument(file, "not UTF-8; save it as UTF-8") from error
    except InvalidVertical as error:
        raise InvalidDocument(error.file, str(error).removeprefix(f"{error.file}: ")) from error
    if not isinstance(root, dict) or set(root) != {"sources"} or not isinstance(root["sources"] or {}, dict):
        raise InvalidDocument(file, "must hold exactly one root key, `sources:`, with one file name a line below it")
    return {str(name): _source(file, str(name), fields) for name, fields in (root["sources"] or {}).items()}


def _source(file: Path, name: str, fields: object) -> Source:
    try:
        return Source.model_validate(fields or {})
    except ValidationError as error:
        problems = []
        for each in error.errors():
            key = ".".join(["sources", name, *map(str, each["loc"])])
            wrong = "unknown key" if each["type"] == "extra_forbidden" else f"{each['msg']} (found {each['input']!r})"
            problems.append(f"{key}: {wrong}")
        raise InvalidDocument(file, "; ".join(problems)) from error
