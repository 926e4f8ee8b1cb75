"""Following what is to be served: a change is live within a poll, its model loaded before, the one it left let go."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from assistant.errors import InvalidVertical, Unavailable, UnknownVertical
from assistant.models import Models
from assistant.rails.live import LiveRails, Origin

log = logging.getLogger(__name__)


class Follower:
    """Keeps what is live, and the models that are loaded, as the folders say, or what was published."""

    def __init__(self, rails: LiveRails, models: Models, source: Origin) -> None:
        self._rails, self._models, self._source = rails, models, source
        self._told: dict[str, str] = {}

    async def run(self, *, every_s: float) -> None:
        """Looks again and again until it is cancelled."""
        while True:
            await asyncio.sleep(every_s)
            try:
                await self.look()
            except OSError as error:  # A file that an editor is just replacing; the next look sees the new one.
                log.warning("the folders cannot be read: %s", error)
            except Unavailable as error:  # The database, for a while: what is live stays so.
                log.warning("what is published cannot be told: %s", error)

    async def look(self) -> None:
        """Brings in what was edited since the last look.

        A vertical that was moved to another model is served by the old one until the new one is loaded beside it;
        requests that began on the old one end on it, and then it is let go. Where the new one cannot be loaded the
        release before stays live, its problem says why, and it is tried again at the next look.
        """
        await self._source.look()
        for name in await self._rails.follow(self._prepare):
            self._tell(name)
        await self._models.keep({model for release in self._rails.in_use for model in release.vertical.models})

    async def _prepare(self, name: str) -> None:
        live = {release.vertical.name: release.vertical.model for release in self._rails.live}
        with suppress(InvalidVertical, UnknownVertical):  # Building its release says so, with all that is wrong.
            wanted = self._source.vertical(name).model
            if live.get(name, wanted) != wanted:
                await self._models.load(wanted)

    def _tell(self, name: str) -> None:
        """One line for each change, and not one more while the same thing is tried again."""
        problem = self._rails.problems.get(name)
        said = f"{name} is not changed: {problem}" if problem else f"{name} was reloaded"
        if problem is None or self._told.get(name) != said:
            log.info("%s", said)
        self._told[name] = said
