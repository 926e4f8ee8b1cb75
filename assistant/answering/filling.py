"""An answer as a JSON object: the model fills in a form, and each value is held against the evidence by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.answering.said import Passed
from assistant.answering.speaking import Speaker
from assistant.answering.tally import Tally
from assistant.answering.turn import Turn
from assistant.answering.writing import Writer
from assistant.errors import TooLarge
from assistant.guards import split_sentences
from assistant.messages import Dropped
from assistant.shapes import Shape, alternatives, in_words
from assistant.tasks import Plan

_GONE = object()
"""Stands for a value that was withheld."""
_WORD = re.compile(r"[^\W_]+")
_FOLLOWING_WORDS = 2  # "5 business days": a bare number says nothing without what it counts.

Value = Any
"""A JSON value."""


async def fill(writer: Writer, turn: Turn, plan: Plan, speaker: Speaker, tally: Tally) -> bool:
    """Whether `speaker` could say the object, all its values borne out.

    A value that is not borne out becomes null or is left out where the schema allows that, and takes the whole object
    with it where it does not. The next model of the cascade tries when nothing is left.
    """
    shape = turn.request.shape
    if shape is None or not plan.assignments:
        return False
    if len(plan.assignments) > 1:
        raise TooLarge("the documents do not fit the model's window at once, which one object needs; send fewer")
    assignment = plan.assignments[0]
    for name in (turn.request.model or turn.release.vertical.model, *turn.release.vertical.cascade):
        speaker.start(assignment.evidence)
        written = _parsed(await writer.draft(turn, assignment, name, tally, form=_wire(shape)))
        if not isinstance(written, dict) or not shape.admits(written):
            continue
        form = _Form(turn, speaker, shape)
        kept = await form.checked(written, [shape.schema], ())
        if any(passed.support.claim for _, passed in form.passed) and shape.admits(kept):
            speaker.say_object(json.dumps(kept, ensure_ascii=False), form.passed)
            return True
    return False


class _Form:
    """Checks the values of one object, and remembers those that passed."""

    def __init__(self, turn: Turn, speaker: Speaker, shape: Shape) -> None:
        self._turn, self._speaker, self._shape = turn, speaker, shape
        self._asked_words = set(_words(turn.question))
        self._evidence = " ".join(each.reading for each in speaker.evidence)
        self.passed: list[tuple[str, Passed]] = []

    async def checked(self, value: Value, schemas: Sequence[Mapping[str, Any]], path: tuple[str, ...]) -> Value:
        """`value` without what is not borne out; `schemas` are those it may follow."""
        if isinstance(value, dict):
            return await self._object(value, schemas, path)
        if isinstance(value, list):
            inner = [each["items"] for each in schemas if "items" in each]
            members = [await self.checked(v, _open(inner), (*path, str(n))) for n, v in enumerate(value)]
            return [each for each in members if each is not _GONE]
        if value is None or value == "":
            return value
        if isinstance(value, bool):
            self._speaker.dropped.append(Dropped(str(value), "grounding", "a yes or no cannot be checked"))
            return _GONE
        about, place = self._about(schemas, path), ".".join(path)
        return await (self._text if isinstance(value, str) else self._number)(value, about, place)

    async def _object(
        self, value: dict[str, Value], schemas: Sequence[Mapping[str, Any]], path: tuple[str, ...]
    ) -> dict[str, Value]:
        kept: dict[str, Value] = {}
        for name, each in value.items():
            if self._shape.free and not self._asked_for(name):
                self._speaker.dropped.append(Dropped(name, "grounding", "a name that was not asked for"))
                continue
            inner = [schema["properties"][name] for schema in schemas if name in schema.get("properties", {})]
            result = await self.checked(each, _open(inner), (*path, name))
            needed = any(name in schema.get("required", ()) for schema in schemas)
            if result is not _GONE:
                kept[name] = result
            elif needed:
                kept[name] = None  # The schema decides whether the form stands without it.
        return kept

    def _asked_for(self, name: str) -> bool:
        """Whether a name that the model chose is made of words of the question."""
        words = set(_words(in_words(name)))
        return bool(words) and words <= self._asked_words

    async def _text(self, value: str, about: str, place: str) -> Value:
        """The text as it may be said; each of its sentences has to be borne out."""
        said = [await self._speaker.weigh(sentence, about=about) for sentence in split_sentences(value)]
        passed = [each for each in said if each is not None]
        if not said or len(passed) < len(said):
            return _GONE
        self.passed += [(place, each) for each in passed]
        return " ".join(each.text for each in passed)

    async def _number(self, value: int | float, about: str, place: str) -> Value:
        """The number, read as the evidence has it with what it counts."""
        for reading in self._figures(value):
            passed = await self._speaker.weigh(reading, about=about)
            if passed and passed.text == reading:  # A number that would have to be masked cannot be shown.
                self.passed.append((place, replace(passed, text=str(value))))
                return value
        self._speaker.dropped.append(Dropped(str(value), "grounding", "figure"))
        return _GONE

    def _figures(self, number: int | float) -> list[str]:
        """Where the evidence holds `number`, with the words that follow it there."""
        found = re.finditer(rf"\d[\d,.]*(?:\s+[^\W\d_]+){{0,{_FOLLOWING_WORDS}}}", self._evidence)
        return list(dict.fromkeys(each[0] for each in found if _value_of(each[0]) == number))

    def _about(self, schemas: Sequence[Mapping[str, Any]], path: tuple[str, ...]) -> str:
        """What the value is said to be: the field's description or name, or the question where these say nothing."""
        described = next((each["description"] for each in schemas if "description" in each), None)
        name = described or in_words(next((part for part in reversed(path) if not part.isdecimal()), ""))
        known = set(_words(self._evidence))
        return name if set(_words(name)) & known else self._turn.standing


def _open(schemas: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The schemas with their alternatives side by side, each under the description of the whole."""
    opened: list[Mapping[str, Any]] = []
    for schema in schemas:
        note = {"description": schema["description"]} if "description" in schema else {}
        opened += [note | dict(each) for each in alternatives(schema)]
    return opened


def _parsed(text: str) -> Value:
    """The JSON value in `text`; None when it is none, as after a cut."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _value_of(text: str) -> float | None:
    digits = re.match(r"\d+(?:,\d{3})*(?:\.\d+)?", text)
    return float(digits[0].replace(",", "")) if digits else None


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _wire(shape: Shape) -> dict[str, Any]:
    """The form as models take it, in OpenAI's words."""
    if shape.free:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": dict(shape.schema)}}
