"""Work that stops the moment nobody waits for it any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from starlette.types import Receive

Result = TypeVar("Result")
Item = TypeVar("Item")
CALLER_LEFT = 499  # Status nobody reads but the access log; the number is nginx's.


async def while_connected(receive: Receive, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result] | None:
    """The finished task of `work`, to ask for its result; None when the caller left first and `work` was cancelled.

    `work` runs in one task from its beginning to its end, and has ended when this returns. The request's body must
    have been read before.
    """
    doing = asyncio.create_task(work)
    leaving = asyncio.create_task(_left(receive))
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return doing if doing.done() else None
    finally:
        doing.cancel()
        leaving.cancel()
        await asyncio.gather(doing, leaving, return_exceptions=True)


@asynccontextmanager
async def closing(events: AsyncIterator[Item]) -> AsyncIterator[AsyncIterator[Item]]:
    """The same events, closed at once when nobody asks for more, so that what they hold is let go."""
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


async def with_pauses(events: AsyncIterator[Item], *, every_s: float) -> AsyncIterator[Item | None]:
    """The same events, and None whenever `every_s` seconds have brought none."""
    coming: asyncio.Future[Item] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(events))
            if not (await asyncio.wait({coming}, timeout=every_s))[0]:
                yield None
                continue
            try:
                event = coming.result()
            except StopAsyncIteration:
                return
            coming = None
            yield event
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
