"""Makes releases: rails, fitted guards, knowledge and limits of one vertical, from its folders."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from assistant import __version__
from assistant.cases import read_sentences
from assistant.embedding import Embedder, SentenceEmbedder
from assistant.errors import IndexMissing, InvalidVertical
from assistant.guards import (
    GroundingGuard,
    Guards,
    InjectionGuard,
    PairReader,
    PeopleFinder,
    PersonalDataGuard,
    PhraseGuard,
    Tagger,
    TopicGuard,
    find_limit,
    guard_digests,
    judge_sentences,
)
from assistant.knowledge import IngestReport, Retriever, Source, ingest, open_retriever, read_sources
from assistant.ledger.canonical import canonical
from assistant.ledger.chain import digest_of
from assistant.models import Catalog, ModelCard
from assistant.rails import RailBundle, RailEngine, effective_limits, read_bundle
from assistant.rails.checkouts import Place
from assistant.rails.live import Release, release_digest
from assistant.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """A release but for its engine, which is made where the event loop runs."""

    bundle: RailBundle
    limits: dict[str, float]
    guards: Guards
    retriever: Retriever | None
    parts: dict[str, str]
    sources: Mapping[str, Source]
    published: bool

    @property
    def digest(self) -> str:
        """Of the release it becomes."""
        return release_digest(self.parts)


@dataclass(frozen=True)
class ReleaseBuilder:
    """Makes the release of a vertical from its folders."""

    settings: Settings
    embedder: Embedder
    reader: PairReader
    catalog: Catalog
    reports: dict[str, IngestReport]
    with_knowledge: bool = True
    """False for trying rails, which needs no index."""

    @cached_property
    def people(self) -> PeopleFinder | None:
        """What finds names for every vertical; an embedder that sees no single words finds none."""
        return PeopleFinder(Tagger(self.embedder)) if isinstance(self.embedder, SentenceEmbedder) else None

    @property
    def folders(self) -> Place:
        """The folders that people edit."""
        return Place(self.settings.rails_dir, self.settings.knowledge_dir, self.settings.data_dir)

    def build(self, name: str, place: Place | None = None) -> Release:
        """The release of `name`, its knowledge ingested when stale; raises an AssistantError saying what is wrong."""
        return self.finish(self.prepare(name, place))

    def finish(self, prepared: Prepared) -> Release:
        """The release; on the event loop or before there is one, because of its engine."""
        engine = RailEngine.build(prepared.bundle, prepared.limits)
        return Release(
            prepared.bundle,
            engine,
            prepared.guards,
            prepared.retriever,
            prepared.digest,
            prepared.parts,
            prepared.published,
            prepared.sources,
        )

    def prepare(self, name: str, place: Place | None = None) -> Prepared:
        """Everything that takes long; may run beside the event loop. Raises as `build`."""
        place = place or self.folders
        bundle = read_bundle(place.rails_dir, name)
        card = self._model(bundle, place)
        injection = InjectionGuard(self.embedder)
        retriever = self._retriever(bundle, injection, place)
        topics = self.topics(bundle, retriever)
        grounding = GroundingGuard(self.embedder, self.reader)
        guards = Guards(
            topics=topics,
            injection=injection,
            personal=PersonalDataGuard(
                bundle.vertical.personal_data.kinds, self.people, bundle.vertical.personal_data.no_persons
            ),
            phrases=PhraseGuard(bundle.phrases),
            grounding=grounding,
        )
        auto = {
            "topics": topics.limit,
            "injection": injection.limit,
            "grounding": self._grounding_limit(bundle, grounding, place),
        }
        limits = effective_limits(bundle, auto)
        parts = {
            "version": __version__,
            "rails": bundle.digest,
            "floors": canonical(dict(bundle.floors)),
            **_material(bundle),
            "limits": canonical(limits),
            **guard_digests(),
            "grounding": grounding.name,
            "embedder": self.embedder.name,
            "index": retriever.digest if retriever else "none",
            "model": f"{card.name} sha256:{digest_of(card.model_dump_json())}",
            "adapter": card.name if card.adapter else "none",
        }
        sources = read_sources(place.knowledge_dir / name / "sources.yaml") if retriever else {}
        return Prepared(bundle, limits, guards, retriever, parts, sources, place.published)

    def topics(
        self, bundle: RailBundle, retriever: Retriever | None, forms: Mapping[str, Sequence[str]] | None = None
    ) -> TopicGuard:
        """The topics guard of a vertical, fitted to its forms, or to other `forms`."""
        return TopicGuard(
            bundle.forms if forms is None else forms,
            self.embedder,
            knowledge=retriever.vectors if retriever else None,
            small_talk=bundle.small_talk,
            false_blocks=bundle.vertical.targets.false_blocks,
            kept=self.settings.data_dir / "vectors",
        )

    def ingest(self, name: str, place: Place | None = None) -> IngestReport:
        """Ingests the knowledge of `name` where it is missing or stale."""
        return self._ingest(name, InjectionGuard(self.embedder), place or self.folders)

    def _ingest(self, name: str, injection: InjectionGuard, place: Place) -> IngestReport:
        report = ingest(
            name,
            knowledge_dir=place.knowledge_dir,
            data_dir=place.data_dir,
            embedder=self.embedder,
            injection_score=lambda text: injection.measure_passage(text).score,
            min_injection=injection.limit,
        )
        self.reports[name] = report
        return report

    def _retriever(self, bundle: RailBundle, injection: InjectionGuard, place: Place) -> Retriever | None:
        vertical = bundle.vertical
        if not self.with_knowledge:
            with suppress(IndexMissing):  # Where there is one, it counts: limits must mean the same as when serving.
                return open_retriever(vertical.name, place.data_dir, self.embedder)
            return None
        self._ingest(vertical.name, injection, place)
        retriever = open_retriever(vertical.name, place.data_dir, self.embedder)
        # Where no knowledge was published yet, rails come first: knowledge cannot be tried without them.
        if vertical.summary and retriever.documents and vertical.summary.template not in retriever.documents:
            reason = f"vertical.summary.template: there is no document {vertical.summary.template!r} in the knowledge"
            raise InvalidVertical(place.rails_dir / vertical.name / "vertical.yaml", reason)
        return retriever

    def _grounding_limit(self, bundle: RailBundle, grounding: GroundingGuard, place: Place) -> float:
        """The limit that keeps the vertical's target on its labelled sentences, judged once for each state of them."""
        file = place.knowledge_dir / bundle.vertical.name / "sentences.yaml"
        sentences = [each for each in read_sentences(file) if each.split == "limit"]
        if not sentences or bundle.vertical.limits.get("grounding", "auto") != "auto":
            return grounding.limit
        floor, target = bundle.floors.get("grounding", 0.0), bundle.vertical.targets.supported
        key = f"{grounding.name} {self.embedder.name} {floor} {target} {[each.model_dump() for each in sentences]}"
        kept = self.settings.data_dir / "limits" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
        with suppress(OSError, ValueError):
            return float(json.loads(kept.read_text(encoding="utf-8")))
        promise = find_limit(judge_sentences(grounding, sentences), target=target, least=floor, default=grounding.limit)
        log.info("%s: %s", bundle.vertical.name, promise)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(promise.limit), encoding="utf-8")
        return promise.limit

    def _model(self, bundle: RailBundle, place: Place) -> ModelCard:
        vertical = bundle.vertical
        for name in vertical.models:
            unmet = self.catalog.get(name).unmet(vertical.require)
            if unmet:
                reason = f"vertical.require: the model {name!r} does not satisfy {', '.join(unmet)}"
                raise InvalidVertical(place.rails_dir / vertical.name / "vertical.yaml", reason)
        return self.catalog.get(vertical.model)


def _material(bundle: RailBundle) -> dict[str, str]:
    """What of the rails their guards measure with, by content: while it stays, what was measured once still holds."""
    forms = [dict(bundle.forms), sorted(bundle.small_talk), bundle.vertical.targets.false_blocks]
    personal = bundle.vertical.personal_data
    kinds = [*personal.kinds, *([list(personal.no_persons)] if personal.no_persons else [])]
    made_of = {"forms": forms, "phrases": dict(bundle.phrases), "personal kinds": kinds}
    return {name: f"sha256:{digest_of(canonical(each))}" for name, each in made_of.items()}
