"""Rows of comma-separated values as sentences, each value under its column: "item: kettle; price: 80"."""

from __future__ import annotations

import csv
import re

_MOST_REPEATED = 10  # So many times the length of a passage its columns' names may take in all.
_FEWEST = 2  # A header and a row; of columns as many.
_UNIT = re.compile(r"\s+(?:in\s+(\S{1,12})|[(\[](\S{1,12})[)\]])\Z")


def rows_of(passage: str) -> tuple[str, ...]:
    """Each row of `passage`; nothing where it is no such table. Prose has blanks behind its commas."""
    lines = [line for line in passage.splitlines() if line.strip()]
    if len(lines) < _FEWEST or not all("," in line for line in lines):
        return ()
    if len(lines) * len(lines[0]) > _MOST_REPEATED * len(passage):
        return ()
    try:
        header, *rows = csv.reader(lines, strict=True)
    except csv.Error:
        return ()
    cells = [cell for row in (header, *rows) for cell in row]
    whole = all(len(row) == len(header) for row in rows) and len(header) >= _FEWEST
    if not whole or any(cell.startswith(" ") for cell in cells):
        return ()
    return tuple(
        "; ".join(_cell(name, value) for name, value in zip(header, row, strict=True) if value.strip()) for row in rows
    )


def _cell(name: str, value: str) -> str:
    """A value under its column, with the unit that this names: "price in euro", "weight (kg)"."""
    unit = _UNIT.search(name)
    if unit is None or not value.replace(".", "", 1).replace(",", "", 1).isdigit():
        return f"{name}: {value}"
    return f"{name[: unit.start()]}: {value} {unit[1] or unit[2]}"
