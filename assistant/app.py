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
from assistant.anchors import Anchors
from assistant.batches import Batches, telling
from assistant.chat import Chat
from assistant.checks import Checks
from assistant.database import Database
from assistant.embedding import Embedder
from assistant.errors import AssistantError, Unavailable
from assistant.following import Follower
from assistant.guards import CrossEncoder, Placeholders
from assistant.installation import installation_secret
from assistant.jobs import Jobs
from assistant.keyring import Keyring
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
from assistant.rails.live import LiveRails
from assistant.records import Audit, Erasure, Feedback, Handovers, Retries, Streams, Turns
from assistant.records.retention import KIND as RETENTION
from assistant.records.retention import Retain
from assistant.releases import ReleaseBuilder
from assistant.running import RunningAnswers
from assistant.settings import Settings
from assistant.verticals import Retention
from assistant.webhooks import KIND as WEBHOOK
from assistant.webhooks import Deliveries, Endpoints, Poster
from assistant.worker import Worker
from assistant.writing import Writer

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.api import VerticalCard

RAIL_POLL_S = 2.0
"""How often edited folders are looked at, in seconds."""
RETENTION_S = 3600.0
"""How often it is seen to that the day's retention has been asked for, in seconds."""
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
    audit: Audit
    rails: LiveRails
    writer: Writer
    chat: Chat
    checks: Checks
    deliveries: Deliveries
    reports: dict[str, IngestReport] = field(default_factory=dict)
    """What the last ingestion of each vertical found."""

    async def close(self) -> None:
        """Lets go of the model and the database."""
        await self.models.aclose()
        await self.audit.aclose()
        await self.database.close()


def open_parts(
    settings: Settings, *, embedder: Embedder | None = None, models: Models | None = None, with_knowledge: bool = True
) -> Parts:
    """The parts for `settings`; nothing is loaded that was not needed yet, and no vertical is built.

    Call `parts.rails.refresh()` to build the verticals. Raises Misconfigured or ModelUnavailable.
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
    rails = LiveRails(settings.rails_dir, settings.knowledge_dir, builder.build)
    keyring = Keyring(settings.subject_keys)
    deliveries = open_deliveries(settings, database, rails, keyring)
    turns = Turns(database, keyring, tell=deliveries.tell)
    audit = Audit(database, keyring, Anchors(settings.data_dir, settings.anchors_dir))
    writer = Writer(models, embedder)
    secret = installation_secret(settings.data_dir)
    chat = Chat(rails, writer, embedder, turns, audit, secret=secret, meter=open_meter(settings))
    keys, checks = Keys(database), Checks(rails)
    return Parts(
        settings=settings,
        embedder=embedder,
        catalog=catalog,
        models=models,
        database=database,
        keys=keys,
        turns=turns,
        audit=audit,
        rails=rails,
        writer=writer,
        chat=chat,
        checks=checks,
        deliveries=deliveries,
        reports=reports,
    )


def open_deliveries(settings: Settings, database: Database, rails: LiveRails, keyring: Keyring) -> Deliveries:
    """Who is told what happens here, and how it reaches them."""
    return Deliveries(
        Endpoints(database, handoffs=lambda: _handoffs(rails)),
        Jobs(database),
        Poster(private=settings.webhook_private, http=settings.webhook_http),
        secret=installation_secret(settings.data_dir),
        read={"handover": Handovers(database, Turns(database, keyring), keyring).read},
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
        return [f"{name}: {problem}" for name, problem in joined.rails.problems.items()]

    secret, tell = installation_secret(settings.data_dir), joined.deliveries.tell
    erasure = Erasure(joined.database, joined.turns, joined.audit.keyring)
    retain = Retain(joined.database, joined.turns, erasure, lambda: _retentions(joined.rails))
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
        receipts=joined.audit.receipts,
        erasure=erasure,
        retries=Retries(joined.database),
        jobs=jobs,
        batches=Batches(joined.database, jobs),
        feedback=Feedback(joined.database, tell=tell),
        handovers=Handovers(joined.database, joined.turns, joined.audit.keyring, tell=tell),
        running=RunningAnswers(Streams(joined.database, joined.audit.keyring), joined.turns, grace_s=settings.resume_s),
        deliveries=joined.deliveries,
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
        joined.audit.begin()
        joined.rails.refresh()
        background = [
            asyncio.create_task(Follower(joined.rails, joined.models, settings.rails_dir).run(every_s=RAIL_POLL_S)),
            asyncio.create_task(warm_up(joined)),
            asyncio.create_task(Worker(jobs, {"batch": batch_work(services)}).run()),
            asyncio.create_task(Worker(jobs, {RETENTION: retain.work}, poll_s=60.0).run()),
            asyncio.create_task(_daily(retain, jobs)),
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


async def _daily(retain: Retain, jobs: Jobs) -> None:
    while True:
        with suppress(Unavailable):  # It is asked for again within the hour.
            await retain.queue(jobs)
        await asyncio.sleep(RETENTION_S)


def _retentions(rails: LiveRails) -> dict[str, Retention]:
    return {release.vertical.name: release.vertical.retention for release in rails.live}


def _handoffs(rails: LiveRails) -> dict[str, str]:
    named = ((each.vertical.name, each.vertical.handoff.webhook) for each in rails.live)
    return {name: url for name, url in named if url}
