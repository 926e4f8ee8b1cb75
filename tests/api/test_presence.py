import asyncio

import pytest

from assistant.api.presence import while_connected


async def stays():
    await asyncio.Event().wait()


async def leaves():
    return {"type": "http.disconnect"}


async def test_finished_work_hands_over_its_result():
    async def work() -> int:
        return 7

    assert (await while_connected(stays, work())).result() == 7


async def test_what_the_work_raises_is_kept_for_whoever_asks():
    async def work() -> None:
        raise ValueError("no")

    assert isinstance((await while_connected(stays, work())).exception(), ValueError)


async def test_work_nobody_waits_for_is_cancelled_and_cleaned_up_first():
    steps = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            steps.append("cleaned up")

    assert await while_connected(leaves, work()) is None
    assert steps in ([], ["cleaned up"])  # Empty where the caller had left before the work began.


async def test_a_server_that_stops_takes_the_work_with_it():
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    serving = asyncio.create_task(while_connected(stays, work()))
    await begun.wait()
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert ended.is_set()
