"""Whether the body of a rail makes sense: every name exists, and nothing is decided by accident."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from assistant.rails.colang import Assignment, Branch, Flow, Refusal, Statement
from assistant.rails.expressions import Expression, ExpressionError, references
from assistant.rails.lines import Problem
from assistant.rails.measurements import MEASUREMENTS
from assistant.rails.scope import Scope, kind_of


def flow_problems(file: str, flow: Flow, scope: Scope, messages: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the body of a rail, given what it may name and the messages there are."""
    refusals = tuple(refusals_of(flow.body))
    for refusal in refusals:
        if refusal.message not in messages:
            reason = f"the message `{refusal.message}` is not defined in messages.co"
            yield Problem(file, refusal.line, reason)
    for statement in flow.body:
        if isinstance(statement, Refusal):
            yield Problem(file, statement.line, "stops every text; put an `if` above and indent this below it")
    if not refusals:
        yield Problem(file, flow.line, "never stops anything; it needs a condition with `bot …` and `stop` below it")
    yield from _block_problems(file, flow.body, scope)


def refusals_of(body: Sequence[Statement]) -> Iterator[Refusal]:
    """Every refusal in `body`, in the order of the file."""
    for statement in body:
        if isinstance(statement, Refusal):
            yield statement
        elif isinstance(statement, Branch):
            for _, _, below in statement.cases:
                yield from refusals_of(below)
            yield from refusals_of(statement.otherwise)


def members_of(flow: Flow) -> frozenset[str]:
    """What the rail reads: `topics.score`, `limits.topics`, `task` …"""
    named = (each for expression in _expressions(flow.body) for each in references(expression))
    return frozenset(each.path for each in named if each.name in MEASUREMENTS)


def _expressions(body: Sequence[Statement]) -> Iterator[Expression]:
    for statement in body:
        if isinstance(statement, Assignment):
            yield statement.expression
        elif isinstance(statement, Branch):
            for _, condition, below in statement.cases:
                yield condition
                yield from _expressions(below)
            yield from _expressions(statement.otherwise)


def _block_problems(file: str, body: Sequence[Statement], scope: Scope) -> Iterator[Problem]:
    """Problems of one block; a variable set in it is known in the rest of it, not outside."""
    for statement in body:
        if isinstance(statement, Assignment):
            try:
                scope = _with_variable(statement, scope)
            except ExpressionError as error:
                yield Problem(file, statement.line, str(error))
        elif isinstance(statement, Branch):
            for line, condition, below in statement.cases:
                yield from _condition_problems(file, line, condition, scope)
                yield from _block_problems(file, below, scope)
            yield from _block_problems(file, statement.otherwise, scope)


def _with_variable(assignment: Assignment, scope: Scope) -> Scope:
    name = assignment.name
    if name in MEASUREMENTS:
        raise ExpressionError(f"${name} is measured and cannot be set; choose another name")
    kind = kind_of(assignment.expression, scope)
    if scope.variables.get(name, kind) != kind:
        raise ExpressionError(f"${name} already holds something of another kind; choose another name")
    return replace(scope, variables={**scope.variables, name: kind})


def _condition_problems(file: str, line: int, condition: Expression, scope: Scope) -> Iterator[Problem]:
    try:
        kind = kind_of(condition, scope)
    except ExpressionError as error:
        yield Problem(file, line, str(error))
        return
    if kind != "flag":
        yield Problem(file, line, "the condition is not a yes or no; compare it with something, for example `> 0`")
    if not any(references(condition)):
        yield Problem(file, line, "the condition reads no measurement, so it always decides the same")
