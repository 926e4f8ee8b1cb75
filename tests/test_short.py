"""A statement made once does what SQLAlchemy does with it, on the spot and by way of it, on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import JSON, Column, Integer, MetaData, String, Table, bindparam, delete, insert, select, update

from assistant.database import Database, Moment
from assistant.errors import Unavailable
from assistant.short import Short

TABLES = MetaData()
THINGS = Table(
    "short_things",
    TABLES,
    Column("id", String(8), primary_key=True),
    Column("many", Integer),
    Column("kept", JSON),
    Column("at", Moment),
)
ADDING = Short(insert(THINGS))
COUNTING = Short(update(THINGS).where(THINGS.c.id == bindparam("named")), sets=("many",))
FINDING = Short(select(THINGS.c.many, THINGS.c.id).where(THINGS.c.id == bindparam("named")).limit(1))
DROPPING = Short(delete(THINGS).where(THINGS.c.at <= bindparam("before")))
AT = datetime(2026, 11, 27, 12, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture
async def database(either_database):
    async with either_database.session() as session:
        await (await session.connection()).run_sync(TABLES.create_all)
    yield either_database
    async with either_database.session() as session:
        await (await session.connection()).run_sync(TABLES.drop_all)


@pytest.mark.parametrize("short", [True, False])
async def test_it_does_the_same_wherever_it_is_done(database, short):
    rows = [{"id": name, "many": 1, "kept": {"a": [1, "é"]}, "at": AT} for name in ("a", "b")]
    async with database.session(short=short) as session:
        await ADDING.changing(session, *rows)
        assert await COUNTING.changing(session, {"named": "a", "many": 7}) == 1
        assert await COUNTING.changing(session, {"named": "none", "many": 7}) == 0
        found = await session.run_sync(lambda inner: FINDING.first(inner.connection(), {"named": "a"}))
        missing = await session.run_sync(lambda inner: FINDING.first(inner.connection(), {"named": "none"}))
    assert (found, missing) == ((7, "a"), None)
    async with database.reading() as session:
        kept = (await session.execute(select(THINGS.c.kept, THINGS.c.at).order_by(THINGS.c.id))).all()
    assert [tuple(row) for row in kept] == [({"a": [1, "é"]}, AT.astimezone(UTC))] * 2
    async with database.session(short=short) as session:
        assert await DROPPING.changing(session, {"before": AT - timedelta(seconds=1)}) == 0
        assert await DROPPING.changing(session, {"before": AT}) == 2


async def test_a_database_that_is_not_there_is_told_as_such(tmp_path):
    empty = Database(f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    with pytest.raises(Unavailable, match="OperationalError"):
        async with empty.session(short=True) as session:
            await ADDING.changing(session, {"id": "a", "many": 1, "kept": {}, "at": AT})
    await empty.close()
