"""What a test set going itself, where the services of other tests go on in the same event loop."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_of_the_test: ContextVar[bool] = ContextVar("of_the_test", default=False)


@contextmanager
def started_here() -> Iterator[list[asyncio.Task[Any]]]:
    """The tasks started within, by the test or what it called: a task inherits its starter's context."""
    loop, started = asyncio.get_running_loop(), []
    before = loop.get_task_factory()

    def start(of: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **more: Any) -> asyncio.Task[Any]:
        task = before(of, work, **more) if before else asyncio.Task(work, loop=of, **more)
        if _of_the_test.get():
            started.append(task)
        return task

    mark = _of_the_test.set(True)
    loop.set_task_factory(start)
    try:
        yield started
    finally:
        loop.set_task_factory(before)
        _of_the_test.reset(mark)
