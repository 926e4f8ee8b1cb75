"""Whether questions can be answered, vertical by vertical, and what is missing where they cannot."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Literal

from assistant.database import Database
from assistant.errors import AssistantError, Unavailable
from assistant.models import Models
from assistant.rails.canaries import let_through
from assistant.rails.live import LiveRails, Release

log = logging.getLogger(__name__)

VerticalState = Literal["ready", "stale", "not ready"]
Status = Literal["ready", "degraded", "not ready"]


@dataclass(frozen=True, slots=True)
class VerticalStanding:
    """How one vertical stands."""

    state: VerticalState
    """`stale`: it answers by an older release, because its folders as they now are cannot be used."""
    missing: tuple[str, ...] = ()
    """What keeps it from being ready, in words."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the service stands."""

    verticals: dict[str, VerticalStanding]
    """By name."""
    shared: tuple[str, ...] = ()
    """What is missing for all of them."""

    @property
    def status(self) -> Status:
        """`degraded` while some vertical answers and another does not, or one is stale: that is no reason to send
        nobody here, since the others answer as well as ever."""
        states = {each.state for each in self.verticals.values()}
        if self.shared or not states - {"not ready"}:
            return "not ready"
        return "ready" if states == {"ready"} else "degraded"

    @property
    def missing(self) -> list[str]:
        """All that is missing, one line each."""
        of_verticals = [f"{name}: {what}" for name, each in self.verticals.items() for what in each.missing]
        return [*self.shared, *of_verticals]


class Readiness:
    """Looks whether database, models, knowledge and rails are there, and has the rails of each release prove it once.

    Belongs to one event loop.
    """

    def __init__(self, rails: LiveRails, models: Models, database: Database) -> None:
        self._rails, self._models, self._database = rails, models, database
        self._proven: dict[str, tuple[str, ...]] = {}
        """What is wrong with a release by its canaries, by digest."""
        self._proving = asyncio.Lock()
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._unloaded: dict[str, str] = {}

    async def look(self) -> Standing:
        """How things stand at this moment. The first look after a release was built plays its canaries."""
        verticals = {}
        for release in self._rails.live:
            name = release.vertical.name
            missing = (*self._model(release), *await self._canaries(release))
            problem = self._rails.problems.get(name)
            stale = () if problem is None else (f"its folders cannot be used, an older release answers: {problem}",)
            verticals[name] = VerticalStanding(
                "not ready" if missing else "stale" if stale else "ready", (*missing, *stale)
            )
        for name, problem in self._rails.problems.items():
            verticals.setdefault(name, VerticalStanding("not ready", (str(problem),)))
        nothing = () if verticals else ("there is no vertical: no folder of rails, or nothing was published yet",)
        return Standing(dict(sorted(verticals.items())), (*await self._database_away(), *nothing))

    async def _database_away(self) -> tuple[str, ...]:
        try:
            await self._database.ping()
        except Unavailable as error:
            return (str(error),)
        return ()

    async def _canaries(self, release: Release) -> tuple[str, ...]:
        async with self._proving:
            if release.digest in self._proven:
                return self._proven[release.digest]
            try:
                failed = await let_through(release)
            except AssistantError as error:  # The next look tries again.
                return (str(error),)
            for rail in failed:
                log.error("%s: the rail %s stops none of the texts it must stop", release.vertical.name, rail)
            wrong = tuple(f"the rail {rail} stops none of the texts it must stop" for rail in failed)
            live = {each.digest for each in self._rails.live}
            self._proven = {digest: each for digest, each in self._proven.items() if digest in live}
            self._proven[release.digest] = wrong
            return wrong

    def _model(self, release: Release) -> tuple[str, ...]:
        """What is missing where neither the vertical's model nor one of its stand-ins is there; it is then loaded."""
        vertical = release.vertical
        absent = self._models.absent(vertical.model)
        if absent is None or any(self._models.absent(each) is None for each in vertical.fallback_models):
            return ()
        if vertical.model not in self._loading:
            self._loading[vertical.model] = asyncio.create_task(self._load(vertical.model))
        return (self._unloaded.get(vertical.model, absent),)

    async def _load(self, name: str) -> None:
        try:
            await self._models.load(name)
            self._unloaded.pop(name, None)
        except AssistantError as error:
            self._unloaded[name] = str(error)
        finally:
            del self._loading[name]
