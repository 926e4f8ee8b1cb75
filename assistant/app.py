"""The only place where parts are joined: settings in, services and the web application out."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from assistant import __version__
from assistant.access import Allowance, Budgets, Keys, Limits, OidcProvider, People, Sessions
from assistant.batches import Batches
from assistant.chat import Chat
from assistant.checks import Checks
from assistant.database import Database
from assistant.embedding import Embedder, SentenceEmbedder
from assistant.errors import AssistantError, Misconfigured
from assistant.following import Follower
from assistant.guards import CrossEncoder
from assistant.jobs import Jobs
from assistant.knowledge import IngestReport
from assistant.messages import Evidence
from assistant.models import Catalog, Loading, Loan, Models, Reach, ServerAddress, verify
from assistant.rails.live import LiveRails
from assistant.records import Retries, Turns
from assistant.releases import ReleaseBuilder
from assistant.settings import Settings
from assistant.usage import Meter, energy_counter
from assistant.worker import Worker
from assistant.writing import Writer

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.api import Sizes, VerticalCard

EMBEDDER = "all-minilm-l6-v2"
REMEMBERED_TEXTS = 16_384
"""Texts whose vectors are kept, 1.5 kB each: every sentence of some hundred documents."""
RAIL_POLL_S = 2.0
"""How often edited folders are looked at, in seconds."""


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
    rails: LiveRails
    writer: Writer
    chat: Chat
    checks: Checks
    reports: dict[str, IngestReport] = field(default_factory=dict)
    """What the last ingestion of each vertical found."""

    async def close(self) -> None:
        """Lets go of the model and the database."""
        await self.models.aclose()
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
    turns = Turns(database)
    reports: dict[str, IngestReport] = {}
    builder = ReleaseBuilder(settings, embedder, CrossEncoder(), catalog, reports, with_knowledge=with_knowledge)
    rails = LiveRails(settings.rails_dir, settings.knowledge_dir, builder.build)
    writer = Writer(models, embedder)
    chat = Chat(rails, writer, embedder, turns, secret=_secret(settings.data_dir), meter=open_meter(settings))
    keys, checks = Keys(database), Checks(rails)
    return Parts(settings, embedder, catalog, models, database, keys, turns, rails, writer, chat, checks, reports)


def open_catalog(settings: Settings) -> Catalog:
    """The shipped model cards and those in `data/models`."""
    own = settings.data_dir / "models"
    return Catalog([own] if own.is_dir() else [])


def open_embedder(settings: Settings, catalog: Catalog, *, remember: int = REMEMBERED_TEXTS) -> SentenceEmbedder:
    """The sentence embedder; raises ModelUnavailable naming the command that fetches it."""
    weights = settings.data_dir / "weights"
    verify(catalog.get(EMBEDDER), weights)
    return SentenceEmbedder(weights / EMBEDDER, threads=settings.embedder_threads, remember=remember)


def open_models(settings: Settings, catalog: Catalog, *, keeper: Path | None = None) -> Models:
    """The language models by name, each loaded when first used: here, by the `keeper`, or on the server that is set."""

    def reach(name: str) -> Reach:
        return Loan(keeper, name) if keeper else ServerAddress(settings.model_server, settings.model_server_key, name)

    elsewhere = keeper is not None or settings.model_server
    return Models(catalog, loading(settings), reach=reach if elsewhere else None)


def loading(settings: Settings) -> Loading:
    """How this machine loads models."""
    return Loading(
        settings.data_dir / "weights",
        settings.model_threads,
        settings.model_slots,
        settings.model_queue,
        settings.context_tokens,
    )


def open_meter(settings: Settings) -> Meter:
    """What tells the energy of each answer: the machine where it measures it, else an estimate."""
    counter = energy_counter(watts_per_core=settings.watts_per_core)
    return Meter(counter, usd_per_kwh=settings.usd_per_kwh, grid_g_per_kwh=settings.grid_g_per_kwh)


def open_limits(settings: Settings, budgets: Budgets) -> Limits:
    """What keys and visitors may use; raises Misconfigured when Redis's address cannot be used."""
    keys = Allowance(
        requests_per_minute=settings.requests_per_minute,
        tokens_per_minute=settings.tokens_per_minute,
        streams=settings.streams,
        tokens_per_day=settings.tokens_per_day,
        usd_per_day=settings.usd_per_day,
        wh_per_day=settings.wh_per_day,
    )
    visitors = Allowance(
        requests_per_minute=settings.visitor_requests_per_minute,
        tokens_per_minute=0,
        streams=settings.visitor_streams,
        tokens_per_day=settings.visitor_tokens_per_day,
        usd_per_day=settings.visitor_usd_per_day,
        wh_per_day=settings.visitor_wh_per_day,
    )
    return Limits(
        budgets,
        keys=keys,
        visitors=visitors,
        requests_per_minute_of_address=settings.address_requests_per_minute,
        redis_url=settings.redis_url,
    )


def open_sizes(settings: Settings) -> Sizes:
    """How large the parts of a request may be."""
    from assistant.api import Sizes

    return Sizes(
        messages=settings.max_messages,
        message_characters=settings.max_message_characters,
        history_characters=settings.max_history_characters,
        documents=settings.max_documents,
        document_characters=settings.max_document_characters,
    )


def open_oidc(settings: Settings) -> OidcProvider | None:
    """The provider people may sign in with; None where none is set."""
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        raise Misconfigured("ASSISTANT_OIDC_ISSUER needs ASSISTANT_OIDC_CLIENT_ID beside it")
    return OidcProvider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)


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

    budgets, jobs = Budgets(joined.database), Jobs(joined.database)
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
        search=search,
        verticals=lambda: vertical_cards(joined.rails),
        ready=ready,
        sizes=open_sizes(settings),
        max_body_bytes=settings.max_body_bytes,
        oidc=open_oidc(settings),
        public_url=settings.public_url,
        secret=_secret(settings.data_dir),
        allowed_hosts=tuple(
            host.strip() for host in (settings.host, *settings.allowed_hosts.split(",")) if host.strip()
        ),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await joined.database.create()
        joined.rails.refresh()
        background = [
            asyncio.create_task(Follower(joined.rails, joined.models, settings.rails_dir).run(every_s=RAIL_POLL_S)),
            asyncio.create_task(warm_up(joined)),
            asyncio.create_task(Worker(jobs, {"batch": batch_work(services)}).run()),
        ]
        try:
            yield
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await joined.close()

    api = create_api(services)
    api.router.lifespan_context = lifespan
    api.version = __version__
    return api


def _secret(data_dir: Path) -> bytes:
    """The key of this installation for digests of masked values, made on first use and readable by its owner only."""
    file = data_dir / "secret.key"
    data_dir.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        new = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        new.touch(mode=0o600)
        new.write_bytes(secrets.token_bytes(32))
        with suppress(FileExistsError):  # Another process was first; its key counts.
            os.link(new, file)
        new.unlink()
    return file.read_bytes()
