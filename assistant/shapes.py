"""The form a caller wants its answer in: a JSON schema, read strictly, closed and bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from assistant.errors import Invalid

MAX_DEPTH = 5  # As OpenAI's structured outputs first had it; a small model fills no deeper form.
MAX_NODES = 300
MAX_TEXT = 400
"""Characters of one string, where the schema allows more or does not say: about two sentences."""
MAX_ITEMS = 20
"""Members of one list, where the schema allows more or does not say."""
_YES_OR_NO = ({"yes", "no"}, {"true", "false"})
MAX_CHOICES = 100
MAX_NAME = 64
MAX_DESCRIPTION = 500
MAX_NUMBER = 1e15

_NOTES = frozenset({"title", "description", "default", "examples", "$defs", "definitions", "$schema", "$id"})
_KEYWORDS: dict[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "string": frozenset({"enum", "const", "minLength", "maxLength"}),
    "integer": frozenset({"enum", "const", "minimum", "maximum"}),
    "number": frozenset({"enum", "const", "minimum", "maximum"}),
    "null": frozenset(),
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_ -]*")
_DEFINITION = re.compile(r"#/(?:\$defs|definitions)/([^/~%]+)")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class InvalidShape(Invalid):
    """A schema asks for something that cannot be written or checked; `path` says where."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path


@dataclass(frozen=True, slots=True)
class Shape:
    """A form to fill in."""

    schema: Mapping[str, Any]
    """References resolved, objects closed, strings and lists bounded."""
    free: bool = False
    """Whether any object will do; its names must then be words of the question."""

    def admits(self, value: object) -> bool:
        """Whether `value` follows the schema."""
        return bool(Draft202012Validator(self.schema).is_valid(value))

    @property
    def outline(self) -> str:
        """The fields with what belongs in each, as a model is asked for them."""
        return _outline(self.schema)


FREE = Shape({"type": "object"}, free=True)
"""Any JSON object."""


def read_shape(schema: object) -> Shape:
    """The form that `schema` describes; raises InvalidShape naming what cannot be promised."""
    if not isinstance(schema, dict):
        raise InvalidShape("", "must be an object: a JSON schema")
    reader = _Reader(schema.get("$defs") or schema.get("definitions") or {})
    read = reader.read(schema, "", depth=1, within=())
    if read.get("type") != "object":
        raise InvalidShape("", "must describe an object at its root: {'type': 'object', 'properties': {…}}")
    return Shape(read)


def alternatives(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schemas one of which a value follows: those of `anyOf`, or `schema` itself."""
    if "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from alternatives(each)
    else:
        yield schema


def in_words(name: str) -> str:
    """A field's name as people say it: `returnDays` and `return_days` are "return days"."""
    return " ".join(re.split(r"[_\s-]+", _CAMEL.sub(" ", name))).strip().lower()


class _Reader:
    def __init__(self, definitions: object) -> None:
        self._definitions = definitions if isinstance(definitions, dict) else {}
        self._nodes = 0

    def read(self, schema: object, path: str, *, depth: int, within: tuple[str, ...]) -> dict[str, Any]:
        """`schema` as llama.cpp and the checks may rely on it; `within` are the definitions it stands in."""
        self._nodes += 1
        if not isinstance(schema, dict):
            raise InvalidShape(path, "must be a schema: {'type': 'string'}, for example")
        if depth > MAX_DEPTH:
            raise InvalidShape(path, f"is nested more than {MAX_DEPTH} levels deep")
        if self._nodes > MAX_NODES:
            raise InvalidShape(path, f"has more than {MAX_NODES} parts once references are resolved")
        if "$ref" in schema:
            return self._reference(schema, path, depth=depth, within=within)
        kinds = schema.get("type")
        if isinstance(kinds, list) and kinds:
            return self._any([{**schema, "type": kind} for kind in kinds], schema, path, depth=depth, within=within)
        if "anyOf" in schema:
            if extra := set(schema) - _NOTES - {"anyOf"}:
                raise InvalidShape(path, f"{_first(extra)!r} beside 'anyOf' is not supported; put it into each part")
            return self._any(schema["anyOf"], schema, path, depth=depth, within=within)
        choices = schema.get("enum")
        if isinstance(choices, list) and None in choices and len(choices) > 1:  # Literal["a", None]
            given = {key: value for key, value in schema.items() if key not in _NOTES}
            given["enum"] = [each for each in choices if each is not None]
            return self._any([given, {"type": "null"}], schema, path, depth=depth, within=within)
        return _noted(schema, path) | self._typed(schema, path, depth=depth, within=within)

    def _reference(self, schema: dict[str, Any], path: str, *, depth: int, within: tuple[str, ...]) -> dict[str, Any]:
        found = _DEFINITION.fullmatch(str(schema["$ref"]))
        if found is None or found[1] not in self._definitions:
            raise InvalidShape(path, f"{str(schema['$ref'])[:80]!r} is not a definition of this schema")
        if found[1] in within:
            raise InvalidShape(path, f"{found[1][:80]!r} refers to itself; a form has an end")
        inner = self.read(self._definitions[found[1]], path, depth=depth, within=(*within, found[1]))
        return inner | _noted(schema, path)

    def _any(
        self, parts: object, schema: dict[str, Any], path: str, *, depth: int, within: tuple[str, ...]
    ) -> dict[str, Any]:
        if not isinstance(parts, list) or not parts:
            raise InvalidShape(path, "'anyOf' must be a list of schemas")
        read = []
        for each in parts:
            kind = each.get("type") if isinstance(each, dict) else None
            own = {k: v for k, v in each.items() if _belongs(k, kind)} if "type" in schema else each
            read.append(self.read(own, path, depth=depth, within=within))
        return _noted(schema, path) | {"anyOf": read}

    def _typed(self, schema: dict[str, Any], path: str, *, depth: int, within: tuple[str, ...]) -> dict[str, Any]:
        kind = schema.get("type", _kind_of_choices(schema))
        if kind == "boolean" or _asks_yes_or_no(schema):
            raise InvalidShape(
                path, "a yes or no cannot be held against evidence; ask for the words it rests on, as a string"
            )
        if not isinstance(kind, str) or kind not in _KEYWORDS:
            raise InvalidShape(path, f"'type' must be one of {', '.join(_KEYWORDS)}")
        if unknown := set(schema) - _NOTES - {"type"} - _KEYWORDS[kind]:
            raise InvalidShape(path, f"{_first(unknown)!r} is not supported for type {kind!r}")
        if kind == "object":
            return self._object(schema, path, depth=depth, within=within)
        if kind == "array":
            least, most = _bounds(schema, path, "minItems", "maxItems", MAX_ITEMS)
            items = self.read(schema.get("items"), f"{path}[]", depth=depth + 1, within=within)
            return {"type": kind, "items": items, "minItems": least, "maxItems": most}
        if choices := _choices(schema, path, kind):
            return {"type": kind, "enum": choices}
        if kind == "string":
            least, most = _bounds(schema, path, "minLength", "maxLength", MAX_TEXT)
            return {"type": kind, "minLength": least, "maxLength": most}
        return {"type": kind} | _range(schema, path)

    def _object(self, schema: dict[str, Any], path: str, *, depth: int, within: tuple[str, ...]) -> dict[str, Any]:
        fields = schema.get("properties")
        if not isinstance(fields, dict) or not fields:
            raise InvalidShape(path, "an object needs 'properties'; for any object send {'type': 'json_object'}")
        if schema.get("additionalProperties") not in (None, False):
            raise InvalidShape(path, "'additionalProperties' must be false: a name nobody asked for cannot be checked")
        for name in fields:
            if len(name) > MAX_NAME or not _NAME.fullmatch(name):
                raise InvalidShape(path, f"{name[:MAX_NAME]!r} is no name of at most {MAX_NAME} letters, digits or _")
        required = schema.get("required", [])
        if not isinstance(required, list) or any(not isinstance(e, str) or e not in fields for e in required):
            raise InvalidShape(path, "'required' must list names of 'properties'")
        read = {
            name: self.read(each, f"{path}.{name}".removeprefix("."), depth=depth + 1, within=within)
            for name, each in fields.items()
        }
        return {"type": "object", "properties": read, "required": required, "additionalProperties": False}


def _noted(schema: Mapping[str, Any], path: str) -> dict[str, Any]:
    said = schema.get("description")
    if said is None:
        return {}
    if not isinstance(said, str) or len(said) > MAX_DESCRIPTION:
        raise InvalidShape(path, f"'description' must be text of at most {MAX_DESCRIPTION} characters")
    return {"description": said}


def _belongs(keyword: str, kind: object) -> bool:
    """Whether a keyword says something about values of type `kind`, where several types are allowed."""
    others: set[str] = set().union(*_KEYWORDS.values()) - _KEYWORDS.get(str(kind), frozenset())
    return keyword not in others


def _kind_of_choices(schema: Mapping[str, Any]) -> object:
    choices = schema.get("enum") if isinstance(schema.get("enum"), list) else [schema.get("const")]
    return "string" if choices and all(isinstance(each, str) for each in choices) else None


def _asks_yes_or_no(schema: Mapping[str, Any]) -> bool:
    choices = schema.get("enum")
    words = {str(each).strip().casefold() for each in choices} if isinstance(choices, list) else set()
    return any(pair <= words for pair in _YES_OR_NO)


def _choices(schema: Mapping[str, Any], path: str, kind: str) -> list[str | int | float]:
    if "enum" not in schema and "const" not in schema:
        return []
    choices = schema["enum"] if "enum" in schema else [schema["const"]]
    right: type | tuple[type, ...] = str if kind == "string" else (int, float)
    if not isinstance(choices, list) or not 0 < len(choices) <= MAX_CHOICES:
        raise InvalidShape(path, f"'enum' must list 1 to {MAX_CHOICES} values")
    if any(not isinstance(e, right) or isinstance(e, bool) or len(str(e)) > MAX_TEXT for e in choices):
        raise InvalidShape(path, f"'enum' and 'const' must be of type {kind!r}, each at most {MAX_TEXT} characters")
    return choices


def _bounds(schema: Mapping[str, Any], path: str, least: str, most: str, limit: int) -> tuple[int, int]:
    low, high = schema.get(least, 0), schema.get(most, limit)
    if not all(isinstance(each, int) and not isinstance(each, bool) and each >= 0 for each in (low, high)):
        raise InvalidShape(path, f"{least!r} and {most!r} must be whole numbers")
    if low > min(high, limit):
        raise InvalidShape(path, f"{least!r} must be at most {min(high, limit)}")
    return low, min(high, limit)


def _range(schema: Mapping[str, Any], path: str) -> dict[str, int | float]:
    found = {keyword: schema[keyword] for keyword in ("minimum", "maximum") if keyword in schema}
    for keyword, value in found.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > MAX_NUMBER:
            raise InvalidShape(path, f"{keyword!r} must be a number")
    if len(found) > 1 and found["minimum"] > found["maximum"]:
        raise InvalidShape(path, "'minimum' must be at most 'maximum'")
    return found


def _outline(schema: Mapping[str, Any]) -> str:
    said = []
    for name, field in schema.get("properties", {}).items():
        inner = [_outline(part.get("items", part)) for part in alternatives(field)]
        note = field.get("description") or next(filter(None, inner), "")
        said.append(f"{name} ({note})" if note else name)
    return ", ".join(said)


def _first(names: Sequence[str] | set[str]) -> str:
    return min(names)[:64]
