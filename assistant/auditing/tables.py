"""A table of an evidence pack: shown on a page, and written beside it for programs, as CSV and as JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

Cell = str | int | float | bool | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of the same columns."""

    name: str
    """Of its files, in hyphens."""
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def write_table(table: Table, folder: Path) -> None:
    """Writes `NAME.csv` and `NAME.jsonl`, which say the same; JSON lines word for word."""
    with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows([_harmless(cell) for cell in row] for row in table.rows)
    with (folder / f"{table.name}.jsonl").open("w", encoding="utf-8") as file:
        for row in table.rows:
            file.write(json.dumps(dict(zip(table.columns, row, strict=True)), ensure_ascii=False) + "\n")


def _harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would run as a formula has an apostrophe before it (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
