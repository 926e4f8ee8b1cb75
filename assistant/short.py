"""A statement that every turn executes, made once: where SQLite can do it on the spot, nothing stands between.

SQLAlchemy takes ten times as long over such a statement as SQLite does, and whoever writes waits for who is writing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

from assistant.sqlite_thread import ThreadConnection

Row = Mapping[str, Any]


class Short:
    """What it gives is told as SQLite keeps it: whole numbers and texts are what they are, a moment would be a text."""

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

    def first(self, connection: Connection, given: Row | None = None) -> tuple[Any, ...] | None:
        """The first row of its result."""
        if raw := _at_hand(connection):
            row: tuple[Any, ...] | None = raw.execute(self._sql, self._in_place(given or {})).fetchone()
            return row
        found = connection.execute(self._statement, given).first()
        return None if found is None else tuple(found)

    def change(self, connection: Connection, *rows: Row) -> int:
        """How many rows it changed, with each of `rows` as what it is given; of several not every driver tells that."""
        if raw := _at_hand(connection):
            return raw.executemany(self._sql, [self._in_place(row) for row in rows]).rowcount
        return int(connection.execute(self._statement, rows[0] if len(rows) == 1 else rows).rowcount)

    async def changing(self, session: AsyncSession, *rows: Row) -> int:
        """As `change`, with what else that unit of work writes."""
        return await session.run_sync(lambda inner: self.change(inner.connection(), *rows))

    def _in_place(self, given: Row) -> Sequence[Any]:
        return [kept(given[name] if name in given else self._constants[name]) for name, kept in self._places]


def _as_it_is(value: Any) -> Any:
    return value


def _at_hand(connection: Connection) -> sqlite3.Connection | None:
    driver = connection.connection.driver_connection
    return driver.at_hand if isinstance(driver, ThreadConnection) else None
