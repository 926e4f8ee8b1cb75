"""Rails tested by breaking them: each statement, form and limit changed in turn, and what no trial notices."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from assistant.errors import RailsUnavailable
from assistant.guards import Guards, TopicGuard
from assistant.messages import Measurements
from assistant.rails.bundle import Rail, RailBundle
from assistant.rails.colang import Assignment, Branch, Refusal, Statement
from assistant.rails.engine import RailEngine
from assistant.rails.expressions import Comparison, Constant, Expression, Junction, Negation, Reference
from assistant.rails.measurements import MEASUREMENTS, value_of
from assistant.rails.sheets import EXPECTED, Example, Expected
from assistant.rails.trials import measure_example, needed, understood

MOVE = 0.2
"""By how much each limit is moved, up and down."""
Forms = Mapping[str, tuple[str, ...]]
Refit = Callable[[Forms], TopicGuard]
"""A topics guard for other forms, all else as it is."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One way in which the rails were broken."""

    kind: Literal["statement", "form", "limit"]
    rail: str | None
    """The rail whose statement it is; None for forms and limits."""
    text: str
    """What was done, in words."""
    noticed: bool
    """Whether a trial that passed before fails with it."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """An example with everything its rail reads, measured once."""

    rail: Rail
    expected: Expected
    example: Example
    measured: Measurements


async def mutate(bundle: RailBundle, engine: RailEngine, guards: Guards, refit: Refit) -> tuple[Mutation, ...]:
    """Every mutation of `bundle`, and whether its trials notice.

    Each text is measured once and decided again for each mutation; only where a form is taken away are the texts
    measured again, by `refit` of the topics guard. Raises RailsUnavailable where NeMo decides otherwise than we do.
    """
    trials = await asyncio.to_thread(_measured, bundle, engine, guards)
    limits = engine.limits
    passing = [each for each in trials if _as_expected(each, each.rail.flow.body, limits)]
    await _check_with(engine, trials, limits)
    found = [*_statements(bundle, passing, limits), *_limits(bundle, passing, limits)]
    return (*found, *await asyncio.to_thread(lambda: tuple(_forms(bundle, passing, limits, refit))))


def stops(body: Iterable[Statement], measured: Measurements) -> bool:
    """Whether a rail with this body stops what was `measured`; raises RailsUnavailable for a missing measurement."""
    variables: dict[str, object] = {}
    return _stops(body, measured, variables)


def _measured(bundle: RailBundle, engine: RailEngine, guards: Guards) -> list[_Trial]:
    return [
        _Trial(rail, expected, example, measure_example(rail, example, guards, needed(rail, example, engine)))
        for rail in bundle.rails
        for expected in EXPECTED
        for example in bundle.examples.get(rail.name, {}).get(expected, ())
    ]


async def _check_with(engine: RailEngine, trials: Iterable[_Trial], limits: Mapping[str, float]) -> None:
    """Holds our reading of the rails against NeMo's, on a text of each kind of each rail."""
    for trial in {(each.rail.name, each.expected): each for each in trials}.values():
        verdict = await engine.decide(trial.rail.stage, trial.measured, only=trial.rail.name)
        if verdict.blocked != stops(trial.rail.flow.body, {**trial.measured, "limits": limits}):
            raise RailsUnavailable(f"NeMo decides otherwise than we do: {trial.rail.name} on {trial.example.text!r}")


def _as_expected(trial: _Trial, body: Iterable[Statement], limits: Mapping[str, float]) -> bool:
    stopped = stops(body, {**trial.measured, "limits": limits})
    return stopped == (trial.expected == "block") and understood(trial.example, trial.measured)


def _statements(bundle: RailBundle, passing: list[_Trial], limits: Mapping[str, float]) -> Iterator[Mutation]:
    for rail in bundle.rails:
        own = [each for each in passing if each.rail.name == rail.name]
        for text, body in _broken(rail.flow.body):
            noticed = not all(_as_expected(each, body, limits) for each in own)
            yield Mutation("statement", rail.name, f"{rail.file}:{text}", noticed)


def _limits(bundle: RailBundle, passing: list[_Trial], limits: Mapping[str, float]) -> Iterator[Mutation]:
    read = {name for rail in bundle.rails for name in rail.members}
    for name, value in limits.items():
        if f"limits.{name}" not in read:
            continue
        for moved in dict.fromkeys((min(1.0, value + MOVE), max(0.0, value - MOVE))):
            other = {**limits, name: moved}
            noticed = not all(_as_expected(each, each.rail.flow.body, other) for each in passing)
            yield Mutation("limit", None, f"limits.{name} at {moved:.2f}, not {value:.2f}", noticed)


def _forms(bundle: RailBundle, passing: list[_Trial], limits: Mapping[str, float], refit: Refit) -> Iterator[Mutation]:
    about = [each for each in passing if "topics" in each.measured]
    auto = bundle.vertical.limits.get("topics", "auto") == "auto"
    for form in bundle.forms:
        guard = refit({name: texts for name, texts in bundle.forms.items() if name != form})
        other = {**limits, "topics": max(guard.limit, bundle.floors.get("topics", 0.0))} if auto else limits
        noticed = not all(_as_expected(_measured_again(each, guard), each.rail.flow.body, other) for each in about)
        yield Mutation("form", None, f"topics.co: without `{form}`", noticed)


def _measured_again(trial: _Trial, guard: TopicGuard) -> _Trial:
    topic = guard.measure(trial.example.text)
    return replace(trial, measured={**trial.measured, "topics": {"score": topic.score, "form": topic.form}})


def _broken(body: tuple[Statement, ...]) -> Iterator[tuple[str, tuple[Statement, ...]]]:
    """Bodies with one case taken out or turned round, each with its line and what was done."""
    for place, statement in enumerate(body):
        if not isinstance(statement, Branch):
            continue
        for text, changed in _broken_branch(statement):
            yield text, (*body[:place], *changed, *body[place + 1 :])


def _broken_branch(branch: Branch) -> Iterator[tuple[str, tuple[Statement, ...]]]:
    for place, (line, condition, below) in enumerate(branch.cases):
        before, after = branch.cases[:place], branch.cases[place + 1 :]
        left = (*before, *after)
        gone: tuple[Statement, ...] = (replace(branch, cases=left),) if left else branch.otherwise
        yield f"{line} taken out", gone
        turned = replace(branch, cases=(*before, (line, Negation(condition), below), *after))
        yield f"{line} turned round", (turned,)
        for text, inner in _broken(below):
            yield text, (replace(branch, cases=(*before, (line, condition, inner), *after)),)
    if branch.otherwise:
        yield f"{branch.line} without its `else`", (replace(branch, otherwise=()),)


def _stops(body: Iterable[Statement], measured: Measurements, variables: dict[str, object]) -> bool:
    for statement in body:
        if isinstance(statement, Refusal):
            return True
        if isinstance(statement, Assignment):
            variables[statement.name] = _value(statement.expression, measured, variables)
        elif _stops(_taken(statement, measured, variables), measured, variables):
            return True
    return False


def _taken(branch: Branch, measured: Measurements, variables: dict[str, object]) -> tuple[Statement, ...]:
    for _, condition, below in branch.cases:
        if _value(condition, measured, variables):
            return below
    return branch.otherwise


_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {  # The linter has seen that what is compared can be.
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: operator.contains(right, left),
    "not in": lambda left, right: not operator.contains(right, left),
}


def _value(expression: Expression, measured: Measurements, variables: Mapping[str, object]) -> object:
    match expression:
        case Reference(name, member):
            if member is None and name in variables and name not in MEASUREMENTS:
                return variables[name]
            return value_of(expression.path, measured)
        case Constant(value):
            return value
        case Negation(part):
            return not _value(part, measured, variables)
        case Junction("and", parts):
            return all(_value(part, measured, variables) for part in parts)
        case Junction(_, parts):
            return any(_value(part, measured, variables) for part in parts)
        case Comparison(sign, left, right):
            return _OPERATORS[sign](_value(left, measured, variables), _value(right, measured, variables))
