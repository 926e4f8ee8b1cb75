"""The schema is made, moved on and refused alike on SQLite and on PostgreSQL."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Boolean, Date, DateTime, Float, Integer, LargeBinary, MetaData, String, text

import assistant.app  # noqa: F401 — so that every table is declared
from assistant import migrations
from assistant.access import Budgets, Keys
from assistant.database import Base, Database
from assistant.errors import Misconfigured
from assistant.records import Turns


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path, new_postgres):
    return new_postgres() if request.param == "postgres" else f"sqlite+aiosqlite:///{tmp_path}/assistant.db"


@pytest.fixture
async def database(url):
    opened = Database(url)
    yield opened
    await opened.close()


def _differences(connection):
    def ours(name, kind, parents):
        return kind != "table" or not name.startswith("test_")

    context = MigrationContext.configure(connection, opts={"include_name": ours, "compare_type": True})
    declared = compare_metadata(context, Base.metadata)
    return [each for each in declared if "test_" not in repr(each)]


def _moved(connection, to):
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _filled(connection, version):
    """A database of that version with a row in every table; the rows by table, as they are then."""
    _moved(connection, version)
    tables = MetaData()
    tables.reflect(connection, only=lambda name, _: name != "alembic_version")
    for table in tables.sorted_tables:
        connection.execute(table.insert().values({column.name: _value(column) for column in table.columns}))
    return _rows(connection)


def _value(column):
    for kind, value in VALUES.items():
        if isinstance(column.type, kind):
            return value
    raise AssertionError(f"no value is known for {column}: {column.type!r}")


def _rows(connection):
    tables = MetaData()
    tables.reflect(connection, only=lambda name, _: name != "alembic_version")
    return {t.name: [dict(row) for row in connection.execute(t.select()).mappings()] for t in tables.sorted_tables}


async def test_migrating_makes_exactly_the_tables_that_the_code_declares(database):
    await database.create()
    async with database.reading() as session:
        connection = await session.connection()
        assert await connection.run_sync(_differences) == []


async def test_workers_that_start_together_migrate_once(url):
    databases = [Database(url) for _ in range(6)]
    await asyncio.gather(*(each.create() for each in databases))
    async with databases[0].reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    for each in databases:
        await each.close()


async def test_a_database_from_before_there_were_migrations_keeps_its_rows(database, url):
    moment = "DATETIME" if url.startswith("sqlite") else "TIMESTAMP WITH TIME ZONE"
    async with database.session() as session:
        for statement in FIRST_SCHEMA.replace("MOMENT", moment).split(";"):
            await session.execute(text(statement))
    await database.create()
    async with database.reading() as session:
        assert await (await session.connection()).run_sync(_differences) == []
    assert [key.name for key in await Keys(database).list()] == ["old"]
    assert (await Turns(database).get("ans-1", "k1")).answer == "Thirty days."


async def test_moving_on_from_an_earlier_version_keeps_every_row_of_every_table(url, tmp_path, new_postgres):
    earlier = (VERSIONS[0], VERSIONS[len(VERSIONS) // 2], VERSIONS[-1]) if url.startswith("sqlite") else VERSIONS[-1:]
    for version in earlier:
        address = f"sqlite+aiosqlite:///{tmp_path}/{version}.db" if url.startswith("sqlite") else new_postgres()
        database = Database(address)
        async with database.session() as session:
            connection = await session.connection()
            before = await connection.run_sync(lambda old, to=version: _filled(old, to))
        await database.create()
        async with database.reading() as session:
            connection = await session.connection()
            assert await connection.run_sync(_differences) == []
            after = await connection.run_sync(_rows)
        assert before
        for table, (row,) in before.items():
            assert [{name: each[name] for name in row} for each in after[table]] == [row], (version, table)
        await database.close()


async def test_what_a_day_used_before_verticals_were_told_apart_is_still_told(database):
    async with database.session() as session:
        await (await session.connection()).run_sync(lambda old: _filled(old, "0012"))
    await database.create()
    (used,) = await Budgets(database).since(date(2026, 1, 1))
    assert (used.account, used.vertical, used.prompt_tokens, used.energy_wh) == ("row", None, 1, 0.5)


async def test_a_schema_of_a_newer_version_is_refused_and_left_alone(database):
    await database.create()
    async with database.session() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999_from_the_future'"))
    with pytest.raises(Misconfigured, match=r"9999_from_the_future.*newer version"):
        await database.create()
    async with database.reading() as session:
        assert await session.scalar(text("SELECT version_num FROM alembic_version")) == "9999_from_the_future"


# Every text is the same, and short enough for every column, so that what refers to another row finds it.
VALUES = {
    JSON: {"kept": ["as it was"]},
    Date: date(2026, 11, 1),
    DateTime: datetime(2026, 11, 1, 12, tzinfo=UTC),
    String: "row",
    Boolean: True,
    Integer: 1,
    Float: 0.5,
    LargeBinary: b"bytes",
}
VERSIONS = [each.revision for each in ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()][:0:-1]
"""All but the present one, the oldest first."""

# As the code before the first migration made them, with a row in each.
FIRST_SCHEMA = """
CREATE TABLE conversations (id VARCHAR(64) NOT NULL PRIMARY KEY, vertical VARCHAR(64) NOT NULL,
  key_id VARCHAR(64) NOT NULL, created_at MOMENT NOT NULL, placeholders TEXT);
CREATE INDEX ix_conversations_key_id ON conversations (key_id);
CREATE TABLE keys (id VARCHAR(12) NOT NULL PRIMARY KEY, name VARCHAR(200) NOT NULL, digest VARCHAR(64) NOT NULL,
  scopes JSON NOT NULL, verticals JSON, created_at MOMENT NOT NULL,
  last_used_at MOMENT, revoked_at MOMENT);
CREATE TABLE turns (id VARCHAR(64) NOT NULL PRIMARY KEY,
  conversation_id VARCHAR(64) NOT NULL, position INTEGER NOT NULL,
  question TEXT NOT NULL, answer TEXT NOT NULL, outcome VARCHAR(16) NOT NULL, rail VARCHAR(200),
  release VARCHAR(200) NOT NULL, model VARCHAR(200) NOT NULL, created_at MOMENT NOT NULL,
  receipt JSON NOT NULL, UNIQUE (conversation_id, position),
  FOREIGN KEY (conversation_id) REFERENCES conversations (id) ON DELETE CASCADE);
INSERT INTO keys VALUES ('0123456789ab', 'old', 'd', '["chat"]', NULL, '2026-11-01 12:00:00.000000', NULL, NULL);
INSERT INTO conversations VALUES ('con-1', 'shop', 'k1', '2026-11-01 12:00:00.000000', NULL);
INSERT INTO turns VALUES ('ans-1', 'con-1', 1, 'How long?', 'Thirty days.', 'answered', NULL, 'sha256:1', 'scripted',
  '2026-11-01 12:00:00.000000', '{}')
"""
