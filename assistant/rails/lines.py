"""The lines of a rail file without comments, and what is wrong with how they are written."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that would be misread or could do harm."""

    file: str
    """Path below the rails folder."""
    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line that says something."""

    number: int
    indent: int
    """Leading spaces."""
    text: str
    """What it says, without comment and surrounding space."""


def read_lines(file: str, text: str) -> tuple[tuple[Line, ...], tuple[Problem, ...]]:
    """The lines of `text` that say something, and the faults of their writing."""
    lines, problems = [], []
    for number, raw in enumerate(text.split("\n"), start=1):
        code = _without_comment(raw).rstrip(" \t")
        if fault := _fault(code, raw):
            problems.append(Problem(file, number, fault))
        stripped = code.lstrip(" \t")
        if stripped.strip():
            lines.append(Line(number, len(code) - len(stripped), stripped))
    return tuple(lines), tuple(problems)


def _without_comment(line: str) -> str:
    inside = False
    for place, character in enumerate(line):
        if character == '"':
            inside = not inside
        elif character == "#" and not inside:
            return line[:place]
    return line


def _fault(code: str, raw: str) -> str | None:
    if "\t" in code:
        return "holds a tab; indent with spaces"
    if code.count('"') % 2:
        return "a text is not closed: a double quote is missing"
    if "\\" in code:
        return "a backslash is not allowed; for quotes inside a text use ' or ‘ ’"
    if any(_is_unseen(character) for character in raw if character != "\t"):
        return "holds a character that cannot be seen"
    return None


def _is_unseen(character: str) -> bool:
    # Controls, and marks that turn the direction of reading: what a reviewer sees would not be what is run.
    return unicodedata.category(character) in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(character) in _TURNS


_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
