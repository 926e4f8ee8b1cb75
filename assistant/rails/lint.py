"""What NeMo would accept silently and we do not: every problem of a vertical's rails, with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from assistant.errors import InvalidRail, InvalidVertical
from assistant.rails.colang import Block
from assistant.rails.flows import flow_problems, members_of, refusals_of
from assistant.rails.lines import Problem
from assistant.rails.measurements import AUTO_LIMITS
from assistant.rails.scope import Scope
from assistant.rails.sheets import EXPECTED, line_of
from assistant.rails.sources import STAGES, Definition, Source, read_source
from assistant.verticals import SHARED, Vertical, read_vertical

OFF_TOPIC = "off topic"
"""Forms whose name starts so are counter-examples."""
_ONLY_PASS = frozenset({"topics"})
"""Shared rails for which no text is wrong in every vertical, so shared/examples.yaml may leave out `block`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The shared folder and a vertical's, as they stand."""

    vertical: Vertical | None
    """None where vertical.yaml cannot be used."""
    shared: Source
    own: Source
    problems: tuple[Problem, ...]


def lint(rails_dir: Path, name: str) -> tuple[Problem, ...]:
    """Every problem of the rails that the vertical `name` would run, in the order of the files.

    Raises UnknownVertical when there is no such vertical.
    """
    return read_folders(rails_dir, name).problems


def read_folders(rails_dir: Path, name: str) -> Reading:
    """The folders of the vertical `name`, and every problem in them. Raises UnknownVertical."""
    vertical: Vertical | None = None
    problems: list[Problem] = []
    try:
        vertical = read_vertical(rails_dir / name)
    except InvalidVertical as error:
        file = f"{name}/vertical.yaml"
        problems.append(Problem(file, None, str(error).removeprefix(str(rails_dir / file)).lstrip(": ")))
    if not (rails_dir / SHARED).is_dir():
        raise InvalidRail(rails_dir / SHARED, None, "the folder with the rails that every vertical inherits is missing")
    shared, own = read_source(rails_dir, SHARED), read_source(rails_dir, name)
    problems += [*shared.problems, *own.problems, *_problems(shared, own, vertical)]
    unique = dict.fromkeys(problems)
    return Reading(vertical, shared, own, tuple(sorted(unique, key=lambda each: (each.file, each.line or 0))))


def _problems(shared: Source, own: Source, vertical: Vertical | None) -> Iterator[Problem]:
    if vertical is not None:
        yield from _setting_problems(vertical, shared, own)
    yield from _form_problems(shared, own)
    yield from _message_problems(shared, own)
    for name in own.phrases.keys() & shared.phrases.keys():
        yield _at(own, "phrases.yaml", f"{name}: shared/phrases.yaml has a list of that name", "phrases", name)
    for source, others in ((shared, ()), (own, shared.definitions)):
        yield from _name_problems(source, others)
        forms = {form.name for each in (shared, source) for form in each.forms}
        yield from _paper_problems(source, {each.name for each in others}, forms)
    for source, known in ((shared, (shared,)), (own, (shared, own))):
        limits = {*AUTO_LIMITS, *(vertical.limits if vertical and source is own else ())}
        messages = {block.name for each in known for block in each.messages}
        for definition in source.definitions:
            scope = Scope(
                definition.stage,
                frozenset(form.name for each in known for form in each.forms),
                frozenset(name for each in known for name in each.phrases),
                frozenset(limits),
                {},
            )
            yield from flow_problems(definition.file, definition.flow, scope, messages)


def _setting_problems(vertical: Vertical, shared: Source, own: Source) -> Iterator[Problem]:
    def wrong(message: str, *place: str) -> Problem:
        return _at(own, "vertical.yaml", f"vertical.{'.'.join(place)}: {message}", "vertical", *place)

    read = {path for each in own.definitions for path in members_of(each.flow)}
    for name, limit in vertical.limits.items():
        floor = shared.floors.get(name, 0.0)
        if name not in AUTO_LIMITS and limit == "auto":
            yield wrong(f"only {', '.join(AUTO_LIMITS)} can be `auto`; write a number from 0 to 1", "limits", name)
        elif name not in AUTO_LIMITS and f"limits.{name}" not in read:
            yield wrong(
                f"no rail reads $limits.{name}; the limits of the guards are {', '.join(AUTO_LIMITS)}", "limits", name
            )
        elif limit != "auto" and limit < floor:
            yield wrong(f"{limit} is below the floor {name}: {floor} of shared/floors.yaml", "limits", name)
    for stage in STAGES:
        there = [each.name for each in (*shared.definitions, *own.definitions) if each.stage == stage]
        listed = vertical.rails.input if stage == "input" else vertical.rails.output
        for name in dict.fromkeys(listed):
            if name not in there:
                yield wrong(f"there is no {stage} rail {name!r}; there are {', '.join(there)}", "rails", stage)
            elif listed.count(name) > 1:
                yield wrong(f"{name!r} stands here twice", "rails", stage)


def _form_problems(shared: Source, own: Source) -> Iterator[Problem]:
    if "topics.co" not in own.texts:
        yield Problem(own.path("topics.co"), None, "the file is missing; it says by example what may be asked")
    elif not any(not form.name.startswith(OFF_TOPIC) for form in own.forms):
        yield Problem(own.path("topics.co"), None, "no form says what may be asked; all are off topic")
    seen: dict[str, tuple[str, str]] = {}
    for source in (shared, own):
        yield from _twice(source, "topics.co", source.forms)
        for form in source.forms:
            for line, text in form.texts:
                key = " ".join(re.findall(r"\w+", text.casefold()))
                other, place = seen.setdefault(key, (form.name, f"{source.path('topics.co')}:{line}"))
                if place != f"{source.path('topics.co')}:{line}":
                    reason = f'"{text}" is also an example of `{other}` at {place}; one text, one form'
                    yield Problem(source.path("topics.co"), line, reason)


def _message_problems(shared: Source, own: Source) -> Iterator[Problem]:
    said = {r.message for source in (shared, own) for each in source.definitions for r in refusals_of(each.flow.body)}
    known = {block.name for block in shared.messages} | said | {f"answer {form.name}" for form in shared.forms}
    for source in (shared, own):
        yield from _twice(source, "messages.co", source.messages)
        for block in source.messages:
            for line, _ in block.texts[1:]:
                yield Problem(source.path("messages.co"), line, f"`{block.name}` has more than one text; keep one")
            if block.name not in known:
                reason = f"nothing ever says `{block.name}`; check the name against the rails and shared/messages.co"
                yield Problem(source.path("messages.co"), block.line, reason)
    for form in shared.forms:
        if f"answer {form.name}" not in {block.name for block in shared.messages}:
            yield Problem(shared.path("messages.co"), None, f"the reply `answer {form.name}` to small talk is missing")


def _twice(source: Source, file: str, blocks: tuple[Block, ...]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for block in blocks:
        if first.setdefault(block.name, block.line) != block.line:
            reason = f"`{block.name}` is already defined in line {first[block.name]}"
            yield Problem(source.path(file), block.line, reason)


def _name_problems(source: Source, others: tuple[Definition, ...]) -> Iterator[Problem]:
    taken = {each.name: each.file for each in others}
    for each in source.definitions:
        expected = each.name.replace("-", " ")
        if each.flow.name != expected:
            yield Problem(each.file, each.flow.line, f"must be `define subflow {expected}`, as the file is called")
        if each.name in taken:
            reason = f"there is already a rail {each.name!r} in {taken[each.name]}; a rail cannot be redefined"
            yield Problem(each.file, each.flow.line, reason)
        if each.flow.name in reserved_flows():
            yield Problem(each.file, each.flow.line, f"NeMo uses the name `{each.flow.name}` itself; choose another")
        taken[each.name] = each.file


def _paper_problems(source: Source, inherited: set[str], forms: set[str]) -> Iterator[Problem]:
    """The name of a rail must be a heading in policy.md and a key in examples.yaml, and the other way round."""
    names = {each.name for each in source.definitions}
    for name in sorted(names):
        if name not in source.policy:
            yield Problem(source.path("policy.md"), None, f"has no heading `## {name}`; every rail needs its reason")
        examples = source.examples.get(name, {})
        for expected in EXPECTED:
            if not examples.get(expected) and not (expected == "block" and name in _ONLY_PASS):
                reason = f"has no `{name}: {expected}:`; every rail needs texts to block and to let pass"
                yield _at(source, "examples.yaml", reason, "examples", name)
    yield from _example_problems(source, forms)
    for name in source.policy.keys() - names - inherited:
        yield Problem(source.path("policy.md"), _heading(source, name), f"there is no rail {name!r} in this folder")
    for name in source.examples.keys() - names - inherited:
        reason = f"there is no rail {name!r}; there are {', '.join(sorted(names | inherited))}"
        yield _at(source, "examples.yaml", reason, "examples", name)


def _example_problems(source: Source, forms: set[str]) -> Iterator[Problem]:
    """An example may name a form that there is; one that there is not would never be met."""
    for rail, lists in source.examples.items():
        for expected, examples in lists.items():
            for example in examples:
                if example.form is not None and example.form not in forms:
                    reason = f"{rail}: there is no form `{example.form}` in topics.co: {example.text[:60]}"
                    yield _at(source, "examples.yaml", reason, "examples", rail, expected)


def _heading(source: Source, name: str) -> int | None:
    lines = source.texts.get("policy.md", "").split("\n")
    return next((n for n, line in enumerate(lines, start=1) if re.fullmatch(rf"## +{re.escape(name)} *", line)), None)


def _at(source: Source, file: str, message: str, *place: str) -> Problem:
    line = line_of(source.texts[file], *place) if file in source.texts else None
    return Problem(source.path(file), line, message)


@lru_cache(maxsize=1)
def reserved_flows() -> frozenset[str]:
    """Names of the flows that NeMo brings along: a rail of such a name would replace a part of NeMo."""
    spec = find_spec("nemoguardrails")
    folders = spec.submodule_search_locations if spec else None
    define = re.compile(r"^define (?:[a-z]+ )*?(?:flow|subflow) (.+?)\s*$", re.MULTILINE)
    files = (
        file for folder in folders or () for part in ("rails", "library") for file in Path(folder, part).rglob("*.co")
    )
    texts = (file.read_text(encoding="utf-8") for file in files)
    return frozenset(name for text in texts for name in define.findall(text)) | {f"{each} rails" for each in STAGES}
