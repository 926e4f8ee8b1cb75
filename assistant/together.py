"""Writes that come at the same moment go into one unit of work: each costs a commit, and SQLite takes one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from typing import Any, Generic, TypeVar

from assistant.database import Database
from assistant.short import Direct

T = TypeVar("T")
Act = Callable[[Direct], Any]
_SOON_S = 0.05
"""What would have a commit of its own within this goes along with another's; what can wait longer finds company."""


class Together(Generic[T]):
    """Writes what it is given in the order it was given, as much at once as waits; belongs to one event loop."""

    def __init__(
        self,
        database: Database,
        write: Callable[[Direct, Sequence[T]], Sequence[Any]],
        *,
        first: Act | None = None,
        guest: Together[Any] | None = None,
    ) -> None:
        """`write` gives one result for each thing written; before what waits is taken, `first` waits its turn.

        What is due soon at `guest`, of the same database, goes along at the end of a unit of work, which fails with it.
        """
        self._database, self._write, self._first, self._guest = database, write, first, guest
        self._waiting: list[tuple[T, asyncio.Future[Any]]] = []
        self._untold: set[asyncio.Future[Any]] = set()
        self._writing: asyncio.Task[None] | None = None
        self._due_s = inf  # By the loop's clock.
        self._begins: tuple[float, asyncio.Handle] | None = None  # When, by that clock: not every loop's handle says.

    def soon(self, thing: T, *, within_s: float = 0.0) -> asyncio.Future[Any]:
        """The result of writing `thing`, there once it is committed; begun after `within_s` at the latest.

        What can wait goes with what cannot, and costs no commit of its own.
        """
        waiting = asyncio.get_running_loop().create_future()
        waiting.add_done_callback(self._told)
        self._untold.add(waiting)
        self._waiting.append((thing, waiting))
        self._begin_by(asyncio.get_running_loop().time() + within_s)
        return waiting

    def take(self, wanted: Callable[[T], bool]) -> list[T]:
        """What still waits of what is `wanted`, in order, for somebody who writes it elsewhere."""
        taken = [(thing, waiting) for thing, waiting in self._waiting if wanted(thing)]
        self._waiting = [each for each in self._waiting if not wanted(each[0])]
        if not self._waiting:
            self._taken()  # Nothing is due any longer.
        for _, waiting in taken:
            waiting.cancel()
        return [thing for thing, _ in taken]

    def hurry(self) -> None:
        """Begins with what waits: somebody wants the result now."""
        if self._waiting:
            self._begin_by(0.0)

    async def settled(self) -> None:
        """Returns when nothing waits any longer; nothing is left to wait for company."""
        while self._untold or self._is_writing:
            self.hurry()
            await asyncio.wait({*self._untold, *([self._writing] if self._writing else [])})

    @property
    def _is_writing(self) -> bool:
        return self._writing is not None and not self._writing.done()

    @property
    def _is_due_soon(self) -> bool:
        return self._due_s <= asyncio.get_running_loop().time() + _SOON_S

    def _begin_by(self, due_s: float) -> None:
        """Begins at `due_s` at the latest with what waits; whoever writes now looks again at his end."""
        self._due_s = min(self._due_s, due_s)
        if self._is_writing or not self._waiting or (self._begins and self._begins[0] <= self._due_s):
            return
        self._leave()
        self._begins = (self._due_s, asyncio.get_running_loop().call_at(self._due_s, self._begin))

    def _begin(self) -> None:
        self._begins = None
        self._writing = asyncio.create_task(self._write_all())

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and self._due_s <= loop.time():
            unit = _Unit()
            try:
                await self._database.shortly(partial(self._fill, unit))
            except BaseException as fault:
                if not unit.waiting:  # The database is away: nobody waits any longer.
                    unit.waiting = [waiting for _, waiting in self._taken()]
                unit.tell(fault)
                if not isinstance(fault, Exception):
                    raise
            else:
                unit.tell(None)
        self._writing = None
        self._begin_by(self._due_s)

    def _taken(self) -> list[tuple[T, asyncio.Future[Any]]]:
        """All that waits, which waits no longer."""
        taken, self._waiting, self._due_s = self._waiting, [], inf
        self._leave()
        return taken

    def _told(self, waiting: asyncio.Future[Any]) -> None:
        self._untold.discard(waiting)
        if not waiting.cancelled():
            waiting.exception()  # Nobody may wait for it; then nobody is to be told either.

    def _leave(self) -> None:
        """Does not begin when it was to, if it was to."""
        if self._begins:
            self._begins[1].cancel()
        self._begins = None

    def _fill(self, unit: _Unit, direct: Direct) -> None:
        """Writes what waits by the time its unit of work has its turn, and what is due soon at the guest."""
        if self._first is not None:
            self._first(direct)
        taken = self._taken()
        unit.waiting += [waiting for _, waiting in taken]
        unit.results += self._write(direct, [thing for thing, _ in taken])
        if self._guest is not None and self._guest._is_due_soon:
            self._guest._fill(unit, direct)


class _Unit:
    """What goes into one unit of work: who waits for it, and what each is told when it is committed."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[Any]] = []
        self.results: list[Any] = []

    def tell(self, fault: BaseException | None) -> None:
        for place, waiting in enumerate(self.waiting):
            if waiting.done():  # Whoever wanted it was cancelled.
                continue
            if fault is not None:
                waiting.set_exception(fault)
            else:
                waiting.set_result(self.results[place])


def one_by_one(direct: Direct, acts: Sequence[Act]) -> list[Any]:
    """What each act returns, in order."""
    return [act(direct) for act in acts]
