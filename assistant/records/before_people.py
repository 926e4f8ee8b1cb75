"""What of a turn is put before people: a text that waits for their approval, and a reason to look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.messages import Answer, Document
from assistant.records.review import ReviewQueue
from assistant.records.work import WorkItems
from assistant.short import Direct
from assistant.together import Act


@dataclass(frozen=True, slots=True)
class BeforePeople:
    """The two queues that people work off."""

    work: WorkItems
    review: ReviewQueue

    async def keeping(self, answer: Answer, documents: Sequence[Document], *, limit: float) -> Act:
        """What puts a turn into the queues it belongs into, in the unit of work that records it.

        `limit`: the support that the rails ask for. Every text has been masked.
        """
        keep_work = await self.work.keeping(answer, documents)

        def keep(direct: Direct) -> None:
            keep_work(direct)
            self.review.keep(answer, limit=limit, direct=direct)

        return keep
