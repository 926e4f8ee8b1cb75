"""The schema is made, moved on and refused alike on SQLite and on PostgreSQL."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import assistant.app  # noqa: F401 — so that every table is declared
from assistant.access import Keys
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


async def test_a_schema_of_a_newer_version_is_refused_and_left_alone(database):
    await database.create()
    async with database.session() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999_from_the_future'"))
    with pytest.raises(Misconfigured, match=r"9999_from_the_future.*newer version"):
        await database.create()
    async with database.reading() as session:
        assert await session.scalar(text("SELECT version_num FROM alembic_version")) == "9999_from_the_future"


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
