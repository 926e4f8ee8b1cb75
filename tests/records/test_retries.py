import asyncio
from datetime import timedelta

import pytest

from assistant.errors import Conflict, Invalid
from assistant.leases import LEASE
from assistant.records import Retries
from assistant.records.retries import KEPT


@pytest.fixture
def retries(either_database, clock):
    return Retries(either_database, clock=clock)


async def begin(retries, key="abc", request=b"{}", owner="k1"):
    return await retries.begin(owner, key, request, prefix="ans-")


async def test_a_second_try_is_given_what_the_first_made(retries):
    first = await begin(retries)
    assert first.reference.startswith("ans-") and not first.finished
    await retries.finish(first)
    second = await begin(retries)
    assert (second.reference, second.finished) == (first.reference, True)


async def test_while_the_first_is_at_work_the_second_waits(retries, clock):
    first = await begin(retries)
    for _ in range(3):
        clock.now += LEASE - timedelta(seconds=1)
        await retries.renew(first)
        with pytest.raises(Conflict, match="still at work"):
            await begin(retries)


async def test_of_tries_that_come_at_once_one_is_first(retries):
    tries = await asyncio.gather(*(begin(retries) for _ in range(6)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in tries) == ["Conflict"] * 5 + ["Retry"]


async def test_a_try_that_was_killed_is_taken_over_with_the_same_reference_and_changes_nothing_more(retries, clock):
    first = await begin(retries)
    clock.now += LEASE
    second = await begin(retries)
    assert (second.reference, second.finished) == (first.reference, False)
    await retries.finish(first)
    await retries.drop(first)
    with pytest.raises(Conflict):
        await begin(retries)


async def test_a_try_that_made_nothing_is_forgotten(retries):
    first = await begin(retries)
    await retries.drop(first)
    assert not (await begin(retries, request=b"another")).finished


async def test_dropping_after_finishing_changes_nothing(retries):
    first = await begin(retries)
    await retries.finish(first)
    await retries.drop(first)
    assert (await begin(retries)).finished


async def test_the_same_key_with_another_request_is_refused(retries):
    await retries.finish(await begin(retries))
    with pytest.raises(Invalid, match="another request"):
        await begin(retries, request=b"other")


async def test_a_key_is_each_owner_s_own_and_remembered_for_a_day(retries, clock):
    first = await begin(retries)
    await retries.finish(first)
    assert (await begin(retries, owner="k2", request=b"other")).reference != first.reference
    clock.now += KEPT
    assert not (await begin(retries, request=b"other")).finished


@pytest.mark.parametrize("key", ["", "with space", "é", "x" * 256, "a\nb"])
async def test_a_key_that_cannot_be_one_is_named(retries, key):
    with pytest.raises(Invalid, match="Idempotency-Key"):
        await begin(retries, key=key)


async def test_a_try_that_was_killed_before_the_clock_was_set_back_blocks_the_next_no_longer_than_a_lease(
    retries, clock
):
    first = await begin(retries)
    clock.now -= timedelta(hours=3)
    with pytest.raises(Conflict):
        await begin(retries)
    clock.now += LEASE
    assert (await begin(retries)).reference == first.reference


async def test_what_was_made_before_the_clock_was_set_back_is_given_after_it(retries, clock):
    first = await begin(retries)
    await retries.finish(first)
    clock.now -= timedelta(hours=3)
    again = await begin(retries)
    assert (again.reference, again.finished) == (first.reference, True)
