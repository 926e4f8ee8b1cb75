"""Whether a condition means something: what a rail may name where it stands, and which things can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.messages import Stage
from assistant.rails.expressions import (
    Comparison,
    Constant,
    Expression,
    ExpressionError,
    Junction,
    Negation,
    Reference,
    emit,
)
from assistant.rails.measurements import MEASUREMENTS, NUMBERS, WORDS, Kind


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rail may name: where it stands and what its vertical defines."""

    stage: Stage
    forms: frozenset[str]
    phrases: frozenset[str]
    limits: frozenset[str]
    variables: Mapping[str, Kind]
    """Variables that have a value at this point."""

    def kind(self, reference: Reference) -> Kind:
        """The kind of what `reference` names; raises ExpressionError when there is no such thing at this stage."""
        if reference.name in self.variables and reference.member is None:
            return self.variables[reference.name]
        spec = MEASUREMENTS.get(reference.name)
        if spec is None:
            raise ExpressionError(
                f"${reference.name} is neither a measurement nor set above; there are {self._known()}"
            )
        if self.stage not in spec.stages:
            raise ExpressionError(f"${reference.name} is not measured at {self.stage}; there are {self._known()}")
        members = self._members(reference.name)
        if not members and reference.member is None and spec.value:
            return spec.value
        if reference.name in ("phrases", "limits") and hasattr(dict, reference.member or ""):
            raise ExpressionError(f"{reference.member!r} already means something in Python; choose another name for it")
        if reference.member not in members:
            raise ExpressionError(f"${reference.path} does not exist; there is {_listed(reference.name, members)}")
        return spec.value or (spec.members or {})[reference.member or ""]

    def words(self, reference: Reference) -> tuple[str, ...] | None:
        """What the text or list can say; None when anything."""
        return tuple(sorted(self.forms)) if reference.path == "topics.form" else WORDS.get(reference.path)

    def _members(self, name: str) -> frozenset[str]:
        named = {"phrases": self.phrases, "limits": self.limits}
        return named[name] if name in named else frozenset(MEASUREMENTS[name].members or ())

    def _known(self) -> str:
        return ", ".join(f"${name}" for name, spec in MEASUREMENTS.items() if self.stage in spec.stages)


def _listed(name: str, members: frozenset[str]) -> str:
    return ", ".join(f"${name}.{member}" for member in sorted(members)) or f"nothing in ${name}"


def kind_of(expression: Expression, scope: Scope) -> Kind:
    """What `expression` gives; raises ExpressionError where it compares things that cannot be compared."""
    match expression:
        case Reference():
            return scope.kind(expression)
        case Constant(bool()):
            return "flag"
        case Constant(str()):
            return "text"
        case Constant():
            return "count"
        case Negation(part):
            _must_be_flag(part, scope)
        case Junction(_, parts):
            for part in parts:
                _must_be_flag(part, scope)
        case Comparison():
            _check_comparison(expression, scope)
    return "flag"


def _must_be_flag(part: Expression, scope: Scope) -> None:
    kind = kind_of(part, scope)
    if kind != "flag":
        raise ExpressionError(f"{emit(part)} is a {_NAMED[kind]}, not a yes or no; compare it with something")


_NAMED: Mapping[Kind, str] = {"score": "number", "count": "number", "text": "text", "flag": "yes or no", "list": "list"}


def _check_comparison(comparison: Comparison, scope: Scope) -> None:
    left, right = kind_of(comparison.left, scope), kind_of(comparison.right, scope)
    if not _comparable(comparison.operator, left, right):
        raise ExpressionError(f"a {_NAMED[left]} and a {_NAMED[right]} cannot be compared with `{comparison.operator}`")
    for side, other in ((comparison.left, comparison.right), (comparison.right, comparison.left)):
        if isinstance(side, Reference) and isinstance(other, Constant):
            _check_constant(side, other.value, scope)


def _comparable(operator: str, left: Kind, right: Kind) -> bool:
    if operator in ("in", "not in"):
        return left == "text" and right in ("text", "list")
    if operator in ("==", "!="):
        return _NAMED[left] == _NAMED[right] != "list"
    return left in NUMBERS and right in NUMBERS


def _check_constant(reference: Reference, value: float | str | bool, scope: Scope) -> None:
    words = scope.words(reference)
    if isinstance(value, str) and words is not None and value not in words:
        raise ExpressionError(f'${reference.path} is never "{value}"; it can be {", ".join(words) or "nothing here"}')
    if scope.kind(reference) == "score" and not isinstance(value, str) and not 0 <= value <= 1:
        raise ExpressionError(f"${reference.path} runs from 0 to 1, so comparing it with {value} decides nothing")
