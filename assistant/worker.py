"""A worker: takes jobs that are due, one at a time, and lets none of them go by being stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from assistant.errors import AssistantError, Unavailable
from assistant.jobs import Handler, Jobs, Work
from assistant.leases import keep

logger = logging.getLogger(__name__)


class Worker:
    """Works off the kinds of jobs it has a handler for. Several may run, in any number of processes."""

    def __init__(self, jobs: Jobs, handlers: Mapping[str, Handler], *, poll_s: float = 0.5) -> None:
        self._jobs, self._handlers, self._poll_s = jobs, handlers, poll_s

    async def run(self) -> None:
        """Works until it is cancelled; the job it then has in hand is given back and begun again elsewhere."""
        while True:
            try:
                work = await self._jobs.claim(list(self._handlers))
                if work is not None:
                    await self._do(work)
                    continue
            except Unavailable as error:
                logger.warning("jobs wait: %s", error)
            await asyncio.sleep(self._poll_s)

    async def _do(self, work: Work) -> None:
        doing = asyncio.ensure_future(self._handlers[work.job.kind](work))
        renewing = asyncio.create_task(self._renew(work, doing))
        try:
            await asyncio.wait({doing})
        except asyncio.CancelledError:
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
            await self._jobs.give_back(work)
            raise
        finally:
            renewing.cancel()
        if doing.cancelled():  # Its owner cancelled it, or it is another worker's by now.
            return
        error = doing.exception()
        if error is None:
            await self._jobs.finish(work, doing.result())
            return
        if not isinstance(error, AssistantError):
            logger.error("job %s (%s) failed unexpectedly", work.job.id, work.job.kind, exc_info=error)
        await self._jobs.fail(work, error)

    async def _renew(self, work: Work, doing: asyncio.Future[Any]) -> None:
        await keep(lambda: self._jobs.renew(work), self._jobs.lease, f"job {work.job.id}")
        doing.cancel()
