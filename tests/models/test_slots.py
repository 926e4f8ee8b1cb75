from __future__ import annotations

import asyncio

import pytest

from assistant.errors import ModelUnavailable
from assistant.models.slots import Slots


async def test_one_more_than_slots_and_queue_is_refused_at_once():
    slots = Slots(1, queue=1)
    await slots.enter()
    waiting = asyncio.create_task(slots.enter())
    await asyncio.sleep(0)
    with pytest.raises(ModelUnavailable, match="1 answers are being written and 1 requests wait") as refused:
        await slots.enter()
    assert refused.value.status == 503
    assert refused.value.retry_after_s >= 1
    slots.leave()
    await waiting
    assert (slots.busy, slots.waiting) == (1, 0)


async def test_those_who_wait_are_served_in_order():
    slots, served = Slots(1, queue=3), []

    async def one(n: int) -> None:
        await slots.enter()
        served.append(n)
        slots.leave()

    await slots.enter()
    tasks = [asyncio.create_task(one(n)) for n in range(3)]
    await asyncio.sleep(0)
    slots.leave()
    await asyncio.gather(*tasks)
    assert served == [0, 1, 2]
    assert slots.busy == 0


async def test_who_gives_up_leaves_the_line_to_others():
    slots = Slots(1, queue=1)
    await slots.enter()
    first = asyncio.create_task(slots.enter())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert slots.waiting == 0
    second = asyncio.create_task(slots.enter())
    await asyncio.sleep(0)
    slots.leave()
    await second


async def test_a_place_given_in_the_moment_of_giving_up_is_not_lost():
    slots = Slots(1, queue=1)
    await slots.enter()
    unlucky = asyncio.create_task(slots.enter())
    await asyncio.sleep(0)
    slots.leave()  # Gives the place to the task, which cannot know it before the loop runs again.
    unlucky.cancel()
    await asyncio.gather(unlucky, return_exceptions=True)
    assert slots.busy == 0


async def test_long_turns_make_the_time_to_come_back_longer():
    slots = Slots(1, queue=0)
    waits = []
    for held_s in (0.1, 60.0):
        for _ in range(30):
            await slots.enter()
            slots.leave(held_s=held_s)
        await slots.enter()
        with pytest.raises(ModelUnavailable) as refused:
            await slots.enter()
        waits.append(refused.value.retry_after_s)
        slots.leave()
    assert waits[0] == 1
    assert waits[1] > 50
