"""The only place where parts are joined: settings in, services and the web application out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from assistant import __version__
from assistant.access import Budgets, Keys, People, Sessions
from assistant.batches import Batches, telling
from assistant.chat import Chat
from assistant.checks import Checks
from assistant.database import Database
from assistant.embedding import Embedder
from assistant.errors import AssistantError
from assistant.following import Follower
from assistant.guards import CrossEncoder, Placeholders
from assistant.installation import installation_secret
from assistant.jobs import Jobs
from assistant.knowledge import IngestReport
from assistant.messages import Evidence
from assistant.models import Catalog, Models
from assistant.opening import (
    open_catalog,
    open_embedder,
    open_limits,
    open_meter,
    open_models,
    open_oidc,
    open_sizes,
)
from assistant.publishing import Bench, Pins, Published
from assistant.rails.checkouts import Checkouts
from assistant.rails.live import Folders, LiveRails, Source
from assistant.rails.proposals import Proposals
from assistant.rails.reviewing import Reviews
from assistant.rails.revisions import Revisions
from assistant.rails.snapshots import Trees
from assistant.records import Feedback, Handovers, Retries, Streams, Turns
from assistant.releases import ReleaseBuilder
from assistant.running import RunningAnswers
from assistant.settings import Settings
from assistant.webhooks import KIND as WEBHOOK
from assistant.webhooks import Deliveries, Endpoints, Poster
from assistant.worker import Worker
from assistant.working_copies import WorkingCopies
from assistant.writing import Writer

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.api import VerticalCard

RAIL_POLL_S = 2.0
"""How often edited folders are looked at, in seconds."""
POSTERS = 2
"""Webhooks posted at the same time by each process."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that runs, joined once per process."""

    settings: Settings
    embedder: Embedder
    catalog: Catalog
    models: Models
    database: Database
    keys: Keys
    turns: Turns
    builder: ReleaseBuilder
    bench: Bench
    source: Source
    rails: LiveRails
    writer: Writer
    chat: Chat
    checks: Checks
    deliveries: Deliveries
    proposals: Proposals
    reviews: Reviews
    revisions: Revisions
    working_copies: WorkingCopies
    reports: dict[str, IngestReport] = field(default_factory=dict)
    """What the last ingestion of each vertical found."""

    async def look(self, *, only: str | None = None) -> None:
        """Builds what is to be served, or `only` one vertical of it."""
        await self.source.look()
        self.rails.refresh(only=only)

    async def close(self) -> None:
        """Lets go of the model and the database."""
        await self.models.aclose()
        await self.database.close()


def open_parts(
    settings: Settings, *, embedder: Embedder | None = None, models: Models | None = None, with_knowledge: bool = True
) -> Parts:
    """The parts for `settings`; nothing is loaded that was not needed yet, and no vertical is built.

    Call `await parts.look()` to build the verticals. Raises Misconfigured or ModelUnavailable.
    """
    # The guards multiply small matrices. BLAS would give each of these a thread a core, and threads that wait for one
    # another in loops: beside a busy llama.cpp 70 ms for one sentence in place of 1.6 (CPU time, 2 cores, 2026-11).
    threadpool_limits(settings.embedder_threads, user_api="blas")
    catalog = open_catalog(settings)
    embedder = embedder or open_embedder(settings, catalog)
    models = models or open_models(settings, catalog)
    database = Database(settings.url)
    reports: dict[str, IngestReport] = {}
    builder = ReleaseBuilder(settings, embedder, CrossEncoder(), catalog, reports, with_knowledge=with_knowledge)
    bench = Bench(builder, Checkouts(Trees(database), settings.data_dir))
    if settings.serve == "published":
        published = Published(Trees(database), bench)
        source: Source = published
        rails = LiveRails(published, published.build)
    else:
        source = Folders(settings.rails_dir, settings.knowledge_dir)
        rails = LiveRails(source, builder.build)
    deliveries = open_deliveries(settings, database, rails)
    turns = Turns(database, tell=deliveries.tell)
    writer = Writer(models, embedder)
    secret = installation_secret(settings.data_dir)
    chat = Chat(rails, writer, embedder, turns, secret=secret, meter=open_meter(settings))
    keys, checks = Keys(database), Checks(rails)
    return Parts(
        settings=settings,
        embedder=embedder,
        catalog=catalog,
        models=models,
        database=database,
        keys=keys,
        turns=turns,
        builder=builder,
        bench=bench,
        source=source,
        rails=rails,
        writer=writer,
        chat=chat,
        checks=checks,
        deliveries=deliveries,
        proposals=Proposals(database),
        reviews=Reviews(database, bench),
        revisions=Revisions(database, bench),
        working_copies=WorkingCopies(database, settings.rails_dir, settings.knowledge_dir),
        reports=reports,
    )


def open_deliveries(settings: Settings, database: Database, rails: LiveRails) -> Deliveries:
    """Who is told what happens here, and how it reaches them."""
    return Deliveries(
        Endpoints(database, handoffs=lambda: _handoffs(rails)),
        Jobs(database),
        Poster(private=settings.webhook_private, http=settings.webhook_http),
        secret=installation_secret(settings.data_dir),
        read={"handover": Handovers(database, Turns(database)).read},
    )


def vertical_cards(rails: LiveRails) -> tuple[VerticalCard, ...]:
    """What callers may know about the verticals that are live."""
    from assistant.api import VerticalCard

    return tuple(
        VerticalCard(
            name=v.name,
            title=v.title,
            tasks=v.tasks,
            language=v.language,
            notice=v.notice,
            disclaimer=v.disclaimer,
            accent=v.theme.accent,
            release=release.digest,
            handoff=v.handoff,
        )
        for release in rails.live
        for v in (release.vertical,)
    )


async def warm_up(parts: Parts) -> None:
    """Loads the models and reads the knowledge sentence by sentence, so that the first question waits for neither."""
    for release in parts.rails.live:
        with suppress(AssistantError):  # A model that is missing is told to whoever asks it.
            model = await asyncio.to_thread(parts.models.open, release.vertical.model)
            await asyncio.to_thread(model.get_num_tokens, "ready")
        for passage in release.retriever.passages if release.retriever else ():
            await asyncio.to_thread(release.guards.grounding.prepare, [passage.reading])


def create_app(settings: Settings, *, parts: Parts | None = None) -> FastAPI:
    """The web application; its parts are opened when it starts and closed when it stops."""
    from assistant.api import Services, batch_work, create_api

    joined = parts or open_parts(settings)

    def search(vertical: str, query: str, k: int) -> tuple[Evidence, ...]:
        return joined.rails.release(vertical).search(query, k=k)

    async def ready() -> list[str]:
        missing = [f"{name}: {problem}" for name, problem in joined.rails.problems.items()]
        if settings.serve == "published" and not joined.rails.live:
            missing.append("nothing is published; docs/reviewer.md says how rails are proposed, approved and published")
        return missing

    secret, tell = installation_secret(settings.data_dir), joined.deliveries.tell
    budgets, jobs = Budgets(joined.database, tell=tell), Jobs(joined.database, ended=telling(tell))
    services = Services(
        chat=joined.chat,
        checks=joined.checks,
        keys=joined.keys,
        people=People(joined.database),
        sessions=Sessions(joined.database),
        limits=open_limits(settings, budgets),
        budgets=budgets,
        turns=joined.turns,
        retries=Retries(joined.database),
        jobs=jobs,
        batches=Batches(joined.database, jobs),
        feedback=Feedback(joined.database, tell=tell),
        handovers=Handovers(joined.database, joined.turns, tell=tell),
        running=RunningAnswers(Streams(joined.database), joined.turns, grace_s=settings.resume_s),
        deliveries=joined.deliveries,
        proposals=joined.proposals,
        reviews=joined.reviews,
        revisions=joined.revisions,
        pin=Pins(joined.reviews, Trees(joined.database), joined.bench, joined.rails).release_of,
        mask=_masking(joined.rails, secret),
        search=search,
        verticals=lambda: vertical_cards(joined.rails),
        ready=ready,
        sizes=open_sizes(settings),
        max_body_bytes=settings.max_body_bytes,
        oidc=open_oidc(settings),
        public_url=settings.public_url,
        secret=secret,
        allowed_hosts=tuple(
            host.strip() for host in (settings.host, *settings.allowed_hosts.split(",")) if host.strip()
        ),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await joined.database.create()
        await joined.look()
        background = [
            asyncio.create_task(Follower(joined.rails, joined.models, joined.source).run(every_s=RAIL_POLL_S)),
            asyncio.create_task(warm_up(joined)),
            asyncio.create_task(Worker(jobs, {"batch": batch_work(services)}).run()),
            # Beside the one that may be busy with a batch for hours.
            *(asyncio.create_task(Worker(jobs, {WEBHOOK: joined.deliveries.deliver}).run()) for _ in range(POSTERS)),
        ]
        try:
            yield
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await services.running.aclose()
            await joined.close()

    api = create_api(services)
    api.router.lifespan_context = lifespan
    api.version = __version__
    return api


def _masking(rails: LiveRails, secret: bytes) -> Callable[[str, str, str | None], str]:
    def mask(vertical: str, text: str, kept: str | None) -> str:
        release = rails.release(vertical)
        if release.vertical.personal_data.records == "off":
            return text
        placeholders = Placeholders.from_json(kept, secret) if kept else Placeholders(secret)
        return release.guards.personal.mask(text, placeholders).text

    return mask


def _handoffs(rails: LiveRails) -> dict[str, str]:
    named = ((each.vertical.name, each.vertical.handoff.webhook) for each in rails.live)
    return {name: url for name, url in named if url}
