"""Which JSON schemas are promised, and what is said about the others."""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel, Field

from assistant.shapes import MAX_ITEMS, MAX_TEXT, InvalidShape, Shape, in_words, read_shape


class Place(BaseModel):
    street: str


class Terms(BaseModel):
    period: str = Field(description="how long an item may be returned")
    days: int | None = None
    places: list[Place]


def object_of(**fields: object) -> dict:
    return {"type": "object", "properties": fields, "required": list(fields)}


def test_a_schema_of_pydantic_is_read_with_its_references_resolved_and_its_lengths_bounded():
    shape = read_shape(Terms.model_json_schema())
    assert shape.schema["additionalProperties"] is False
    fields = shape.schema["properties"]
    assert fields["period"] == {
        "description": "how long an item may be returned",
        "type": "string",
        "minLength": 0,
        "maxLength": MAX_TEXT,
    }
    assert fields["days"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert (fields["places"]["maxItems"], fields["places"]["items"]["required"]) == (MAX_ITEMS, ["street"])
    assert shape.outline == "period (how long an item may be returned), days, places (street)"


def test_several_types_and_choices_are_read():
    shape = read_shape(object_of(a={"type": ["string", "null"], "maxLength": 5}, b={"enum": ["x", "y"]}))
    assert shape.admits({"a": None, "b": "x"}) and shape.admits({"a": "12345", "b": "y"})
    assert not shape.admits({"a": "123456", "b": "x"}) and not shape.admits({"a": None, "b": "z"})
    assert not shape.admits({"a": None, "b": "x", "c": 1}) and not shape.admits({"a": None})


def test_choices_may_be_left_open_by_null():
    shape = read_shape(object_of(a={"enum": ["Lighthouse", "Sunset", None], "description": "which tour"}))
    assert shape.admits({"a": None}) and shape.admits({"a": "Sunset"}) and not shape.admits({"a": "Docks"})
    assert shape.outline == "a (which tour)"


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ([], "must be an object"),
        ({}, "'type' must be one of"),
        ({"type": "string"}, "must describe an object at its root"),
        ({"type": "object"}, "an object needs 'properties'"),
        (object_of(a={"type": "boolean"}), "a: a yes or no cannot be held against evidence"),
        (object_of(a={"enum": ["Yes", "no", None]}), "a: a yes or no cannot be held against evidence"),
        (object_of(a={"enum": ["yes", "no", "unknown"]}), "a: a yes or no cannot be held against evidence"),
        (object_of(a={"type": "string", "pattern": "^a$"}), "a: 'pattern' is not supported"),
        (object_of(a={"type": "string", "format": "date"}), "a: 'format' is not supported"),
        (object_of(a={"type": "string", "maxLength": -1}), "a: 'minLength' and 'maxLength' must be whole"),
        (object_of(a={"type": "string", "minLength": 401}), "a: 'minLength' must be at most 400"),
        (object_of(a={"type": "integer", "minimum": "1"}), "a: 'minimum' must be a number"),
        (object_of(a={"type": "integer", "minimum": 2, "maximum": 1}), "a: 'minimum' must be at most 'maximum'"),
        (object_of(a={"type": "array"}), "a[]: must be a schema"),
        (object_of(a={"type": "array", "items": {"type": "date"}}), "a[]: 'type' must be one of"),
        (object_of(a={"enum": []}), "a: 'type' must be one of"),
        (object_of(a={"type": "string", "enum": [1]}), "a: 'enum' and 'const' must be of type 'string'"),
        (object_of(a={"type": "string", "enum": ["x"] * 101}), "a: 'enum' must list 1 to 100"),
        (object_of(a={"type": "string", "description": 7}), "a: 'description' must be text"),
        (object_of(a={"$ref": "https://x.example/s.json"}), "a: 'https://x.example/s.json' is not a definition"),
        (object_of(a={"$ref": "#/$defs/none"}), "a: '#/$defs/none' is not a definition"),
        (object_of(a={"oneOf": [{"type": "string"}]}), "a: 'type' must be one of"),
        (object_of(a={"anyOf": []}), "a: 'anyOf' must be a list"),
        (object_of(a={"anyOf": [{"type": "null"}], "minLength": 3}), "a: 'minLength' beside 'anyOf'"),
        (object_of(**{"a b\n": {"type": "string"}}), "is no name of at most 64"),
        (object_of(**{"a" * 65: {"type": "string"}}), "is no name of at most 64"),
        (object_of(a={"type": "string"}) | {"required": ["b"]}, "'required' must list names"),
        (object_of(a={"type": "string"}) | {"required": [{}]}, "'required' must list names"),
        (object_of(a={"type": "string"}) | {"additionalProperties": True}, "'additionalProperties' must be false"),
        (
            {**object_of(a={"$ref": "#/$defs/n"}), "$defs": {"n": object_of(next={"$ref": "#/$defs/n"})}},
            "a.next: 'n' refers to itself",
        ),
        (object_of(a=object_of(b=object_of(c=object_of(d=object_of(e={"type": "null"}))))), "more than 5 levels"),
        (object_of(**{f"f{n}": {"type": "string"} for n in range(400)}), "more than 300 parts"),
    ],
)
def test_what_cannot_be_promised_is_refused_with_its_place(schema: object, said: str):
    with pytest.raises(InvalidShape) as raised:
        read_shape(schema)
    assert said in str(raised.value)


def test_references_that_multiply_are_refused_before_they_have_grown():
    definitions = {f"d{n}": object_of(**{f"x{i}": {"$ref": f"#/$defs/d{n + 1}"} for i in range(50)}) for n in range(2)}
    with pytest.raises(InvalidShape, match="more than 300 parts"):
        read_shape(object_of(a={"$ref": "#/$defs/d0"}) | {"$defs": {**definitions, "d2": {"type": "null"}}})


def test_names_are_read_as_words():
    assert [in_words(name) for name in ("returnDays", "return_days", "Return-Days")] == ["return days"] * 3


def test_what_was_read_is_json_and_reads_the_same_again():
    once = read_shape(Terms.model_json_schema())
    assert read_shape(json.loads(json.dumps(once.schema))) == Shape(once.schema)
