"""A service of its own process for tests to kill: real doors, records, jobs and database, and a line that is slow.

Run as `python service_to_kill.py DATABASE_URL PORT`.
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import AsyncGenerator
from datetime import timedelta

import uvicorn

from assistant.access import Allowance, Budgets, Keys, Limits, People, Sessions
from assistant.api import Services, VerticalCard, batch_work, create_api
from assistant.batches import Batches
from assistant.chat import DoneEvent, Event, OpenedEvent, Request, SentenceEvent, StageEvent
from assistant.database import Database
from assistant.jobs import Jobs
from assistant.messages import Answer, Sentence, TokenUsage
from assistant.records import Feedback, Handovers, Retries, Streams, Turns
from assistant.running import RunningAnswers
from assistant.webhooks import Deliveries, Endpoints, Poster
from assistant.worker import Worker

TOKEN_S = 0.02
LEASE = timedelta(seconds=2)  # Shorter than in production, so that the test need not wait for it.
SENTENCES = 5
CARD = VerticalCard("feedback", "Shop", ("answer",), "en", "AI.", None, "#0b6e6e", "sha256:" + "ab" * 32)


class SlowLine:
    """Says five sentences, 20 ms each, and records the answer before it is told, as the real line does."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The events."""
        answer_id, conversation_id = request.answer_id or f"ans-{uuid.uuid4().hex}", f"con-{uuid.uuid4().hex}"
        yield OpenedEvent(answer_id, conversation_id, request.vertical)
        yield StageEvent("generation")
        said = []
        for number in range(SENTENCES):
            await asyncio.sleep(TOKEN_S)
            said.append(Sentence(f"{request.messages[-1].text} {number}.", False, None, (), " " if number else ""))
            yield SentenceEvent(said[-1], ())
        answer = Answer(
            answer_id=answer_id,
            conversation_id=conversation_id,
            vertical=request.vertical,
            release=CARD.release,
            published=False,
            model="slow",
            task="answer",
            outcome="answered",
            text="".join(each.joiner + each.text for each in said),
            sentences=tuple(said),
            citations=(),
            usage=TokenUsage(10, 5),
        )
        await self._turns.add(
            answer.conversation_id, answer.vertical, request.key_id, request.messages[-1].text, answer, None
        )
        yield DoneEvent(answer)

    async def answer(self, request: Request) -> Answer:
        """The last event's."""
        events = [event async for event in self.stream(request)]
        assert isinstance(events[-1], DoneEvent)
        return events[-1].answer


async def main(url: str, port: int) -> None:
    database = Database(url)
    await database.create()
    turns, jobs, budgets = Turns(database), Jobs(database, lease=LEASE), Budgets(database)

    async def ready() -> list[str]:
        return []

    services = Services(
        chat=SlowLine(turns),
        checks=None,  # type: ignore[arg-type]  # nobody checks here
        keys=Keys(database),
        people=People(database),
        sessions=Sessions(database),
        limits=Limits(budgets, keys=Allowance(), visitors=Allowance(), requests_per_minute_of_address=0),
        budgets=budgets,
        turns=turns,
        retries=Retries(database),
        jobs=jobs,
        batches=Batches(database, jobs),
        feedback=Feedback(database),
        handovers=Handovers(database, turns),
        running=RunningAnswers(Streams(database, lease=LEASE), turns, grace_s=5),
        deliveries=Deliveries(Endpoints(database), jobs, Poster(), secret=b"test"),
        mask=lambda vertical, text, kept: text,
        search=lambda vertical, query, k: (),
        verticals=lambda: (CARD,),
        ready=ready,
    )
    server = uvicorn.Server(uvicorn.Config(create_api(services), port=port, log_level="warning", lifespan="off"))
    working = asyncio.create_task(Worker(jobs, {"batch": batch_work(services)}).run())
    await server.serve()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
