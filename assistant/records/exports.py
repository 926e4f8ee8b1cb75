"""The audit chain as a file, and back: JSON lines or CSV, in which the chain verifies without the database."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sys
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from pathlib import Path
from typing import Literal, TextIO

from assistant.ledger.anchors import Anchors
from assistant.ledger.chain import Head, Record

Format = Literal["jsonl", "csv"]
COLUMNS = ("sequence", "at", "kind", "subject", "digest", "record")
_DIGEST = len('{"digest":"')
_DIGEST_END = _DIGEST + 64
_BODY = _DIGEST_END + len('","record":')
_LONGEST_FIELD = 16 * 1024 * 1024  # Of a record in CSV; Python's own limit is 128 KiB.


async def until_the_end(records: AsyncIterable[Record], anchors: Anchors | None) -> AsyncGenerator[Record, None]:
    """The records as they come; after the last it is signed that an export ended there.

    What is anchored later saw more of the chain, and nobody could tell an export from one whose end was cut off.
    """
    end = None
    async for record in records:
        yield record
        end = Head(record.sequence, record.digest)
    if end and anchors:
        await asyncio.to_thread(anchors.add, end, "exported")


async def write_export(records: AsyncIterable[Record], file: TextIO, form: Format) -> int:
    """Writes the records as they are; how many there were.

    As JSON lines each is `{"digest":…,"record":{…}}`, the record being the very text that was digested.
    """
    count = 0 if form == "jsonl" else -1  # The names of the columns are no record.
    async for line in export_lines(records, form):
        file.write(line)
        count += 1
    return count


async def export_lines(records: AsyncIterable[Record], form: Format) -> AsyncGenerator[str, None]:
    """The lines of an export, as `write_export` writes them."""
    if form == "csv":
        yield f"{','.join(COLUMNS)}\n"
    async for record in records:
        yield _written(record) if form == "csv" else _line(record)


async def read_export(path: Path) -> AsyncGenerator[Record, None]:
    """The records of an export, one at a time; what is not as we write it comes as a record whose digest is wrong."""
    csv.field_size_limit(min(_LONGEST_FIELD, sys.maxsize))
    # A record is ASCII or UTF-8; whatever is not was changed, and then its digest tells.
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        last = 0
        for found in _rows(file) if path.suffix == ".csv" else _lines(file):
            record = found if isinstance(found, Record) else Record(last + 1, found, "")
            yield record
            last = record.sequence


def _line(record: Record) -> str:
    return f'{{"digest":{json.dumps(record.digest)},"record":{record.body}}}\n'


def _lines(file: TextIO) -> Iterator[Record | str]:
    """Each record, or a line that is none."""
    for line in file:
        body = line[_BODY:-2]
        record = Record(_number(body), body, line[_DIGEST:_DIGEST_END])
        yield record if record.sequence and line == _line(record) else line


def _number(body: str) -> int:
    """The place that a record claims; 0 where it claims none."""
    try:
        number = Record(0, body, "").read().get("sequence")
    except ValueError:
        return 0
    return number if type(number) is int else 0


def _row(record: Record) -> tuple[str, ...]:
    try:
        said = record.read()
    except ValueError:  # Changed by somebody; verifying tells, and an export may be to prove it.
        said = {}
    told = (str(said.get(name) or "") for name in ("at", "kind", "subject"))
    at, kind, subject = (each.encode(errors="replace").decode() for each in told)  # JSON can name half a character.
    return str(record.sequence), at, kind, subject, record.digest, record.body


def _rows(file: TextIO) -> Iterator[Record | str]:
    """Each record, or a row that is none."""
    if file.readline() != f"{','.join(COLUMNS)}\n":
        yield "the names of the columns"
    for line in file:  # A record holds no line break: JSON writes it as two characters.
        try:
            (row,) = csv.reader([line], strict=True)
            record = Record(int(row[0]), row[5], row[4])
            yield record if line == _written(record) else line
        except (csv.Error, ValueError, KeyError, IndexError, TypeError):
            yield line


def _written(record: Record) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(_row(record))
    return line.getvalue()
