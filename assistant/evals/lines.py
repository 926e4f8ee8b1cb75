"""Rows of a run in a file, a JSON object a line, each on the disk as soon as it is known. One process writes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from assistant.errors import Invalid

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Row = TypeVar("Row", bound=DataclassInstance)
else:
    Row = TypeVar("Row")


class Lines(Generic[Row]):
    """The rows of one file, which only grows."""

    def __init__(self, file: Path, row: type[Row], *, named: str) -> None:
        """`row`: a dataclass; `named`: what errors call one that cannot be read."""
        self._file, self._row, self._named = file, TypeAdapter(row), named

    def read(self) -> tuple[Row, ...]:
        """Every row written so far, in order.

        A last line that a kill cut off is left out, so what it was about is done again; raises Invalid naming any other
        line that is none.
        """
        return tuple(self._rows())

    def mend(self) -> None:
        """Cuts off a line that a kill left unfinished."""
        if not self._file.exists():
            return
        whole = self._file.read_bytes()
        if whole and not whole.endswith(b"\n"):
            with self._file.open("r+b") as file:
                file.truncate(whole.rfind(b"\n") + 1)

    def add(self, row: Row) -> None:
        """Writes one more line, which is on the disk when this returns."""
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _rows(self) -> Iterator[Row]:
        if not self._file.exists():
            return
        lines = self._file.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines[:-1], start=1):  # What follows the last line end was cut off, or is empty.
            try:
                yield self._row.validate_python(_tuples(json.loads(line)))
            except (ValueError, ValidationError) as error:
                raise Invalid(f"{self._file}:{number}: is no {self._named} ({type(error).__name__})") from error


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
