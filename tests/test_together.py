"""Writes that come at the same moment share a unit of work, and none of them is forgotten."""

import asyncio

import pytest

from assistant.database import Database
from assistant.errors import Unavailable
from assistant.together import Together


@pytest.fixture
async def database(tmp_path):
    opened = Database(f"sqlite+aiosqlite:///{tmp_path}/together.db")
    await opened.create()
    yield opened
    await opened.close()


async def test_what_waits_goes_into_one_unit_of_work_in_order(database):
    units: list[list[int]] = []

    def write(direct, things):
        units.append(list(things))
        return [10 * each for each in things]

    together = Together(database, write)
    assert await asyncio.gather(*(together.soon(each) for each in range(5))) == [0, 10, 20, 30, 40]
    assert units == [[0, 1, 2, 3, 4]]


async def test_what_comes_after_all_that_waited_was_taken_is_written(database):
    written: list[list[int]] = []
    together: Together[int]

    def write(direct, things):
        written.append(list(things))
        if not things:  # All of it was taken while its unit of work waited for its turn.
            second.append(together.soon(2))
        return list(things)

    together, second = Together(database, write), []
    async with database.session():
        first = together.soon(1)
        for _ in range(5):
            await asyncio.sleep(0)
        assert together.take(lambda each: each == 1) == [1]
    async with asyncio.timeout(10):
        await together.settled()
        assert first.cancelled()
        assert await second[0] == 2
    assert written == [[], [2]]


async def test_a_failure_is_told_to_everyone_in_that_unit_of_work_and_to_nobody_after(database):
    fails = True

    def write(direct, things):
        if fails:
            raise Unavailable("away")
        return list(things)

    together = Together(database, write)
    waiting = [together.soon(each) for each in range(3)]
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in told] == [Unavailable] * 3
    fails = False
    assert await together.soon(4) == 4


async def test_what_can_wait_goes_with_what_cannot(database):
    units: list[list[int]] = []

    def write(direct, things):
        units.append(list(things))
        return list(things)

    together = Together(database, write)
    patient = [together.soon(each, within_s=600) for each in (1, 2)]
    await asyncio.sleep(0.05)
    assert units == []
    assert await asyncio.gather(*patient, together.soon(3)) == [1, 2, 3]
    assert units == [[1, 2, 3]]


async def test_what_can_wait_is_written_by_itself_in_the_end(database):
    def write(direct, things):
        return list(things)

    together = Together(database, write)
    async with asyncio.timeout(10):
        assert await together.soon(1, within_s=0.02) == 1
        waiting = together.soon(2, within_s=600)
        await together.settled()
    assert waiting.result() == 2


async def test_whoever_wants_the_result_now_need_not_wait_for_what_can_wait(database):
    def write(direct, things):
        return list(things)

    together = Together(database, write)
    waiting = together.soon(1, within_s=600)
    together.hurry()
    async with asyncio.timeout(10):
        assert await waiting == 1


async def test_what_is_due_soon_goes_along_with_another_and_what_can_wait_does_not(database):
    units: list[str] = []

    def writing(name):
        def write(direct, things):
            units.append(f"{name} {things}")
            return list(things)

        return write

    guest = Together(database, writing("guest"))
    host = Together(database, writing("host"), guest=guest)
    patient = guest.soon(1, within_s=600)
    assert await host.soon("a") == "a"
    assert not patient.done()
    soon = guest.soon(2, within_s=0.02)
    assert await host.soon("b") == "b"
    assert (await patient, await soon) == (1, 2)
    assert units == ["host ['a']", "host ['b']", "guest [1, 2]"]
    await asyncio.sleep(0.05)
    assert len(units) == 3  # Nothing is left to be written at the time that was meant.


async def test_what_went_along_fails_with_the_unit_of_work(database):
    def write(direct, things):
        return list(things)

    def away(direct, things):
        raise Unavailable("away")

    guest = Together(database, away)
    host = Together(database, write, guest=guest)
    along = guest.soon(1, within_s=0.02)
    told = await asyncio.gather(host.soon("a"), along, return_exceptions=True)
    assert [type(each) for each in told] == [Unavailable] * 2


async def test_everything_has_settled_also_what_went_along_with_another(database):
    def write(direct, things):
        return list(things)

    guest = Together(database, write)
    host = Together(database, write, guest=guest)
    async with database.session():  # Nobody else writes meanwhile.
        along, _ = guest.soon(1), host.soon("a")
        settled = asyncio.create_task(guest.settled())
        await asyncio.sleep(0.02)
        assert not settled.done()
    async with asyncio.timeout(10):
        await settled
    assert along.result() == 1
