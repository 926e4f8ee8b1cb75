"""Two states of a text beside each other: lines in pairs, with the words lit that are not in both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_ALIKE = 0.3  # Lines that have less in common are another line each; lighting the few common words would only confuse.
AROUND = 3
"""Unchanged lines that are shown before and after a change."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line."""

    text: str
    lit: bool
    """Whether the other side has something else in its place."""


@dataclass(frozen=True, slots=True)
class Side:
    """One line of one state."""

    number: int
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Row:
    """A line before and the one that takes its place; or a gap, where lines that stay as they are were left out."""

    kind: Literal["same", "changed", "added", "removed", "gap"]
    before: Side | None
    after: Side | None
    hidden: int = 0
    """Lines that are left out in a gap."""


def side_by_side(before: str, after: str, *, around: int = AROUND, keep: frozenset[int] = frozenset()) -> list[Row]:
    """Every changed line with some `around` it; `keep` holds numbers of lines after that are shown in any case."""
    rows = list(_rows(before.splitlines(), after.splitlines()))
    shown = [row.kind != "same" or (row.after is not None and row.after.number in keep) for row in rows]
    near = [any(shown[max(place - around, 0) : place + around + 1]) for place in range(len(rows))]
    found: list[Row] = []
    for is_near, group in groupby(zip(rows, near, strict=True), key=lambda each: each[1]):
        run = [row for row, _ in group]
        found += run if is_near or len(run) == 1 else [Row("gap", None, None, len(run))]
    return found if any(shown) else []


def _rows(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            yield from (Row("same", _side(a + place, before), _side(c + place, after)) for place in range(b - a))
            continue
        paired = min(b - a, d - c)
        for place in range(paired):
            yield from _pair(a + place, before, c + place, after)
        yield from (Row("removed", _side(line, before, lit=True), None) for line in range(a + paired, b))
        yield from (Row("added", None, _side(line, after, lit=True)) for line in range(c + paired, d))


def _pair(left: int, before: Sequence[str], right: int, after: Sequence[str]) -> Iterator[Row]:
    old, new = _WORDS.findall(before[left]), _WORDS.findall(after[right])
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        yield Row("changed", _side(left, before, lit=True), _side(right, after, lit=True))
        return
    was, now = [], []
    for what, a, b, c, d in matcher.get_opcodes():
        was.append(Piece("".join(old[a:b]), what != "equal"))
        now.append(Piece("".join(new[c:d]), what != "equal"))
    yield Row("changed", Side(left + 1, _filled(was)), Side(right + 1, _filled(now)))


def _side(place: int, lines: Sequence[str], *, lit: bool = False) -> Side:
    return Side(place + 1, _filled([Piece(lines[place], lit)]))


def _filled(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    return tuple(piece for piece in pieces if piece.text)
