"""Writes that come at the same moment go into one unit of work: each costs a commit, and SQLite takes one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from assistant.database import Database

T = TypeVar("T")
Act = Callable[[AsyncSession], Awaitable[Any]]


class Together(Generic[T]):
    """Writes what it is given in the order it was given, as much at once as waits; belongs to one event loop."""

    def __init__(
        self,
        database: Database,
        write: Callable[[AsyncSession, Sequence[T]], Awaitable[Sequence[Any]]],
        *,
        first: Act | None = None,
    ) -> None:
        """`write` gives one result for each thing written; before what waits is taken, `first` waits its turn."""
        self._database, self._write, self._first = database, write, first
        self._waiting: list[tuple[T, asyncio.Future[Any]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._due_s, self._earlier = 0.0, asyncio.Event()

    def soon(self, thing: T, *, within_s: float = 0.0) -> asyncio.Future[Any]:
        """The result of writing `thing`, there once it is committed; begun after `within_s` at the latest.

        What can wait goes with what cannot, and costs no commit of its own.
        """
        waiting = asyncio.get_running_loop().create_future()
        waiting.add_done_callback(_looked_at)
        self._due_s = min(self._due_s, monotonic() + within_s) if self._waiting else monotonic() + within_s
        self._earlier.set()
        self._waiting.append((thing, waiting))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return waiting

    def take(self, wanted: Callable[[T], bool]) -> list[T]:
        """What still waits of what is `wanted`, in order, for somebody who writes it elsewhere."""
        taken = [(thing, waiting) for thing, waiting in self._waiting if wanted(thing)]
        self._waiting = [each for each in self._waiting if not wanted(each[0])]
        for _, waiting in taken:
            waiting.cancel()
        return [thing for thing, _ in taken]

    def hurry(self) -> None:
        """Begins with what waits: somebody wants the result now."""
        self._due_s = 0.0
        self._earlier.set()

    async def settled(self) -> None:
        """Returns when nothing waits any longer; nothing is left to wait for company."""
        self.hurry()
        while self._writing is not None and not self._writing.done():
            await asyncio.shield(self._writing)

    async def _write_all(self) -> None:
        while self._waiting:
            await self._due()
            together: list[tuple[T, asyncio.Future[Any]]] = []
            outcome: Sequence[Any] | BaseException
            (outcome,) = await asyncio.gather(self._commit(together), return_exceptions=True)
            if not together and isinstance(outcome, BaseException):  # The database is away: nobody waits any longer.
                together, self._waiting = self._waiting, []
            for place, (_, waiting) in enumerate(together):
                if waiting.done():  # Whoever wanted it was cancelled.
                    continue
                if isinstance(outcome, BaseException):
                    waiting.set_exception(outcome)
                else:
                    waiting.set_result(outcome[place])

    async def _due(self) -> None:
        """Returns when something that waits can wait no longer."""
        while self._waiting and (left_s := self._due_s - monotonic()) > 0:
            self._earlier.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._earlier.wait(), left_s)

    async def _commit(self, together: list[tuple[T, asyncio.Future[Any]]]) -> Sequence[Any]:
        """Writes in one unit of work what waits by the time it has its turn, and puts it into `together`."""
        async with self._database.session(short=True) as session:
            if self._first is not None:
                await self._first(session)
            together += self._waiting
            self._waiting = []
            return await self._write(session, [thing for thing, _ in together])


async def one_by_one(session: AsyncSession, acts: Sequence[Act]) -> list[Any]:
    """What each act returns, in order."""
    return [await act(session) for act in acts]


def _looked_at(waiting: asyncio.Future[Any]) -> None:
    if not waiting.cancelled():
        waiting.exception()  # Nobody may wait for it; then nobody is to be told either.
