"""SQLite in a thread of its own that does a statement in one go, or without going there at all.

aiosqlite goes there and back for a cursor, the statement, its rows and the end of the cursor: each way costs more than
the statement itself, and on a busy machine many times more. Four became one; and a unit of work of short statements,
as a turn's are, is done where it is asked for.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")
READING = "BEGIN"
WRITING = "BEGIN IMMEDIATE"
"""A deferred transaction that reads and then writes fails at once when another wrote in between, whatever the busy
timeout (sqlite.org/isolation.html); one that says beforehand that it writes waits its turn."""
BUSY_TIMEOUT_MS = 5000  # A writer holds SQLite for milliseconds; one that waits longer than this is stuck, not slow.
_AT_ONCE = 1000  # Rows that come with their statement; of a long result the rest is fetched when it is wanted.


def connect(database: str, **options: Any) -> ThreadConnection:
    """A connection to await; `options` are those of `sqlite3.connect`."""
    connection = ThreadConnection(database, **options)
    connection._thread.daemon = True  # It must not outlive the process; SQLAlchemy does the same to its own.
    return connection


class ThreadConnection(aiosqlite.Connection):
    """A connection of aiosqlite whose cursors cost nothing until they have a statement."""

    raw: sqlite3.Connection
    """Used by one thread at a time: by the loop's while nothing is sent to the other."""

    def __init__(self, database: str, **options: Any) -> None:
        def open_raw() -> sqlite3.Connection:
            self.raw = sqlite3.connect(database, **options | {"check_same_thread": False})
            return self.raw

        super().__init__(open_raw, iter_chunk_size=_AT_ONCE)
        self._sent, self._done = 0, 0

    def begin_here(self, how: str) -> bool:
        """Whether a unit of work is begun, here and now: not where another process writes, or the thread is at work."""
        if self._sent != self._done:
            return False
        self.raw.execute("PRAGMA busy_timeout=0")
        try:
            self.raw.execute(how)
        except sqlite3.OperationalError:  # Whatever it is, the thread comes upon it again.
            return False
        finally:
            self.raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return True

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[sqlite3.Connection]:
        """A unit of work that writes: committed when the block ends, rolled back when it raises.

        To be used here and now: what is awaited within the block holds up everybody who writes.
        """
        try:
            await self.rollback()  # Whoever was cancelled at its end may have left one.
            if not self.begin_here(WRITING):
                await self.do(self.raw.execute, WRITING)
            yield self.raw
            await self.commit()
        except BaseException:
            await self.rollback()
            raise

    def cursor(self) -> ThreadCursor:  # type: ignore[override]  # it does for SQLAlchemy what one of aiosqlite does
        """A cursor; nothing happens in the thread yet."""
        return ThreadCursor(self)

    async def do(self, act: Callable[..., T], *given: Any) -> T:
        """What `act` returns, done in the thread."""
        self._sent += 1
        done: T = await self._execute(self._do, act, *given)  # type: ignore[no-untyped-call]  # aiosqlite's own
        return done

    async def commit(self) -> None:
        """Commits; in the thread, for it waits until all is on disk."""
        await self.do(self.raw.commit)

    async def rollback(self) -> None:
        """Rolls back where something was begun; the pool asks for it after every commit as well.

        Whoever was cancelled may have left a beginning that the thread has still to come to.
        """
        if self.raw.in_transaction or self._sent != self._done:
            await self.do(self.raw.rollback)

    def _do(self, act: Callable[..., T], *given: Any) -> T:
        try:
            return act(*given)
        finally:
            self._done += 1  # Here alone, and `_sent` in the loop alone, so neither needs a lock.


class ThreadCursor:
    """As much of a cursor as SQLAlchemy asks for."""

    def __init__(self, connection: ThreadConnection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows: deque[Any] = deque()
        self._over = True

    async def __aenter__(self) -> ThreadCursor:
        return self

    @property
    def description(self) -> Any:
        """The columns of the result; None where the statement has none."""
        return None if self._cursor is None else self._cursor.description

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed; -1 where that is not known."""
        return -1 if self._cursor is None else self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The number of the row inserted last."""
        return None if self._cursor is None else self._cursor.lastrowid

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Runs the statement and fetches the first rows with it."""
        self._cursor, rows = await self._connection.do(self._run, sql, parameters)
        self._keep(rows, _AT_ONCE)

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Runs a statement that has no result, for each of `parameters`."""
        self._cursor = await self._connection.do(self._connection.raw.executemany, sql, parameters)

    async def fetchone(self) -> Any:
        """The next row; None after the last."""
        await self._have(1)
        return self._rows.popleft() if self._rows else None

    async def fetchmany(self, size: int = 1) -> list[Any]:
        """The next rows, at most `size`."""
        await self._have(size)
        return [self._rows.popleft() for _ in range(min(size, len(self._rows)))]

    async def fetchall(self) -> list[Any]:
        """Every row that is left."""
        while not self._over:
            await self._have(len(self._rows) + _AT_ONCE)
        rows = list(self._rows)
        self._rows.clear()
        return rows

    async def close(self) -> None:
        """Lets go of the result; one that was read to its end holds nothing any more."""
        if self._cursor is not None and not self._over:
            await self._connection.do(self._cursor.close)
        self._over = True

    def _run(self, sql: str, parameters: Sequence[Any]) -> tuple[sqlite3.Cursor, list[Any]]:
        cursor = self._connection.raw.execute(sql, parameters)
        return cursor, cursor.fetchmany(_AT_ONCE) if cursor.description else []

    async def _have(self, size: int) -> None:
        """Fetches what is missing of `size` rows."""
        missing = size - len(self._rows)
        if missing > 0 and not self._over and self._cursor is not None:
            self._keep(await self._connection.do(self._cursor.fetchmany, missing), missing)

    def _keep(self, rows: list[Any], wanted: int) -> None:
        self._over = len(rows) < wanted
        self._rows.extend(rows)
