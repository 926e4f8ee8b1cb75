"""The rule of two people: what is proposed is tried, approved by another person, published, and can be taken back."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from assistant.access import Caller, Scope
from assistant.database import Clock, Database, utc_now
from assistant.errors import Conflict, Forbidden, Invalid, RevisionConflict, SelfApproval, TrialsNotPassed
from assistant.rails.acts import ActName, Tell, nobody, note_act
from assistant.rails.drafted import check_problems
from assistant.rails.examinations import Examination, Examinations, Workshop
from assistant.rails.proposals import (
    Proposal,
    State,
    answerable,
    check_parent,
    keep,
    proposal_of,
    row_for,
    seal,
    tree_of_proposal,
)
from assistant.rails.publication import Live, live_of, problems_of, sound_tree, swap, tree_row
from assistant.rails.revision_rows import ProposalRow
from assistant.rails.snapshots import live_in, snapshots, tree_in
from assistant.rails.trees import Tree, folder_of


class Revisions:
    """What becomes of proposals once they are written. Every act has a person behind it."""

    def __init__(self, database: Database, workshop: Workshop, *, tell: Tell = nobody, clock: Clock = utc_now) -> None:
        self._database, self._workshop, self._tell, self._clock = database, workshop, tell, clock
        self._examinations = Examinations(database, workshop, clock=clock)

    async def run_trials(self, proposal_id: str, by: Caller) -> Examination:
        """What the trials of the proposal as it stands find; kept, so that whoever approves sees them.

        Raises InvalidRail or InvalidVertical where its files have a mistake.
        """
        await self._check_files(proposal_id, by)
        async with self._database.session() as session:
            tree = await keep(session, await row_for(session, proposal_id, by), at=self._clock())
        return await self._examinations.run(tree)

    async def run_trials_before(self, proposal_id: str, by: Caller) -> Examination | None:
        """What the trials of the state that the proposal changes find; None for the first of its folder."""
        async with self._database.reading() as session:
            row = await row_for(session, proposal_id, by)
            parent = await tree_in(session, row.parent) if row.parent else None
        return await self._examinations.run(parent) if parent else None

    async def submit(self, proposal_id: str, by: Caller, *, note: str | None = None) -> Proposal:
        """The draft as it stands, handed in and from now on unchanged.

        Raises InvalidRail where its files have a mistake, RevisionConflict when something else was published since.
        """
        await self._check_files(proposal_id, by)
        async with self._database.session() as session:
            row, person_id = await _in_state(session, proposal_id, by, "review", "draft")
            _check_author(row, person_id)
            tree = await seal(session, row, at=self._clock())
            if tree.digest == row.parent:
                raise Conflict("nothing is changed: the proposal is what is live")
            row.digest, row.state = tree.digest, "submitted"
            proposal = await self._did(session, "submitted", row, person_id, note)
        await self._examinations.run(tree)
        return proposal

    async def send_back(self, proposal_id: str, by: Caller, *, comment: str) -> Proposal:
        """The proposal as a draft again, with a comment for its author."""
        comment = _said(comment, "a comment that says what is missing")
        async with self._database.session() as session:
            row, person_id = await _in_state(session, proposal_id, by, "approve", "submitted", "approved")
            proposal = await self._did(session, "returned", row, person_id, comment, state="draft")
            row.digest, row.approver_id = None, None
            return proposal

    async def approve(self, proposal_id: str, by: Caller, *, digest: str, note: str | None = None) -> Proposal:
        """The proposal, approved by another person than its author; `digest` is the state they have looked at.

        Raises SelfApproval, RevisionConflict when it is another state by now, TrialsNotPassed.
        """
        async with self._database.reading() as session:
            tree = await tree_of_proposal(session, await row_for(session, proposal_id, by, "approve"))
        await self._must_pass(tree)
        async with self._database.session() as session:
            row, person_id = await _in_state(session, proposal_id, by, "approve", "submitted")
            _check_another(row, person_id)
            if row.digest != digest:
                raise RevisionConflict(f"the proposal is {row.digest} by now; look at that before you approve it")
            row.approver_id = person_id
            return await self._did(session, "approved", row, person_id, note, state="approved")

    async def publish(self, proposal_id: str, by: Caller) -> Proposal:
        """The proposal, live: here at the next look, in other workers at theirs.

        Everything is compiled before anything is swapped. Raises Conflict unless it was approved, RevisionConflict when
        something else was published since, TrialsNotPassed when its trials do not pass among what is live now.
        """
        async with self._database.reading() as session:
            row, _ = await _in_state(session, proposal_id, by, "approve", "approved")
            await check_parent(session, row)
            tree = await tree_of_proposal(session, row)
        await self._must_pass(tree)
        await self._compile(tree)
        async with self._database.session() as session:
            row, person_id = await _in_state(session, proposal_id, by, "approve", "approved")
            if row.digest != tree.digest:
                raise RevisionConflict("the proposal was changed while it was compiled; look at it again")
            await self._swap(session, row, tree, person_id)
            (await tree_row(session, row.folder, tree.digest)).sound_at = self._clock()
            return await self._did(session, "published", row, person_id, None, state="published")

    async def publish_at_once(self, proposal_id: str, by: Caller, *, reason: str) -> Proposal:
        """The proposal, live at once: for an emergency, and flagged until another person has reviewed it.

        Its files must be right and its limits above the floors; its trials are run and shown, and may fail.
        """
        reason = _said(reason, "a reason for publishing at once")
        await self._check_files(proposal_id, by, "approve")
        async with self._database.session() as session:
            row, person_id = await _in_state(session, proposal_id, by, "approve", "draft", "submitted", "approved")
            if row.state == "draft":
                _check_author(row, person_id)
                row.digest = (await seal(session, row, at=self._clock())).digest
            await check_parent(session, row)
            tree = await tree_in(session, row.digest or "")
            row.state = "submitted"
        await self._examinations.run(tree)
        await self._compile(tree)
        async with self._database.session() as session:
            row, _ = await _in_state(session, proposal_id, by, "approve", "submitted")
            if row.digest != tree.digest:
                raise RevisionConflict("the proposal was changed while it was compiled; look at it again")
            await self._swap(session, row, tree, person_id)
            row.emergency, row.approver_id = reason, person_id
            return await self._did(session, "emergency", row, person_id, reason, state="published")

    async def accept(self, proposal_id: str, by: Caller, *, comment: str) -> Proposal:
        """What an emergency published, looked at by a person who neither wrote nor published it."""
        comment = _said(comment, "a comment that says what you found")
        async with self._database.session() as session:
            row, person_id = await _in_state(session, proposal_id, by, "approve", "published")
            if row.emergency is None or row.reviewed_at is not None:
                raise Conflict("there is nothing to review: it was approved, or reviewed already")
            _check_another(row, person_id)
            if person_id == row.approver_id:
                raise SelfApproval("you published this yourself; another person must review it")
            row.reviewed_at = self._clock()
            tree = await tree_row(session, row.folder, row.digest or "")
            tree.sound_at = tree.sound_at or self._clock()
            return await self._did(session, "reviewed", row, person_id, comment)

    async def roll_back(self, name: str, digest: str, by: Caller, *, reason: str) -> Live:
        """An older state of a folder, live again: one that two people stood behind and nobody withdrew."""
        folder, reason = folder_of(name), _said(reason, "a reason for going back")
        person_id = answerable(by, "approve", folder)
        async with self._database.reading() as session:
            tree = await sound_tree(session, folder, digest)
            live = await live_of(session, folder)
            check_problems(await problems_of(session, tree))
        if live is not None and live.digest == digest:
            raise Conflict(f"{digest} is live already")
        await self._compile(tree)
        async with self._database.session() as session:
            await sound_tree(session, folder, digest)
            at, before = self._clock(), live.digest if live else None
            now = await swap(session, tree, instead_of=before, person_id=person_id, proposal_id=None, at=at)
            await note_act(session, self._tell, at, "rolled back", folder, person_id, None, digest, reason)
            return now

    async def withdraw(self, name: str, digest: str, by: Caller, *, reason: str) -> None:
        """Takes a state out of use for good: it can be neither published nor pinned again."""
        folder, reason = folder_of(name), _said(reason, "a reason for withdrawing")
        person_id = answerable(by, "approve", folder)
        async with self._database.session() as session:
            row, live = await tree_row(session, folder, digest), await live_of(session, folder)
            if live is not None and live.digest == digest:
                raise Conflict(f"{digest} is live; publish another, or roll back, before it is withdrawn")
            row.withdrawn_at = row.withdrawn_at or self._clock()
            await note_act(session, self._tell, self._clock(), "withdrawn", folder, person_id, None, digest, reason)

    async def _swap(self, session: AsyncSession, row: ProposalRow, tree: Tree, person_id: str) -> None:
        at = self._clock()
        await swap(session, tree, instead_of=row.parent, person_id=person_id, proposal_id=row.id, at=at)

    async def _check_files(self, proposal_id: str, by: Caller, scope: Scope = "review") -> None:
        async with self._database.reading() as session:
            row = await row_for(session, proposal_id, by, scope)
            check_problems(await problems_of(session, await tree_of_proposal(session, row), row))

    async def _must_pass(self, tree: Tree) -> None:
        found = await self._examinations.run(tree)
        if found.passed:
            return
        first = next((f"{each.rail} should {each.expected}: {each.text}" for each in found.failed), None)
        reason = first or "; ".join(f"{each.file}: {each.message}" for each in found.problems)
        raise TrialsNotPassed(f"{len(found.failed)} of {len(found.trials)} trials do not pass ({reason[:300]})")

    async def _compile(self, tree: Tree) -> None:
        """Makes everything that `tree` will be a part of, so that what is swapped in afterwards works."""
        async with self._database.reading() as session:
            live = await live_in(session)
        for made in snapshots(live, tree):
            await self._workshop.compile(made)

    async def _did(
        self,
        session: AsyncSession,
        act: ActName,
        row: ProposalRow,
        person_id: str,
        note: str | None,
        *,
        state: State | None = None,
    ) -> Proposal:
        row.changed_at = self._clock()
        await note_act(session, self._tell, row.changed_at, act, row.folder, person_id, row.id, row.digest, note)
        row.state = state or row.state
        return proposal_of(row)


async def _in_state(
    session: AsyncSession, proposal_id: str, by: Caller, scope: Scope, *states: State
) -> tuple[ProposalRow, str]:
    """The proposal and the person behind `by`; raises Conflict in any other state, Forbidden where they may not."""
    row = await row_for(session, proposal_id, by, scope)
    person_id = answerable(by, scope, row.folder)
    if row.state not in states:
        raise Conflict(f"the proposal is {row.state}; this can be done with one that is {' or '.join(states)}")
    return row, person_id


def _check_author(row: ProposalRow, person_id: str) -> None:
    if row.author_id != person_id:
        raise Forbidden("this is another person's draft; they hand it in themselves")


def _check_another(row: ProposalRow, person_id: str) -> None:
    if row.author_id == person_id:
        raise SelfApproval("you wrote this yourself; another person must approve it")


def _said(text: str, what: str) -> str:
    text = text.strip()
    if not 1 <= len(text) <= 4000:
        raise Invalid(f"{what} is needed, of at most 4,000 characters")
    return text
