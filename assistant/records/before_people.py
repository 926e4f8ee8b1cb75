"""What of a turn is put before people: a text that waits for their approval, and a reason to look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from assistant.messages import Answer, Document
from assistant.records.review import ReviewQueue
from assistant.records.work import WorkItems


@dataclass(frozen=True, slots=True)
class BeforePeople:
    """The two queues that people work off."""

    work: WorkItems
    review: ReviewQueue

    async def keep(self, session: AsyncSession, answer: Answer, documents: Sequence[Document], *, limit: float) -> None:
        """Puts a turn into the queues it belongs into, with what else that unit of work writes.

        `limit`: the support that the rails ask for. Every text has been masked.
        """
        await self.work.keep(session, answer, documents)
        await self.review.keep(session, answer, limit=limit)
