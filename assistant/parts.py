"""Everything that runs, joined once per process: settings in, parts out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.access import Keys
from assistant.answering.writing import Writer
from assistant.auditing import PackSources
from assistant.chat import Chat
from assistant.checks import Checks
from assistant.database import Database
from assistant.embedding import Embedder
from assistant.guards import CrossEncoder
from assistant.installation import installation_secret
from assistant.jobs import Jobs
from assistant.knowledge import IngestReport
from assistant.ledger.anchors import Anchors
from assistant.ledger.chain import Entry, append
from assistant.ledger.keyring import Keyring
from assistant.models import Catalog, Models
from assistant.opening import limit_threads, open_catalog, open_embedder, open_meter, open_models
from assistant.rails.acts import Act
from assistant.rails.checkouts import Checkouts
from assistant.rails.live import Folders, LiveRails, Origin
from assistant.rails.proposals import Proposals
from assistant.rails.reviewing import Reviews
from assistant.rails.revisions import Revisions
from assistant.rails.snapshots import Trees
from assistant.records import Audit, BeforePeople, Handovers, ReviewQueue, Turns, WorkItems
from assistant.releases.build import ReleaseBuilder
from assistant.releases.mutating import Mutating
from assistant.releases.publishing import Bench, Published
from assistant.releases.radius import Radius
from assistant.releases.working_copies import WorkingCopies
from assistant.settings import Settings
from assistant.webhooks import Deliveries, Endpoints, Poster

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


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
    builder: ReleaseBuilder
    bench: Bench
    origin: Origin
    """The folders, or what was published."""
    rails: LiveRails
    writer: Writer
    before_people: BeforePeople
    chat: Chat
    checks: Checks
    deliveries: Deliveries
    proposals: Proposals
    reviews: Reviews
    revisions: Revisions
    radius: Radius
    mutating: Mutating
    working_copies: WorkingCopies
    reports: dict[str, IngestReport] = field(default_factory=dict)
    """What the last ingestion of each vertical found."""

    def pack_sources(self) -> PackSources:
        """What an evidence pack is gathered from."""
        anchors = Anchors(self.settings.data_dir, self.settings.anchors_dir)
        return PackSources(self.database, self.rails, self.catalog, anchors, self.settings.data_dir / "evals")

    async def look(self, *, only: str | None = None) -> None:
        """Builds what is to be served, or `only` one vertical of it."""
        await self.origin.look()
        self.rails.refresh(only=only)

    async def close(self) -> None:
        """Lets go of the model and the database."""
        await self.models.aclose()
        await self.audit.aclose()
        await self.database.close()


def open_parts(
    settings: Settings, *, embedder: Embedder | None = None, models: Models | None = None, with_knowledge: bool = True
) -> Parts:
    """The parts for `settings`; nothing is loaded that was not needed yet, and no vertical is built.

    Call `await parts.look()` to build the verticals. Raises Misconfigured or ModelUnavailable.
    """
    limit_threads(settings)
    catalog = open_catalog(settings)
    embedder = embedder or open_embedder(settings, catalog)
    models = models or open_models(settings, catalog)
    database = Database(settings.url)
    reports: dict[str, IngestReport] = {}
    builder = ReleaseBuilder(settings, embedder, CrossEncoder(), catalog, reports, with_knowledge=with_knowledge)
    bench = Bench(builder, Checkouts(Trees(database), settings.data_dir))
    origin, rails = open_rails(settings, database, builder, bench)
    keyring = Keyring(settings.subject_keys)
    deliveries = open_deliveries(settings, database, rails, keyring)
    turns = Turns(database, keyring, tell=deliveries.tell)
    audit = Audit(database, keyring, Anchors(settings.data_dir, settings.anchors_dir) if settings.is_kept else None)
    writer = Writer(models, embedder)
    before_people = BeforePeople(WorkItems(database, keyring), ReviewQueue(database, keyring))
    secret = installation_secret(settings.data_dir)
    return Parts(
        settings=settings,
        embedder=embedder,
        catalog=catalog,
        models=models,
        database=database,
        keys=Keys(database),
        turns=turns,
        audit=audit,
        builder=builder,
        bench=bench,
        origin=origin,
        rails=rails,
        writer=writer,
        before_people=before_people,
        chat=Chat(rails, writer, embedder, turns, audit, before_people, secret=secret, meter=open_meter(settings)),
        checks=Checks(rails),
        deliveries=deliveries,
        proposals=Proposals(database, tell=_in_chain),
        reviews=Reviews(database, bench),
        revisions=Revisions(database, bench, tell=_in_chain),
        radius=Radius(database, Jobs(database), bench, keyring),
        mutating=Mutating(database, Jobs(database), bench),
        working_copies=WorkingCopies(database, settings.rails_dir, settings.knowledge_dir),
        reports=reports,
    )


def open_rails(
    settings: Settings, database: Database, builder: ReleaseBuilder, bench: Bench
) -> tuple[Origin, LiveRails]:
    """What is served, and where it comes from: the folders as they are, or what was published."""
    if settings.serve == "published":
        published = Published(Trees(database), bench)
        return published, LiveRails(published, published.build)
    folders = Folders(settings.rails_dir, settings.knowledge_dir)
    return folders, LiveRails(folders, builder.build)


def open_deliveries(settings: Settings, database: Database, rails: LiveRails, keyring: Keyring) -> Deliveries:
    """Who is told what happens here, and how it reaches them."""
    return Deliveries(
        Endpoints(database, handoffs=lambda: _handoffs(rails)),
        Jobs(database),
        Poster(private=settings.webhook_private, http=settings.webhook_http),
        secret=installation_secret(settings.data_dir),
        read={"handover": Handovers(database, Turns(database, keyring), keyring).read},
    )


async def _in_chain(session: AsyncSession, act: Act) -> None:
    """What was said with an act stays with the act: the chain outlives all that may have to be erased."""
    facts = {"folder": act.folder, "person": act.person_id, "proposal": act.proposal_id, "digest": act.digest}
    await append(session, Entry(f"revision.{act.act}", facts))


def _handoffs(rails: LiveRails) -> dict[str, str]:
    named = ((each.vertical.name, each.vertical.handoff.webhook) for each in rails.live)
    return {name: url for name, url in named if url}
