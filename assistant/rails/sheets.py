"""The files beside the rails: phrases.yaml, policy.md, examples.yaml and floors.yaml, read strictly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import regex
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, SequenceNode

from assistant.errors import InvalidVertical
from assistant.guards.phrases import spans_of
from assistant.messages import Task
from assistant.rails.lines import Problem
from assistant.rails.measurements import AUTO_LIMITS
from assistant.verticals import parse_yaml

Phrases: TypeAlias = dict[str, tuple[str | Mapping[str, str], ...]]
Floors: TypeAlias = dict[str, float]
Expected = Literal["block", "pass"]
EXPECTED: tuple[Expected, ...] = ("block", "pass")
POLICY_LINES = ("Stops", "Why", "Source", "Owner", "Review")
PATTERN_TIMEOUT_S = 0.2
"""Four times what a pattern may take at work, on texts made to be hard."""
_EXAMPLE_KEYS = ("text", "evidence", "question", "task", "form")
_LIST_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Example:
    """A text that a rail must stop or let pass."""

    text: str
    evidence: tuple[str, ...] = ()
    question: str | None = None
    task: Task = "answer"
    form: str | None = None
    """The form of topics.co that a question must be nearest to, besides."""


Examples: TypeAlias = dict[str, dict[str, tuple[Example, ...]]]


def parse_phrases(file: str, text: str | None) -> tuple[Phrases, tuple[Problem, ...]]:
    """The lists of phrases.yaml by name; a pattern that does not compile or is too slow is a problem."""
    sheet = _Sheet(file, text, "phrases")
    lists: Phrases = {}
    for name, entries in sheet.mapping():
        if not _LIST_NAME.fullmatch(str(name)):
            sheet.wrong(f"the list name {name!r} may hold lower-case letters, digits and underscores", name)
        elif not isinstance(entries, list) or not entries:
            sheet.wrong(f"{name}: must be a list of words or patterns with at least one entry", name)
        else:
            lists[name] = tuple(each for n, each in enumerate(entries) if sheet.accept(_phrase_fault(each), name, n))
    return lists, sheet.problems


def parse_policy(file: str, text: str | None) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """The section of each `## <rail-name>` heading; each must say what it stops, why, source, owner and review date."""
    sections: dict[str, str] = {}
    problems: list[Problem] = []
    for name, line, section in _sections(text or ""):
        missing = [each for each in POLICY_LINES if not re.search(rf"^- {each}: *\S", section, re.MULTILINE)]
        if missing:
            problems.append(Problem(file, line, f"{name}: has no line `- {missing[0]}: …`"))
        if name in sections:
            problems.append(Problem(file, line, f"the heading {name!r} stands here twice"))
        sections[name] = section
    return sections, tuple(problems)


def parse_examples(file: str, text: str | None) -> tuple[Examples, tuple[Problem, ...]]:
    """The texts that each rail must block and let pass, by rail."""
    sheet = _Sheet(file, text, "examples")
    examples: Examples = {}
    for rail, lists in sheet.mapping():
        examples[str(rail)] = kept = {}
        if not isinstance(lists, dict) or not lists:
            sheet.wrong(f"{rail}: must hold `block:` and `pass:`", rail)
            continue
        for expected, entries in lists.items():
            if expected not in EXPECTED or not isinstance(entries, list):
                sheet.wrong(f"{rail}.{expected}: only lists named `block` and `pass` belong here", rail, expected)
                continue
            good = [each for n, each in enumerate(entries) if sheet.accept(_example_fault(each), rail, expected, n)]
            kept[expected] = tuple(_example(each) for each in good)
    return examples, sheet.problems


def parse_floors(file: str, text: str | None) -> tuple[Floors, tuple[Problem, ...]]:
    """The least value of each limit, for every vertical."""
    sheet = _Sheet(file, text, "floors")
    floors: Floors = {}
    for name, value in sheet.mapping():
        if name not in AUTO_LIMITS:
            sheet.wrong(f"{name}: there is no such limit; there are {', '.join(AUTO_LIMITS)}", name)
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            sheet.wrong(f"{name}: must be a number from 0 to 1, found {value!r}", name)
        else:
            floors[name] = float(value)
    return floors, sheet.problems


class _Sheet:
    """A YAML file with one root key, and what is wrong with it."""

    def __init__(self, file: str, text: str | None, root: str) -> None:
        self._file = file
        self._text = text
        self._root = root
        self._problems: list[Problem] = []

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems)

    def mapping(self) -> Iterator[tuple[Any, Any]]:
        """Keys and values below the root key; nothing where the file is missing or broken."""
        if self._text is None:
            return
        try:
            loaded = parse_yaml(self._text, file=self._file)
        except InvalidVertical as error:
            line = re.search(r":(\d+): ", str(error))
            reason = str(error).removeprefix(f"{error.file}: ")
            self._problems.append(Problem(self._file, int(line[1]) if line else None, reason))
            return
        except (ValueError, TypeError, RecursionError) as error:
            # PyYAML lets these through: a date like 2026-02-30, a list as a key, brackets a thousand deep.
            self._problems.append(Problem(self._file, None, f"not valid YAML: {error}"))
            return
        if not isinstance(loaded, dict) or set(loaded) != {self._root} or not isinstance(loaded[self._root], dict):
            self._problems.append(Problem(self._file, 1, f"must hold exactly one root key, `{self._root}:`"))
            return
        yield from loaded[self._root].items()

    def wrong(self, message: str, *place: object) -> None:
        self._problems.append(Problem(self._file, line_of(self._text or "", self._root, *place), message))

    def accept(self, fault: str | None, *place: object) -> bool:
        if fault:
            self.wrong(f"{'.'.join(str(each) for each in place if not isinstance(each, int))}: {fault}", *place)
        return fault is None


def line_of(text: str, *place: object) -> int | None:
    """The line in the YAML `text` of the key or list entry at `place`, or of the nearest above that is there."""
    node, line = YAML(typ="safe", pure=True).compose(text), None
    for step in place:
        if isinstance(node, MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if found is None:
                return line
            key, node = found
            line = key.start_mark.line + 1
        elif isinstance(node, SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


def _phrase_fault(entry: object) -> str | None:
    if isinstance(entry, str):
        return None if entry.strip() else "an empty phrase"
    if not isinstance(entry, dict) or set(entry) != {"pattern"} or not isinstance(entry["pattern"], str):
        return f'{entry!r} is neither a text nor {{pattern: "…"}}; put texts like yes, no and numbers in quotes'
    return _pattern_fault(entry["pattern"])


def _pattern_fault(pattern: str) -> str | None:
    try:
        compiled = regex.compile(pattern, regex.IGNORECASE)
    except regex.error as error:
        return f"the pattern {pattern!r} cannot be read: {error}"
    if compiled.match(""):
        return f"the pattern {pattern!r} matches even where there is nothing"
    if any(_takes_long(compiled, hard) for hard in _hard_texts(pattern)):
        return f"the pattern {pattern!r} can take very long; avoid repeats inside repeats"
    return None


def _takes_long(pattern: regex.Pattern[str], hard: str) -> bool:
    """Whether it does each of three times: beside other work a processor may be slow once."""
    for _ in range(3):
        try:
            spans_of(pattern, hard, within_s=PATTERN_TIMEOUT_S)
        except TimeoutError:
            continue
        return False
    return True


def _hard_texts(pattern: str) -> Iterator[str]:
    """Long runs of what the pattern might repeat, with an end that it does not expect."""
    words = re.findall(r"[A-Za-z]{2,}", pattern)
    for unit in ("a", "a ", "1", "1,", " ", "a1 ", ".", "aA", *dict.fromkeys(words)):
        # 1,000 characters: one repeat inside another takes seconds on them, two in a row are still quick.
        yield unit * (1000 // len(unit)) + "\x00!"


def _sections(text: str) -> Iterator[tuple[str, int, str]]:
    parts = re.split(r"^## +(.+?) *$", text, flags=re.MULTILINE)
    line = parts[0].count("\n") + 1
    for name, section in zip(parts[1::2], parts[2::2], strict=True):
        yield name, line, section.strip()
        line += section.count("\n")


def _example_fault(entry: object) -> str | None:
    if isinstance(entry, str):
        return None if entry.strip() else "an empty text"
    if not isinstance(entry, dict):
        return f"{entry!r} is not a text; put it in quotes"
    unknown = [key for key in entry if key not in _EXAMPLE_KEYS]
    if unknown:
        return f"unknown key {unknown[0]!r}; there are {', '.join(_EXAMPLE_KEYS)}"
    if not isinstance(entry.get("text"), str) or not entry["text"].strip():
        return "the text is missing"
    evidence = entry.get("evidence", [])
    if not isinstance(evidence, list) or not all(isinstance(each, str) for each in evidence):
        return "evidence must be a list of texts"
    if entry.get("task", "answer") not in get_args(Task):
        return f"task must be one of {', '.join(get_args(Task))}"
    named = [key for key in ("question", "form") if not isinstance(entry.get(key, ""), str)]
    return f"{named[0]} must be a text" if named else None


def _example(entry: str | dict[str, Any]) -> Example:
    if isinstance(entry, str):
        return Example(entry)
    return Example(
        entry["text"],
        tuple(entry.get("evidence", ())),
        entry.get("question"),
        entry.get("task", "answer"),
        entry.get("form"),
    )
