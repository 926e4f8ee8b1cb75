"""What is served of each folder: swapped in one step, and what is wrong with a state among the others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.database import add_if_missing
from assistant.errors import Conflict, RevisionConflict, UnknownRevision
from assistant.rails.drafted import problems_in
from assistant.rails.lines import Problem
from assistant.rails.proposals import contents_of
from assistant.rails.revision_rows import LiveRow, ProposalRow, TreeRow
from assistant.rails.snapshots import live_in
from assistant.rails.trees import RAILS, Tree


@dataclass(frozen=True, slots=True)
class Live:
    """The state of a folder that is served."""

    folder: str
    digest: str
    proposal_id: str | None
    """None where somebody went back to an older state."""
    person_id: str
    """Who published it."""
    since: datetime


async def live_of(session: AsyncSession, folder: str) -> Live | None:
    """The state of `folder` that is served; None when none was published."""
    row = await session.get(LiveRow, folder)
    return None if row is None else Live(row.folder, row.digest, row.proposal_id, row.person_id, row.since)


async def live_now(session: AsyncSession) -> tuple[Live, ...]:
    """What is served of each folder that was ever published, by folder."""
    rows = await session.scalars(select(LiveRow).order_by(LiveRow.folder))
    return tuple([Live(row.folder, row.digest, row.proposal_id, row.person_id, row.since) for row in rows])


async def swap(
    session: AsyncSession, tree: Tree, *, instead_of: str | None, person_id: str, proposal_id: str | None, at: datetime
) -> Live:
    """Makes `tree` what is served, in one step.

    Raises RevisionConflict unless `instead_of` is what is served until then, UnknownRevision for a withdrawn one.
    """
    if (await tree_row(session, tree.folder, tree.digest)).withdrawn_at is not None:
        raise UnknownRevision(f"{tree.digest} was withdrawn and is not used again")
    values = {"digest": tree.digest, "proposal_id": proposal_id, "person_id": person_id, "since": at}
    if instead_of is None:
        await add_if_missing(session, LiveRow(folder=tree.folder, **values))
        done = await session.get(LiveRow, tree.folder, populate_existing=True)
        swapped = done is not None and done.digest == tree.digest
    else:
        where = (LiveRow.folder == tree.folder, LiveRow.digest == instead_of)
        result = await session.execute(update(LiveRow).where(*where).values(**values))
        swapped = result.rowcount == 1  # type: ignore[attr-defined]  # an UPDATE has one
    if not swapped:
        raise RevisionConflict(f"something else was published for {tree.folder} meanwhile; rebase the change onto it")
    return Live(tree.folder, tree.digest, proposal_id, person_id, at)


async def tree_row(session: AsyncSession, folder: str, digest: str) -> TreeRow:
    """The marks of a state of `folder`; raises UnknownRevision."""
    row = await session.get(TreeRow, digest)
    if row is None or row.folder != folder:
        raise UnknownRevision(f"{folder} has no revision {digest[:80]!r}", param="digest")
    return row


async def sound_tree(session: AsyncSession, folder: str, digest: str) -> Tree:
    """The state of `folder` with this digest, if it may be used again.

    Raises UnknownRevision where it was never published or was withdrawn, Conflict where nobody but the person who
    published it in an emergency has looked at it.
    """
    row = await tree_row(session, folder, digest)
    if row.withdrawn_at is not None:
        raise UnknownRevision(f"{folder}@{digest} was withdrawn and is not used again", param="digest")
    if row.sound_at is None:
        raise Conflict(f"{folder}@{digest} was never approved by a second person")
    return Tree(folder, row.files)


async def problems_of(session: AsyncSession, tree: Tree, row: ProposalRow | None = None) -> tuple[Problem, ...]:
    """What is wrong with the files of `tree`, kept or drafted in `row`, among the rails that are live."""
    beside = {
        folder: await _files(session, each)
        for folder, each in (await live_in(session)).items()
        if folder.startswith(f"{RAILS}/") and folder != tree.folder
    }
    return await asyncio.to_thread(problems_in, tree.folder, await _files(session, tree, row), beside)


async def _files(session: AsyncSession, tree: Tree, row: ProposalRow | None = None) -> dict[str, bytes]:
    """The contents by path; those of documents stay where they are, because only their names are looked at."""
    read = {path: digest for path, digest in tree.files.items() if not path.startswith("documents/")}
    contents = await contents_of(session, read.values(), row)
    return {path: contents[digest] if path in read else b"" for path, digest in tree.files.items()}
