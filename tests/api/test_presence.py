import asyncio
from contextlib import aclosing

import pytest

from assistant.api.presence import while_connected, with_pauses


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


async def test_pauses_are_told_and_no_event_is_lost_or_late():
    go_on = asyncio.Event()

    async def events():
        yield 1
        await go_on.wait()
        yield 2
        raise ValueError("no")

    heard: list[int | None] = []

    async def hear():
        async for each in with_pauses(events(), every_s=0.01):
            heard.append(each)
            if heard.count(None) == 2:
                go_on.set()

    with pytest.raises(ValueError, match="no"):
        await hear()
    assert [each for each in heard if each] == [1, 2] and heard[:3] == [1, None, None]


async def test_who_stops_listening_in_a_pause_lets_go_of_what_was_to_come():
    let_go = asyncio.Event()

    async def events():
        try:
            await asyncio.Event().wait()
            yield 1
        finally:
            let_go.set()

    async with aclosing(with_pauses(events(), every_s=0.01)) as heard:
        assert await anext(heard) is None
    assert let_go.is_set()
