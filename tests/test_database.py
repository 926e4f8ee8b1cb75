import asyncio
import sqlite3
import stat
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import String, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import CreateTable

from assistant.database import Base, Database, Moment
from assistant.errors import Misconfigured, Unavailable
from assistant.short import Short


class Note(Base):
    __tablename__ = "test_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(String(50))
    at: Mapped[datetime | None] = mapped_column(Moment)


ADDING = Short(insert(Note.__table__))


@pytest.fixture(params=["memory", "file", "postgres"])
async def database(request, tmp_path, new_postgres):
    file = f"sqlite+aiosqlite:///{tmp_path}/deep/assistant.db"
    opened = Database({"memory": "sqlite+aiosqlite://", "file": file}.get(request.param) or new_postgres())
    async with opened.session() as session:
        await session.execute(CreateTable(Note.__table__))
    yield opened
    await opened.close()


async def test_a_unit_of_work_is_committed_when_its_block_ends(database):
    async with database.session() as session:
        session.add(Note(id=1, words="kept"))
    async with database.reading() as session:
        assert (await session.get(Note, 1)).words == "kept"


async def test_a_result_of_thousands_of_rows_comes_whole_and_by_the_page(database):
    numbers = list(range(2500))
    async with database.session() as session:
        session.add_all(Note(id=number, words="x") for number in numbers)
    paged = select(Note.id).order_by(Note.id).execution_options(yield_per=300)
    async with database.reading() as session:
        assert list(await session.scalars(select(Note.id).order_by(Note.id))) == numbers
        assert [number async for number in await session.stream_scalars(paged)] == numbers


async def test_a_result_that_is_not_read_to_its_end_keeps_nobody_from_writing(database):
    async with database.session() as session:
        session.add_all(Note(id=number, words="x") for number in range(2500))
    async with database.session() as session:
        async for number in await session.stream_scalars(select(Note.id).execution_options(yield_per=10)):
            if number > 1100:
                break
        session.add(Note(id=3000, words="after"))
    async with database.reading() as session:
        assert (await session.get(Note, 3000)).words == "after"


async def test_a_unit_of_work_reads_what_it_wrote_and_is_kept(database):
    async with database.session() as session:
        session.add_all(Note(id=number, words="kept") for number in range(5))
        assert len((await session.scalars(select(Note))).all()) == 5
    async with database.session() as session:
        session.add(Note(id=6, words="kept"))
    async with database.reading() as session:
        assert list(await session.scalars(select(Note.id).order_by(Note.id))) == [0, 1, 2, 3, 4, 6]


@pytest.mark.parametrize("briefly", [False, True])
async def test_who_is_cancelled_while_waiting_for_another_process_leaves_nothing_begun(tmp_path, briefly):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/busy.db")
    async with database.session() as session:
        await session.execute(CreateTable(Note.__table__))
    other = sqlite3.connect(tmp_path / "busy.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write(number: int) -> None:
        if briefly:
            await database.shortly(lambda direct: ADDING.change(direct, {"id": number, "words": "late", "at": None}))
            return
        async with database.session() as session:
            session.add(Note(id=number, words="late"))

    waiting = asyncio.create_task(write(1))
    await asyncio.sleep(0.1)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    late = asyncio.create_task(write(2))
    await asyncio.sleep(0.1)
    other.execute("ROLLBACK")
    await late
    other.execute("BEGIN IMMEDIATE")  # Would wait in vain for a transaction that somebody left open.
    assert other.execute("SELECT id FROM test_notes").fetchall() == [(2,)]
    other.close()
    await database.close()


async def test_a_unit_of_work_that_raises_leaves_nothing_behind(database):
    async def break_half_way() -> None:
        async with database.session() as session:
            session.add(Note(id=1, words="lost"))
            await session.flush()
            raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        await break_half_way()
    async with database.reading() as session:
        assert await session.get(Note, 1) is None


async def test_many_units_of_work_that_read_and_then_write_all_succeed(database):
    async with database.session() as session:
        session.add(Note(id=1, words="0"))

    async def add_one() -> None:
        async with database.session() as session:
            note = await session.get(Note, 1, with_for_update=True)
            note.words = str(int(note.words) + 1)

    await asyncio.gather(*(add_one() for _ in range(20)))
    async with database.reading() as session:
        assert (await session.get(Note, 1)).words == "20"


async def test_those_who_write_in_a_file_get_in_in_the_order_they_came(tmp_path):
    database, came, wrote = Database(f"sqlite+aiosqlite:///{tmp_path}/assistant.db"), list(range(12)), []

    async def write(number: int) -> None:
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
            await asyncio.sleep(0.03)
            wrote.append(number)

    await asyncio.gather(*(write(number) for number in came))
    await database.close()
    assert wrote == came


async def test_a_moment_comes_back_in_utc(database):
    rome = datetime(2026, 7, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    async with database.session() as session:
        session.add(Note(id=1, words="", at=rome))
    async with database.reading() as session:
        kept = await session.scalar(select(Note.at))
    assert kept == rome
    assert kept.tzinfo is UTC


async def test_a_file_is_in_wal_mode_with_foreign_keys_and_readable_by_its_owner_only(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/assistant.db")
    await database.create()
    async with database.reading() as session:
        assert await session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await session.scalar(text("PRAGMA foreign_keys")) == 1
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    await database.close()
    assert modes == {0o600}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/none",
        "postgres://nobody@127.0.0.1:1/none?sslmode=disable",
        "postgresql+asyncpg://nobody@127.0.0.1:1/none",
    ],
)
async def test_a_postgres_that_is_away_is_unavailable_however_its_address_is_written(url):
    database = Database(url)
    with pytest.raises(Unavailable, match="did not answer"):
        await database.create()
    await database.close()


async def test_a_postgres_that_was_away_answers_again_without_a_restart(new_postgres):
    database, beside = Database(new_postgres()), Database(new_postgres())
    async with database.reading() as session:
        number = await session.scalar(text("SELECT pg_backend_pid()"))
    async with beside.session() as session:
        await session.execute(text(f"SELECT pg_terminate_backend({number})"))
    async with database.reading() as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) != number
    await database.close()
    await beside.close()


async def test_a_database_that_cannot_be_opened_is_unavailable_and_shows_no_statement(tmp_path):
    (tmp_path / "assistant.db").write_bytes(b"this is no database at all, whatever its name says" * 40)
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/assistant.db")
    with pytest.raises(Unavailable, match=r"did not answer .*its file is damaged: restore a backup") as raised:
        await database.create()
    await database.close()
    assert "PRAGMA" not in str(raised.value)


@pytest.mark.parametrize("url", ["no address", "sqlite:///x.db", "nosuch+driver://user:secret@host/db", ""])
def test_an_address_that_cannot_be_used_is_named_by_its_setting_without_its_password(url):
    with pytest.raises(Misconfigured, match="ASSISTANT_DATABASE_URL") as raised:
        Database(url)
    assert "secret" not in str(raised.value)


async def test_writers_of_one_process_take_turns_in_the_order_they_came(tmp_path):
    opened = Database(f"sqlite+aiosqlite:///{tmp_path}/turns.db")
    async with opened.session() as session:
        await session.execute(CreateTable(Note.__table__))
    order = []

    async def write(number: int) -> None:
        async with opened.session() as session:
            order.append(number)
            session.add(Note(id=number, words="in turn"))

    await asyncio.gather(*(write(number) for number in range(40)))
    assert order == list(range(40))
    await opened.close()
