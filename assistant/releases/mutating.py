"""How well the trials of a proposal notice when its rails are broken: counted in the background, on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.access import Caller
from assistant.database import Clock, Database, utc_now
from assistant.jobs import Job, Jobs, Work
from assistant.rails.drafted import check_problems
from assistant.rails.examinations import check_tried
from assistant.rails.mutations import Mutation
from assistant.rails.proposals import keep, row_for, tree_of_proposal
from assistant.rails.publication import problems_of
from assistant.rails.snapshots import Snapshot, live_in, snapshots, surroundings, tree_in

KIND = "mutations"


class Breaker(Protocol):
    """Breaks rails in turn; `assistant.releases.publishing.Bench` does it for real."""

    async def mutate(self, made: Snapshot) -> tuple[Mutation, ...]:
        """Every mutation, and whether a trial notices."""


@dataclass(frozen=True, slots=True)
class MutationScore:
    """What the trials of a proposal notice."""

    job: Job | None
    """The latest run that was asked for of this state; None where none was."""
    noticed: int | None
    """Of `total` ways to break the rails; None until it is counted."""
    total: int | None
    unnoticed: tuple[str, ...] = ()
    """What no trial notices, in words."""


class Mutating:
    """Counts mutation scores. Whoever may see a proposal may ask for it and see it."""

    def __init__(self, database: Database, jobs: Jobs, breaker: Breaker, *, clock: Clock = utc_now) -> None:
        self._database, self._jobs, self._breaker, self._clock = database, jobs, breaker, clock

    async def ask(self, proposal_id: str, by: Caller) -> Job:
        """Has the rails of the proposal, as it stands, broken in turn; raises InvalidRail where they have a mistake."""
        async with self._database.reading() as session:
            row = await row_for(session, proposal_id, by)
            check_problems(await problems_of(session, await tree_of_proposal(session, row), row))
        async with self._database.session() as session:
            tree = await keep(session, await row_for(session, proposal_id, by), at=self._clock())
            beside = surroundings(snapshots(await live_in(session), tree))
        return await self._jobs.add(KIND, proposal_id, {"digest": tree.digest, "surroundings": beside})

    async def found(self, proposal_id: str, by: Caller) -> MutationScore:
        """What was counted for the proposal as it stands among what is live."""
        async with self._database.reading() as session:
            row = await row_for(session, proposal_id, by)
            tree = await tree_of_proposal(session, row)
            beside = surroundings(snapshots(await live_in(session), tree))
        wanted = {"digest": tree.digest, "surroundings": beside}
        jobs = [each for each in await self._jobs.list(proposal_id, KIND) if each.request == wanted]
        if not jobs:
            return MutationScore(None, None, None)
        counted: Mapping[str, Any] = next((each.result for each in jobs if each.result), {})
        unnoticed = tuple(counted.get("unnoticed", ()))
        return MutationScore(jobs[0], counted.get("noticed"), counted.get("total"), unnoticed)

    async def work(self, work: Work) -> dict[str, Any]:
        """The job."""
        async with self._database.reading() as session:
            tree, live = await tree_in(session, str(work.job.request["digest"])), await live_in(session)
        made = snapshots(live, tree)
        check_tried(tree, made)
        found: list[tuple[str, Mutation]] = []
        for place, each in enumerate(made):
            await work.progress(place, len(made))
            found += [(each.vertical, mutation) for mutation in await self._breaker.mutate(each)]
        await work.progress(len(made), len(made))
        unnoticed = [f"{vertical}: {each.text}" for vertical, each in found if not each.noticed]
        return {"noticed": len(found) - len(unnoticed), "total": len(found), "unnoticed": unnoticed[:500]}
