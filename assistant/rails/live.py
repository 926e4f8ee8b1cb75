"""The release in force for each vertical: rails, fitted guards, knowledge and model, swapped whole."""

from __future__ import annotations

import weakref
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from assistant.errors import AssistantError, RailsUnavailable, Unavailable, UnknownVertical
from assistant.guards import Guards
from assistant.knowledge import Retriever, Source
from assistant.ledger.canonical import canonical
from assistant.ledger.chain import digest_of
from assistant.messages import Evidence
from assistant.rails.bundle import RailBundle
from assistant.rails.engine import RailEngine
from assistant.verticals import NAME, Vertical, list_verticals, read_vertical

MAX_PINNED = 3
"""Older releases kept ready at the same time; each has guards of its own."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Release:
    """Everything that makes an answer of one vertical; a request takes it once and keeps it to the end."""

    bundle: RailBundle
    engine: RailEngine
    guards: Guards
    retriever: Retriever | None
    """None where only rails are tried."""
    digest: str
    """`sha256:…` over all `parts`."""
    parts: Mapping[str, str]
    """What it is made of, by name: rails, floors, limits, guards, embedder, index, model, adapter, our version."""
    published: bool = False
    """False while the folders are served as they are."""
    sources: Mapping[str, Source] = field(default_factory=dict)
    """What is known about each document of the knowledge."""

    @property
    def vertical(self) -> Vertical:
        """The settings of the vertical."""
        return self.bundle.vertical

    def search(self, query: str, *, k: int | None = None) -> tuple[Evidence, ...]:
        """Evidence from knowledge, best first; nothing where there is no knowledge."""
        if self.retriever is None:
            return ()
        retrieval = self.vertical.retrieval
        return self.retriever.search(query, k=k or retrieval.k, min_score=retrieval.min_score)

    def source_of(self, evidence: Evidence) -> Source:
        """What is known about where `evidence` comes from; nothing for what the request brought."""
        known = self.sources.get(evidence.document) if evidence.origin == "knowledge" else None
        return known or Source()


def release_digest(parts: Mapping[str, str]) -> str:
    """The digest that names a release made of `parts`."""
    return f"sha256:{digest_of(canonical(dict(parts)))}"


class Origin(Protocol):
    """What is to be served: the folders as they are, or what was published."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all verticals, broken ones included."""

    def signature(self, name: str) -> Hashable:
        """Something that changes when the vertical does."""

    def vertical(self, name: str) -> Vertical:
        """Its settings; raises InvalidVertical or UnknownVertical."""

    async def look(self) -> None:
        """Gets ready what changed since the last look; raises Unavailable while that cannot be told."""


class Folders:
    """The folders as they are."""

    def __init__(self, rails_dir: Path, knowledge_dir: Path) -> None:
        self._rails_dir, self._knowledge_dir = rails_dir, knowledge_dir

    @property
    def names(self) -> tuple[str, ...]:
        """The folders that hold a vertical.yaml."""
        return list_verticals(self._rails_dir)

    def signature(self, name: str) -> Hashable:
        """Sizes and times of the files."""
        return _signature((self._rails_dir, self._knowledge_dir), name)

    def vertical(self, name: str) -> Vertical:
        """As its folder says."""
        return read_vertical(self._rails_dir / name)

    async def look(self) -> None:
        """Nothing to get ready: folders are read when they are built."""


class LiveRails:
    """The live release per vertical. A broken vertical does not stop the others; it answers 503 and says why."""

    def __init__(self, source: Origin, build: Callable[[str], Release]) -> None:
        self._source = source
        self._build = build
        self._pinned: dict[str, Release] = {}
        self._releases: dict[str, Release] = {}
        self._problems: dict[str, AssistantError] = {}
        self._seen: dict[str, Hashable] = {}
        self._replaced: list[weakref.ref[Release]] = []

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all verticals, broken ones included."""
        return self._source.names

    @property
    def live(self) -> tuple[Release, ...]:
        """The releases in force, by name."""
        return tuple(self._releases[name] for name in sorted(self._releases))

    @property
    def in_use(self) -> tuple[Release, ...]:
        """The releases in force, and those before them with which some request still works."""
        # A request keeps its release to its end, so a release that nobody holds is one that nobody uses.
        held = [(ref, release) for ref in self._replaced if (release := ref())]
        self._replaced = [ref for ref, _ in held]
        return (*self.live, *self._pinned.values(), *(release for _, release in held))

    @property
    def problems(self) -> Mapping[str, AssistantError]:
        """What is wrong with the folders of a vertical as they stand, by vertical."""
        return dict(self._problems)

    def release(self, name: str, *, digest: str | None = None) -> Release:
        """The live release of `name`; with `digest`, that one, live or pinned.

        Raises UnknownVertical when there is none, RailsUnavailable when its folders are broken and no release was live.
        """
        live = self._releases.get(name)
        if live is None and name in self._problems:
            raise RailsUnavailable(
                f"the vertical {name!r} cannot be served: {self._problems[name]}"
            ) from self._problems[name]
        if live is None:
            raise UnknownVertical(f"no vertical named {name!r}; there are: {', '.join(self.names) or 'none'}")
        if digest is not None and live.digest != digest:
            if digest in self._pinned and self._pinned[digest].vertical.name == name:
                return self._pinned[digest]
            raise UnknownVertical(f"{name}@{digest} is not served; {name}@{live.digest} is")
        return live

    def pin(self, release: Release) -> None:
        """Serves `release` beside what is live, to whoever asks for its digest; of several the latest few."""
        self._pinned[release.digest] = self._pinned.pop(release.digest, release)
        for digest in list(self._pinned)[:-MAX_PINNED]:
            self._replaced.append(weakref.ref(self._pinned.pop(digest)))

    def refresh(self, *, only: str | None = None) -> tuple[str, ...]:
        """Builds again what changed in the folders since the last call; returns the names of those verticals.

        A release that was live stays so until a whole new one is built. Runs on the event loop, because building
        rails in another thread while requests run can crash the parser (CPython gh-106905).
        """
        changed = self._changed(only)
        for name, signature in changed:
            self._renew(name, signature)
        return tuple(name for name, _ in changed)

    async def follow(self, prepare: Callable[[str], Awaitable[None]]) -> tuple[str, ...]:
        """As `refresh`, each vertical after `prepare` has got ready what its new release will need.

        Where that raises an AssistantError the release before stays live; what is Unavailable is tried again next time.
        """
        changed = self._changed(None)
        for name, signature in changed:
            try:
                await prepare(name)
            except AssistantError as error:
                self._problems[name] = error
                self._seen[name] = signature
                if isinstance(error, Unavailable):
                    del self._seen[name]
            else:
                self._renew(name, signature)
        return tuple(name for name, _ in changed)

    def _changed(self, only: str | None) -> list[tuple[str, Hashable]]:
        """The verticals whose folders are not as they were last seen, with how they are now."""
        names = {*self.names, *self._releases, *self._problems}
        found = [(name, self._source.signature(name)) for name in sorted(names) if only in (None, name)]
        return [(name, signature) for name, signature in found if self._seen.get(name) != signature]

    def _renew(self, name: str, signature: Hashable) -> None:
        self._seen[name] = signature
        if before := self._releases.get(name):
            self._replaced.append(weakref.ref(before))
        self._rebuild(name)

    def _rebuild(self, name: str) -> None:
        self._problems.pop(name, None)
        if name not in self.names:
            self._releases.pop(name, None)
            return
        try:
            self._releases[name] = self._build(name)
        except AssistantError as error:
            self._problems[name] = error


def _signature(folders: tuple[Path, Path], name: str) -> int:
    if not NAME.fullmatch(name):
        return 0
    rails, knowledge = folders
    files = sorted(p for root in (rails / "shared", rails / name, knowledge / name) for p in root.rglob("*"))
    return hash(tuple((str(p), s.st_mtime_ns, s.st_size) for p in files if (s := p.stat())))
