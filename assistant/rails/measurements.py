"""What guards measure and rails may read: names, members, kinds and the stages where each exists."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from assistant.errors import RailsUnavailable
from assistant.messages import Measurements, Reason, Stage, Task
from assistant.verticals import ALL_KINDS

Kind = Literal["score", "count", "text", "flag", "list"]
NUMBERS: frozenset[Kind] = frozenset({"score", "count"})
AUTO_LIMITS = ("topics", "injection", "grounding")
"""Limits that a guard can calibrate, so that a vertical may leave them at `auto`."""
GIVEN = frozenset({"limits", "task", "turn"})
"""Names that no guard measures: they come from vertical.yaml and from the request."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One name that a rail may read."""

    stages: frozenset[Stage]
    members: Mapping[str, Kind] | None = None
    """Kind of each member; None where the members are named by the vertical (lists, limits)."""
    value: Kind | None = None
    """Kind of the thing itself where it has no members, or of every member that the vertical names."""


def _at(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


MEASUREMENTS: Mapping[str, Measurement] = {
    "topics": Measurement(_at("input"), {"score": "score", "form": "text"}),
    "injection": Measurement(_at("input", "evidence"), {"score": "score", "kind": "text"}),
    "personal_data": Measurement(_at("input", "output"), {"kinds": "list", "count": "count"}),
    "phrases": Measurement(_at("input", "output"), value="count"),
    "grounding": Measurement(_at("output"), {"score": "score", "reason": "text"}),
    "sentence": Measurement(_at("output"), {"claim": "flag", "text": "text"}),
    "limits": Measurement(_at("input", "evidence", "output"), value="score"),
    "task": Measurement(_at("input", "evidence", "output"), value="text"),
    "turn": Measurement(_at("input", "evidence", "output"), value="count"),
}
WORDS: Mapping[str, tuple[str, ...]] = {
    "injection.kind": ("none", "override", "role", "leak", "encoded", "indirect"),
    "grounding.reason": get_args(Reason),
    "personal_data.kinds": ALL_KINDS,
    "task": get_args(Task),
}
"""What a text measurement can say, where the set is fixed; the forms of `topics.form` come from topics.co."""


def value_of(member: str, measured: Measurements) -> object:
    """The value of `topics.score`, `phrases.doses`, `task` … in `measured`, ready for Colang.

    Raises RailsUnavailable when it is missing or not of its kind: NaN, for one, compares as neither less nor more
    and would be let through.
    """
    name, _, part = member.partition(".")
    spec = MEASUREMENTS[name]
    kind = spec.value or (spec.members or {})[part]
    found = measured.get(name)
    if part:
        found = found.get(part) if isinstance(found, Mapping) else None
    if found is None:
        raise RailsUnavailable(f"the measurement ${member} is missing")
    if not _is(kind, found):
        raise RailsUnavailable(f"the measurement ${member} is {found!r}, not a {_EXPECTED[kind]}")
    return _plain(kind, found)


_EXPECTED: Mapping[Kind, str] = {
    "score": "number from 0 to 1",
    "count": "whole number from 0",
    "text": "text",
    "flag": "yes or no",
    "list": "list of texts",
}


def _is(kind: Kind, found: object) -> bool:
    if kind == "score":
        return _is_number(found) and math.isfinite(found) and 0 <= found <= 1  # type: ignore[arg-type,operator]
    if kind == "count":
        return isinstance(found, numbers.Integral) and not isinstance(found, bool) and int(found) >= 0
    if kind == "flag":
        return isinstance(found, bool)
    if kind == "text":
        return isinstance(found, str)
    return isinstance(found, list | tuple | set | frozenset) and all(isinstance(each, str) for each in found)


def _is_number(found: object) -> bool:
    return isinstance(found, numbers.Real) and not isinstance(found, bool)


def _plain(kind: Kind, found: object) -> object:
    if kind == "score":
        return float(found)  # type: ignore[arg-type]
    if kind == "count":
        return int(found)  # type: ignore[call-overload]
    return sorted(found) if kind == "list" else found  # type: ignore[call-overload]
