"""What people look at before they decide: a proposal with all that is known about it, what is live, and what was."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from assistant.access import Caller, allow
from assistant.database import Database
from assistant.errors import Invalid, UnknownRevision
from assistant.rails.acts import Act, acts_of
from assistant.rails.examinations import Examination, Examinations, Workshop
from assistant.rails.lines import Problem
from assistant.rails.proposals import Proposal, contents_of, proposal_of, row_for, tree_of_proposal
from assistant.rails.publication import Live, live_now, problems_of
from assistant.rails.revision_rows import TreeRow
from assistant.rails.snapshots import SERVED, live_in, tree_in
from assistant.rails.trees import Change, Tree, changes, folder_of, vertical_of


@dataclass(frozen=True, slots=True)
class Served:
    """One state of a folder that was live at some time."""

    digest: str
    at: datetime
    """When it last went live."""
    sound: bool
    """Whether two people stood behind it, so that one may go back to it."""
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Diff:
    """A changed file with both its contents; None where there is none."""

    change: Change
    before: bytes | None
    after: bytes | None

    @property
    def text(self) -> str:
        """As a unified diff; for what is no text, how long it was and is."""
        try:
            before, after = ((each or b"").decode().splitlines() for each in (self.before, self.after))
        except UnicodeDecodeError:
            return f"{self.change.path}: {len(self.before or b'')} bytes, now {len(self.after or b'')}"
        path = self.change.path
        return "\n".join(difflib.unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm=""))


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that somebody who decides on a proposal needs to see."""

    proposal: Proposal
    tree: Tree
    """The state that it makes of its folder; what is approved is this digest."""
    stale: bool
    """Whether something else was published since, so that it must be rebased first."""
    diffs: tuple[Diff, ...]
    problems: tuple[Problem, ...]
    examination: Examination | None
    """What its trials found among what is live now; None when they were not run since something changed."""
    before: Examination | None
    """What the trials of the state that it changes found; None when they were not run, or there is no such state."""
    history: tuple[Act, ...]


class Reviews:
    """Reads; nothing here changes anything."""

    def __init__(self, database: Database, workshop: Workshop) -> None:
        self._database, self._examinations = database, Examinations(database, workshop)

    async def live(self, by: Caller) -> tuple[Live, ...]:
        """What is served, folder by folder, as far as this caller may see it."""
        allow(by, "review")
        async with self._database.reading() as session:
            found = await live_now(session)
        return tuple(
            each for each in found if by.verticals is None or vertical_of(each.folder) in (None, *by.verticals)
        )

    async def history(self, name: str, by: Caller) -> tuple[Served, ...]:
        """The states of a folder that were live, the latest first."""
        folder = folder_of(name)
        allow(by, "review", vertical_of(folder))
        return await self._served(folder)

    async def review(self, proposal_id: str, by: Caller) -> Review:
        """The proposal with its diff, problems, trials and history, as it stands among what is live."""
        async with self._database.reading() as session:
            row = await row_for(session, proposal_id, by)
            tree, live = await tree_of_proposal(session, row), await live_in(session)
            parent = await tree_in(session, row.parent) if row.parent else Tree(row.folder, {})
            proposal, history = proposal_of(row), await acts_of(session, proposal_id=proposal_id)
            over = proposal.state in ("published", "discarded")
            problems = () if over else await problems_of(session, tree, row)
            changed = changes(parent.files, tree.files)
            wanted = [digest for each in changed for digest in (each.before, each.after) if digest]
            contents = await contents_of(session, wanted, row)
        now = live.get(proposal.folder)
        return Review(
            proposal=proposal,
            tree=tree,
            stale=not over and (now.digest if now else None) != proposal.parent,
            diffs=tuple(Diff(e, contents.get(e.before or ""), contents.get(e.after or "")) for e in changed),
            problems=problems,
            examination=await self._examinations.found(tree, live),
            before=await self._examinations.found(parent, live) if proposal.parent else None,
            history=history,
        )

    async def pinned(self, vertical: str, digest: str) -> Tree:
        """The published rails of `vertical` that somebody pins; raises UnknownRevision, for a withdrawn one as well."""
        try:
            folder = folder_of(vertical)
        except Invalid as error:
            raise UnknownRevision(str(error)) from error
        wanted = digest if digest.startswith("sha256:") else f"sha256:{digest}"
        for each in await self._served(folder):
            if each.digest == wanted and not each.withdrawn:
                async with self._database.reading() as session:
                    return await tree_in(session, wanted)
        raise UnknownRevision(f"{vertical[:64]}@{wanted[:80]} was not published, or was withdrawn")

    async def _served(self, folder: str) -> tuple[Served, ...]:
        async with self._database.reading() as session:
            acts = await acts_of(session, folder=folder)
            served = {act.digest: act.at for act in acts if act.act in SERVED and act.digest}
            rows = await session.scalars(select(TreeRow).where(TreeRow.digest.in_(served)))
            found = [
                Served(row.digest, served[row.digest], row.sound_at is not None, row.withdrawn_at is not None)
                for row in rows
            ]
        return tuple(sorted(found, key=lambda each: each.at, reverse=True))
