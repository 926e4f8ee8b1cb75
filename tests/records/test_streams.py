"""Answers under way, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from assistant.database import Database
from assistant.errors import NotFound, Unavailable
from assistant.leases import LEASE
from assistant.records import Streams, Turns
from assistant.records.streams import KEPT, WANTED, Given

OPENED, SAID = {"answer_id": "ans-1"}, {"text": "Thirty days."}


@pytest.fixture
def streams(either_database, clock):
    return Streams(either_database, clock=clock)


async def test_what_has_left_is_read_by_its_owner_alone_until_the_answer_is_a_turn(streams):
    await streams.open("ans-1", "k1", "con-1", OPENED)
    assert await streams.say("ans-1", [OPENED, SAID])
    assert await streams.read("ans-1", "k1") == Given([OPENED, SAID], False, None)
    assert await streams.read("ans-1", "k2") is None and await streams.read("ans-2", "k1") is None
    assert await streams.finish("ans-1")
    assert await streams.read("ans-1", "k1") is None


async def test_an_answer_that_breaks_off_keeps_what_has_left_and_says_why(streams):
    await streams.open("ans-1", "k1", "con-1", OPENED)
    await streams.break_off("ans-1", "the model stopped")
    assert await streams.read("ans-1", "k1") == Given([OPENED], True, "the model stopped")


async def test_a_writer_that_falls_silent_has_broken_off_and_one_that_renews_has_not(streams, clock):
    await streams.open("ans-1", "k1", "con-1", OPENED)
    clock.now += LEASE / 2
    assert await streams.renew("ans-1")
    clock.now += LEASE / 2
    assert not (await streams.read("ans-1", "k1")).over
    clock.now += LEASE / 2
    assert (await streams.read("ans-1", "k1")).over


async def test_a_second_try_of_a_killed_one_begins_anew(streams, clock):
    await streams.open("ans-1", "k1", "con-1", OPENED)
    await streams.say("ans-1", [OPENED, SAID])
    clock.now += LEASE
    await streams.open("ans-1", "k1", "con-2", OPENED)
    assert await streams.read("ans-1", "k1") == Given([OPENED], False, None)


async def test_a_reader_elsewhere_is_known_to_wait_for_a_while(streams, clock):
    await streams.open("ans-1", "k1", "con-1", OPENED)
    assert not await streams.wanted("ans-1") and not await streams.wanted("ans-2")
    await streams.want("ans-1")
    assert await streams.wanted("ans-1")
    clock.now += WANTED
    assert not await streams.wanted("ans-1")


async def test_what_broke_off_is_gone_after_a_day(streams, clock):
    await streams.open("ans-1", "k1", "con-1", OPENED)
    await streams.break_off("ans-1", "the model stopped")
    clock.now += KEPT
    await streams.open("ans-2", "k1", "con-1", OPENED)
    assert await streams.read("ans-1", "k1") is None and await streams.read("ans-2", "k1") is not None


async def test_erasing_a_conversation_takes_what_is_under_way_in_it_and_nobody_else_s(either_database, streams):
    turns = Turns(either_database)
    await streams.open("ans-1", "k1", "con-1", OPENED)
    await streams.open("ans-2", "k2", "con-1", OPENED)
    with pytest.raises(NotFound):
        await turns.erase("con-1", "k3")
    await turns.erase("con-1", "k1")
    for act in (streams.say("ans-1", [OPENED]), streams.renew("ans-1"), streams.finish("ans-1")):
        assert not await act
    assert await streams.read("ans-2", "k2") is not None


async def test_what_many_want_to_write_at_once_is_written_for_each(streams):
    names = [f"ans-{number}" for number in range(40)]
    await asyncio.gather(*(streams.open(name, "k1", name, OPENED) for name in names))
    said = await asyncio.gather(*(streams.say(name, [OPENED, SAID]) for name in [*names, "ans-none"]))
    assert said == [True] * 40 + [False]
    for name in names:
        assert len((await streams.read(name, "k1")).events) == 2


async def test_a_database_that_is_away_is_told_to_everyone_who_waits(tmp_path):
    away = Streams(Database(f"sqlite+aiosqlite:///{tmp_path}/empty.db"))
    (tmp_path / "empty.db").unlink()
    (tmp_path / "empty.db").mkdir()
    results = await asyncio.gather(*(away.renew(name) for name in ("ans-1", "ans-2")), return_exceptions=True)
    assert [type(each) for each in results] == [Unavailable, Unavailable]
