"""A statement that every turn executes, made once: where SQLite can do it on the spot, nothing stands between.

SQLAlchemy takes ten times as long over such a statement as SQLite does, and whoever writes waits for who is writing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

T = TypeVar("T")
Row = Mapping[str, Any]
Direct = sqlite3.Connection | Connection
"""What does a short statement: SQLite itself, or SQLAlchemy."""


class Short:
    """A statement; what it is given and what it tells are the values that SQLAlchemy would be given and would tell."""

    def __init__(self, statement: ClauseElement, *, sets: Sequence[str] | None = None) -> None:
        """`statement` names what it is to be given; an update is given the columns that it `sets` beside."""
        assert isinstance(statement, Executable)
        self._statement = statement
        dialect = sqlite.dialect(paramstyle="qmark")
        compiled = statement.compile(dialect=dialect, column_keys=sets)
        assert isinstance(compiled, SQLCompiler)
        self._sql, self._constants = compiled.string, compiled.params
        ways = ((name, compiled.binds[name].type.dialect_impl(dialect)) for name in compiled.positiontup or ())
        self._places = [(name, kind.bind_processor(dialect) or _as_it_is) for name, kind in ways]
        told = getattr(statement, "exported_columns", ())
        kinds = (column.type.dialect_impl(dialect) for column in told)
        self._reads = [kind.result_processor(dialect, None) or _as_it_is for kind in kinds]

    def first(self, direct: Direct, given: Row | None = None) -> tuple[Any, ...] | None:
        """The first row of its result."""
        if isinstance(direct, sqlite3.Connection):
            row = direct.execute(self._sql, self._in_place(given or {})).fetchone()
            return None if row is None else self._read(row)
        found = direct.execute(self._statement, given).first()
        return None if found is None else tuple(found)

    def rows(self, direct: Direct, given: Row | None = None) -> list[tuple[Any, ...]]:
        """Every row of its result, of which there are few."""
        if isinstance(direct, sqlite3.Connection):
            return [self._read(row) for row in direct.execute(self._sql, self._in_place(given or {}))]
        return [tuple(row) for row in direct.execute(self._statement, given)]

    def change(self, direct: Direct, *rows: Row) -> int:
        """How many rows it changed, with each of `rows` as what it is given; of several not every driver tells that."""
        if isinstance(direct, sqlite3.Connection):
            return direct.executemany(self._sql, [self._in_place(row) for row in rows]).rowcount
        return int(direct.execute(self._statement, rows[0] if len(rows) == 1 else rows).rowcount)

    def _read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(read(value) for read, value in zip(self._reads, row, strict=True))

    def _in_place(self, given: Row) -> Sequence[Any]:
        return [kept(given[name] if name in given else self._constants[name]) for name, kept in self._places]


async def along(session: AsyncSession, act: Callable[[Direct], T]) -> T:
    """What `act` returns: it writes by short statements with what else that unit of work writes, behind all of that."""

    def run(inner: Session) -> T:
        inner.flush()
        return act(inner.connection())

    return await session.run_sync(run)


def _as_it_is(value: Any) -> Any:
    return value
