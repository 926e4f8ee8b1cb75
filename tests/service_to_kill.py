"""A service for tests to kill and to starve: real doors, records, jobs and database, and a line that is slow.

Run as `python service_to_kill.py DATABASE_URL PORT`.
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

import uvicorn

from assistant.access import Allowance, Budgets, Keys, Limits, People, Sessions
from assistant.api import Services, VerticalCard, batch_work, create_api
from assistant.batches import Batches
from assistant.chat import DoneEvent, Event, OpenedEvent, Request, SentenceEvent, StageEvent
from assistant.database import Database
from assistant.jobs import Jobs
from assistant.ledger.keyring import Keyring
from assistant.messages import Answer, Sentence, Usage
from assistant.models import ScriptedChat, Token, stream
from assistant.records import Erasure, Feedback, Handovers, Receipts, Refusals, Retries, Streams, Turns
from assistant.releases.readiness import Standing, VerticalStanding
from assistant.running import RunningAnswers
from assistant.webhooks import Deliveries, Endpoints, Poster
from assistant.worker import Worker

TOKENS_PER_S = 50  # 20 ms a token.
REPLY = "one. two. three. four. five."
LEASE = timedelta(seconds=2)  # Shorter than in production, so that the test need not wait for it.
CARD = VerticalCard("feedback", "Shop", ("answer",), "en", "AI.", None, "#0b6e6e", "sha256:" + "ab" * 32)


class SlowLine:
    """Says what a scripted model writes, 20 ms a token, and records the answer before it is told, as the line does.

    Nothing is checked, so that a test costs no more than what it is about. `begun` tells that a word was said, and
    while `go_on` is cleared no more is.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.go_on.set()
        self._model = ScriptedChat(replies=[REPLY], tokens_per_s=TOKENS_PER_S, remembers=1)

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The events."""
        answer_id, conversation_id = request.answer_id or f"ans-{uuid.uuid4().hex}", f"con-{uuid.uuid4().hex}"
        yield OpenedEvent(answer_id, conversation_id, request.vertical)
        yield StageEvent("generation")
        said: list[Sentence] = []
        async with aclosing(stream(self._model, request.messages)) as tokens:
            async for token in tokens:
                if isinstance(token, Token):
                    text = f"{request.messages[-1].text} {token.text.strip()}"
                    said.append(Sentence(text, False, None, (), " " if said else ""))
                    yield SentenceEvent(said[-1], ())
                self.begun.set()
                await self.go_on.wait()
        answer = Answer(
            answer_id=answer_id,
            conversation_id=conversation_id,
            vertical=request.vertical,
            release=CARD.release,
            published=False,
            model="scripted",
            task="answer",
            outcome="answered",
            text="".join(each.joiner + each.text for each in said),
            sentences=tuple(said),
            citations=(),
            usage=Usage(10, 5),
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


def services_over(database: Database, *, redis_url: str = "") -> Services:
    """Everything behind the doors, over one database."""
    turns, jobs, budgets = Turns(database), Jobs(database, lease=LEASE), Budgets(database)

    async def ready() -> Standing:
        return Standing({CARD.name: VerticalStanding("ready")})

    return Services(
        chat=SlowLine(turns),
        checks=None,  # type: ignore[arg-type]  # nobody checks here
        keys=Keys(database),
        people=People(database),
        sessions=Sessions(database),
        limits=Limits(
            budgets,
            keys=Allowance(requests_per_minute=100_000 if redis_url else 0),
            visitors=Allowance(),
            requests_per_minute_of_address=0,
            redis_url=redis_url,
        ),
        budgets=budgets,
        turns=turns,
        receipts=Receipts(database),
        erasure=Erasure(database, turns, Keyring("sqlite+aiosqlite://")),
        retries=Retries(database, lease=LEASE),
        jobs=jobs,
        batches=Batches(database, jobs),
        feedback=Feedback(database),
        handovers=Handovers(database, turns),
        running=RunningAnswers(Streams(database, lease=LEASE), turns, grace_s=5),
        deliveries=Deliveries(Endpoints(database), jobs, Poster(), secret=b"test"),
        proposals=None,  # type: ignore[arg-type]  # nobody changes a rail here
        reviews=None,  # type: ignore[arg-type]
        revisions=None,  # type: ignore[arg-type]
        radius=None,  # type: ignore[arg-type]
        reviewing=None,  # type: ignore[arg-type]
        refusals=Refusals(database),
        pin=None,  # type: ignore[arg-type]
        mask=lambda vertical, text, kept: text,
        search=lambda vertical, query, k: (),
        verticals=lambda: (CARD,),
        ready=ready,
    )


async def main(url: str, port: int) -> None:
    database = Database(url)
    await database.create()
    services = services_over(database)
    server = uvicorn.Server(uvicorn.Config(create_api(services), port=port, log_level="warning", lifespan="off"))
    working = asyncio.create_task(Worker(services.jobs, {"batch": batch_work(services)}).run())
    await server.serve()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
