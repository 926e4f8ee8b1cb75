"""Personal data in the columns of a table, known by what the head of the column says."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from assistant.guards import birth_dates
from assistant.guards.labels import label
from assistant.guards.personal_patterns import RECORDS
from assistant.verticals import PersonalKind

Span = tuple[int, int]
_Kinds = dict[int, tuple[PersonalKind, Callable[[str], bool]]]  # By the place of a column.
_SIGNS = ",;\t|"
_LONGEST_HEAD = 400  # A longer line is no head of a table.
_LONGEST_CELL = 80
_PHONE = re.compile(r"\+?[\d\s().+/-]{5,24}", re.ASCII)
_NUMBER = re.compile(r"(?=[A-Za-z0-9/-]*\d{3})[A-Za-z0-9/-]{4,20}")
_NAME = re.compile(r"[^\W\d_]+(?:[ .'’-]{1,2}[^\W\d_]+){0,3}\.?")


def _is(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda cell: pattern.fullmatch(cell) is not None


# A head that things have as well, such as "name", is none: the list of products has it.
_HEADS: tuple[tuple[PersonalKind, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("date_of_birth", re.compile(label(*birth_dates.LABELS), re.I), birth_dates.is_date),
    ("phone", re.compile(label("(?:(?:tele)?phone|mobile|cell|fax|tel|telefono|telefon|handy)(?: (?:number|no|nr))?"), re.I), _is(_PHONE)),
    ("record_number", re.compile(label(*RECORDS), re.I), _is(_NUMBER)),
    ("person", re.compile(label("(?:full|first|last|family|given|patient|customer|client) name", "surname", "patient"), re.I), _is(_NAME)),
)  # fmt: skip


def cells(text: str) -> Mapping[PersonalKind, list[Span]]:
    """By kind, the cells of `text` below a head of that kind, whose form is right for it."""
    found: dict[PersonalKind, list[Span]] = {}
    if "\n" not in text:
        return found
    kinds: _Kinds = {}
    sign, width, position = "", 0, 0
    for line in text.split("\n"):
        row = _row(line, position, sign) if kinds else []
        if kinds and len(row) == width:
            for place, (kind, fits) in kinds.items():
                start, end = row[place]
                if end - start <= _LONGEST_CELL and fits(text[start:end]):
                    found.setdefault(kind, []).append((start, end))
        else:
            sign, width, kinds = _head(line)
        position += len(line) + 1
    return found


def _head(line: str) -> tuple[str, int, _Kinds]:
    """What parts the cells of a table whose head is `line`, how many they are, and which of them are of a kind."""
    if len(line) > _LONGEST_HEAD:
        return "", 0, {}
    sign = max(_SIGNS, key=line.count)
    row = _row(line, 0, sign) if sign in line else []
    kinds = {
        place: (kind, fits)
        for place, (start, end) in enumerate(row)
        for kind, head, fits in _HEADS
        if head.fullmatch(line[start:end])
    }
    return sign, len(row), kinds


def _row(line: str, position: int, sign: str) -> list[Span]:
    """Where the cells of `line` stand without blanks and quotes around them, `position` being where it begins."""
    spans = []
    for match in _CELLS[sign].finditer(line):
        cell = match.group()
        bare = cell.strip(" \t\r\"'")
        start = position + match.start() + (cell.find(bare) if bare else 0)
        spans.append((start, start + len(bare)))
    return spans


_CELLS = {
    sign: re.compile(
        rf'(?:(?<={re.escape(sign)})|\A)[ ]?(?:"[^"\n]*"[ ]?(?={re.escape(sign)}|\Z)|[^{re.escape(sign)}\n]*)'
    )
    for sign in _SIGNS
}
