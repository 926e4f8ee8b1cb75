"""The database: one engine for the process, and one session per unit of work; SQLite or PostgreSQL by its address."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from asyncpg import InterfaceError, PostgresError
from sqlalchemy import URL, Connection, DateTime, Dialect, event, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, InvalidRequestError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.types import TypeDecorator

from assistant import migrations, sqlite_thread
from assistant.errors import Misconfigured, Unavailable
from assistant.short import Direct
from assistant.sqlite_thread import BUSY_TIMEOUT_MS, READING, WRITING, ThreadConnection

T = TypeVar("T")
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 30  # Our statements touch a few rows; one that takes longer waits for something that is gone.
QUEUE_TIMEOUT_S = 30  # Units of work queue for a connection, and in SQLite for each other; each takes milliseconds.
PING_TIMEOUT_S = 3  # Whoever asks whether we are ready seldom waits longer.
_RETRY_S = 0.01
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


Clock = Callable[[], datetime]
"""Tells the time; tests bring their own."""


def utc_now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Every table of the service; each one is declared beside the feature that owns it."""


class Moment(TypeDecorator[datetime]):
    """A point in time, kept and handed back in UTC; SQLite by itself would lose the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What is stored: the same moment in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What is read: a moment that knows it is in UTC."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC)


class Database:
    """An async engine. SQLite runs in WAL mode with foreign keys on; PostgreSQL takes `postgresql://…` as it is."""

    def __init__(self, url: str) -> None:
        self._engine = _open(url)
        self._writing = async_sessionmaker(self._engine, expire_on_commit=False)
        reading = self._engine.execution_options(assistant_reading=True)
        self._reading = async_sessionmaker(reading, expire_on_commit=False)
        self._turn = asyncio.Lock() if self._engine.dialect.name == "sqlite" else None
        self._kept: ThreadConnection | None = None

    async def create(self) -> None:
        """Brings the tables to this version, from none or from an older one; safe when several workers start at once.

        Raises Misconfigured when a newer version has moved them on, Unavailable when the database cannot be reached.
        """
        async with _plain_errors(), self._engine.begin() as connection:
            await connection.run_sync(migrations.upgrade)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """One unit of work: committed when the block ends, rolled back when it raises.

        Raises Unavailable when the database cannot be reached or stays locked.
        """
        async with _plain_errors(), self._alone(), self._writing.begin() as session:
            yield session

    async def shortly(self, act: Callable[[Direct], T]) -> T:
        """What `act` returns, which is a unit of work: committed when it returns, rolled back when it raises.

        It writes by `Short` statements alone, each of which touches a few rows. With SQLite nothing of SQLAlchemy
        stands between, which takes several times as long over a unit of work as such statements do. Raises as
        `session` does.
        """
        async with _plain_errors(), self._alone():
            if self._turn is None:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(act)
            async with self._writer() as writer, writer.unit() as raw:
                return act(raw)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads, and so never waits for a writer; raises as `session` does."""
        async with _plain_errors(), self._reading.begin() as session:
            yield session

    async def scrub(self) -> None:
        """Overwrites what was deleted also where SQLite's log still holds it; PostgreSQL does so at its next vacuum.

        Raises Unavailable as `session` does.
        """
        if self._turn is None:
            return
        async with _plain_errors(), self._alone(), self._engine.connect() as connection:
            # Past SQLAlchemy, which would begin a transaction: a checkpoint cannot run within one.
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            cursor = await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = (await cursor.fetchone())[0]
            await cursor.close()
        if busy:
            raise Unavailable("the database's log could not be emptied: somebody reads it for long; try again")

    async def ping(self) -> None:
        """Returns when the database has answered; raises Unavailable when it does not within three seconds."""
        try:
            async with asyncio.timeout(PING_TIMEOUT_S), self.reading() as session:
                await session.execute(select(1))
        except TimeoutError as error:
            raise Unavailable(f"the database did not answer within {PING_TIMEOUT_S} s") from error

    async def close(self) -> None:
        """Closes every connection."""
        if self._kept is not None:
            await self._kept.close()
            self._kept = None
        await self._engine.dispose()

    @asynccontextmanager
    async def _writer(self) -> AsyncIterator[ThreadConnection]:
        """SQLite's connection for short units of work, of which there is one at a time; kept where it is a file."""
        if self._kept is not None:
            yield self._kept
            return
        connection = await self._engine.connect()
        try:
            pooled = await connection.get_raw_connection()
            writer = pooled.driver_connection
            assert isinstance(writer, ThreadConnection)
            if not _in_memory(self._engine.url):
                pooled.detach()
                self._kept = writer
            yield writer
        finally:
            if self._kept is None:
                await connection.close()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Whoever writes in SQLite, one after the other in the order they came.

        SQLite by itself lets those who wait sleep and try again, in no order: beside many others some never get in.
        """
        if self._turn is None:
            yield
            return
        async with asyncio.timeout(QUEUE_TIMEOUT_S):
            await self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()


async def add_if_missing(session: AsyncSession, row: Base) -> None:
    """Adds `row` unless its key is there already; never waits in vain nor fails when two do so at once."""
    values = {column.name: getattr(row, column.key) for column in row.__table__.columns}
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    await session.execute(insert(type(row)).values(values).on_conflict_do_nothing())


def _open(url: str) -> AsyncEngine:
    try:
        address = _with_driver(make_url(url))
        engine = create_async_engine(address, **_pool(address))
    except (ArgumentError, InvalidRequestError, ModuleNotFoundError) as error:
        # The address may hold a password, so it is not repeated.
        reason = (
            f"ASSISTANT_DATABASE_URL cannot be used: {type(error).__name__}; sqlite+aiosqlite:///data/assistant.db and "
            "postgresql://user:password@host/name can"
        )
        raise Misconfigured(reason) from error
    if address.get_backend_name() == "sqlite":
        _prepare_file(address)
        event.listen(engine.sync_engine, "do_connect", _in_thread)
        event.listen(engine.sync_engine, "connect", _set_pragmas)
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _with_driver(address: URL) -> URL:
    """`address` with the async driver we install, so that an address as hosts hand it out works unchanged."""
    if address.drivername not in {"postgresql", "postgres"}:
        return address
    query = dict(address.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")  # libpq's word and asyncpg's for the same.
    return address.set(drivername="postgresql+asyncpg", query=query)


def _pool(address: URL) -> dict[str, Any]:
    if address.get_backend_name() == "postgresql":
        timeouts = {"timeout": CONNECT_TIMEOUT_S, "command_timeout": STATEMENT_TIMEOUT_S}
        # A connection that died while it lay idle is replaced before it is used.
        return {"pool_pre_ping": True, "pool_timeout": QUEUE_TIMEOUT_S, "connect_args": timeouts}
    if _in_memory(address):
        # Each connection would see an empty database of its own, so there is one, and units of work queue for it.
        return {"poolclass": AsyncAdaptedQueuePool, "pool_size": 1, "max_overflow": 0}
    return {"poolclass": AsyncAdaptedQueuePool}


def _in_memory(address: URL) -> bool:
    return address.database in (None, "", ":memory:")


def _prepare_file(address: URL) -> None:
    if _in_memory(address):
        return
    file = Path(str(address.database))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # Conversations are nobody else's on this machine; SQLite's side files inherit the mode.


def _in_thread(dialect: Dialect, record: object, arguments: object, options: dict[str, Any]) -> None:  # noqa: ARG001
    """Has SQLAlchemy's dialect open our kind of connection; it goes on connecting itself."""
    options["async_creator_fn"] = sqlite_thread.connect


def _set_pragmas(connection: Any, record: object) -> None:  # noqa: ARG001 — SQLAlchemy passes both
    connection.isolation_level = None  # The driver begins no transaction of its own; `_begin` does.
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _switch_to_wal(connection, cursor)
    cursor.execute("PRAGMA secure_delete=ON")  # Erased text is overwritten in the file, not only unlinked.
    cursor.close()


def _switch_to_wal(connection: Any, cursor: Any) -> None:
    # Two that open a new file at once would wait for each other here, so SQLite lets one fail without its busy timeout.
    deadline = monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if monotonic() > deadline:
                raise
            connection.run_async(lambda _: asyncio.sleep(_RETRY_S))
        else:
            return


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    how = READING if options.get("assistant_reading", False) else WRITING
    driver = connection.connection.driver_connection
    assert isinstance(driver, ThreadConnection)
    if not driver.begin_here(how):
        connection.exec_driver_sql(how)


@asynccontextmanager
async def _plain_errors() -> AsyncIterator[None]:
    try:
        yield
    except (IntegrityError, ProgrammingError, DataError, sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # The database is there; what we asked of it was wrong, and that is a bug.
    except (DBAPIError, sqlite3.Error, PoolTimeoutError, PostgresError, InterfaceError, OSError) as error:
        damaged = getattr(getattr(error, "orig", error), "sqlite_errorname", None) in _DAMAGED
        advice = "; its file is damaged: restore a backup" if damaged else ""
        # The driver's own text can quote the statement and its values.
        raise Unavailable(f"the database did not answer ({type(error).__name__}){advice}") from error
