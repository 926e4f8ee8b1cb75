"""The blast radius: the last recorded turns decided again under a proposal, before anybody decides on it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from assistant.access import Caller
from assistant.database import Clock, Database, utc_now
from assistant.errors import Conflict, Invalid, NotFound
from assistant.jobs import Job, Jobs, Work
from assistant.ledger.keyring import Keyring
from assistant.rails.drafted import check_problems
from assistant.rails.examinations import check_tried
from assistant.rails.live import Release
from assistant.rails.proposals import keep, row_for, tree_of_proposal
from assistant.rails.publication import problems_of
from assistant.rails.radii import ChangedTurn, Counts, Radii, Run
from assistant.rails.snapshots import Snapshot, live_in, snapshots, surroundings, tree_in
from assistant.rails.trees import Tree
from assistant.records import Receipt, Receipts
from assistant.records.receipts import Place
from assistant.records.recorded import Recordings
from assistant.releases.deciding_again import DecidedAgain, DecidingAgain

KIND = "blast-radius"
MOST_TURNS = 100_000
_PAGE = 25  # Turns that are read, decided and noted at once; what a killed worker had not noted is done again.


class Maker(Protocol):
    """Makes releases of states; `assistant.releases.publishing.Bench` does it for real."""

    async def release(self, made: Snapshot) -> Release:
        """The release; raises an AssistantError saying why there can be none."""


@dataclass(frozen=True, slots=True)
class Affected:
    """One turn that would come out otherwise."""

    turn: ChangedTurn
    question: str | None
    """Masked; None where it is erased by now, or is not for this caller."""


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """What is known of a proposal's blast radius."""

    digest: str
    """The state that it makes, as it stands now."""
    job: Job | None
    """The latest counting that was asked for; None where none was."""
    run: Run | None
    """The counting that holds for what is live and proposed now, or the one under way; None where there is none."""
    stale: bool
    """Whether there was a counting, and the proposal or what is live has changed since."""
    affected: tuple[Affected, ...]


class Radius:
    """Counts blast radii. Whoever may see a proposal may ask for it, see it and stop it."""

    def __init__(
        self,
        database: Database,
        jobs: Jobs,
        maker: Maker,
        keyring: Keyring,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._database, self._jobs, self._maker, self._keyring, self._clock = database, jobs, maker, keyring, clock
        self._radii, self._receipts = Radii(database), Receipts(database)
        self._recordings = Recordings(database, keyring)

    async def ask(self, proposal_id: str, by: Caller, *, turns: int) -> Job:
        """Has the last `turns` recorded turns of each vertical decided again under the proposal as it stands.

        What is under way for the same proposal is stopped. Raises Invalid, InvalidRail where its files have a mistake.
        """
        if not 1 <= turns <= MOST_TURNS:
            raise Invalid(f"turns: from 1 to {MOST_TURNS:,} recorded turns can be decided again")
        async with self._database.reading() as session:
            row = await row_for(session, proposal_id, by)
            check_problems(await problems_of(session, await tree_of_proposal(session, row), row))
        async with self._database.session() as session:
            tree = await keep(session, await row_for(session, proposal_id, by), at=self._clock())
        await self._stop(proposal_id)
        return await self._jobs.add(KIND, proposal_id, {"digest": tree.digest, "turns": turns}, total=turns)

    async def cancel(self, proposal_id: str, by: Caller) -> None:
        """Stops the counting that is under way; what it had found is not shown. Raises Conflict where there is none."""
        async with self._database.reading() as session:
            await row_for(session, proposal_id, by)
        if not await self._stop(proposal_id):
            raise Conflict("nothing is being counted for this proposal")

    async def found(self, proposal_id: str, by: Caller, *, after: int = 0, most: int = 100) -> BlastRadius:
        """What was counted for the proposal as it stands, or how far that is; turns from the one after `after` on."""
        async with self._database.reading() as session:
            row = await row_for(session, proposal_id, by)
            tree, live = await tree_of_proposal(session, row), await live_in(session)
        jobs = await self._jobs.list(proposal_id, KIND)
        job = jobs[0] if jobs else None
        key = (tree.digest, _surroundings(live, tree))
        run = await self._radii.get(job.id) if job and not job.over else await self._radii.latest(*key)
        held = run if run and (run.digest, run.surroundings) == key else None
        stale = held is None and any(each.state == "done" for each in jobs)
        turns = await self._radii.changed(held.id, after=after, most=most) if held else ()
        return BlastRadius(tree.digest, job, held, stale, await self._affected(turns, by))

    async def work(self, work: Work) -> dict[str, Any]:
        """The job: taken up where it was, while the proposal and what is live are as they were."""
        digest, turns = str(work.job.request["digest"]), int(work.job.request["turns"])
        async with self._database.reading() as session:
            tree, live = await tree_in(session, digest), await live_in(session)
        made, before = snapshots(live, tree), {each.vertical: each for each in snapshots(live)}
        check_tried(tree, made)
        run = await self._begun(work.job.id, digest, _surroundings(live, tree))
        sizes = {each.vertical: min(turns, await self._receipts.count(each.vertical)) for each in made}
        total, done_with = sum(sizes.values()), [str(each) for each in (run.place or {}).get("done", [])]
        await work.progress(run.counts.total, total)
        for each in made:
            if each.vertical in done_with:
                continue
            if sizes[each.vertical]:
                run = await self._vertical(work, run, each, before.get(each.vertical), sizes[each.vertical], done_with)
            done_with.append(each.vertical)
            run = replace(run, place={"done": list(done_with)})
        await self._radii.advance(replace(run, place=None, ended_at=self._clock()), ())
        await work.progress(run.counts.total, total)
        return {"changed": run.counts.changed, "total": run.counts.total}

    async def _vertical(
        self, work: Work, run: Run, made: Snapshot, before: Snapshot | None, turns: int, done_with: list[str]
    ) -> Run:
        """The run with the last `turns` of one vertical."""
        after = await self._maker.release(made)
        # Of a vertical that was never published nothing is live; then it is held against itself, as it was recorded.
        again = DecidingAgain(
            await self._maker.release(before) if before else after, after, self._recordings, self._keyring
        )
        start = run.place or {}
        last, left = _place(start), turns - int(start.get("turns", 0))
        while left > 0 and (page := await self._receipts.before(made.vertical, last, most=min(_PAGE, left))):
            changed, counts = [], run.counts
            for receipt in page:
                decided = await again.decide(receipt)
                counts = counts.plus(decided.change.kind if decided.change else None, decided.problem)
                changed += _changed(receipt, decided)
                await asyncio.sleep(0)  # Whoever is being answered in this process comes first.
            last, left = Place(page[-1].created_at, page[-1].answer_id), left - len(page)
            at = {"at": last.at.isoformat(), "answer": last.answer_id, "turns": turns - left, "done": list(done_with)}
            run = replace(run, counts=counts, place=at)
            await work.progress(counts.total)  # Before it is noted: what another worker has taken over is its to note.
            await self._radii.advance(run, changed)
        return run

    async def _begun(self, run_id: str, digest: str, beside: str) -> Run:
        """The run as a worker before this one left it, else a new one."""
        known = await self._radii.get(run_id)
        if known is not None and known.surroundings == beside and known.ended_at is None:
            return known
        new = Run(run_id, digest, beside, Counts(), {}, None)
        await self._radii.begin(new)
        return new

    async def _stop(self, proposal_id: str) -> bool:
        stopped = False
        for job in await self._jobs.list(proposal_id, KIND):
            if not job.over:
                try:
                    await self._jobs.cancel(job.id, proposal_id, KIND)
                    stopped = True
                except (Conflict, NotFound):  # It ended meanwhile.
                    continue
        return stopped

    async def _affected(self, turns: tuple[ChangedTurn, ...], by: Caller) -> tuple[Affected, ...]:
        """The turns with their questions, as far as this caller may see either."""
        mine = [each for each in turns if by.verticals is None or each.vertical in by.verticals]
        reads = "read-records" in by.scopes
        questions = await self._recordings.questions(tuple(each.answer_id for each in mine)) if reads else {}
        return tuple(Affected(each, questions.get(each.answer_id)) for each in mine)


def _surroundings(live: Mapping[str, Tree], tree: Tree) -> str:
    """What is live, and what the state would be a part of: both sides of the comparison."""
    return surroundings([*snapshots(live), *snapshots(live, tree)])


def _place(start: Mapping[str, Any]) -> Place | None:
    return Place(datetime.fromisoformat(start["at"]), start["answer"]) if "at" in start else None


def _changed(receipt: Receipt, decided: DecidedAgain) -> list[ChangedTurn]:
    change = decided.change
    if change is None:
        return []
    return [
        ChangedTurn(
            number=0,
            vertical=receipt.vertical,
            answer_id=receipt.answer_id,
            kind=change.kind,
            stage=change.stage,
            rail_before=change.rail_before,
            rail_after=change.rail_after,
            says_before=change.says_before,
            says_after=change.says_after,
        )
    ]
