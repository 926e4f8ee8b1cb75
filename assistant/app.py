"""The only place where parts are joined: settings in, services and the web application out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Literal

from assistant import __version__
from assistant.access import Budgets, People, Sessions
from assistant.auditing import Audits
from assistant.batches import Batches, telling
from assistant.errors import AssistantError, Unavailable
from assistant.guards import Placeholders
from assistant.installation import installation_secret
from assistant.jobs import Ended, Handler, Job, Jobs
from assistant.messages import Evidence
from assistant.opening import open_limits, open_oidc, open_sizes
from assistant.parts import Parts, open_parts
from assistant.rails.live import LiveRails
from assistant.rails.snapshots import Trees
from assistant.records import ErasedLessons, Erasure, Feedback, Handovers, Refusals, Retries, Streams
from assistant.records.recorded import Recordings
from assistant.records.retention import KIND as RETENTION
from assistant.records.retention import Retain
from assistant.releases.choosing import Choosing
from assistant.releases.drafts import Drafts
from assistant.releases.following import Follower
from assistant.releases.mutating import KIND as MUTATIONS
from assistant.releases.publishing import Pins
from assistant.releases.radius import KIND as RADIUS
from assistant.releases.readiness import Readiness
from assistant.reviewing import Reviewing
from assistant.reviewing.near_questions import NearQuestions
from assistant.reviewing.rail_health import RailHealths
from assistant.running import RunningAnswers
from assistant.settings import Settings
from assistant.verticals import Retention
from assistant.watching.answers import WatchedChat, WatchedChecks, keep_gauges, logged
from assistant.watching.metrics import Metrics
from assistant.watching.tracing import open_tracer
from assistant.webhooks import KIND as WEBHOOK
from assistant.worker import Worker

if TYPE_CHECKING:
    from fastapi import FastAPI
    from sqlalchemy.ext.asyncio import AsyncSession

    from assistant.api import VerticalCard

RAIL_POLL_S = 2.0
"""How often edited folders are looked at, in seconds."""
RETENTION_S = 3600.0
"""How often it is seen to that the day's retention has been asked for, in seconds."""
GAUGE_POLL_S = 5.0
"""How often queues are counted and verticals looked at for the metrics; scrapes are seldom closer."""
POSTERS = 2
"""Webhooks posted at the same time by each process."""


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
            suggestions=v.suggestions,
        )
        for release in rails.live
        for v in (release.vertical,)
    )


def change_work(parts: Parts) -> dict[str, Handler]:
    """What is done in the background for whoever decides on a change, by the kind of job."""
    return {RADIUS: parts.radius.work, MUTATIONS: parts.mutating.work}


async def warm_up(parts: Parts) -> None:
    """Loads the models and reads the knowledge sentence by sentence, so that the first question waits for neither."""
    for release in parts.rails.live:
        with suppress(AssistantError):  # A model that is missing is told to whoever asks it.
            model = await asyncio.to_thread(parts.models.open, release.vertical.model)
            await asyncio.to_thread(model.get_num_tokens, "ready")
        for passage in release.retriever.passages if release.retriever else ():
            await asyncio.to_thread(release.guards.grounding.prepare, [passage.reading])


def create_app(
    settings: Settings, *, parts: Parts | None = None, console: Literal["here", "elsewhere", "alone"] = "here"
) -> FastAPI:
    """The web application; its parts are opened when it starts and closed when it stops.

    With the console `elsewhere`, in a process of its own, `/console` only shows the way to it; `alone` is that process,
    which answers no questions.
    """
    from assistant.api import Services, batch_work, create_api
    from assistant.console import Desk, add_console, add_signpost
    from assistant.widget import add_widget

    joined = parts or open_parts(settings)

    def search(vertical: str, query: str, k: int) -> tuple[Evidence, ...]:
        return joined.rails.release(vertical).search(query, k=k)

    readiness = Readiness(joined.rails, joined.models, joined.database)
    secret, tell = installation_secret(settings.data_dir), joined.deliveries.tell
    erasure = Erasure(joined.database, joined.turns, joined.audit.keyring)
    metrics, tracer = Metrics(), open_tracer(settings.otel_endpoint)
    budgets, jobs = Budgets(joined.database, tell=tell), Jobs(joined.database, ended=_counted(telling(tell), metrics))
    batches = Batches(joined.database, jobs, joined.audit.keyring)
    # What leaves is kept and put on record in one commit.
    streams = Streams(joined.database, joined.audit.keyring, guest=joined.audit.waiting)
    retain = Retain(
        joined.database,
        joined.turns,
        erasure,
        lambda: _retentions(joined.rails),
        forget=batches.forget_older,
        anchors=joined.audit.anchors,
    )
    mask = _masking(joined.rails, secret)
    reviewing = Reviewing(
        joined.before_people,
        Recordings(joined.database, joined.audit.keyring),
        joined.audit.receipts,
        joined.audit.keyring,
        joined.rails,
        joined.proposals,
        joined.turns,
        erasure,
        lambda vertical, text: mask(vertical, text, None),
    )
    watches = (metrics.answered, logged, *((tracer.answered,) if tracer else ()))
    services = Services(
        chat=WatchedChat(joined.chat, watches),
        checks=WatchedChecks(joined.checks, metrics),
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
        batches=batches,
        feedback=Feedback(joined.database, joined.audit.keyring, tell=tell),
        handovers=Handovers(joined.database, joined.turns, joined.audit.keyring, tell=tell),
        running=RunningAnswers(streams, joined.turns, grace_s=settings.resume_s),
        deliveries=joined.deliveries,
        proposals=joined.proposals,
        reviews=joined.reviews,
        revisions=joined.revisions,
        radius=joined.radius,
        pin=Pins(joined.reviews, Trees(joined.database), joined.bench, joined.rails).release_of,
        mask=mask,
        reviewing=reviewing,
        refusals=Refusals(joined.database),
        search=search,
        verticals=lambda: vertical_cards(joined.rails),
        ready=readiness.look,
        metrics=metrics,
        sizes=open_sizes(settings),
        max_body_bytes=settings.max_body_bytes,
        oidc=open_oidc(settings),
        public_url=settings.public_url,
        secret=secret,
        allowed_hosts=tuple(
            host.strip() for host in (settings.host, *settings.allowed_hosts.split(",")) if host.strip()
        ),
    )

    drafts = Drafts(joined.database, joined.proposals, joined.builder, serve=settings.serve)
    desk = Desk(
        people=services.people,
        sessions=services.sessions,
        rails=joined.rails,
        models=joined.models,
        checks=joined.checks,
        proposals=joined.proposals,
        reviews=joined.reviews,
        revisions=joined.revisions,
        reviewing=reviewing,
        radius=joined.radius,
        mutating=joined.mutating,
        jobs=jobs,
        drafts=drafts,
        choosing=Choosing(settings.data_dir / "evals", drafts),
        health=RailHealths(joined.database),
        questions=NearQuestions(joined.database, joined.audit.keyring),
        embedder=joined.embedder,
        audits=Audits(joined.pack_sources()),
        erased=ErasedLessons(joined.database),
        serve=settings.serve,
        oidc=services.oidc is not None,
    )

    def working() -> list[Coroutine[None, None, None]]:
        # Also where nobody is answered: who decides on a change wants to know in any process what it would do.
        changes = Worker(jobs, change_work(joined)).run()
        if console == "alone":
            return [_keep_looking(joined), changes, services.refusals.run()]
        return [
            changes,
            services.refusals.run(),
            Follower(joined.rails, joined.models, joined.origin).run(every_s=RAIL_POLL_S),
            warm_up(joined),
            keep_gauges(metrics, joined.models, readiness, jobs, every_s=GAUGE_POLL_S),
            Worker(jobs, {"batch": batch_work(services)}).run(),
            Worker(jobs, {RETENTION: retain.work}, poll_s=60.0).run(),
            _daily(retain, jobs),
            # Beside the one that may be busy with a batch for hours.
            *(Worker(jobs, {WEBHOOK: joined.deliveries.deliver}).run() for _ in range(POSTERS)),
        ]

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await joined.database.create()
        joined.audit.begin()
        await joined.look()
        background = [asyncio.create_task(each) for each in working()]
        try:
            yield
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await services.running.aclose()
            await services.refusals.written()
            if opened:
                await opened.aclose()
            await joined.close()
            if tracer:
                await asyncio.to_thread(tracer.close)

    api = create_api(services, people_only=console == "alone")
    if console != "alone":
        add_widget(api, services, knowledge_dir=settings.knowledge_dir)
    opened = None if console == "elsewhere" else add_console(api, desk)
    if opened is None:
        add_signpost(api, settings.console_url, port=settings.console_port)
    api.router.lifespan_context = lifespan
    api.version = __version__
    return api


def _counted(ended: Ended, metrics: Metrics) -> Ended:
    async def hear(session: AsyncSession, job: Job) -> None:
        await ended(session, job)
        metrics.job_ended(job.kind, job.state)

    return hear


def _masking(rails: LiveRails, secret: bytes) -> Callable[[str, str, str | None], str]:
    def mask(vertical: str, text: str, kept: str | None) -> str:
        release = rails.release(vertical)
        if release.vertical.personal_data.records == "off":
            return text
        placeholders = Placeholders.from_json(kept, secret) if kept else Placeholders(secret)
        return release.guards.personal.mask(text, placeholders).text

    return mask


async def _keep_looking(parts: Parts) -> None:
    """Brings in what was edited or published; no model is loaded for it, because nobody is answered here."""
    while True:
        await asyncio.sleep(RAIL_POLL_S)
        with suppress(Unavailable, OSError):  # What is live stays so; the next look sees the new one.
            await parts.look()


async def _daily(retain: Retain, jobs: Jobs) -> None:
    while True:
        with suppress(Unavailable):  # It is asked for again within the hour.
            await retain.queue(jobs)
        await asyncio.sleep(RETENTION_S)


def _retentions(rails: LiveRails) -> dict[str, Retention]:
    return {release.vertical.name: release.vertical.retention for release in rails.live}
