"""Retention: texts and records go when the vertical says so, by a daily job that leaves a record of what it did."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from assistant.database import Clock, Database, utc_now
from assistant.errors import NotFound
from assistant.jobs import Jobs, Work
from assistant.ledger.anchors import Anchors
from assistant.ledger.chain import Entry, append, prune
from assistant.records.erasure import Erasure
from assistant.records.holds import Held
from assistant.records.receipts import Receipts
from assistant.records.turns import Turns
from assistant.verticals import Retention

KIND = "retention"
OWNER = "service"
"""Whose jobs these are: nobody's key."""


Forget = Callable[[datetime], Awaitable[int]]
"""Forgets texts from before then that belong to no conversation; how many things lost theirs."""


async def _nothing_else(before: datetime) -> int:  # noqa: ARG001 — conversations are all there is
    return 0


@dataclass(frozen=True, slots=True)
class Ended:
    """What one run did."""

    conversations: int
    """Erased."""
    held: int
    """Old enough, and under a legal hold."""
    receipts: int
    records_through: int
    """The last record of the audit chain that was taken off its beginning; 0 where none was."""


class Retain:
    """Erases what is older than its vertical keeps it."""

    def __init__(
        self,
        database: Database,
        turns: Turns,
        erasure: Erasure,
        kept: Callable[[], Mapping[str, Retention]],
        *,
        forget: Forget = _nothing_else,
        clock: Clock = utc_now,
        anchors: Anchors | None = None,
    ) -> None:
        """`kept` tells for how long each vertical keeps what; what belongs to none that is served stays.

        What `forget` sees to may be any vertical's, so it goes when the first of them says so. `anchors` tell what was
        taken off the chain.
        """
        self._anchors = anchors
        self._database, self._turns, self._erasure, self._kept = database, turns, erasure, kept
        self._receipts, self._forget, self._clock = Receipts(database), forget, clock

    async def queue(self, jobs: Jobs) -> None:
        """Has today's run done, once however many processes ask."""
        today = self._clock().date().isoformat()
        await jobs.add(KIND, OWNER, {}, job_id=f"{KIND}-{today}")
        await jobs.forget(OWNER, before=self._clock() - timedelta(days=90))

    async def work(self, work: Work) -> dict[str, Any]:
        """The job: one run; begun again it goes on where it was."""
        ended = await self.run()
        await work.progress(1)
        return {"conversations": ended.conversations, "held": ended.held, "receipts": ended.receipts}

    async def run(self) -> Ended:
        """Erases what is due, and records that it did."""
        now, kept = self._clock(), self._kept()
        erased, held, receipts = 0, 0, 0
        for vertical, retention in sorted(kept.items()):
            done, stayed = await self._erase(vertical, now - timedelta(days=retention.text_days))
            receipts += await self._receipts.drop(vertical, before=now - timedelta(days=retention.audit_days))
            erased, held = erased + done, held + stayed
        if kept:
            await self._forget(now - timedelta(days=min(each.text_days for each in kept.values())))
        through = 0
        async with self._database.session() as session:
            if kept:  # One chain for all verticals, so it is kept as long as any of them asks.
                longest = max(each.audit_days for each in kept.values())
                gone = await prune(session, now - timedelta(days=longest))
                through = gone.sequence if gone else 0
                if gone and self._anchors:  # Before it is done: a record that says so could be anybody's.
                    await asyncio.to_thread(self._anchors.add, gone, "pruned")
            ended = Ended(erased, held, receipts, through)
            facts = {"conversations": erased, "held": held, "receipts": receipts}
            await append(session, Entry("retention.run", facts))
        return ended

    async def _erase(self, vertical: str, before: datetime) -> tuple[int, int]:
        """How many conversations that ended before then were erased, and how many are held."""
        gone, held = [], 0
        for conversation_id, owner in await self._turns.older(vertical, before):
            try:
                await self._turns.erase(conversation_id, owner)
            except Held:
                held += 1
            except NotFound:  # Its owner was faster.
                continue
            else:
                gone.append(conversation_id)
        if gone:
            await self._erasure.clean(*gone)
        return len(gone), held
