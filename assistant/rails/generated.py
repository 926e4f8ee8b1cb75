"""The Colang and settings that NeMo gets: written by us from the parsed rails, and compared with what NeMo reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.errors import RailsUnavailable
from assistant.messages import Stage
from assistant.rails.bundle import Rail
from assistant.rails.colang import Assignment, Refusal, Statement
from assistant.rails.expressions import emit

CHOSEN = "chosen_rails"
"""Context variable with the names of the rails to run."""
_PASSED = "passed_"


def rails_flow(stage: Stage) -> str:
    """Name of the flow that runs the chosen rails written for `stage`."""
    return f"{stage} rails"


def configuration(rails: Sequence[Rail]) -> tuple[str, str]:
    """Colang and YAML for `rails`. A message is its own name there: no sentence enters the templates of NeMo."""
    messages = dict.fromkeys(message for rail in rails for message in rail.messages)
    parts = [f'define bot {message}\n  "{message}"\n' for message in messages]
    parts += [f"define subflow {rail.flow.name}\n" + "".join(_lines(rail, rail.flow.body, 1)) for rail in rails]
    stages: dict[Stage, list[Rail]] = {"input": [], "output": []}
    for rail in rails:
        stages[rail.stage].append(rail)
    parts += [_stage_flow(stage, members) for stage, members in stages.items() if members]
    flows = {stage: {"flows": [rails_flow(stage)]} for stage, members in stages.items() if members}
    # JSON is YAML; `passthrough` because there is no model behind these rails.
    return "\n".join(parts), json.dumps({"passthrough": True, "rails": flows})


def passed(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of the rails that vouched in `events` for having run to their end without a stop, in order."""
    updates = (event["data"] for event in events if event["type"] == "ContextUpdate")
    return [
        key.removeprefix(_PASSED).replace("_", "-")
        for update in updates
        for key, value in update.items()
        if key.startswith(_PASSED) and value is True
    ]


def verify_parsed(rails: Sequence[Rail], parsed: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Raises RailsUnavailable unless the elements that NeMo `parsed`, by flow, say what our rails say."""
    expected = {rail.flow.name: list(_steps(rail, rail.flow.body)) for rail in rails}
    for rail in rails:
        called = (f"if {_condition(rail)}", f"do {rail.flow.name}", f"{_PASSED}{_identifier(rail)} = True")
        expected.setdefault(rails_flow(rail.stage), []).extend(called)
    for name, ours in expected.items():
        theirs = [step for element in parsed.get(name, ()) if (step := _step(element))]
        if ours != theirs:
            raise RailsUnavailable(f"NeMo reads the flow {name!r} differently: {theirs}, not {ours}")


def _stage_flow(stage: Stage, rails: Sequence[Rail]) -> str:
    lines = [f"define subflow {rails_flow(stage)}\n"]
    for rail in rails:
        lines.append(f"  if {_condition(rail)}\n")
        lines.append(f"    do {rail.flow.name}\n")
        lines.append(f"    ${_PASSED}{_identifier(rail)} = True\n")
    return "".join(lines)


def _condition(rail: Rail) -> str:
    return f'"{rail.name}" in ${CHOSEN}'


def _lines(rail: Rail, body: Sequence[Statement], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for statement in body:
        if isinstance(statement, Refusal):
            yield f"{indent}bot {statement.message}\n{indent}stop\n"
        elif isinstance(statement, Assignment):
            renamed = _renamed(rail)
            yield f"{indent}${renamed[statement.name]} = {emit(statement.expression, renamed)}\n"
        else:
            word = "if"
            for _, condition, below in statement.cases:
                yield f"{indent}{word} {emit(condition, _renamed(rail))}\n"
                yield from _lines(rail, below, depth + 1)
                word = "else if"
            if statement.otherwise:
                yield f"{indent}else\n"
                yield from _lines(rail, statement.otherwise, depth + 1)


def _steps(rail: Rail, body: Sequence[Statement]) -> Iterator[str]:
    """What `body` says in the order NeMo keeps it."""
    for statement in body:
        if isinstance(statement, Refusal):
            yield from (f"bot {statement.message}", "bot stop")
        elif isinstance(statement, Assignment):
            renamed = _renamed(rail)
            yield f"{renamed[statement.name]} = {emit(statement.expression, renamed)}"
        else:
            for _, condition, below in statement.cases:
                yield f"if {emit(condition, _renamed(rail))}"
                yield from _steps(rail, below)
            yield from _steps(rail, statement.otherwise)


def _step(element: Mapping[str, Any]) -> str | None:
    """One element of a flow of NeMo's, said the same way."""
    kind = element["_type"]
    if kind == "run_action":
        return f"bot {element['action_params'].get('value')}" if element["action_name"] == "utter" else "action"
    if kind == "flow":
        return f"do {element['flow_name']}"
    if kind == "if":
        return f"if {element['expression']}"
    if kind == "set":
        return f"{element['key']} = {element['expression']}"
    return None if kind in ("jump", "meta") else str(kind)


def _identifier(rail: Rail) -> str:
    return rail.name.replace("-", "_")


def _renamed(rail: Rail) -> dict[str, str]:
    """New names for the rail's variables, so that none meets one of NeMo's or of another rail."""
    return {name: f"own_{_identifier(rail)}_{name}" for name in _assigned(rail.flow.body)}


def _assigned(body: Sequence[Statement]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, Assignment):
            yield statement.name
        elif not isinstance(statement, Refusal):
            for _, _, below in statement.cases:
                yield from _assigned(below)
            yield from _assigned(statement.otherwise)
