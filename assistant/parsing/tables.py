"""Tables, row by row: each row as one line that can be read and quoted alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from assistant.parsing.text import Refused, Text


def text_of_csv(file: Path) -> Text:
    """One line a row, `Header: value; Header: value`."""
    text = file.read_text(encoding="utf-8-sig")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Refused(f"is not a well-formed table: {error}") from error
    if not rows:
        raise Refused("has no header row")
    header, *members = rows
    for number, row in enumerate(members, start=2):
        if len(row) > len(header):
            raise Refused(f"row {number} has {len(row)} cells, the header has {len(header)}")
    return Text("\n".join(filter(None, (row_text(header, row) for row in members))))


def row_text(header: Sequence[str], cells: Sequence[str]) -> str:
    """One table row as one line, `Header: value; Header: value`; empty cells are left out."""
    names = [*header, *[""] * (len(cells) - len(header))]
    pairs = [(" ".join(name.split()), " ".join(cell.split())) for name, cell in zip(names, cells, strict=False)]
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)
