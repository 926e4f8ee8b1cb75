"""Request bodies: read strictly from JSON, with the field named that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar

from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.json_schema import models_json_schema
from pydantic_core import ErrorDetails

from assistant.api.problems import InvalidField, field_path
from assistant.messages import Document

MAX_DEPTH = 200
"""Levels that pydantic's JSON reader goes down before it stops; a request needs about ten."""
MOST_ENTRIES = 1000
"""Of any list in a request: where the reader stops, whatever the settings allow."""
Body = TypeVar("Body", bound="StrictBody")
_TOKEN = re.compile(rb'"(?P<name>(?:[^"\\]|\\.)*)"\s*:|"(?:[^"\\]|\\.)*"|[][{}]', re.DOTALL)
_REFERENCE = "#/components/schemas/{model}"


def _without_nul(text: str) -> str:
    if "\0" in text:  # PostgreSQL cannot keep it, and no honest text holds it.
        raise ValueError("contains a NUL character")
    return text


def _with_words(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    return text


Text = Annotated[str, AfterValidator(_without_nul)]
FilledText = Annotated[Text, AfterValidator(_with_words)]
VerticalName = Annotated[Text, Field(min_length=1, max_length=200)]
"""Of a vertical; longer than any there can be, and short enough to be told in an error."""


class StrictBody(BaseModel):
    """A body whose values must have the very types they are described with, and no field that is not described."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    @classmethod
    def unknown(cls, name: str) -> str:
        """Why a field of that name is refused, and what would be right."""
        return unknown_field(name, cls.model_fields)


class StrictQuery(BaseModel):
    """The parameters in the address of a call, and none that is not described."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _none_but_these(cls, sent: dict[str, Any]) -> dict[str, Any]:
        for name in sent:
            if name not in cls.model_fields:
                raise InvalidField(name, f"is not a parameter of this call; it takes: {', '.join(cls.model_fields)}")
        return sent


def unknown_field(name: str, known: Iterable[str]) -> str:
    """Why a field of that name is refused where there are those that are `known`, and which is nearest."""
    near = get_close_matches(name, sorted(known), n=1)
    return f"is not a field of this call; did you mean {near[0]!r}?" if near else "is not a field of this call"


class WireDocument(StrictBody):
    """A document the request brings along."""

    id: Annotated[Text, Field(max_length=200)] | None = None
    """What citations call it; by default document-1, document-2, …"""
    title: Annotated[Text, Field(max_length=500)] | None = None
    """What a reader sees; by default the id."""
    text: FilledText


def documents(sent: list[WireDocument]) -> tuple[Document, ...]:
    """The documents with ids and titles filled in where they were left out."""
    named = [each.id or f"document-{number}" for number, each in enumerate(sent, start=1)]
    return tuple(
        Document(id=name, title=each.title or name, text=each.text) for name, each in zip(named, sent, strict=True)
    )


async def read_body(request: Request, model: type[Body]) -> Body:
    """The body of `request` as a `model`; raises InvalidField naming what is wrong.

    pydantic's own JSON reader stops at `MAX_DEPTH` levels, and takes no lone surrogates and no invalid UTF-8.
    """
    return parse(await request.body(), model)


def parse(raw: bytes | str, model: type[Body]) -> Body:
    """JSON as a `model`; raises InvalidField naming what is wrong."""
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise _invalid(error, model, raw) from error


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI entry of a route that reads `model` with `read_body`."""
    schema = {"$ref": _REFERENCE.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def body_schemas(*models: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI components that `described` refers to."""
    _, described_models = models_json_schema([(model, "validation") for model in models], ref_template=_REFERENCE)
    schemas: dict[str, Any] = described_models["$defs"]
    return schemas


def _invalid(error: ValidationError, model: type[StrictBody], raw: bytes | str) -> InvalidField:
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        reason = str(first["ctx"]["error"])
        if "recursion" in reason:
            return InvalidField(
                _deep_member(raw), f"is nested too deeply; the body may have at most {MAX_DEPTH} levels"
            )
        return InvalidField(None, _json_reason(reason))
    if not first["loc"]:
        own = first["msg"] if first["type"] == "value_error" else "the body must be a JSON object"
        return InvalidField(None, own.removeprefix("Value error, "))
    return InvalidField(field_path(first["loc"]), _reason(first, model))


def _reason(error: ErrorDetails, model: type[StrictBody]) -> str:
    match error["type"], error["loc"]:
        case "missing", _:
            return "is missing"
        case "extra_forbidden", (name,):
            return model.unknown(str(name))
        case "extra_forbidden", _:
            return "is not a field of this call"
        case "too_long", _:
            return f"should have at most {_counted(error, error['ctx']['max_length'])}"
        case "too_short", _:
            return f"should have at least {_counted(error, error['ctx']['min_length'])}"
    return error["msg"].removeprefix("Value error, ")


def _counted(error: ErrorDetails, limit: int) -> str:
    """`5 characters, not 6`: pydantic speaks of items also where what is too long is a string."""
    unit = "character" if isinstance(error["input"], str) else "item"
    return f"{limit} {unit}{'' if limit == 1 else 's'}, not {error['ctx']['actual_length']}"


def _deep_member(raw: bytes | str) -> str | None:
    """The member of the body that goes down deeper than is read; None where the body is no object."""
    depth, member = 0, None
    for match in _TOKEN.finditer(raw.encode() if isinstance(raw, str) else raw):
        if match["name"] is not None:
            member = match["name"] if depth == 1 else member
        elif match[0] in (b"{", b"["):
            depth += 1
        elif match[0] in (b"}", b"]"):
            depth -= 1
        if depth > MAX_DEPTH:
            break
    return member.decode(errors="replace")[:200] if member else None


def _json_reason(reason: str) -> str:
    if "hex escape" in reason or "surrogate" in reason:
        return f"the body is not valid JSON: a \\ud800–\\udfff escape must stand in a pair ({reason})"
    return f"the body is not valid JSON: {reason}"
