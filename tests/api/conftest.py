"""The doors over scripted services: what Chat and Checks would give is laid out beforehand."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher

from assistant.access import Allowance, Budgets, Keys, Limits, People, Sessions
from assistant.api import Services, VerticalCard, create_api
from assistant.batches import Batches, telling
from assistant.chat import DoneEvent, Event, OpenedEvent, Request, SentenceEvent, StageEvent
from assistant.checks import Check
from assistant.database import Database
from assistant.jobs import Jobs
from assistant.ledger.keyring import Keyring
from assistant.messages import Answer, Citation, Dropped, Evidence, Sentence, Timings, Usage
from assistant.rails.live import Folders, LiveRails
from assistant.rails.proposals import Proposals
from assistant.rails.reviewing import Reviews
from assistant.rails.revisions import Revisions
from assistant.records import (
    BeforePeople,
    Erasure,
    Feedback,
    Handovers,
    Receipts,
    Refusals,
    Retries,
    ReviewQueue,
    Streams,
    Turns,
    WorkItems,
)
from assistant.records.recorded import Recordings
from assistant.releases.radius import Radius
from assistant.releases.readiness import Standing, VerticalStanding
from assistant.reviewing import Reviewing
from assistant.running import RunningAnswers
from assistant.verticals import Handoff
from assistant.webhooks import Deliveries, Endpoints, Poster
from assistant.widget import add_widget
from tests.rails.revising import Workshop

RELEASE = "sha256:" + "ab" * 32
CITATION = Citation(1, "returns.md", "Returns", "Items may be returned within thirty days.", 120, 161, 0.71)
SENTENCES = (
    Sentence("You have thirty days.", True, 0.93, (1,), ""),
    Sentence("Ask us\u2028anything.", False, None, (), "\n"),
)
ANSWER = Answer(
    answer_id="ans-1",
    conversation_id="con-1",
    vertical="feedback",
    release=RELEASE,
    published=False,
    model="scripted",
    task="answer",
    outcome="answered",
    text="You have thirty days.\nAsk us\u2028anything.",
    sentences=SENTENCES,
    citations=(CITATION,),
    dropped_sentences=(Dropped("It is the best shop in the world.", "grounding", "absent"),),
    usage=Usage(50, 12, cost_usd=0.002, energy_wh=0.5, co2_g=0.25, basis="measured"),
    timings=Timings(input=1.26, first_sentence=40.0, total=80.0),
)
DECLINED = replace(
    ANSWER,
    outcome="declined",
    rail="topics",
    text="I can help with orders.",
    sentences=(Sentence("I can help with orders.", False, None, (), ""),),
    citations=(),
)
CARDS = (
    VerticalCard(
        "feedback",
        "Shop <feedback>",
        ("answer", "summarize"),
        "en",
        "An AI & you.",
        None,
        "#0b6e6e",
        RELEASE,
        Handoff(text="Please call us.", mailto="care@shop.example"),
    ),
    VerticalCard(
        "medical", "Visit summaries", ("answer",), "it", "AI.", "Not advice.", "#ffee00", "sha256:" + "cd" * 32
    ),
)


def events_of(answer: Answer) -> list[Event]:
    """The events that `answer` is the fold of."""
    first = [SentenceEvent(each, answer.citations if place == 0 else ()) for place, each in enumerate(answer.sentences)]
    return [StageEvent("input"), StageEvent("generation"), *first, DoneEvent(answer)]


class ScriptedLine:
    """Plays events; an exception among them is raised, and an asyncio.Event waited for."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.asked = asyncio.Event()
        self.closed = asyncio.Event()
        self.script: list[Event | Exception | asyncio.Event] = list(events_of(ANSWER))

    def will_play(self, *script: Event | Exception | asyncio.Event) -> None:
        self.script = list(script)

    def will_answer(self, answer: Answer) -> None:
        self.script = list(events_of(answer))

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        self.requests.append(request)
        self.asked.set()
        try:
            if not isinstance(self.script[0], Exception):
                yield OpenedEvent(request.answer_id or "ans-1", "con-1", request.vertical, request.shape is not None)
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield step
        finally:
            self.closed.set()

    async def answer(self, request: Request) -> Answer:
        async with aclosing(self.stream(request)) as events:
            return [event async for event in events][-1].answer


class ScriptedChecks:
    """Passes every text, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple] = []

    async def check(self, vertical, stage, text, *, evidence=(), question=None, rail=None) -> Check:
        self.asked.append((vertical, stage, text, tuple(evidence), question, rail))
        return Check("pass", None, None, text, {"topics": 0.9}, (), (), RELEASE, 1.5)


class Doors:
    """Everything a test of the doors may want to look at."""

    def __init__(self, database: Database) -> None:
        self.line = ScriptedLine()
        self.checks = ScriptedChecks()
        self.database = database
        self.keys = Keys(database)
        self.people = People(database, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.sessions = Sessions(database)
        poster = Poster(http=True, private=True)
        self.deliveries = Deliveries(Endpoints(database), Jobs(database), poster, secret=b"test")
        tell = self.deliveries.tell
        self.budgets = Budgets(database, tell=tell)
        self.turns = Turns(database, tell=tell)
        self.receipts = Receipts(database)
        self.jobs = Jobs(database, ended=telling(tell))
        self.searched: list[tuple[str, str, int]] = []
        self.standing = Standing({each.name: VerticalStanding("ready") for each in CARDS})
        self.workshop = Workshop()
        reviews = Reviews(database, self.workshop)
        keyring = Keyring("sqlite+aiosqlite://")
        self.before_people = BeforePeople(WorkItems(database, keyring), ReviewQueue(database, keyring))
        proposals = Proposals(database)
        self.services = Services(
            chat=self.line,
            checks=self.checks,
            keys=self.keys,
            people=self.people,
            sessions=self.sessions,
            limits=Limits(
                self.budgets,
                keys=Allowance(),
                visitors=Allowance(),
                requests_per_minute_of_address=0,
                sign_ins_per_minute=0,
            ),
            budgets=self.budgets,
            secret=b"test",
            turns=self.turns,
            receipts=self.receipts,
            erasure=Erasure(database, self.turns, Keyring("sqlite+aiosqlite://")),
            retries=Retries(database),
            jobs=self.jobs,
            batches=Batches(database, self.jobs),
            feedback=Feedback(database, tell=tell),
            handovers=Handovers(database, self.turns, tell=tell),
            running=RunningAnswers(Streams(database), self.turns, grace_s=0),
            deliveries=self.deliveries,
            proposals=proposals,
            reviews=reviews,
            revisions=Revisions(database, self.workshop),
            radius=Radius(database, self.jobs, self.workshop, keyring),
            refusals=Refusals(database),
            reviewing=Reviewing(
                self.before_people,
                Recordings(database, keyring),
                self.receipts,
                keyring,
                LiveRails(Folders(Path("none"), Path("none")), self.workshop),  # type: ignore[arg-type]  # builds nothing
                proposals,
                self.turns,
                Erasure(database, self.turns, keyring),
                lambda _, text: text.replace("Ada Byron", "[PERSON_1]"),
            ),
            pin=self.pin,
            mask=lambda vertical, text, kept: text.replace("Ada Byron", "[PERSON_1]"),
            search=self.search,
            verticals=lambda: CARDS,
            ready=self.ready,
            max_body_bytes=64 * 1024,
            allowed_hosts=("assistant.example",),
        )
        self.app = create_api(self.services)
        add_widget(self.app, self.services, knowledge_dir=Path(__file__).parent / "none")

    def search(self, vertical: str, query: str, k: int) -> tuple[Evidence, ...]:
        self.searched.append((vertical, query, k))
        return (Evidence("returns.md", "Returns", "Within thirty days.", 0, 19, 0.71234),)

    async def pin(self, vertical: str, digest: str) -> str:
        return (await self.services.reviews.pinned(vertical, digest)).digest

    async def ready(self) -> Standing:
        return self.standing

    async def secret(self, *scopes: str, verticals: list[str] | None = None) -> str:
        return (await self.keys.create("test", scopes or ("chat", "check"), verticals)).secret

    def client(self, secret: str | None = None, **headers: str) -> httpx.AsyncClient:
        sent = {"authorization": f"Bearer {secret}"} if secret else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers={**sent, **headers})


@pytest.fixture
def database_url() -> str:
    """Where the doors keep things."""
    return "sqlite+aiosqlite://"


@asynccontextmanager
async def doors_over(database_url: str) -> AsyncGenerator[Doors]:
    """Open doors, until the block ends."""
    database = Database(database_url)
    await database.create()
    opened = Doors(database)
    yield opened
    await opened.services.running.aclose()
    await database.close()


@pytest.fixture
async def doors(database_url):
    async with doors_over(database_url) as opened:
        yield opened


@pytest.fixture(scope="module")
async def same_doors():
    """Doors for a whole file whose tests leave nothing behind that another of them sees: to build some takes 0.15 s."""
    async with doors_over("sqlite+aiosqlite://") as opened:
        yield opened


@pytest.fixture
async def client(doors):
    async with doors.client(await doors.secret()) as opened:
        yield opened


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@pytest.fixture
async def address(doors):
    """The address of the doors behind a real server."""
    port = socket.create_server(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(doors.app, log_level="critical", lifespan="off"))
    serving = asyncio.create_task(server.serve([port]))
    await server.listening.wait()
    yield f"http://127.0.0.1:{port.getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.fixture
def answer() -> Answer:
    return ANSWER


@pytest.fixture
def declined() -> Answer:
    return DECLINED


@pytest.fixture
def script() -> list[Event]:
    """Two stages, two sentences, and the answer."""
    return events_of(ANSWER)
