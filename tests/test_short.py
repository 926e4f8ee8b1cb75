"""A statement made once does what SQLAlchemy does with it, on the spot and by way of it, on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest
from sqlalchemy import JSON, String, bindparam, delete, insert, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from assistant.database import Database, Moment
from assistant.errors import Unavailable
from assistant.short import Short, along


class Tables(DeclarativeBase):
    """Of this test alone."""


class Thing(Tables):
    __tablename__ = "short_things"

    id: Mapped[str] = mapped_column(String(8), primary_key=True)
    many: Mapped[int]
    kept: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Moment)


TABLES, THINGS = Tables.metadata, Thing.__table__
ADDING = Short(insert(THINGS))
COUNTING = Short(update(THINGS).where(THINGS.c.id == bindparam("named")), sets=("many",))
FINDING = Short(select(THINGS.c.many, THINGS.c.id).where(THINGS.c.id == bindparam("named")).limit(1))
ALL = Short(select(THINGS).order_by(THINGS.c.id))
DROPPING = Short(delete(THINGS).where(THINGS.c.at <= bindparam("before")))
AT = datetime(2026, 11, 27, 12, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture
async def database(either_database):
    async with either_database.session() as session:
        await (await session.connection()).run_sync(TABLES.create_all)
    yield either_database
    async with either_database.session() as session:
        await (await session.connection()).run_sync(TABLES.drop_all)


async def shortly(database, act):
    return await database.shortly(act)


async def in_a_session(database, act):
    async with database.session() as session:
        return await along(session, act)


@pytest.mark.parametrize("do", [shortly, in_a_session])
async def test_it_does_the_same_wherever_it_is_done(database, do):
    rows = [{"id": name, "many": 1, "kept": {"a": [1, "é"]}, "at": AT} for name in ("a", "b")]

    def change(direct):
        ADDING.change(direct, *rows)
        assert COUNTING.change(direct, {"named": "a", "many": 7}) == 1
        assert COUNTING.change(direct, {"named": "none", "many": 7}) == 0
        return FINDING.first(direct, {"named": "a"}), FINDING.first(direct, {"named": "none"})

    assert await do(database, change) == ((7, "a"), None)
    assert await do(database, ALL.rows) == [(name, many, {"a": [1, "é"]}, AT) for name, many in (("a", 7), ("b", 1))]
    async with database.reading() as session:
        kept = (await session.execute(select(THINGS.c.kept, THINGS.c.at).order_by(THINGS.c.id))).all()
    assert [tuple(row) for row in kept] == [({"a": [1, "é"]}, AT.astimezone(UTC))] * 2
    moments = (AT - timedelta(seconds=1), AT)
    assert await do(database, lambda direct: [DROPPING.change(direct, {"before": at}) for at in moments]) == [0, 2]


async def test_it_comes_behind_what_the_session_was_to_write(database):
    async with database.session() as session:
        session.add(Thing(id="a", many=1, kept={}, at=AT))
        assert await along(session, partial(FINDING.first, given={"named": "a"})) == (1, "a")


async def test_what_fails_half_way_is_undone_and_the_next_finds_nothing_begun(database):
    def fail(direct):
        ADDING.change(direct, {"id": "a", "many": 1, "kept": {}, "at": AT})
        raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        await database.shortly(fail)
    assert await database.shortly(partial(FINDING.first, given={"named": "a"})) is None


async def test_a_database_that_is_not_there_is_told_as_such(tmp_path):
    empty = Database(f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    with pytest.raises(Unavailable, match="OperationalError"):
        await empty.shortly(lambda direct: ADDING.change(direct, {"id": "a", "many": 1, "kept": {}, "at": AT}))
    await empty.close()
