"""What was published, made into releases: tried before, compiled beside the event loop, swapped whole, pinned."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from assistant.errors import AssistantError, Unavailable, UnknownVertical
from assistant.rails import Mutation, mutate, run_trials
from assistant.rails.checkouts import Checkouts, Place
from assistant.rails.examinations import Examined, Played
from assistant.rails.lines import Problem
from assistant.rails.live import LiveRails, Release
from assistant.rails.reviewing import Reviews
from assistant.rails.sheets import Example, Expected
from assistant.rails.snapshots import Snapshot, Trees, snapshots
from assistant.rails.trials import TrialResult
from assistant.rails.weakenings import weakenings
from assistant.releases.build import Prepared, ReleaseBuilder
from assistant.verticals import Vertical

log = logging.getLogger(__name__)

REMEMBERED = 4
"""Verticals made ready that are kept: what was tried is soon published, and changes are held to what is live."""
Examples = Mapping[str, Mapping[Expected, tuple[Example, ...]]]


class Bench:
    """Where verticals are made ready and tried, one at a time. The real Workshop of `assistant.rails.examinations`."""

    def __init__(self, builder: ReleaseBuilder, checkouts: Checkouts) -> None:
        self._builder, self._checkouts = builder, checkouts
        self._prepared: dict[str, tuple[Prepared, Place]] = {}
        self._busy = asyncio.Lock()

    async def prepare(self, made: Snapshot) -> Prepared:
        """What takes long of a release of `made`, done in a thread; raises an AssistantError saying what is wrong."""
        return (await self._ready(made))[0]

    def finish(self, prepared: Prepared) -> Release:
        """The release; takes about 0.3 s, on the event loop."""
        return self._builder.finish(prepared)

    async def release(self, made: Snapshot) -> Release:
        """The release of `made`; raises an AssistantError saying why there can be none."""
        return self.finish(await self.prepare(made))

    async def compile(self, made: Snapshot) -> None:
        """Returns once a release can be made of `made`; raises an AssistantError saying why not."""
        await self.release(made)

    async def mutate(self, made: Snapshot) -> tuple[Mutation, ...]:
        """Every way in which the rails of `made` were broken, and whether its examples notice; takes minutes."""
        release = await self.release(made)
        refit = partial(self._builder.topics, release.bundle, release.retriever)
        return await mutate(release.bundle, release.engine, release.guards, refit)

    async def examine(self, made: Snapshot, before: Snapshot | None) -> Examined:
        """What the examples of `made`, and those of `before`, find in it, and where it is laxer."""
        prepared, place = await self._ready(made)
        bundle, release = prepared.bundle, self.finish(prepared)
        own = await run_trials(bundle, release.engine, prepared.guards)
        trials = [_played(made.vertical, each) for each in own]
        problems = await asyncio.to_thread(self._unread, made, place)
        if before is None:
            return Examined(tuple(trials), (), problems)
        parent = await self.prepare(before)
        gone = _gone(parent.bundle.examples, bundle.examples)
        lost = await run_trials(bundle, release.engine, prepared.guards, examples=gone)
        trials += [replace(_played(made.vertical, each), inherited=True) for each in lost]
        laxer = weakenings(parent.bundle, bundle, limits_before=parent.limits, limits_after=prepared.limits)
        return Examined(tuple(trials), laxer, problems)

    async def _ready(self, made: Snapshot) -> tuple[Prepared, Place]:
        async with self._busy:
            found = self._prepared.pop(made.digest, None)
            if found is None:
                place = await self._checkouts.place(made, published=True)
                found = (await asyncio.to_thread(self._builder.prepare, made.vertical, place), place)
            self._prepared[made.digest] = found
            for digest in list(self._prepared)[:-REMEMBERED]:
                del self._prepared[digest]
            return found

    def _unread(self, made: Snapshot, place: Place) -> tuple[Problem, ...]:
        if made.knowledge is None:
            return ()
        report = self._builder.ingest(made.vertical, place)
        return tuple(Problem(f"{made.knowledge.folder}/{each.file}", None, each.reason) for each in report.skipped)


class Published:
    """What is published, as of the last look; what a worker serves where only that is served."""

    def __init__(self, trees: Trees, bench: Bench) -> None:
        self._trees, self._bench = trees, bench
        self._made: dict[str, Snapshot] = {}
        self._ready: dict[str, Prepared | AssistantError] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The verticals whose rails are published."""
        return tuple(self._made)

    def signature(self, name: str) -> Hashable:
        """The digest of all it is made of."""
        made = self._made.get(name)
        return made.digest if made else None

    def vertical(self, name: str) -> Vertical:
        """As published; raises UnknownVertical, or what stands in the way of its release."""
        return self._prepared(name).bundle.vertical

    def build(self, name: str) -> Release:
        """Its release; raises what stands in the way of it."""
        return self._bench.finish(self._prepared(name))

    async def look(self) -> None:
        """Makes ready what was published since the last look; what is served meanwhile is what was."""
        made = {each.vertical: each for each in snapshots(await self._trees.live())}
        for name, each in made.items():
            before = self._made.get(name)
            if before is not None and before.digest == each.digest:
                continue
            try:
                self._ready[name] = await self._bench.prepare(each)
            except Unavailable:
                raise  # Tried again at the next look.
            except AssistantError as error:
                self._ready[name] = error
            self._made[name] = each
        for name in self._made.keys() - made.keys():
            del self._made[name], self._ready[name]

    def _prepared(self, name: str) -> Prepared:
        ready = self._ready.get(name)
        if ready is None:
            raise UnknownVertical(f"nothing is published for a vertical {name[:64]!r}")
        if isinstance(ready, AssistantError):
            raise ready
        return ready


class Pins:
    """Published revisions that somebody asks for by digest, served beside what is live."""

    def __init__(self, reviews: Reviews, trees: Trees, bench: Bench, rails: LiveRails) -> None:
        self._reviews, self._trees, self._bench, self._rails = reviews, trees, bench, rails

    async def release_of(self, vertical: str, digest: str) -> str:
        """The digest of the release with these rails, from now on ready; raises UnknownRevision.

        It is asked for at every request, so that a revision answers nobody from the moment it is withdrawn.
        """
        tree = await self._reviews.pinned(vertical, digest)
        made = snapshots(await self._trees.live(), tree)
        prepared = await self._bench.prepare(made[0])
        try:
            self._rails.release(vertical, digest=prepared.digest)
        except UnknownVertical:
            self._rails.pin(self._bench.finish(prepared))
        return prepared.digest


def _played(vertical: str, each: TrialResult) -> Played:
    return Played(vertical, each.rail, each.expected, each.text, each.passed, each.verdict.message, dict(each.scores))


def _gone(before: Examples, after: Examples) -> dict[str, dict[Expected, tuple[Example, ...]]]:
    """The examples of `before` that `after` has not."""
    return {
        rail: {
            expected: tuple(_without(texts, after.get(rail, {}).get(expected, ()))) for expected, texts in lists.items()
        }
        for rail, lists in before.items()
    }


def _without(texts: tuple[Example, ...], kept: tuple[Example, ...]) -> Iterator[Example]:
    yield from (each for each in texts if each not in kept)
