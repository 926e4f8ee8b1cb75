"""The changes to rails and knowledge that people decided on in a period, with what they had in front of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from assistant.auditing.periods import Period
from assistant.database import Database
from assistant.rails.acts import Act, acts_between, acts_of
from assistant.rails.examinations import Examination, last_examination
from assistant.rails.proposals import Proposal, contents_of, proposal_of, tree_of_proposal
from assistant.rails.reviewing import Diff
from assistant.rails.revision_rows import ProposalRow
from assistant.rails.snapshots import tree_in
from assistant.rails.trees import Tree, changes

DECISIONS = ("returned", "approved", "published", "emergency", "reviewed")
"""The acts that decide on a proposal."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A proposal that was decided on."""

    proposal: Proposal
    diffs: tuple[Diff, ...]
    """Nothing where it went back to its author, who still writes."""
    examination: Examination | None
    """The last trials of this very state before it was decided on; None where none were run."""
    acts: tuple[Act, ...]
    """All that was done to it, also before and after the period."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided in a period."""

    changes: tuple[Decided, ...]
    acts: tuple[Act, ...]
    """Every act of the period in order, going back to an older revision and withdrawing one included."""


async def decisions_of(database: Database, period: Period) -> Decisions:
    """What was decided in `period`, the earliest first."""
    async with database.reading() as session:
        acts = await acts_between(session, period.since, period.until)
    wanted = dict.fromkeys(act.proposal_id for act in acts if act.act in DECISIONS and act.proposal_id)
    return Decisions(tuple([await _decided(database, each) for each in wanted]), acts)


async def _decided(database: Database, proposal_id: str) -> Decided:
    async with database.reading() as session:
        row = (await session.scalars(select(ProposalRow).where(ProposalRow.id == proposal_id))).one()
        acts, proposal = await acts_of(session, proposal_id=proposal_id), proposal_of(row)
        if proposal.digest is None:
            return Decided(proposal, (), None, acts)
        parent = await tree_in(session, row.parent) if row.parent else Tree(row.folder, {})
        changed = changes(parent.files, (await tree_of_proposal(session, row)).files)
        contents = await contents_of(session, [d for each in changed for d in (each.before, each.after) if d], row)
        diffs = tuple(Diff(each, contents.get(each.before or ""), contents.get(each.after or "")) for each in changed)
        decided_at = max(act.at for act in acts if act.act in DECISIONS)
        examination = await last_examination(session, proposal.digest, before=decided_at)
    return Decided(proposal, diffs, examination, acts)
