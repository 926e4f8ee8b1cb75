"""The audit chain: records in one row, each naming the digest of the one before, so that no change goes unseen.

A record is canonical JSON (RFC 8785), kept as the very text that was digested. It holds ids, counts, names of rails and
keyed digests, never a text and never a person's name: it outlives everything that may have to be erased.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Database, utc_now
from assistant.ledger.acting import acting
from assistant.ledger.canonical import canonical
from assistant.short import Direct, Short, along

NOTHING = "0" * 64
"""What the first record names as the digest before it."""
_LOCK = 7_263_402  # Any number that no other application of the same PostgreSQL server locks.
_PAGE = 5_000  # Records read at once: a few MB.


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, as it is to be recorded."""

    kind: str
    """What happened: `turn.opened`, `key.created`, `conversation.erased` …"""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Ids, counts, names and keyed digests; JSON values."""
    subject: str | None = None
    """The conversation it is about."""
    by: str | None = field(default_factory=acting.get)
    """Who did it; None for what the service does by itself."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain."""

    sequence: int = 0
    """Number of the last record; 0 before the first."""
    digest: str = NOTHING


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was found, nothing in it believed yet."""

    sequence: int
    body: str
    """Canonical JSON."""
    digest: str
    """What is said to be the SHA-256 of `body`."""

    def read(self) -> dict[str, Any]:
        """What `body` says; raises ValueError where that is no JSON object."""
        try:
            read = json.loads(self.body)
        except RecursionError as error:
            raise ValueError("a record is not nested as deep as this") from error
        if not isinstance(read, dict):
            raise ValueError("a record is a JSON object")  # noqa: TRY004 — of the text, not of a type
        return read


def digest_of(body: str) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(body.encode()).hexdigest()


async def hold(session: AsyncSession) -> None:
    """From here to the end of the unit of work nobody else appends.

    It is to be the last thing that a unit of work waits for: one that held the chain and waited for a row could wait
    for somebody who holds the row and waits for the chain. SQLite lets one writer in at a time as it is.
    """
    await along(session, hold_here)


async def append(session: AsyncSession, *entries: Entry, at: datetime | None = None) -> Head:
    """Puts `entries` at the end of the chain with what else that unit of work writes, or not at all; the new end."""
    return await along(session, lambda direct: append_here(direct, entries, at or utc_now()))


def hold_here(direct: Direct) -> None:
    """As `hold`, for what is done by short statements."""
    if isinstance(direct, Connection) and direct.dialect.name == "postgresql":
        direct.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def append_here(direct: Direct, entries: Sequence[Entry], at: datetime) -> Head:
    """As `append`, for what is done by short statements."""
    hold_here(direct)
    end = _end(_LAST_HERE.first(direct))
    moment = at.isoformat(timespec="milliseconds")
    rows = []
    for entry in entries:
        record = {
            "sequence": end.sequence + 1,
            "previous": end.digest,
            "at": moment,
            "kind": entry.kind,
            "subject": entry.subject,
            "by": entry.by,
            "facts": dict(entry.facts),
        }
        body = canonical(record)
        end = Head(end.sequence + 1, digest_of(body))
        rows.append({"sequence": end.sequence, "body": body, "digest": end.digest})
    if rows:
        _NEXT.change(direct, *rows)
    return end


async def head(session: AsyncSession) -> Head:
    """The end of the chain as this unit of work sees it."""
    return _end((await session.execute(_LAST)).first())


def _end(last: Sequence[Any] | None) -> Head:
    return Head(*last) if last else Head()


async def extent(database: Database) -> tuple[int, int]:
    """Numbers of the first record that is still there and of the last; 1 and 0 where there is none."""
    async with database.reading() as session:
        first = await session.scalar(select(func.min(_RecordRow.sequence)))
        return first or 1, (await head(session)).sequence


async def records(database: Database, *, since: datetime | None = None) -> AsyncGenerator[Record, None]:
    """Every record from the first on, a page in memory at a time; with `since`, from the first of that moment on."""
    last = await _last_before(database, since) if since is not None else None
    while True:
        async with database.reading() as session:
            page = _stored(session).order_by(_RecordRow.sequence).limit(_PAGE)
            if last is not None:
                page = page.where(_RecordRow.sequence > last)
            rows = (await session.execute(page)).all()
        if not rows:
            return
        for row in rows:
            yield _found(row)
        last = rows[-1].sequence


def _stored(session: AsyncSession) -> Select[Any]:
    """The records as they are stored, for `_found` to read."""
    columns: list[ColumnElement[Any]] = [_RECORDS.c.body, _RECORDS.c.digest]
    if session.get_bind().dialect.name == "sqlite":  # It keeps any bytes as a text, and cannot read them as one then.
        columns = [each.cast(LargeBinary) for each in columns]
    return select(_RECORDS.c.sequence, *columns)


def _found(row: Sequence[Any]) -> Record:
    """The record in a row; what is no UTF-8 was changed by somebody, and comes as a record whose digest is wrong."""
    number, body, digest = row
    if isinstance(body, str):
        return Record(number, body, digest)
    try:
        return Record(number, body.decode(), digest.decode())
    except UnicodeDecodeError:
        return Record(number, body.decode(errors="backslashreplace"), "")


async def _last_before(database: Database, since: datetime) -> int:
    """Number of the last record before `since`: found by halving, because moments follow one another in the chain."""
    moment = since.astimezone(UTC).isoformat(timespec="milliseconds")
    first, high = await extent(database)
    low = first - 1
    async with database.reading() as session:
        while low < high:
            middle = (low + high + 1) // 2
            row = (await session.execute(_stored(session).where(_RecordRow.sequence == middle))).first()
            if row is not None and _moment_of(_found(row)) < moment:
                low = middle
            else:
                high = middle - 1
    return low


def _moment_of(record: Record) -> str:
    """When a record was written; after every moment for one that was tampered with, so that no search skips it."""
    try:
        return str(record.read()["at"])
    except (ValueError, KeyError):
        return "~"


async def prune(session: AsyncSession, before: datetime) -> Head | None:
    """Takes off the records from before `before`, from the first on, and records where the chain begins now.

    None where there are none.
    """
    await hold(session)
    moment, gone = before.isoformat(timespec="milliseconds"), None
    oldest = _stored(session).order_by(_RecordRow.sequence)
    async for row in await session.stream(oldest.execution_options(yield_per=_PAGE)):
        record = _found(row)
        if _moment_of(record) >= moment:
            break
        gone = Head(record.sequence, record.digest)
    if gone is not None:
        await append(session, Entry("audit.pruned", {"through": gone.sequence, "digest": gone.digest}))
        await session.execute(delete(_RecordRow).where(_RecordRow.sequence <= gone.sequence))
    return gone


class _RecordRow(Base):
    __tablename__ = "audit"

    sequence: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


_RECORDS = cast(Table, _RecordRow.__table__)
_NEXT = Short(insert(_RECORDS))
_LAST = select(_RECORDS.c.sequence, _RECORDS.c.digest).order_by(_RECORDS.c.sequence.desc()).limit(1)
_LAST_HERE = Short(_LAST)
